"""Pages and engine -> probabilities."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from fakes import FIRST_S, PAGE_S, RATE_HZ, BrightPixels, sound
from strips import identity, recording_of, strip

from napari_squeakout.core.detection.segment import segmenting_pages
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import Progress, run

BORDER_S = FIRST_S + PAGE_S


def images_of(count):
    content = np.stack(np.split(strip(count), count, axis=1))
    return SpectrogramStack(
        pages=content,
        layout=Layout(source="folder", n_pages=count, page_names=tuple("abcdefgh"[:count])),
    )


def render_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("render")]


@pytest.mark.parametrize("windows", [1, 2, 4])
@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("n_pages", [1, 2, 5])
def test_blending_answers_that_agree_changes_nothing(windows, batch_size, n_pages):
    content = strip(n_pages)
    engine = BrightPixels(identity, windows=windows, batch_size=batch_size)
    values = run(segmenting_pages(recording_of(content), engine)).values
    assert np.array_equal(np.hstack(values), identity(content))


@pytest.mark.parametrize("windows", [2, 4])
def test_a_window_counts_for_less_towards_its_edges(windows):
    def blind_at_the_edges(pages):
        answer = np.full(pages.shape, 200, np.uint8)
        answer[:, :, :8] = answer[:, :, -8:] = 0
        return answer

    engine = BrightPixels(blind_at_the_edges, windows=windows)
    values = run(segmenting_pages(recording_of(strip(3)), engine)).values
    seen_by_several = np.hstack(values)[:, PAGE_PX // windows : -PAGE_PX]
    assert seen_by_several.min() >= 198


def test_one_window_a_page_does_not_see_past_the_borders():
    asked = []
    content = strip(3)

    def view(position):
        asked.append(position)
        return content[:, :PAGE_PX]

    run(segmenting_pages(recording_of(content, view), BrightPixels(identity, windows=1)))
    assert asked == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("windows", [1, 2, 4])
def test_a_tone_across_a_page_border_is_whole_and_at_its_place_on_both_pages(windows):
    start_s, end_s, hz = BORDER_S - 0.03, BORDER_S + 0.04, 80_000
    samples = sound(0.44, (start_s, end_s, hz))
    stack = render(Recording.from_array(samples, sample_rate_hz=RATE_HZ))
    values = run(segmenting_pages(stack, BrightPixels(windows=windows))).values
    grid = stack.layout.grid
    columns = np.flatnonzero((np.hstack(values) > 127).any(axis=0))
    rows = np.flatnonzero((np.hstack(values) > 127).any(axis=1))
    found_s = FIRST_S + np.array([columns[0], columns[-1] + 1]) * grid.seconds_per_column
    assert found_s == pytest.approx([start_s, end_s], abs=0.0015)
    assert np.array_equal(columns, np.arange(columns[0], columns[-1] + 1))
    assert grid.hz((rows[0] + rows[-1] + 1) / 2) == pytest.approx(hz, abs=500)


def test_the_middle_of_a_page_is_the_same_however_many_windows_look_at_it():
    samples = sound(0.6, (0.08, 0.14, 70_000), (0.3, 0.36, 90_000))
    stack = render(Recording.from_array(samples, sample_rate_hz=RATE_HZ))
    once, twice, four_times = (
        np.asarray(run(segmenting_pages(stack, BrightPixels(windows=windows))).values) > 127
        for windows in (1, 2, 4)
    )
    middle = np.s_[:2, :, 192:320]
    assert once[middle].sum() > 500
    for other in (twice, four_times):
        union = (once | other)[middle].sum()
        assert (once & other)[middle].sum() > 0.9 * union


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_images_are_looked_at_one_by_one_and_stay_apart(batch_size):
    stack = images_of(5)
    engine = BrightPixels(identity, batch_size=batch_size)
    values = run(segmenting_pages(stack, engine)).values
    assert np.array_equal(values, identity(np.asarray(stack.pages)))
    assert sum(engine.batches) == 5
    assert max(engine.batches) == min(batch_size, 5)


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("stack", [recording_of(strip(3)), images_of(3)], ids=["sound", "images"])
def test_progress_counts_pages(stack, batch_size):
    told = list(segmenting_pages(stack, BrightPixels(identity, batch_size=batch_size)))
    assert told == [Progress(done, 3, "pages") for done in (1, 2, 3)]


def test_the_answer_is_on_the_layout_of_the_pages_and_says_which_model_gave_it():
    stack = images_of(2)
    probabilities = run(segmenting_pages(stack, BrightPixels(identity)))
    assert probabilities.layout is stack.layout
    assert probabilities.model == "b" * 64


@pytest.mark.parametrize("stack", [recording_of(strip(4)), images_of(4)], ids=["sound", "images"])
def test_a_file_to_fill_has_each_page_when_its_progress_is_told(stack, tmp_path):
    file = np.memmap(tmp_path / "values", np.uint8, "w+", shape=stack.layout.shape)
    expected = identity(np.asarray(stack.pages))
    steps = segmenting_pages(stack, BrightPixels(identity), out=file)
    for progress in steps:
        assert np.array_equal(file[: progress.done], expected[: progress.done])
        assert not file[progress.done :].any()
    assert np.array_equal(np.fromfile(tmp_path / "values", np.uint8), expected.ravel())


def test_closing_the_steps_ends_the_work_and_its_threads():
    rendered = []
    content = strip(8)

    def view(position):
        rendered.append(position)
        return content[:, :PAGE_PX]

    engine = BrightPixels(identity)
    steps = segmenting_pages(recording_of(content, view), engine)
    next(steps)
    assert render_threads()
    steps.close()
    assert render_threads() == []
    asked, looked = len(rendered), sum(engine.batches)
    assert asked < 15
    assert looked == 2
    assert list(steps) == []
    assert (len(rendered), sum(engine.batches)) == (asked, looked)


def test_a_failure_to_render_a_page_surfaces_and_ends_the_threads():
    content = strip(4)

    def view(position):
        if position > 1:
            msg = "rec.wav: is damaged at 0.3 s"
            raise ValueError(msg)
        return content[:, :PAGE_PX]

    with pytest.raises(ValueError, match=r"damaged at 0\.3 s"):
        run(segmenting_pages(recording_of(content, view), BrightPixels(identity)))
    assert render_threads() == []


def test_a_failure_of_the_engine_surfaces_and_ends_the_threads():
    def answer(pages):
        msg = "no network today"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="no network today"):
        run(segmenting_pages(recording_of(strip(4)), BrightPixels(answer)))
    assert render_threads() == []


def test_an_engine_that_takes_smaller_batches_midway_loses_no_page():
    def answer(pages):
        engine.batch_size = max(1, engine.batch_size // 2)
        return identity(pages)

    content = strip(6)
    engine = BrightPixels(answer, batch_size=8)
    values = run(segmenting_pages(recording_of(content), engine)).values
    assert np.array_equal(np.hstack(values), identity(content))
