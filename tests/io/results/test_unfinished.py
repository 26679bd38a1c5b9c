"""Long recordings that are stopped on the way, and gone on with."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
import soundfile
from fakes import PAGE_S, RATE_HZ, BrightPixels, bright, sound
from file_events import KILLED, endings, needs_fork
from filelock import FileLock

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.settings import CleanSettings, RenderSettings, SegmentSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.drafts import clear_leftovers
from napari_squeakout.io.results import unfinished
from napari_squeakout.io.results.results import writing_result
from napari_squeakout.io.results.run_record import RunSettings
from napari_squeakout.io.sources.inputs import plan_inputs

N_PAGES = 8
# Of the windows that a stop leaves to be looked at again: the page in work, seen from both sides.
AROUND = 3


@pytest.fixture(autouse=True)
def always(monkeypatch):
    """Keep what is known of any recording, after every page."""
    monkeypatch.setattr(unfinished, "LEAST_PAGES", 1)
    monkeypatch.setattr(unfinished, "_EVERY_S", 0.0)


@pytest.fixture
def recording(tmp_path):
    """A call on every other page, and one across a border."""
    tones = [(PAGE_S * page + 0.05, PAGE_S * page + 0.1, 60_000) for page in range(0, N_PAGES, 2)]
    across = (3 * PAGE_S - 0.02, 3 * PAGE_S + 0.03, 80_000)
    path = tmp_path / "in" / "night.wav"
    path.parent.mkdir()
    soundfile.write(path, sound(N_PAGES * PAGE_S, *tones, across), RATE_HZ)
    return path


def steps_of(path, output, engine, **groups):
    return writing_result(plan_inputs([path])[0], output, engine, RunSettings(**groups))


def table_of(path, output, engine=None, **groups):
    result = run(steps_of(path, output, engine or BrightPixels(), **groups))
    return (result.folder / "calls.csv").read_bytes()


def stopped(path, output, *, after, engine=None, **groups):
    """Begin, and stop after so many pages."""
    steps = steps_of(path, output, engine or BrightPixels(), **groups)
    for _ in range(after):
        next(steps)
    steps.close()


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_was_silent_before_a_stop_is_counted_after_it(tmp_path):
    path = tmp_path / "in" / "sparse.wav"
    path.parent.mkdir()
    soundfile.write(path, sound(N_PAGES * PAGE_S, (0.05, 0.1, 60_000)), RATE_HZ)
    engines = [BrightPixels(windows=0) for _ in range(3)]
    for engine in engines:
        engine.settings = SegmentSettings(skip_silence=True)
        engine.model.card = ModelCard(name="levelled", rendering=RenderSettings())
    whole = run(steps_of(path, tmp_path / "whole", engines[0])).folder
    stopped(path, tmp_path / "out", after=6, engine=engines[1])
    again = run(steps_of(path, tmp_path / "out", engines[2])).folder
    records = [json.loads((folder / "run.json").read_text()) for folder in (whole, again)]
    counted = [record["silent_pages"] for record in records]
    assert counted[0] == counted[1]
    assert 2 <= counted[0] < N_PAGES
    said = f"{counted[0]} of {N_PAGES} pages are left out as silent: the network was not asked."
    assert all(said in record["notes"] for record in records)
    assert (whole / "calls.csv").read_bytes() == (again / "calls.csv").read_bytes()


@pytest.mark.parametrize("windows", [0, 1, 2, 4])
@pytest.mark.parametrize("after", [1, 3, N_PAGES - 1, N_PAGES])
def test_it_goes_on_where_it_was_and_finds_the_very_same(recording, tmp_path, windows, after):
    settings = SegmentSettings(windows_per_page=windows)
    whole, first, second = (BrightPixels() for _ in range(3))
    for engine in (whole, first, second):
        engine.settings = settings
        if windows == 0:
            engine.model.card = ModelCard(name="levelled", rendering=RenderSettings())
    expected = table_of(recording, tmp_path / "whole", whole)
    stopped(recording, tmp_path / "out", after=after, engine=first)
    assert names_in(tmp_path / "out") == [".unfinished-night"]
    assert table_of(recording, tmp_path / "out", second) == expected
    asked, of_all = sum(second.batches), sum(whole.batches)
    assert asked <= of_all - (after - 1) * (windows or 1 / engine.tile_pages)
    assert names_in(tmp_path / "out") == ["night"]


def test_what_was_known_of_another_recording_or_rendering_is_not_used(recording, tmp_path):
    stopped(recording, tmp_path / "out", after=5)
    low = RenderSettings(low_hz=50_000)
    other = BrightPixels()
    other.model.rendering = lambda given: given
    expected = table_of(recording, tmp_path / "fresh", other, render=low)
    n_asked = sum(other.batches)
    other.batches.clear()
    assert table_of(recording, tmp_path / "out", other, render=low) == expected
    assert sum(other.batches) == n_asked


def test_other_cleaning_uses_what_the_network_has_said(recording, tmp_path):
    stopped(recording, tmp_path / "out", after=5)
    again = BrightPixels()
    wide = CleanSettings(min_area_px=0, join_gap_s=0.05)
    expected = table_of(recording, tmp_path / "whole", clean=wide)
    assert table_of(recording, tmp_path / "out", again, clean=wide) == expected
    assert sum(again.batches) < 2 * N_PAGES - 5


def test_a_recording_that_was_changed_meanwhile_is_begun_anew(recording, tmp_path):
    stopped(recording, tmp_path / "out", after=5)
    soundfile.write(recording, sound(N_PAGES * PAGE_S, (0.1, 0.15, 90_000)), RATE_HZ)
    expected = table_of(recording, tmp_path / "whole")
    assert table_of(recording, tmp_path / "out") == expected


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"done": 3}', b"\xff"])
def test_a_state_that_says_nothing_costs_the_work_and_no_more(recording, tmp_path, content):
    expected = table_of(recording, tmp_path / "whole")
    stopped(recording, tmp_path / "out", after=5)
    (tmp_path / "out" / ".unfinished-night" / "state.json").write_bytes(content)
    assert table_of(recording, tmp_path / "out") == expected


def test_answers_that_were_cut_short_are_not_used(recording, tmp_path):
    expected = table_of(recording, tmp_path / "whole")
    stopped(recording, tmp_path / "out", after=5)
    file = tmp_path / "out" / ".unfinished-night" / "answers"
    file.write_bytes(file.read_bytes()[:1000])
    assert table_of(recording, tmp_path / "out") == expected


def test_beside_another_process_at_the_same_recording_it_works_alone(recording, tmp_path):
    expected = table_of(recording, tmp_path / "whole")
    stopped(recording, tmp_path / "out", after=5)
    kept = tmp_path / "out" / ".unfinished-night"
    before = (kept / "answers").read_bytes()
    with FileLock(kept / "lock"):
        assert table_of(recording, tmp_path / "out") == expected
        assert (kept / "answers").read_bytes() == before


def test_a_file_of_somebody_beside_the_answers_stays(recording, tmp_path):
    stopped(recording, tmp_path / "out", after=5)
    mine = tmp_path / "out" / ".unfinished-night" / "mine.txt"
    mine.write_text("mine")
    table_of(recording, tmp_path / "out")
    assert mine.read_text() == "mine"
    assert names_in(mine.parent) == ["mine.txt"]


def test_a_failure_of_the_network_keeps_what_was_known(recording, tmp_path):
    calls = iter(range(100))

    def fails_late(pages):
        if next(calls) > N_PAGES:
            msg = "out of order"
            raise InputError(msg)
        return bright(pages)

    expected = table_of(recording, tmp_path / "whole")
    with pytest.raises(InputError, match="out of order"):
        table_of(recording, tmp_path / "out", BrightPixels(fails_late))
    again = BrightPixels()
    assert table_of(recording, tmp_path / "out", again) == expected
    assert sum(again.batches) < N_PAGES + AROUND + 1


def test_a_minute_or_less_leaves_nothing_on_the_way(recording, tmp_path, monkeypatch):
    monkeypatch.setattr(unfinished, "LEAST_PAGES", N_PAGES + 1)
    stopped(recording, tmp_path / "out", after=5)
    assert names_in(tmp_path / "out") == []


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="files have no holes to be told")
def test_pages_without_calls_take_no_room(tmp_path, monkeypatch):
    quiet = tmp_path / "in" / "quiet.wav"
    quiet.parent.mkdir()
    soundfile.write(quiet, sound(40 * PAGE_S, (0.05, 0.1, 60_000)), RATE_HZ)
    room = []

    def told(known):
        room.append((tmp_path / "out" / ".unfinished-quiet" / "answers").stat().st_blocks * 512)
        return keep(known)

    keep = unfinished.Unfinished.keep
    monkeypatch.setattr(unfinished.Unfinished, "keep", told)

    looks = iter(range(1000))

    def at_first(pages):
        found = np.zeros(pages.shape, np.uint8)
        found[:, 200:260, 200:260] = 255 if next(looks) == 0 else 0
        return found

    assert table_of(quiet, tmp_path / "out", BrightPixels(at_first)).count(b"\n") == 2
    assert len(room) == 40
    assert 0 < max(room) <= 2 * 512 * 512


@needs_fork
def test_killed_anywhere_it_goes_on_to_the_very_same_table(recording, tmp_path):
    expected = table_of(recording, tmp_path / "whole")
    work = tmp_path / "out"
    work.mkdir()
    n_ended, saved = 0, 0
    for ending in endings(lambda tell: tell(len(table_of(recording, work))), work):
        n_ended += 1
        if ending.code == KILLED:
            clear_leftovers(work, again=True)
        again = BrightPixels()
        assert table_of(recording, work, again) == expected
        assert names_in(work) == ["night"]
        saved += sum(again.batches) < 2 * N_PAGES - 1
    assert n_ended > 10
    assert saved > n_ended / 2


def test_a_full_disk_is_said_and_what_was_known_stays(recording, tmp_path, monkeypatch):
    def full(*_):
        msg = "there is no room for more pages"
        raise SqueakOutError(msg)

    expected = table_of(recording, tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr(unfinished, "make_room", full)
        with pytest.raises(SqueakOutError, match="no room"):
            table_of(recording, tmp_path / "out")
    assert table_of(recording, tmp_path / "out") == expected


def test_no_window_is_looked_at_twice_in_vain(recording, tmp_path):
    stopped(recording, tmp_path / "out", after=4)
    again = BrightPixels()
    table_of(recording, tmp_path / "out", again)
    assert sum(again.batches) <= 2 * (N_PAGES - 4) + AROUND
    assert np.all(np.array(again.batches) > 0)


def test_a_name_as_long_as_names_can_be_is_segmented_all_the_same(recording, tmp_path):
    longest = recording.with_name("n" * 250 + ".wav")
    recording.rename(longest)
    assert table_of(longest, tmp_path / "out")
    assert names_in(tmp_path / "out") == ["n" * 250]


def test_what_has_ended_the_work_is_told_also_where_the_disk_is_full(
    recording, tmp_path, monkeypatch
):
    def full(*_):
        msg = "the disk is full"
        raise SqueakOutError(msg)

    steps = steps_of(recording, tmp_path / "out", BrightPixels())
    for _ in range(3):
        next(steps)
    monkeypatch.setattr(unfinished.Unfinished, "keep", full)
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt())
