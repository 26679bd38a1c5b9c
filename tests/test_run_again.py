"""A result's run.json is enough to make it again, and says where it is not."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import soundfile
from fakes import RATE_HZ, bright, sound

from napari_squeakout import cli
from napari_squeakout.core.detection.engine import Engine


@pytest.fixture
def squeakout(capsys, monkeypatch, tmp_path):
    """The command, with the bundled model, which finds what is bright."""
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(Engine, "__call__", lambda self, pages: bright(pages))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            cli.main([str(argument) for argument in arguments])
        return left.value.code or 0, capsys.readouterr().err

    return call


@pytest.fixture
def record(squeakout, tmp_path):
    """Of a result with settings that nobody has by default."""
    soundfile.write(tmp_path / "good.wav", sound(0.22, (0.05, 0.1, 80_000)), RATE_HZ)
    code, _ = squeakout(
        "segment", "good.wav", "--output", "first", "--threshold", "0.7", "--masks", "--overwrite"
    )
    assert code == 0
    return tmp_path / "first" / "good" / "run.json"


def changed(record, **values):
    known = json.loads(record.read_text())
    record.write_text(json.dumps({**known, **values}))


@pytest.mark.parametrize("named", ["first/good/run.json", "first/good"])
def test_a_record_makes_the_same_result_again(squeakout, record, tmp_path, named):
    code, said = squeakout("segment", "--like", named, "--output", "second")
    assert (code, "was made with" in said) == (0, False)
    for name in ("calls.csv", "masks.tif"):
        again = tmp_path / "second" / "good" / name
        assert again.read_bytes() == (record.parent / name).read_bytes()
    first, second = (
        json.loads((tmp_path / f / "good/run.json").read_text()) for f in ("first", "second")
    )
    assert first["settings"].pop("result") != second["settings"].pop("result")  # no --overwrite
    assert first["settings"] == second["settings"]


def test_what_is_replaced_is_never_taken_from_a_record(squeakout, record):
    before = record.read_bytes()
    code, said = squeakout("segment", "--like", record, "--threshold", "0.6", "--output", "first")
    assert code == 1
    assert "--overwrite" in said
    assert record.read_bytes() == before


def test_flags_beside_it_and_other_inputs_go_first(squeakout, record, tmp_path):
    soundfile.write(tmp_path / "other.wav", sound(0.22, (0.1, 0.15, 70_000)), RATE_HZ)
    code, _ = squeakout(
        "segment", "other.wav", "--like", record, "--threshold", "0.6", "--output", "more"
    )
    assert code == 0
    made = json.loads((tmp_path / "more/other/run.json").read_text())["settings"]
    assert (made["clean"]["threshold"], made["result"]["masks"]) == (0.6, True)
    assert len(pd.read_csv(tmp_path / "more/other/calls.csv")) == 1


def test_an_input_that_has_changed_is_refused_and_leaves_nothing(squeakout, record, tmp_path):
    soundfile.write(tmp_path / "good.wav", sound(0.22, (0.1, 0.15, 70_000)), RATE_HZ)
    code, said = squeakout("segment", "--like", record, "--output", "second")
    assert code == 1
    assert "is not what the record was made of" in said
    assert list((tmp_path / "second").iterdir()) == []


def test_another_model_of_the_same_name_is_refused(squeakout, record):
    changed(record, model={"name": "squeakout-synthetic", "fingerprint": "0" * 64})
    code, said = squeakout("segment", "--like", record, "--output", "second")
    assert code == 1
    assert "squeakout-synthetic here is another" in said


def test_other_versions_are_told(squeakout, record):
    versions = json.loads(record.read_text())["versions"]
    changed(record, versions={**versions, "torch": "2.6.0"})
    code, said = squeakout("segment", "--like", record, "--output", "second")
    assert code == 0
    assert "was made with torch 2.6.0 (here " in " ".join(said.split())


def test_a_setting_that_is_not_known_here_is_refused_by_its_name(squeakout, record):
    settings = json.loads(record.read_text())["settings"]
    changed(record, settings={**settings, "clean": {**settings["clean"], "shine": 3}})
    code, said = squeakout("segment", "--like", record, "--output", "second")
    assert code == 1
    assert "clean.shine" in said


def test_a_setting_that_came_after_the_record_is_told(squeakout, record):
    settings = json.loads(record.read_text())["settings"]
    del settings["clean"]["threshold"]
    changed(record, settings=settings)
    code, said = squeakout("segment", "--like", record, "--output", "second")
    assert code == 0
    assert "is older than the setting threshold" in said


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"program": "other"}, "is no record of this program"),
        ({"review": {}}, "was saved from a session"),
        ({"settings": {}}, "does not say all that it takes"),
        ({"input": {"path": "x"}}, "does not say all that it takes"),
    ],
)
def test_what_is_no_record_of_segmenting_is_refused(squeakout, record, values, why):
    changed(record, **values)
    code, said = squeakout("segment", "--like", record, "--output", "second")
    assert code == 1
    assert why in " ".join(said.split())


def test_a_file_that_is_no_json_is_refused(squeakout, record):
    record.write_text("{")
    code, said = squeakout("segment", "--like", record, "--output", "second")
    assert code == 1
    assert "is no record that can be read" in said
