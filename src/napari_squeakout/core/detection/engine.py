"""Model and device -> a function on pages."""

from __future__ import annotations

import copy
import logging
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import SegmentSettings

from .devices import choose_device, choose_dtype
from .silence import LoudColumns, loud_columns

_log = logging.getLogger(__name__)

# One image at a time keeps a CPU's caches warm: measured 1.3 times faster than eight at once.
_BATCH = {"cpu": 1, "mps": 8, "cuda": 32}
# Pages side by side in one image. OpenVINO and GPUs take a page as fast whatever the width, so that
# margins are cheaper beside two; torch on a CPU takes wide ones 1.7 times as long a page, for what
# lies between its layers is then more than allocators keep.
_TILE_PAGES, _TILE_PAGES_OF_TORCH = 2, 1


class OtherNetwork(Protocol):
    """A model's network as another library than torch runs it, on the CPU."""

    #: The library with its version, for people and for the record of a run.
    name: str
    #: Number format that it computes with, as torch names it: "float32".
    precision: str

    def __call__(self, pages: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, h, w) pages, 0..1 -> (n, h, w) probabilities, 0..1, or nan where there is none."""


class Engine:
    """A model made ready for one device: pages in, probabilities out.

    Batch norms are folded into convolutions and pixels lie channels-last. When a GPU runs out of
    memory the batch is halved, at last the work moves to the CPU, and `notes` says so.

    Parameters
    ----------
    model : Model
        Weights and card.
    settings : SegmentSettings, optional
        Device, precision and batch size.
    network : OtherNetwork, optional
        What runs the model in torch's stead; the device is then the CPU.
    loud : callable, optional
        Says which columns of a page of the standard scale may hold a call, where silence is
        skipped; by default what stands out of the noise.
    """

    def __init__(
        self,
        model: Model,
        settings: SegmentSettings | None = None,
        network: OtherNetwork | None = None,
        *,
        loud: LoudColumns = loud_columns,
    ) -> None:
        self.settings = settings or SegmentSettings()
        self.model = model
        self.loud_columns = loud
        self.notes: list[str] = []
        self._other = network
        if network is None:
            choice = choose_device(self.settings.device)
            self.why = choice.why
            self.computes_with = f"torch {torch.__version__}"
            self._network = fold_batch_norm(model.network())
            self._move_to(choice.device)
        else:
            self.why = f"CPU with {network.name}, {network.precision}"
            self.computes_with = network.name
            self.device, self.precision = torch.device("cpu"), network.precision
        self.batch_size = self.settings.batch_size or _BATCH[self.device.type]
        is_torch_on_cpu = network is None and self.device.type == "cpu"
        #: Pages of a recording that are asked about in one image.
        self.tile_pages = _TILE_PAGES_OF_TORCH if is_torch_on_cpu else _TILE_PAGES

    def __call__(self, pages: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Probabilities of pages.

        Parameters
        ----------
        pages : NDArray
            (n, h, w) float32, 0..1; h and w multiples of 32.

        Returns
        -------
        NDArray
            (n, h, w) uint8; probability = value / 255.
        """
        parts: list[NDArray[np.uint8]] = []
        done = 0
        while done < len(pages):
            batch = pages[done : done + self.batch_size]
            try:
                parts.append(self._forward(batch))
            except torch.OutOfMemoryError:
                if self.device.type == "cpu":
                    raise
                self._need_less_memory()
                continue
            done += len(batch)
        return np.concatenate(parts) if parts else np.zeros(pages.shape, np.uint8)

    def _move_to(self, device: torch.device) -> None:
        self.device = device
        self.dtype = choose_dtype(device, self.settings.precision)
        self.precision = str(self.dtype)
        self._network = self._network.to(device, self.dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def _forward(self, batch: NDArray[np.float32]) -> NDArray[np.uint8]:
        if self._other is not None:
            return self._of_other(self._other(batch))
        with torch.inference_mode():
            images = torch.from_numpy(np.ascontiguousarray(batch))[:, None]
            images = images.to(self.device, self.dtype).contiguous(
                memory_format=torch.channels_last
            )
            probability = torch.sigmoid(self._network(images)[:, 0].float())
            # Turned to whole numbers they would count as "no call".
            if torch.isnan(probability).any():
                raise ModelError(_no_numbers(self.model.name, self.dtype))
            values: NDArray[np.uint8] = (probability * 255).round().to(torch.uint8).cpu().numpy()
        return values

    def _of_other(self, probability: NDArray[np.float32]) -> NDArray[np.uint8]:
        if np.isnan(probability).any():
            raise ModelError(_no_numbers(self.model.name, torch.float32))
        values: NDArray[np.uint8] = np.rint(probability * np.float32(255)).astype(np.uint8)
        return values

    def _need_less_memory(self) -> None:
        """Halve the batch; with a single image leave the GPU."""
        torch.cuda.empty_cache()
        if self.batch_size > 1:
            self.batch_size //= 2
            self._note(f"out of {self.device.type} memory: going on with {self.batch_size} at once")
        else:
            self._note(f"out of {self.device.type} memory with a single image: going on on the CPU")
            self._move_to(torch.device("cpu"))
            self.why = "CPU, because the GPU ran out of memory"

    def _note(self, text: str) -> None:
        self.notes.append(text)
        _log.warning(text)


def check_answers(model: Model) -> None:
    """Raise ModelError if a model's answers to plain pages are not numbers."""
    pages = torch.linspace(0, 1, 3)[:, None, None, None].expand(3, 1, 64, 64)
    with torch.inference_mode():
        answers = model.network()(pages)
    if not torch.isfinite(answers).all():
        raise ModelError(_no_numbers(model.name, torch.float32))


def _no_numbers(name: str, dtype: torch.dtype) -> str:
    remedy = "choose another" if dtype == torch.float32 else "try --precision fp32, or another"
    return f"{name}: its answers are not numbers, for its weights are spoilt: {remedy}"


def fold_batch_norm(network: nn.Module) -> nn.Module:
    """A copy in eval mode whose batch norms are part of the convolutions before them."""
    folded = copy.deepcopy(network).eval()
    for parent in list(folded.modules()):
        if isinstance(parent, nn.Sequential):
            _fold_pairs(parent)
    return folded


def _fold_pairs(layers: nn.Sequential) -> None:
    for index in range(len(layers) - 1):
        convolution, norm = layers[index], layers[index + 1]
        if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            fused: Any = fuse_conv_bn_eval(convolution, norm)
            layers[index], layers[index + 1] = fused, nn.Identity()
