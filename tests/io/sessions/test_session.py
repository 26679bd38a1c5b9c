from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from file_events import Fate, begun, ending_of, endings, needs_fork

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import (
    PageState,
    approve,
    approve_empty,
    checked,
    worked_on,
)
from napari_squeakout.io.drafts import clear_leftovers
from napari_squeakout.io.sessions import lock as session_lock
from napari_squeakout.io.sessions import record as session_file
from napari_squeakout.io.sessions.record import ProposedAgain, fingerprint_of
from napari_squeakout.io.sessions.session import create_session, open_session, summary
from napari_squeakout.io.sessions.sources import copy_session

# --- keeping ------------------------------------------------------------------------------------


def test_what_is_painted_and_approved_is_there_when_it_is_opened_again(session, folder):
    session.labels[2, 10:20, 30:40] = 7
    session.probabilities[2, 10:20, 30:40] = 255
    review = approve(session.record.review, 2, session.labels[2])
    session.save(session.record.with_review(review.changed(1, note="look again")))
    session.close()
    again = open_session(folder)
    assert not again.read_only
    assert (again.labels[2] == 7).sum() == (again.probabilities[2] == 255).sum() == 100
    assert again.record.review[2].state == PageState.APPROVED
    assert again.record.review[1].note == "look again"
    assert checked(again.record.review, again.labels)[1] == ()
    assert again.record.settings == {"render": {"low_hz": 45_000.0}}
    again.close()


def test_the_page_in_view_is_kept_and_a_session_from_before_has_none(session, folder):
    assert session.record.page is None
    session.save(session.record.model_copy(update={"page": 2}))
    session.close()
    again = open_session(folder)
    assert again.record.page == 2
    again.close()
    values = json.loads((folder / "session.json").read_text())
    del values["page"]
    (folder / "session.json").write_text(json.dumps(values))
    older = open_session(folder)
    assert older.record.page is None
    older.close()


def test_a_long_session_takes_no_room_before_anything_is_painted(recording, record_of, tmp_path):
    folder = tmp_path / "long.squeakout"
    opened = create_session(folder, record_of(recording, folder=folder, n_pages=2_000))
    opened.labels[1_999, 0, 0] = 1
    opened.close()
    if hasattr(os.stat_result, "st_blocks") and sys.platform == "linux":
        used = sum(file.stat().st_blocks * 512 for file in folder.iterdir())
        assert used < 2**20 < 2_000 * 2**20 < (folder / "labels.npy").stat().st_size


# --- killed -------------------------------------------------------------------------------------


