"""Recordings looked at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes import PAGE_S, RATE_HZ, BrightPixels, bright, sound
from strips import identity, recording_of, strip

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.detection.one_pass import MARGIN_PX
from napari_squeakout.core.detection.segment import answers, segmenting_pages
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import RenderSettings, SegmentSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import run
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.registry import load_model


def all_that_it_sees(pages):
    """An answer that changes with any pixel of what was given, and with where it lies."""
    seen = np.cumsum(pages, axis=2) + pages.sum(axis=2, keepdims=True)
    return np.asarray(np.round(seen * 100) % 251, np.uint8)


def strip_of(n_pages, asked=None):
    """A recording whose pixels are any values, on levels above the noise."""
    content = strip(n_pages)

    def window(position):
        if asked is not None:
            asked.append(position)
        first = round(position * PAGE_PX)
        return content[:, first : first + PAGE_PX]

    return recording_of(content, window, levels="noise"), content


def once(answer=identity, **given):
    engine = BrightPixels(answer, windows=0, **given)
    engine.settings = SegmentSettings(windows_per_page=0, skip_silence=True)
    engine.model.card = ModelCard(name="levelled", rendering=RenderSettings())
    return engine


def chirps(n_pages):
    """Calls of 50 ms across every page border, as loud as usual ones."""
    samples = np.random.default_rng(1).normal(0, 1e-3, round(n_pages * PAGE_S * RATE_HZ))
    time_s = np.arange(round(0.05 * RATE_HZ)) / RATE_HZ
    call = 3e-3 * np.hanning(len(time_s)) * np.sin(2 * np.pi * (60e3 + 3e5 * time_s) * time_s)
    for border in range(1, n_pages):
        first = round((border * PAGE_S - 0.02) * RATE_HZ)
        samples[first : first + len(call)] += call
    return render(Recording.from_array(samples, sample_rate_hz=RATE_HZ))


def hstacked(stack, engine):
    return np.hstack(run(segmenting_pages(stack, engine)).values)


@pytest.mark.parametrize("tile_pages", [1, 2, 4])
@pytest.mark.parametrize("batch_size", [1, 3, 16])
@pytest.mark.parametrize("n_pages", [1, 2, 3, 5])
def test_every_column_has_its_own_answer_and_every_page_is_rendered_once(
    n_pages, batch_size, tile_pages
):
    asked = []
    stack, content = strip_of(n_pages, asked)
    engine = once(batch_size=batch_size)
    engine.tile_pages = tile_pages
    assert np.array_equal(hstacked(stack, engine), identity(content))
    assert sorted(asked) == list(range(n_pages))


@pytest.mark.parametrize("n_pages", [1, 3, 4])
def test_nothing_is_taken_from_near_the_edges_of_what_was_given(n_pages):
    def blind_at_the_edges(pages):
        answer = np.full(pages.shape, 200, np.uint8)
        answer[:, :, :MARGIN_PX] = answer[:, :, -MARGIN_PX:] = 0
        return answer

    stack, _ = strip_of(n_pages)
    found = hstacked(stack, once(blind_at_the_edges))
    assert (found[:, MARGIN_PX:-MARGIN_PX] == 200).all()


@pytest.mark.parametrize("batch_size", [1, 5])
def test_any_part_has_the_answers_that_it_has_within_the_whole(batch_size):
    stack, _ = strip_of(7)
    whole = run(segmenting_pages(stack, once(all_that_it_sees))).values
    for first, stop in ((0, 1), (1, 2), (2, 7), (3, 6), (6, 7)):
        engine = once(all_that_it_sees, batch_size=batch_size)
        part = run(segmenting_pages(stack.part(first, stop), engine)).values
        assert np.array_equal(part, whole[first:stop])
    of_part = run(segmenting_pages(stack.part(1, 7).part(2, 4), once(all_that_it_sees))).values
    assert np.array_equal(of_part, whole[3:5])


@pytest.mark.parametrize("first", [0, 1, 4, 6, 7])
def test_beginning_later_gives_the_same_answers(first):
    stack, _ = strip_of(7)
    whole = run(segmenting_pages(stack, once(all_that_it_sees))).values
    rest = list(answers(stack, once(all_that_it_sees), first=first))
    assert len(rest) == 7 - first
    assert np.array_equal(rest, whole[first:] if rest else [])


def test_models_of_other_levels_and_images_are_not_looked_at_once():
    asked = []
    stack, content = strip_of(3, asked)
    engine = once()
    engine.model.card = ModelCard(name="page", rendering=RenderSettings(levels="page"))
    half_way = []

    def padded(position):
        half_way.append(position % 1 != 0)
        first = round(position * PAGE_PX)
        return content[:, first : first + PAGE_PX]

    by_page = SpectrogramStack(pages=stack.pages, layout=stack.layout, view=padded, levels="page")
    run(segmenting_pages(by_page, engine))
    assert sum(half_way) == 2


def test_a_page_in_the_window_has_the_mask_that_a_whole_recording_gets():
    tones = [(PAGE_S * at - 0.02, PAGE_S * at + 0.03, 80_000) for at in (1, 2, 3)]
    stack = render(Recording.from_array(sound(4 * PAGE_S, *tones), sample_rate_hz=RATE_HZ))
    whole = run(segmenting_pages(stack, once(bright))).values
    for page in range(stack.layout.n_pages):
        alone = run(segmenting_pages(stack.part(page, page + 1), once(bright))).values
        assert np.array_equal(alone[0], whole[page])
    assert whole.any(axis=(1, 2))[:4].all()


def test_tiles_say_what_the_network_says_of_the_whole_recording_at_once():
    model = load_model(BUNDLED_MODEL)
    stack = chirps(4)
    engine = Engine(model, SegmentSettings(device="cpu", precision="fp32"))
    pages = [stack.page(page) for page in range(stack.layout.n_pages)]
    wide = engine(np.hstack(pages)[None])[0] > 0.51 * 255
    found = hstacked(stack, engine) > 0.51 * 255
    assert wide.sum() > 1000
    assert (wide == found).mean() > 0.999


def quiet_but(n_pages, *loud):
    """Pages at the usual level of noise, with something bright at (page, column)."""
    content = np.full((PAGE_PX, n_pages * PAGE_PX), 0.27, np.float32)
    for page, column in loud:
        at = page * PAGE_PX + column
        content[200:230, at : at + 30] = 0.9
    stack, _ = strip_of(n_pages)

    def window(position):
        first = round(position * PAGE_PX)
        return content[:, first : first + PAGE_PX]

    return replace(stack, view=window)


@pytest.mark.parametrize("batch_size", [1, 6])
def test_silent_pages_are_not_asked_about(batch_size):
    widths = []

    def all_bright(pages):
        widths.extend([pages.shape[2]] * len(pages))
        return np.full(pages.shape, 9, np.uint8)

    stack = quiet_but(8, (1, 200), (4, 200), (5, 200))
    answered = run(segmenting_pages(stack, once(all_bright, batch_size=batch_size)))
    assert np.flatnonzero(np.asarray(answered.values).any(axis=(1, 2))).tolist() == [1, 4, 5]
    assert answered.n_silent == 5
    assert sorted(widths) == [PAGE_PX + 2 * MARGIN_PX, 2 * PAGE_PX + 2 * MARGIN_PX]


def test_beside_a_call_at_a_border_both_pages_are_asked_about():
    stack = quiet_but(5, (1, PAGE_PX - 40), (3, 10))
    answered = run(segmenting_pages(stack, once(lambda pages: np.ones(pages.shape, np.uint8))))
    assert np.flatnonzero(np.asarray(answered.values).any(axis=(1, 2))).tolist() == [1, 2, 3]


def test_by_default_every_page_is_asked_about():
    engine = once(lambda pages: np.ones(pages.shape, np.uint8))
    engine.settings = SegmentSettings()
    answered = run(segmenting_pages(quiet_but(4), engine))
    assert answered.values.all()
    assert answered.n_silent == 0


def test_what_was_said_before_of_a_page_that_is_silent_is_gone():
    room = np.full((3, PAGE_PX, PAGE_PX), 200, np.uint8)
    answered = run(segmenting_pages(quiet_but(3, (1, 200)), once(identity), out=room))
    assert not room[0].any()
    assert not room[2].any()
    assert room[1].any()
    assert answered.n_silent == 2


def test_parts_with_silence_have_the_answers_of_the_whole():
    stack = quiet_but(7, (1, 200), (2, 500), (5, 20))
    whole = run(segmenting_pages(stack, once(all_that_it_sees))).values
    for first, stop in ((0, 1), (1, 3), (2, 7), (3, 4), (5, 6)):
        part = run(segmenting_pages(stack.part(first, stop), once(all_that_it_sees))).values
        assert np.array_equal(part, whole[first:stop])
