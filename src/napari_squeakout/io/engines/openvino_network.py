"""A model's network as OpenVINO runs it; the one place that imports it."""

from __future__ import annotations

import sys
import warnings
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from napari_squeakout.core.detection.engine import fold_batch_norm
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import Precision

_NAMES = {"f32": "float32", "bf16": "bfloat16", "f16": "float16"}
# None: as OpenVINO itself finds out what is fastest on this processor.
_HINTS: dict[Precision, str | None] = {"auto": None, "fp32": "f32", "bf16": "bf16", "fp16": "f16"}


def openvino_version() -> str | None:
    """What is installed, found without importing it; None where it is not."""
    if find_spec("openvino") is None:
        return None
    try:
        return version("openvino")
    except PackageNotFoundError:
        return None


def import_openvino() -> Any:
    """Import it, without its telemetry.

    That would look up a host, write a file into the user's home and, on Linux, fork this process
    from a thread while it holds Qt and torch. Where the package of it cannot be imported, OpenVINO
    takes a stub of its own.
    """
    if "openvino" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino


class _Probabilities(nn.Module):
    """The network with the sigmoid behind it."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pages: Tensor) -> Tensor:
        return torch.sigmoid(self.network(pages))


def convert(model: Model, target: Path) -> None:
    """Write a model as OpenVINO reads it: `target`, an .xml, and a .bin beside it.

    Pages may be of any width; the weights stay float32.
    """
    openvino = import_openvino()
    network = _Probabilities(fold_batch_norm(model.network())).eval()
    example = torch.zeros(1, 1, PAGE_PX, PAGE_PX)
    with warnings.catch_warnings(), torch.inference_mode():
        # That sides are multiples of 32 is asked while it is traced, of the example.
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        converted = openvino.convert_model(
            network, example_input=example, input=[1, 1, PAGE_PX, -1]
        )
    openvino.save_model(converted, target, compress_to_fp16=False)


class OpenVinoNetwork:
    """A converted model, compiled for each width of pages that it is given.

    Parameters
    ----------
    converted : Path
        An .xml that `convert` has written.
    precision : {"auto", "fp32", "bf16", "fp16"}
        Number format asked for; `precision` says which one is used.
    threads : int, optional
        That it may use; by default as many as torch, which is told what shares the machine.
    """

    def __init__(
        self,
        converted: Path,
        precision: Precision = "auto",
        *,
        threads: int | None = None,
    ) -> None:
        openvino = import_openvino()
        self.name = f"OpenVINO {openvino_version()}"
        self._core = openvino.Core()
        self._converted = converted
        self._hints: dict[str, Any] = {
            "INFERENCE_NUM_THREADS": threads or torch.get_num_threads(),
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,  # several processes would be pinned to the same cores
        }
        hint = _HINTS[precision]
        if hint is not None:
            self._hints["INFERENCE_PRECISION_HINT"] = hint
        self._requests: dict[tuple[int, int], Any] = {}
        request = self._request((PAGE_PX, PAGE_PX))
        used = request.get_compiled_model().get_property("INFERENCE_PRECISION_HINT")
        self.precision = _NAMES.get(used.get_type_name(), used.get_type_name())

    def __call__(self, pages: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 512, w) pages, 0..1 -> (n, 512, w) probabilities, 0..1; w a multiple of 32."""
        request = self._request((pages.shape[1], pages.shape[2]))
        answers = np.empty(pages.shape, np.float32)
        for answer, page in zip(answers, pages, strict=True):
            image = np.ascontiguousarray(page[None, None], np.float32)
            answer[:] = request.infer({0: image}, share_inputs=True)[0][0, 0]
        return answers

    def _request(self, shape: tuple[int, int]) -> Any:
        if shape not in self._requests:
            read = self._core.read_model(self._converted)
            read.reshape([1, 1, *shape])
            compiled = self._core.compile_model(read, "CPU", self._hints)
            self._requests[shape] = compiled.create_infer_request()
        return self._requests[shape]