def answer(number):
    """(512, 512) uint8, what the network said of a page when it was asked for that time."""
    return np.tile(np.array([1 + number // 250, 1 + number % 250], np.uint8), (PAGE_PX, 256))


def working(folder, seed, first):
    """Paint, segment, clean, approve and save in any order, telling each before and after it."""

    def work(tell):
        chance = np.random.default_rng(seed)
        session = open_session(folder)
        review = session.record.review
        for number in range(first, first + 10_000):
            page = int(chance.integers(session.record.n_pages))
            row, column = (int(v) for v in chance.integers(0, 500, 2))
            what = str(chance.choice(["paint", "segment", "clean", "approve", "empty", "save"]))
            tell([what, number, page, row, column])
            if what == "paint" and page < 2:  # the others stay empty
                session.labels[page, row : row + 12, column : column + 12] = number
                review = worked_on(review, page, seconds=1.5, pixels_changed=144)
            elif what == "segment" and not review[page].approved:
                session.stages[page] = PageStage.UNSEGMENTED  # first: it never claims what is gone
                session.probabilities[page] = answer(number)
                session.stages[page] = PageStage.SEGMENTED
            elif what == "clean" and session.stages[page] == PageStage.SEGMENTED:
                session.stages[page] = PageStage.CLEANED
            elif what == "approve" and session.labels[page].any():
                review = approve(review, page, session.labels[page])
            elif what == "empty":
                unknown = np.flatnonzero(session.stages < PageStage.CLEANED).tolist()
                sure = np.zeros(session.record.n_pages, np.uint8)
                review, _ = approve_empty(review, session.labels, sure, 0.5, spare=unknown)
            elif what == "save":
                review, _ = checked(review, session.labels)
                session.save(session.record.with_review(review))
            tell(["done", what, {p: one.approved for p, one in review.pages.items()}])

    return work


def killed_while(work, chance):
    """What some work told until it was killed, at any moment after so many lines."""
    number, pipe = begun(work, Fate(Path("/nowhere")))
    heard = [json.loads(pipe.readline())["told"] for _ in range(chance.randrange(1, 60))]
    time.sleep(chance.uniform(0, 0.002))
    os.kill(number, signal.SIGKILL)
    return [*heard, *ending_of(number, pipe).told]


class Expected:
    """What a session holds after all that was told of it."""

    def __init__(self, shape):
        self.labels = np.zeros(shape, np.int32)
        self.asked, self.cut_off = {page: [] for page in range(len(self.labels))}, set()
        self.saved = self.unfinished = self.stroke = None
        self.number = 1

    def hear(self, what, *about):
        """Take in a line."""
        if what == "done":
            done, approvals = about
            if done == "segment" and not approvals.get(str(self.page)):
                self.cut_off.discard(self.page)
            self.unfinished, self.saved = None, approvals if done == "save" else self.saved
            return
        number, self.page, row, column = about
        self.unfinished, self.number = what, number + 1
        if what == "paint" and self.page < 2:
            place = (self.page, slice(row, row + 12), slice(column, column + 12))
            self.stroke = (place, self.labels[place].copy())
            self.labels[place] = number
        elif what == "save":  # what is in the record is not known before it is done
            self.saved = None
        elif what == "segment":
            self.asked[self.page].append(number)
            self.cut_off.add(self.page)

    def forgive(self, labels):
        """Of a stroke that was cut off any part may be there."""
        if self.unfinished == "paint" and self.page < 2:
            place, before = self.stroke
            is_old = (labels[place] == before) & (labels[place] != self.labels[place])
            self.labels[place][is_old] = before[is_old]


@needs_fork
def test_two_hundred_kills_lose_nothing_finished_and_take_nothing_unfinished_for_whole(
    session, folder
):
    session.close()
    chance, expected, n_empty, n_cut_off = random.Random(0), Expected(session.labels.shape), 0, 0
    for round_ in range(200):
        for line in killed_while(working(folder, round_, expected.number), chance):
            expected.hear(*line)
        again = open_session(folder)
        assert not again.read_only
        expected.forgive(again.labels)
        assert np.array_equal(again.labels, expected.labels)
        for page, (values, stage) in enumerate(zip(again.probabilities, again.stages, strict=True)):
            if stage == PageStage.UNSEGMENTED:
                assert page in expected.cut_off or not values.any()
            else:  # whole, and of one asking
                asking = int(values[0, 0] - 1) * 250 + int(values[0, 1] - 1)
                assert asking in expected.asked[page]
                assert np.array_equal(values, answer(asking))
        if expected.saved is not None:
            pages = again.record.review.pages
            assert {str(page): one.approved for page, one in pages.items()} == expected.saved
        review, _ = checked(again.record.review, again.labels)
        empty = [p for p in review.pages if review[p].approved and not again.labels[p].any()]
        assert all(again.stages[page] == PageStage.CLEANED for page in empty)
        n_empty, n_cut_off = n_empty + len(empty), n_cut_off + len(expected.cut_off)
        again.close()
    assert min(n_empty, n_cut_off) > 20
    assert expected.number > 2000


@needs_fork
@pytest.mark.parametrize("is_full", [False, True], ids=["killed", "full"])
def test_wherever_saving_ends_the_record_is_the_old_one_or_the_new_and_what_is_painted_is_there(
    session, folder, is_full
):
    session.close()

    def save(tell):
        opened = open_session(folder)
        opened.labels[1, :9, :9] = 5
        review = approve(opened.record.review, 1, opened.labels[1])
        tell("painted")
        opened.save(opened.record.with_review(review))
        tell("saved")

    seen = []
    for ending in endings(save, folder, is_full=is_full):
        clear_leftovers(folder, again=True)
        again = open_session(folder, read_only=True)
        unused = {session_file.OVERVIEW, session_file.CLASSES}  # nobody looked, or said one
        ours = sorted(set(session_file.FILES) - unused)
        assert sorted(path.name for path in folder.iterdir()) == ours
        assert (again.labels[1] == 5).sum() == (81 if "painted" in ending.told else 0)
        assert checked(again.record.review, again.labels)[1] == ()
        seen.append(again.record.review[1].state == PageState.APPROVED)
        assert seen[-1] or "saved" not in ending.told
        assert not ending.error or "SqueakOutError" in ending.error
        again.close()
    assert (seen[0], seen[-1]) == (False, True)


@needs_fork
@pytest.mark.parametrize("is_full", [False, True], ids=["killed", "full"])
def test_wherever_opening_an_older_session_ends_it_can_be_opened_again(session, folder, is_full):
    """One from before stages were taken down, which are then made."""
    session.probabilities[2] = 9
    session.close()
    (folder / "stages.npy").unlink()
    for ending in endings(lambda _: open_session(folder).close(), folder, is_full=is_full):
        assert not ending.error or "SqueakOutError" in ending.error
        clear_leftovers(folder, again=True)
        again = open_session(folder)
        assert again.stages.tolist() == [0, 0, PageStage.SEGMENTED, 0]
        again.close()


@needs_fork
@pytest.mark.parametrize("is_full", [False, True], ids=["killed", "full"])
def test_wherever_making_or_copying_a_session_ends_there_is_none_or_a_whole_one(
    session, folder, recording, tmp_path, is_full
):
    session.labels[1, :9, :9] = 5
    session.close()
    place = tmp_path / "elsewhere"
    place.mkdir()

    def make(_):
        create_session(place / "new.squeakout", session.record).close()
        copy_session(open_session(folder, read_only=True), place / "copy.squeakout")

    seen = set()
    for ending in endings(make, place, is_full=is_full):
        assert not ending.error or "SqueakOutError" in ending.error
        clear_leftovers(place, again=True)
        names = {path.name for path in place.iterdir()}
        assert names <= {"new.squeakout", "copy.squeakout"}
        for name, painted in (("new.squeakout", 0), ("copy.squeakout", 81)):
            if name in names:
                again = open_session(place / name, read_only=True)
                assert (again.labels == 5).sum() == painted
        seen.add(len(names))
    assert seen == {0, 1, 2}


# --- knowing files ------------------------------------------------------------------------------


def test_a_large_file_is_known_by_blocks_all_over_it(tmp_path):
    path = tmp_path / "large.wav"
    path.write_bytes(bytes(20_000_000))
    before = fingerprint_of(path)
    for place in (10, 19_999_990):
        with path.open("r+b") as file:
            file.seek(place)
            file.write(b"x")
        assert fingerprint_of(path) != before
        before = fingerprint_of(path)


# --- what cannot be opened ----------------------------------------------------------------------


def test_a_session_of_a_newer_version_is_refused_clearly(session, folder):
    session.close()
    path = folder / "session.json"
    values = json.loads(path.read_text()) | {"schema_version": 3}
    path.write_text(json.dumps(values))
    with pytest.raises(InputError, match=r"newer version .*update napari-squeakout"):
        open_session(folder)


def test_a_session_of_an_older_version_is_brought_up(session, folder, monkeypatch):
    session.close()
    path = folder / "session.json"
    values = json.loads(path.read_text())
    values["title"] = values.pop("name")
    path.write_text(json.dumps(values | {"schema_version": 0}))
    renamed = lambda old: {  # noqa: E731
        **{k: v for k, v in old.items() if k != "title"}, "name": old["title"], "schema_version": 1,
    }  # fmt: skip
    monkeypatch.setitem(session_file._MIGRATIONS, 0, renamed)
    again = open_session(folder)
    assert again.record.name == "night"
    again.close()


AGAIN = {"model": "tones-tuned", "pages_before": [0, 2]}


def as_version_1(folder, proposed_again):
    """The record as version 1 wrote it: with what was proposed anew among the settings."""
    path = folder / "session.json"
    values = json.loads(path.read_text())
    del values["proposed_again"]
    values["settings"]["proposed_again"] = proposed_again
    path.write_text(json.dumps(values | {"schema_version": 1}))


def test_what_version_1_kept_among_the_settings_is_found_in_its_place(session, folder):
    session.close()
    as_version_1(folder, AGAIN)
    again = open_session(folder)
    noted = again.record.proposed_again
    assert (noted.model, noted.pages_before) == ("tones-tuned", (0, 2))
    assert again.record.settings == {"render": {"low_hz": 45_000.0}}
    again.close()


def test_a_session_of_version_1_in_which_nothing_was_proposed_anew_opens(session, folder):
    session.close()
    as_version_1(folder, AGAIN)
    path = folder / "session.json"
    values = json.loads(path.read_text())
    del values["settings"]["proposed_again"]
    path.write_text(json.dumps(values))
    again = open_session(folder)
    assert again.record.proposed_again is None
    again.close()


@pytest.mark.parametrize("spoilt", [{}, {"model": "m"}, {"model": "m", "pages_before": "0"}, 3])
def test_what_was_proposed_anew_is_checked_as_all_of_a_record_is(session, folder, spoilt):
    session.close()
    as_version_1(folder, spoilt)
    with pytest.raises(InputError, match=r"session\.json: is damaged .*proposed_again"):
        open_session(folder)


def test_what_was_proposed_anew_is_written_and_read_again(session, folder):
    noted = ProposedAgain(model="tones-tuned", pages_before=(0, 2))
    session.save(session.record.model_copy(update={"proposed_again": noted}))
    session.close()
    again = open_session(folder)
    assert again.record.proposed_again == noted
    again.close()


def test_labels_that_were_cut_short_are_refused_and_left_as_they_are(session, folder):
    session.close()
    file = folder / "labels.npy"
    with file.open("r+b") as cut:
        cut.truncate(file.stat().st_size // 2)
    with pytest.raises(InputError, match=r"labels\.npy: cannot be opened"):
        open_session(folder)
    assert file.stat().st_size < 4 * 2**20


@pytest.mark.parametrize("page", ["4", "-1"])
def test_a_record_of_pages_that_are_not_there_is_damaged(session, folder, page):
    session.close()
    path = folder / "session.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pages": {page: {}}}))
    with pytest.raises(InputError, match="is damaged"):
        open_session(folder)


def test_what_a_job_has_opened_the_window_can_close(session, folder):
    session.close()
    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(open_session, folder).result()
    opened.close()
    again = open_session(folder)
    assert not again.read_only
    again.close()


def test_a_closed_session_can_no_longer_be_changed(session, folder):
    session.close()
    with pytest.raises(ValueError, match="read-only"):
        session.labels[0, 0, 0] = 1
    with pytest.raises(SqueakOutError, match="has been closed"):
        session.save(session.record)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("session.json", b"no json", "is no session"),
        ("session.json", b"[]", "is no session"),
        ("session.json", b'{"schema_version": 1}', "is damaged"),
        ("labels.npy", b"\x93NUMPY", "cannot be opened"),
        ("labels.npy", None, "cannot be opened"),
    ],
)
def test_a_damaged_session_says_which_file_and_the_remedy(session, folder, file, content, said):
    session.close()
    (folder / file).unlink() if content is None else (folder / file).write_bytes(content)
    with pytest.raises(InputError, match=said) as caught:
        open_session(folder)
    assert file in str(caught.value)
    # It can be opened once it is mended.
    assert not session_lock.locked(folder)[1]


