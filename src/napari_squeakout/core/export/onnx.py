"""A model -> ONNX, for programs without PyTorch."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.export import Dim

from napari_squeakout.core.detection.engine import fold_batch_norm
from napari_squeakout.core.model.card import CARD_INSIDE
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import STRIDE
from napari_squeakout.core.optional_packages import needed

#: What every ONNX Runtime of 2023 and later reads.
OPSET = 18
INPUT, OUTPUT = "spectrogram", "logits"
# Neither one page nor one stride: the exporter takes a 1 for a constant.
_EXAMPLE = (2, 1, 2 * STRIDE, 3 * STRIDE)


def to_onnx(model: Model) -> bytes:
    """The network in ONNX, batch norms folded, with the card in its metadata.

    Input `spectrogram`: (n, 1, h, w) float32, 0..1, h and w multiples of 32. Output `logits`: the
    same shape; a sigmoid turns them into probabilities.

    Parameters
    ----------
    model : Model
        What to write.

    Raises
    ------
    SqueakOutError
        If `onnx` or `onnxscript` is not installed.
    """
    for package in ("onnx", "onnxscript"):
        needed(package, "export", "exporting ONNX")
    sides = {2: STRIDE * Dim("rows"), 3: STRIDE * Dim("columns")}
    with _quiet():
        program: Any = torch.onnx.export(
            fold_batch_norm(model.network()),
            (torch.zeros(_EXAMPLE),),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=({0: Dim("pages"), **sides},),
        )
    graph = program.model_proto
    about = {
        CARD_INSIDE: model.card.model_dump_json(),
        "name": model.name,
        "fingerprint": model.fingerprint,
        "input": "(pages, 1, rows, columns) grey of a spectrogram, 0..1; sides multiples of 32",
        "output": "logits: probability = 1 / (1 + exp(-logits))",
    }
    for key, value in about.items():
        graph.metadata_props.add(key=key, value=value)
    return bytes(graph.SerializeToString())


@contextmanager
def _quiet() -> Iterator[None]:
    """What torch's exporter says of its own insides is of no use to whoever exports."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
