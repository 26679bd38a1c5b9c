"""A model in other programs: one export serves all tests here, since it takes its time."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import socket
import warnings
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from napari_squeakout.core.errors import ModelError, SqueakOutError
from napari_squeakout.core.export import bioimageio as bioimage_package
from napari_squeakout.core.export.readme import readme_of
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.io.models.export import export_model
from napari_squeakout.io.models.registry import save_model


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def model():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = SqueakOut()
        for module in network.modules():  # that folding them is seen
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.8, 1.2)
    card = ModelCard(
        name="lab.1", title="The lab's own", licence="MIT", data="20 pages", limits=("rats",),
        metrics={"dice_after": 0.8}, parent="a" * 64,
    )  # fmt: skip
    return Model("lab.1", network.state_dict(), card)


@pytest.fixture(scope="module")
def onnx_bytes(model):
    for package in ("onnx", "onnxscript"):
        pytest.importorskip(package)
    from napari_squeakout.core.export.onnx import to_onnx

    return to_onnx(model)


@pytest.fixture(scope="module")
def package(model, onnx_bytes, tmp_path_factory):
    """The bioimage.io package, made where no network is."""
    pytest.importorskip("bioimageio.spec")
    with pytest.MonkeyPatch.context() as patch, bioimageio_may_be_untidy():
        patch.setattr(bioimage_package, "to_onnx", lambda _: onnx_bytes)
        patch.setattr(socket, "getaddrinfo", _no_network)
        patch.setattr(socket.socket, "connect", _no_network)
        content = bioimage_package.to_bioimage_package(model)
    path = tmp_path_factory.mktemp("package") / "lab.zip"
    path.write_bytes(content)
    return path


@contextmanager
def bioimageio_may_be_untidy():
    """It leaves files for the garbage collector to close."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


def _no_network(*args, **more):
    pytest.fail(f"the network was asked for {args}")


def logits_of(model, pages):
    with torch.inference_mode():
        return model.network().eval()(torch.from_numpy(pages)).numpy()


# --- ONNX -----------------------------------------------------------------------------------


def test_onnx_computes_what_torch_does_for_any_number_and_size_of_pages(model, onnx_bytes):
    session = pytest.importorskip("onnxruntime").InferenceSession(onnx_bytes)
    for shape in ((1, 1, 64, 64), (3, 1, 32, 160)):
        pages = np.random.default_rng(0).random(shape, np.float32)
        (found,) = session.run(["logits"], {"spectrogram": pages})
        np.testing.assert_allclose(found, logits_of(model, pages), rtol=1e-3, atol=1e-3)


def test_onnx_holds_the_card_and_says_what_it_takes(model, onnx_bytes):
    about = {
        prop.key: prop.value
        for prop in pytest.importorskip("onnx").load_from_string(onnx_bytes).metadata_props
    }
    assert ModelCard.model_validate_json(about["squeakout_card"]) == model.card
    assert about["fingerprint"] == model.fingerprint
    assert "multiples of 32" in about["input"]


# --- bioimage.io ----------------------------------------------------------------------------


def test_a_package_is_a_valid_model_of_bioimage_io(package, model, tmp_path):
    spec = pytest.importorskip("bioimageio.spec")
    with zipfile.ZipFile(package) as file:
        file.extractall(tmp_path)
    with bioimageio_may_be_untidy():
        described = spec.load_description(tmp_path / "rdf.yaml", perform_io_checks=True)
    assert not isinstance(described, spec.InvalidDescr), described.validation_summary.format()
    assert described.name == "lab-1 (SqueakOut)"
    assert described.license == "MIT"
    assert "SqueakOut" in described.cite[0].text
    assert described.config.squeakout["fingerprint"] == model.fingerprint


def test_both_kinds_of_weights_in_a_package_give_its_own_answer(package, tmp_path):
    with zipfile.ZipFile(package) as file:
        file.extractall(tmp_path)
    page, answer = (np.load(tmp_path / f"test_{kind}.npy") for kind in ("input", "output"))
    assert page.shape == answer.shape == (1, 1, 512, 512)
    description = importlib.util.spec_from_file_location("alone", tmp_path / "network.py")
    source = importlib.util.module_from_spec(description)
    description.loader.exec_module(source)
    network = source.SqueakOut()
    network.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    with torch.inference_mode():
        found = torch.sigmoid(network.eval()(torch.from_numpy(page))).numpy()
    np.testing.assert_allclose(found, answer, atol=1e-5)
    session = pytest.importorskip("onnxruntime").InferenceSession(tmp_path / "weights.onnx")
    (logits,) = session.run(None, {"spectrogram": page})
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), answer, atol=1e-3)


def test_a_package_takes_the_card_along(package, model):
    with zipfile.ZipFile(package) as file:
        assert json.loads(file.read("card.json"))["title"] == "The lab's own"
        readme = file.read("README.md").decode()
    assert model.fingerprint in readme
    assert "## Validation" in readme


def test_the_page_that_goes_along_tells_what_the_card_does(model):
    text = readme_of(model)
    for part in ("The lab's own", "20 pages", "| dice_after | 0.8 |", "- rats", "Licence: MIT"):
        assert part in text
    assert "Licence: not stated" in readme_of(Model("m", model.weights, ModelCard(name="m")))


# --- by the file's ending ---------------------------------------------------------------------


def test_the_ending_says_what_is_written(model, tmp_path, monkeypatch):
    save_model(model)
    monkeypatch.setattr("napari_squeakout.core.export.onnx.to_onnx", lambda m: m.name.encode())
    file = export_model("lab.1", tmp_path / "there" / "lab.onnx")
    assert file.read_bytes() == b"lab.1"
    with pytest.raises(ModelError, match="exists already"):
        export_model("lab.1", file)
    assert export_model("lab.1", file, overwrite=True) == file
    monkeypatch.setattr(bioimage_package, "to_bioimage_package", lambda m: b"zip")
    assert export_model("lab.1", tmp_path / "lab.zip").read_bytes() == b"zip"


@pytest.mark.parametrize("file", ["lab.ckpt", "lab"])
def test_another_ending_is_refused_with_those_there_are(model, tmp_path, file):
    save_model(model)
    with pytest.raises(ModelError, match=r"\.safetensors .*, \.onnx .*, \.zip .*lab\.safetensors"):
        export_model("lab.1", tmp_path / file)


@pytest.mark.parametrize(
    ("file", "missing"),
    [("a.onnx", "onnxscript"), ("a.zip", "onnx"), ("a.zip", "bioimageio.spec")],
)
def test_a_missing_package_is_named_with_the_extra_that_brings_it(
    model, tmp_path, monkeypatch, file, missing
):
    save_model(model)

    def imported(name):
        if name == missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr("napari_squeakout.core.optional_packages.import_module", imported)
    with pytest.raises(SqueakOutError, match=rf"{missing}: .*napari-squeakout\[export\]"):
        export_model("lab.1", tmp_path / file)
    assert not (tmp_path / file).exists()


@pytest.mark.parametrize("suffix", [".safetensors", ".zip"])
def test_a_file_that_is_no_exported_model_is_never_replaced(tmp_path, model, suffix):
    save_model(model)
    file = tmp_path / f"mine{suffix}"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("raw.wav", "raw data")
    before = file.read_bytes()
    with pytest.raises(ModelError, match="is no exported model, so it stays"):
        export_model("lab.1", file, overwrite=True)
    assert file.read_bytes() == before
