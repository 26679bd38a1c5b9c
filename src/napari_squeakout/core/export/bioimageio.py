"""A model -> a package as bioimage.io describes it: one zip that its community's programs run.

Nothing in it is a web address but the DOI of the paper, because addresses would be looked up.
"""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from napari_squeakout.core.model import network
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import STRIDE
from napari_squeakout.core.optional_packages import needed
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.training_settings import SynthesisSettings

from .onnx import OPSET, to_onnx
from .readme import readme_of

_PAPER = (
    "Santana & Dietrich (2024) SqueakOut: Autoencoder-based segmentation of mouse ultrasonic "
    "vocalizations. bioRxiv"
)
_DOI = "10.1101/2024.04.19.590368"
_TAGS = ["mouse", "ultrasonic-vocalization", "bioacoustics", "spectrogram", "segmentation", "2d"]
# bioimage.io's own limits.
_NAME, _MAX_DESCRIPTION = re.compile(r"[^A-Za-z0-9_+\- ()]"), 512
# How far another machine's answer may be off; the format allows a hundredth of the highest value.
_TOLERANCE, _SHARE_OF_HIGHEST = 1e-3, 0.009


def to_bioimage_package(model: Model) -> bytes:
    """The zip: weights for ONNX and PyTorch, the network's source, a page to test with, the card.

    Parameters
    ----------
    model : Model
        What to write.

    Raises
    ------
    SqueakOutError
        If `bioimageio.spec`, `onnx` or `onnxscript` is not installed.
    """
    spec = needed("bioimageio.spec", "export", "exporting a bioimage.io package")
    onnx = to_onnx(model)
    # The library leaves files for the garbage collector to close.
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        highest = _write_parts(model, onnx, Path(folder))
        package = spec.save_bioimageio_package(
            _described(model, Path(folder), highest), output_path=Path(folder) / "package.zip"
        )
        return Path(package).read_bytes()


def _write_parts(model: Model, onnx: bytes, folder: Path) -> float:
    """All files but the description; gives the highest probability on the page to test with."""
    levels = model.card.rendering.levels
    page = next(iter(synthesise_pages(1, SynthesisSettings(empty_fraction=0.0), levels=levels)))[0]
    image = np.asarray(page, np.float32)[None, None]
    with torch.inference_mode():
        answer = torch.sigmoid(model.network().eval()(torch.from_numpy(image))).numpy()
    np.save(folder / "test_input.npy", image)
    np.save(folder / "test_output.npy", answer)
    weights = io.BytesIO()
    torch.save(dict(model.weights), weights)
    (folder / "weights.pt").write_bytes(weights.getvalue())
    (folder / "weights.onnx").write_bytes(onnx)
    source = Path(network.__file__).read_text(encoding="utf-8")
    (folder / "network.py").write_text(source, encoding="utf-8")
    (folder / "README.md").write_text(readme_of(model), encoding="utf-8")
    (folder / "card.json").write_text(model.card.model_dump_json(indent=2), encoding="utf-8")
    return float(answer.max())


def _described(model: Model, folder: Path, highest: float) -> Any:
    """What all this is, as bioimage.io's `ModelDescr`."""
    v = needed("bioimageio.spec.model.v0_5", "export", "exporting a bioimage.io package")
    card = model.card
    about = (card.title or model.name) + (f". {card.description}" if card.description else "")
    tolerance = v.ReproducibilityTolerance(
        absolute_tolerance=min(_TOLERANCE, _SHARE_OF_HIGHEST * highest)
    )
    return v.ModelDescr(
        name=f"{_NAME.sub('-', model.name)} (SqueakOut)",
        description=about[:_MAX_DESCRIPTION],
        authors=[v.Author(name="napari-squeakout")],
        cite=[v.CiteEntry(text=_PAPER, doi=v.Doi(_DOI))],
        license=_licence(card),
        tags=_TAGS,
        documentation=v.FileDescr(source=folder / "README.md"),
        attachments=[v.FileDescr(source=folder / "card.json")],
        config=v.Config(
            bioimageio=v.BioimageioConfig(reproducibility_tolerance=[tolerance]),
            squeakout={"fingerprint": model.fingerprint, "parent": card.parent},
        ),
        inputs=[_input(v, folder)],
        outputs=[_output(v, folder)],
        weights=_weights(v, folder),
    )


def _licence(card: ModelCard) -> str | None:
    """The card's licence where bioimage.io knows it; it stands in the README in any case."""
    licences = needed("bioimageio.spec.generic.v0_3", "export", "exporting a bioimage.io package")
    try:
        return str(licences.LicenseId(card.licence))
    except ValueError:
        return None


def _input(v: Any, folder: Path) -> Any:
    side = v.ParameterizedSize(min=STRIDE, step=STRIDE)
    return v.InputTensorDescr(
        id=v.TensorId("spectrogram"),
        description="Grey of a spectrogram; rows are frequency, the highest first, columns time.",
        axes=[
            v.BatchAxis(),
            v.ChannelAxis(channel_names=[v.Identifier("level")]),
            v.SpaceInputAxis(id=v.AxisId("y"), size=side),
            v.SpaceInputAxis(id=v.AxisId("x"), size=side),
        ],
        data=v.IntervalOrRatioDataDescr(type="float32", range=(0.0, 1.0)),
        test_tensor=v.FileDescr(source=folder / "test_input.npy"),
    )


def _output(v: Any, folder: Path) -> Any:
    def side(axis: str) -> Any:
        reference = v.SizeReference(tensor_id=v.TensorId("spectrogram"), axis_id=v.AxisId(axis))
        return v.SpaceOutputAxis(id=v.AxisId(axis), size=reference)

    return v.OutputTensorDescr(
        id=v.TensorId("probability"),
        description="How sure it is that a pixel belongs to a call.",
        axes=[
            v.BatchAxis(),
            v.ChannelAxis(channel_names=[v.Identifier("call")]),
            side("y"),
            side("x"),
        ],
        data=v.IntervalOrRatioDataDescr(type="float32", range=(0.0, 1.0)),
        postprocessing=[v.SigmoidDescr()],
        test_tensor=v.FileDescr(source=folder / "test_output.npy"),
    )


def _weights(v: Any, folder: Path) -> Any:
    return v.WeightsDescr(
        pytorch_state_dict=v.PytorchStateDictWeightsDescr(
            source=folder / "weights.pt",
            architecture=v.ArchitectureFromFileDescr(
                source=folder / "network.py", callable=v.Identifier("SqueakOut")
            ),
            pytorch_version=v.Version(torch.__version__.partition("+")[0]),
        ),
        onnx=v.OnnxWeightsDescr(
            source=folder / "weights.onnx", opset_version=OPSET, parent="pytorch_state_dict"
        ),
    )
