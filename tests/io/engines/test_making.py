"""What runs a model: torch, OpenVINO where it is asked for or faster, and never wrong masks."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.errors import ModelError, SqueakOutError
from napari_squeakout.core.settings import SegmentSettings
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.engines import making, trial
from napari_squeakout.io.engines.making import device_text, make_engine, verdict_text
from napari_squeakout.io.engines.openvino_network import openvino_version
from napari_squeakout.io.engines.trial import Verdict
from napari_squeakout.io.models.registry import BUNDLED_MODEL, load_model

WITH_OPENVINO = SegmentSettings(device="cpu", precision="fp32", compute_with="openvino")
AUTO = SegmentSettings(device="cpu", precision="fp32")
needs_openvino = pytest.mark.skipif(openvino_version() is None, reason="OpenVINO is not installed")

# Imported and made to convert, with nothing on record that would have it keep quiet.
WATCHED = """
import os, socket, sys
seen = []
def watch(event, arguments):
    if event in {"os.fork", "os.posix_spawn", "subprocess.Popen", "socket.getaddrinfo",
                 "socket.connect", "os.mkdir"}:
        seen.append(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        seen.append(f"open {arguments[0]}")
sys.addaudithook(watch)
from napari_squeakout.io.engines.openvino_network import import_openvino
openvino = import_openvino()
openvino.Core()
print(seen)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One home for all: a trial takes seconds."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def free(home, monkeypatch):
    """As it is for a user: nothing says what to compute with."""
    monkeypatch.delenv("NAPARI_SQUEAKOUT_COMPUTE_WITH")
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(home))


@pytest.fixture(scope="module")
def model():
    return load_model(BUNDLED_MODEL)


def says(monkeypatch, tmp_path, **verdict):
    """Let the trial come to that."""
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path))
    monkeypatch.setattr(trial, "_of_child", lambda *_: Verdict(version="1", **verdict))


@needs_openvino
def test_openvino_gives_the_masks_of_torch_on_pages_of_any_width(free, model, home):
    told = []
    engine = make_engine(model, WITH_OPENVINO, told.append)
    assert engine.computes_with == f"OpenVINO {openvino_version()}"
    assert engine.why == f"CPU with {engine.computes_with}, float32"
    pages = np.stack([p for p, _ in synthesise_pages(2, SynthesisSettings(seed=5))])
    for images in (pages, np.concatenate([*pages, pages[0][:, :128]], axis=1)[None]):
        ours, torchs = engine(images), Engine(model, AUTO)(images)
        assert (ours > 130).any()
        assert ((ours > 130) == (torchs > 130)).mean() >= 0.999
    # Of one trial the next user hears nothing, and what was written for it alone is gone.
    make_engine(model, WITH_OPENVINO, told.append)
    assert told == [f"trying OpenVINO on {model.name}, once: up to half a minute"]
    [folder] = (home / "openvino").iterdir()
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == ["model.bin", "model.xml", "verdict.json"]
    assert "their masks agree on 100" in verdict_text(model, WITH_OPENVINO)


@needs_openvino
def test_importing_openvino_forks_nothing_looks_nothing_up_and_writes_nothing(tmp_path):
    env = {k: v for k, v in os.environ.items() if k != "CI"} | {"HOME": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "-c", WATCHED], env=env, capture_output=True, text=True, check=False
    )
    assert answer.stdout.strip() == "[]", answer.stdout + answer.stderr
    assert not list(tmp_path.iterdir())


@needs_openvino
@pytest.mark.parametrize(
    ("verdict", "is_chosen", "text"),
    [
        ({"agreement": 0.9991, "torch_s": 0.2, "openvino_s": 0.1}, True, "is used: 100 ms"),
        ({"agreement": 0.9991, "torch_s": 0.1, "openvino_s": 0.2}, False, "no faster"),
        ({"agreement": 0.9989, "torch_s": 0.2, "openvino_s": 0.1}, False, "on 99.89 %"),
        ({"died": "exit code -11"}, False, "its trial ended with exit code -11"),
    ],
)
def test_by_itself_it_is_taken_only_where_it_agrees_and_is_faster(
    free, model, monkeypatch, tmp_path, verdict, is_chosen, text
):
    says(monkeypatch, tmp_path, **verdict)
    compiled = []
    monkeypatch.setattr(making, "_compiled", lambda *_: compiled.append(1))
    assert make_engine(model, AUTO).computes_with == f"torch {torch.__version__}"
    assert bool(compiled) is is_chosen
    assert text in verdict_text(model, AUTO)


@needs_openvino
@pytest.mark.parametrize("verdict", [{"agreement": 0.5}, {"died": "exit code -11"}])
def test_asked_for_it_is_refused_where_its_masks_are_others(
    free, model, monkeypatch, tmp_path, verdict
):
    says(monkeypatch, tmp_path, **verdict)
    with pytest.raises(SqueakOutError, match="choose auto or torch"):
        make_engine(model, WITH_OPENVINO)


@needs_openvino
def test_a_trial_whose_process_dies_is_a_no_and_is_not_repeated(free, model, monkeypatch, tmp_path):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path))
    dying = tmp_path / "python"
    dying.write_text(f"#!{sys.executable}\nimport os; os.abort()\n")
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    told = []
    for _ in range(2):
        engine = make_engine(model, AUTO, told.append)
        assert engine.computes_with.startswith("torch")
    assert len(told) == 1
    assert "its trial ended with exit code -6" in verdict_text(model, AUTO)


@needs_openvino
def test_a_verdict_that_was_cut_off_is_found_out_anew(free, model, monkeypatch, tmp_path):
    says(monkeypatch, tmp_path, died="a first time")
    assert "a first time" in verdict_text(model, AUTO)
    [kept] = tmp_path.rglob("verdict.json")
    kept.write_text(kept.read_text()[:20])
    says(monkeypatch, tmp_path, died="a second time")
    assert "a second time" in verdict_text(model, AUTO)
    assert json.loads(kept.read_text())["died"] == "a second time"


def test_without_openvino_all_is_torchs_and_asking_for_it_says_what_to_install(
    free, model, monkeypatch
):
    monkeypatch.setattr(making, "openvino_version", lambda: None)
    assert make_engine(model, AUTO).computes_with.startswith("torch")
    assert "OpenVINO" not in device_text(AUTO)
    with pytest.raises(SqueakOutError, match=r"napari-squeakout\[fast\]"):
        make_engine(model, WITH_OPENVINO)


def test_a_home_that_cannot_be_written_costs_speed_and_not_the_work(
    free, model, monkeypatch, tmp_path
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "file" / "home"))
    assert make_engine(model, AUTO).computes_with.startswith("torch")


def test_the_environment_says_what_to_compute_with_where_the_settings_do_not(model, monkeypatch):
    monkeypatch.setenv(making.VARIABLE, "torch")
    assert make_engine(model, AUTO).computes_with.startswith("torch")
    assert "OpenVINO" not in device_text(AUTO)
    monkeypatch.setenv(making.VARIABLE, "tensorflow")
    with pytest.raises(SqueakOutError, match="'tensorflow': set it to auto, torch or openvino"):
        make_engine(model, AUTO)


def test_answers_of_another_network_that_are_no_numbers_are_refused(model):
    class Spoilt:
        name, precision = "another", "float32"

        def __call__(self, pages):
            return np.full(pages.shape, np.nan, np.float32)

    with pytest.raises(ModelError, match="not numbers"):
        Engine(model, AUTO, Spoilt())(np.zeros((1, 64, 64), np.float32))
