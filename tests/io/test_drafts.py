"""What is written under a hidden name until it is whole, and what a kill leaves of it."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from napari_squeakout.io import drafts
from napari_squeakout.io.drafts import clear_leftovers, drafting
from napari_squeakout.io.exchange import exchange

REPLACE = """
    import os, sys
    from pathlib import Path
    from napari_squeakout.io import drafts

    target, at, by_renames = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "renames"
    if by_renames:
        drafts.exchange = lambda *_: False
    steps = 0

    def trace(frame, event, _):
        # Dies like a kill before the line of that number in drafts.py.
        global steps
        if frame.f_code.co_filename != drafts.__file__:
            return None
        if event == "line":
            steps += 1
            if steps == at:
                os._exit(9)
        return trace

    sys.settrace(trace)
    with drafts.drafting(target) as draft:
        draft.path.mkdir()
        (draft.path / "new.txt").write_text("new")
        draft.take_place_of(["old.txt"])
"""


def replace_and_die(target, at, way):
    command = [sys.executable, "-c", textwrap.dedent(REPLACE), str(target), str(at), way]
    return subprocess.run(command, check=False).returncode


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def old_folder(place):
    target = place / "result"
    target.mkdir(parents=True)
    (target / "old.txt").write_text("old")
    return target


@pytest.mark.parametrize("way", ["exchange", "renames"])
def test_wherever_a_replacement_is_killed_the_old_or_the_new_is_there_and_nothing_else(
    tmp_path, way
):
    """Every fifth line; what the kill left is cleared by whoever writes there next."""
    seen, at = set(), 1
    # Not every disk has it: then even on Linux there are two renames, with a moment between them.
    can_exchange = exchange(old_folder(tmp_path / "one"), old_folder(tmp_path / "other"))
    while True:
        target = old_folder(tmp_path / f"{at}")
        code = replace_and_die(target, at, way)
        if way == "exchange" and can_exchange:
            assert names(target) in (["old.txt"], ["new.txt"])
        clear_leftovers(target.parent, again=True)
        assert names(target.parent) == ["result"]
        assert names(target) in (["old.txt"], ["new.txt"])
        seen |= set(names(target))
        if code == 0:
            break
        at += 5
    assert seen == {"old.txt", "new.txt"}


def test_what_somebody_put_into_a_replaced_folder_becomes_visible(tmp_path):
    target = old_folder(tmp_path)
    with drafting(target) as draft:
        draft.path.mkdir()
        old = draft.take_place_of(["old.txt"])
        (old / "mine.txt").write_text("mine")
    assert names(target) == []
    [kept] = [path for path in tmp_path.iterdir() if path != target]
    assert (kept.name[:5], names(kept)) == ("kept-", ["mine.txt"])


def test_a_draft_whose_owner_lives_is_left_alone(tmp_path, monkeypatch):
    with drafting(tmp_path / "a.csv") as draft:
        draft.path.write_text("half")
        monkeypatch.setattr(drafts, "_ours", set())  # as another process sees it
        clear_leftovers(tmp_path, again=True)
        assert draft.path.read_text() == "half"
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "name", [".squeakout-00000000-0123456789abcdef.lock", ".0123456789abcdef.part", ".mine.part"]
)
def test_what_is_of_another_machine_or_of_somebody_else_stays(tmp_path, name):
    (tmp_path / name).write_text("mine")
    clear_leftovers(tmp_path, again=True)
    assert names(tmp_path) == [name]


@pytest.mark.parametrize(
    "journal",
    [
        '{"target": 5, "draft": 5, "parts": []}',
        '{"target": "", "draft": 5, "parts": []}',
        '{"target": "a\\u0000", "draft": 5, "parts": []}',
        '{"target": "x", "draft": 5, "parts": 0.5}',
        '{"target": "x", "draft": 5, "parts": [[]]}',
        '{"target": "x", "draft": null, "parts": []}',
        "[" * 100_000,
    ],
)
def test_a_journal_that_a_disk_has_spoilt_keeps_nobody_from_writing(tmp_path, journal):
    stem = f".squeakout-{drafts._MACHINE}-{'0' * 16}"
    (tmp_path / f"{stem}.was").mkdir()
    (tmp_path / f"{stem}.was" / "mine.txt").write_text("mine")
    (tmp_path / f"{stem}.lock").touch()
    (tmp_path / f"{stem}.json").write_text(journal)
    clear_leftovers(tmp_path, again=True)
    [kept] = tmp_path.rglob("*.txt")
    assert kept.read_text() == "mine"
    assert not kept.parent.name.startswith(".")


def test_a_journal_that_names_files_elsewhere_removes_none_of_them(tmp_path):
    """Somebody may have written it who wishes no good."""
    stem = f".squeakout-{drafts._MACHINE}-{'0' * 16}"
    (tmp_path / "precious.txt").write_text("mine")
    (tmp_path / f"{stem}.part").mkdir()
    (tmp_path / f"{stem}.part" / "link").symlink_to(tmp_path)
    (tmp_path / f"{stem}.lock").touch()
    (tmp_path / f"{stem}.json").write_text(
        '{"target": "x", "draft": 0, "parts": ["../precious.txt", "link/precious.txt"]}'
    )
    clear_leftovers(tmp_path, again=True)
    assert (tmp_path / "precious.txt").read_text() == "mine"


def interrupted_within(place):
    with drafting(place / "outer") as outer:
        outer.path.mkdir()
        with drafting(outer.path / "inner") as inner:
            inner.path.mkdir()
            (inner.path / "page.png").write_text("x")
            raise KeyboardInterrupt


def test_what_interrupts_a_folder_within_a_draft_is_what_comes_out(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        interrupted_within(tmp_path)
    assert names(tmp_path) == []


def test_a_folder_of_many_files_is_not_listed_for_each_that_is_written(tmp_path, monkeypatch):
    clear_leftovers(tmp_path)
    monkeypatch.setattr(drafts.Path, "iterdir", lambda self: pytest.fail(f"{self} was listed"))
    for index in range(3):
        with drafting(tmp_path / f"{index}.png") as draft:
            draft.path.write_text("x")
            draft.take_place()
    monkeypatch.undo()
    assert names(tmp_path) == ["0.png", "1.png", "2.png"]
