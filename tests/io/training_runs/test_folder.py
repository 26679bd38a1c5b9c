"""The folder of one fine-tuning."""

from __future__ import annotations

from pathlib import Path

import pytest
from told_events import an_event

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.io.training_runs.events import BeganEvent, line_of
from napari_squeakout.io.training_runs.folder import ORDER, EventsHeard, append_event, held
from napari_squeakout.io.training_runs.runs import forget


@pytest.mark.parametrize("name", ["process.json", "mine.txt", "preview.npz"])
def test_a_folder_that_holds_something_else_is_not_used_for_a_run(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(SqueakOutError, match="give a new folder"), held(tmp_path):
        pytest.fail("refused beforehand")
    assert (tmp_path / name).read_text() == "mine"


def test_what_is_no_folder_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(SqueakOutError, match="cannot be used for a run"), held(place):
            pytest.fail("refused beforehand")


def test_a_run_that_is_forgotten_leaves_what_is_not_its_own(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    for name in (ORDER, "events.jsonl", "lab.safetensors"):
        (folder / name).write_text("{}")
    (folder / "events.jsonl").write_text('{"kind": "failed", "error": "x"}\n')
    forget(folder)
    assert [path.name for path in folder.iterdir()] == ["lab.safetensors"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind": ["epoch"]}',
        b'{"kind": "epoch", "seconds": "soon"}',
        b'{"seconds": 1}',
        b"[" * 100_000,
        b"\xff",
    ],
    ids=["a list as kind", "a word as seconds", "no kind", "deeply nested", "no text"],
)
def test_a_line_of_another_kind_spoils_itself_alone(tmp_path, line):
    good = line_of(an_event("began", seconds=2)).encode()
    (tmp_path / "events.jsonl").write_bytes(line + b"\n" + good + b"\n")
    heard = EventsHeard().listen(tmp_path)
    assert heard.latest(BeganEvent) == an_event("began", seconds=2)
    assert (heard.epochs, heard.seconds) == ([], 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_a_line_that_finds_no_room_is_told_with_its_file(tmp_path):
    (tmp_path / "events.jsonl").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space") as caught:
        append_event(tmp_path, an_event("began"))
    assert caught.value.filename == str(tmp_path / "events.jsonl")
