"""No damaged file makes a reader do anything but read it, or refuse it in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="measures memory as POSIX does")

from fuzz import tries, trouble
from fuzz_readers import readers

from napari_squeakout.core.model import checkpoint as checkpoints

# In all: NAPARI_SQUEAKOUT_FUZZ=200000 for a long trial.
TOTAL = int(os.environ.get("NAPARI_SQUEAKOUT_FUZZ", "1300"))
NAMES = (
    "recording", "images", "mask", "table", "card", "checkpoint", "training state", "session",
    "result", "default", "run", "journal", "figures", "own table", "own record",
)  # fmt: skip
#: What an earlier trial found: reader/number-name.
FOUND = sorted((Path(__file__).parent / "found").glob("*/*"))


@pytest.fixture
def by_name(monkeypatch):
    """Every reader; checkpoints are of a tiny network meanwhile."""
    monkeypatch.setattr(checkpoints, "network_shapes", checkpoints.network_shapes)
    return {reader.name: reader for reader in readers()}


def test_all_readers_are_tried(by_name):
    assert set(by_name) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_damaged_is_read_or_refused_in_a_sentence(by_name, tmp_path, name):
    """Within 10 s and 1 GB."""
    assert list(tries(by_name[name], range(TOTAL // len(NAMES)), tmp_path)) == []


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name} {path.name}")
def test_what_was_found_once_is_refused_in_a_sentence_now(by_name, tmp_path, path):
    reader = by_name[path.parent.name.replace("-", " ")]
    name = path.name.partition("-")[2]
    place = tmp_path / reader.places.get(name, name)
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(path.read_bytes())
    assert trouble(reader, place) == ""