def test_labels_of_another_length_are_refused(session, folder):
    session.close()
    np.save(folder / "labels.npy", np.zeros((3, 512, 512), np.int32))
    with pytest.raises(InputError, match=r"holds int32 \(3, 512, 512\), not int32 \(4"):
        open_session(folder)


def test_a_session_takes_the_place_of_nothing(session, recording, folder):
    with pytest.raises(SqueakOutError, match="exists already"):
        create_session(folder, session.record)
    with pytest.raises(SqueakOutError, match=r"ends in \.squeakout"):
        create_session(folder.with_suffix(".other"), session.record)


def test_what_a_session_holds_is_said_in_a_line(session):
    review = approve(session.record.review, 0, session.labels[0])
    assert summary(session.record.with_review(review)).startswith(
        "1 of 4 pages approved, last change 20"
    )


def test_a_session_knows_after_a_kill_which_pages_are_segmented(session, folder):
    session.stages[1] = PageStage.CLEANED
    read = open_session(folder, read_only=True)
    assert read.stages.tolist() == [0, PageStage.CLEANED, 0, 0]


def test_a_session_from_before_that_was_taken_down_counts_pages_without_an_answer_as_unknown(
    session, folder
):
    session.probabilities[2] = 9
    session.labels[2] = 1
    session.close()
    (folder / "stages.npy").unlink()
    opened = open_session(folder)
    assert opened.stages.tolist() == [0, 0, PageStage.CLEANED, 0]
    opened.stages[3] = PageStage.SEGMENTED
    opened.close()
    read = open_session(folder, read_only=True)
    assert read.stages.tolist() == [0, 0, PageStage.CLEANED, PageStage.SEGMENTED]


@pytest.mark.parametrize("number", ["1e400", "NaN", "-Infinity"])
def test_a_number_that_could_not_be_written_again_is_refused(session, folder, number):
    session.close()
    record = json.loads((folder / "session.json").read_text())
    record["settings"] = {"render": {"low_hz": "HERE"}}
    (folder / "session.json").write_text(json.dumps(record).replace('"HERE"', number))
    with pytest.raises(InputError, match=r"session\.json: is no session"):
        open_session(folder)


@pytest.mark.parametrize("times", [0, 2])
def test_a_recording_has_one_source(session, folder, times):
    session.close()
    record = json.loads((folder / "session.json").read_text())
    record["sources"] *= times
    (folder / "session.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=f"is damaged.*{times} sources are not those of one"):
        open_session(folder)
