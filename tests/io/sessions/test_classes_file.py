"""Classes by hand on disk: whole, strict, and in no session that has none."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import numpy as np
import pytest
from file_events import KILLED, endings, needs_fork

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.measures.by_hand.classes import ClassByHand
from napari_squeakout.core.measures.by_hand.patch import Patch
from napari_squeakout.io.drafts import clear_leftovers
from napari_squeakout.io.sessions.classes_file import are_same, read_classes
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.sessions.sources import copy_session, discard_session


@pytest.fixture
def said():
    """Two classes, one of a ragged mask over a page border."""
    mask = np.random.default_rng(3).random((7, 13)) > 0.5
    return (
        ClassByHand("flat", Patch(100, 505, mask)),
        ClassByHand("chevron", Patch(0, 20, np.ones((1, 1), bool))),
    )


def test_what_was_said_is_there_when_the_session_is_opened_again(session, folder, said):
    session.save_classes(said)
    session.close()
    again = open_session(folder)
    assert are_same(again.classes, said)
    again.save_classes(said[1:])
    again.close()
    assert are_same(open_session(folder, read_only=True).classes, said[1:])


def test_how_a_call_was_seen_last_is_kept_with_its_class(session, folder, said):
    session.save_classes((replace(said[0], seen=said[1].patch.fingerprint), said[1]))
    session.close()
    seen = [one.seen for one in open_session(folder, read_only=True).classes]
    assert seen == [said[1].patch.fingerprint, ""]
    path = folder / "classes.json"
    kept = json.loads(path.read_text())
    for one in kept["classes"]:  # as it was written before that was kept
        del one["seen"]
    path.write_text(json.dumps(kept))
    assert are_same(read_classes(folder, 3), said)


def test_a_session_without_classes_has_no_file_of_them(session, folder, said):
    session.save_classes(())
    assert not (folder / "classes.json").exists()
    session.save_classes(said)
    session.save_classes(())  # and once there is one it says that there are none
    assert read_classes(folder, 3) == ()
    assert (folder / "classes.json").exists()
    discard_session(session)
    assert not folder.exists()


def test_a_copy_of_a_session_has_its_classes(session, said, tmp_path):
    session.save_classes(said)
    copy_session(session, tmp_path / "copy.squeakout")
    copy = open_session(tmp_path / "copy.squeakout", read_only=True)
    assert are_same(copy.classes, said)


def test_a_session_that_is_only_read_takes_no_classes(session, folder, said):
    other = open_session(folder)
    assert other.read_only
    with pytest.raises(SqueakOutError, match="is open in another window"):
        other.save_classes(said)
    assert not (folder / "classes.json").exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda v: v | {"schema_version": 2}, "newer version.*update napari-squeakout"),
        (lambda v: v | {"more": 1}, "is damaged.*restore it from a copy, or move it away"),
        (lambda v: [], "is damaged"),
        (lambda v: {"schema_version": 1, "classes": [v["classes"][0] | {"class": "=A1"}]}, "=A1"),
        (lambda v: {"schema_version": 1, "classes": [v["classes"][0] | {"mask": "AA=="}]}, "bytes"),
        (
            lambda v: {"schema_version": 1, "classes": [v["classes"][0] | {"left": 9999}]},
            "is on none of",
        ),
        (lambda v: {"schema_version": 1, "classes": [v["classes"][0] | {"top": 508}]}, "no page"),
    ],
    ids=["newer", "unknown field", "a list", "no class", "too short", "behind the end", "below"],
)
def test_a_file_that_is_none_is_told_and_stays_as_it_is(session, folder, said, change, why):
    session.save_classes(said)
    session.close()
    path = folder / "classes.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(InputError, match=why) as error:
            open_session(folder, read_only=read_only)
        assert str(path) in str(error.value)
    assert path.read_bytes() == before
    path.unlink()
    assert open_session(folder, read_only=True).classes == ()


@needs_fork
@pytest.mark.parametrize("is_full", [False, True], ids=["killed", "full"])
def test_wherever_writing_them_ends_there_are_the_old_or_the_new(session, folder, said, is_full):
    session.save_classes(said[:1])
    session.close()
    found = []

    def write(tell):
        again = open_session(folder)
        os.chdir(folder.parent)
        try:
            again.save_classes(said)
        except SqueakOutError:
            tell("refused")

    for ending in endings(write, folder, is_full=is_full):
        assert ending.code == KILLED or ending.error == ()
        clear_leftovers(folder, again=True)
        classes = open_session(folder, read_only=True).classes
        found.append(are_same(classes, said))
        assert found[-1] or are_same(classes, said[:1])
        assert found[-1] or ending.code == KILLED or ending.told == ("refused",)
    assert (found[0], found[-1]) == (False, True)
