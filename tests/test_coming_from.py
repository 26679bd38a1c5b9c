"""Who comes from another program can do what the page for them shows."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from fakes import bright
from kept import images_in, recording_in
from shown_commands import commands_of

from napari_squeakout.cli.running import run_command
from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.io.tables.annotations import read_annotation

#: As DeepSqueak's exported statistics begin; the call lies where one of the recording's is.
STATISTICS = [
    ["File", "ID", "Label", "Accepted", "Score", "Begin Time (s)", "End Time (s)"],
    ["mouse7.wav", 1, "USV", 1, 0.9, 0.05, 0.1],
    ["mouse7.wav", 2, "Noise", 0, 0.2, 0.2, 0.25],
]


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A folder with all that the page names; the network marks what is bright."""
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(Engine, "__call__", lambda self, pages: bright(pages))
    recording_in(tmp_path, "mouse7.wav")
    images_in(tmp_path / "All")
    book = openpyxl.Workbook()
    for row in STATISTICS:
        book.worksheets[0].append(row)
    book.save(tmp_path / "mouse7_Stats.xlsx")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_of_the_page_bring_calls_over_and_back(lab, capsys):
    commands = commands_of("coming_from.md")
    assert {words[0] for words in commands} == {"segment", "compare", "export", "evaluate"}
    for words in commands:
        assert run_command(words) == 0, (words, capsys.readouterr().err)
    outcomes = list(pd.read_csv(lab / "differences.csv")["outcome"])
    assert sorted(outcomes) == ["extra", "matched"]
    for file, program in (
        ("for-deepsqueak/mouse7.deepsqueak.xlsx", "DeepSqueak"),
        ("for-vocalmat/mouse7.vocalmat.xlsx", "VocalMat"),
        ("for-raven/mouse7.selections.txt", "Raven"),
    ):
        noted = read_annotation(lab / file)
        assert (noted.program, len(noted.intervals_s)) == (program, 2)
    images = pd.read_csv(lab / "results-images" / "All" / "calls.csv")
    assert len(images) == 3
    assert images["low_hz"].between(45_000, 125_000).all()
