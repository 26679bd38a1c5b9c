"""Calls of a source that is edited."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fakes import RATE_HZ, sound

from napari_squeakout.core.detection.numbering import telling_apart
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.measures import edited
from napari_squeakout.core.measures.edited import LAST_PAGE, PAINTED, measuring_edited
from napari_squeakout.core.measures.measuring import measuring
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import run

N_PAGES = 6


@pytest.fixture(scope="module")
def stack():
    samples = sound(1.3, (0.05, 0.10, 70e3), (0.30, 0.36, 60e3), (0.80, 0.86, 90e3))
    recording = Recording.from_array(samples, sample_rate_hz=RATE_HZ)
    return render(recording, RenderSettings()).part(0, N_PAGES)


def paint(labels, number, page, left, right, *, top=200, bottom=260):
    """A box; its columns count from the page's left edge, and may go on over the right one."""
    for at in range(page, page + 1 + (right - 1) // PAGE_PX):
        shift = (at - page) * PAGE_PX
        labels[at, top:bottom, max(0, left - shift) : max(0, right - shift)] = number


@pytest.fixture
def labels():
    found = np.zeros((N_PAGES, PAGE_PX, PAGE_PX), np.int32)
    paint(found, 1, 0, 100, 220)
    paint(found, 2, 1, 440, 560)  # over the border to page 2
    paint(found, 3, 2, 300, 330, top=100, bottom=140)
    paint(found, 4, 4, 0, 40)
    paint(found, 4, 5, 480, 512)  # the same number once more, and at the recording's end
    return found


def known_of(stack, labels, known=None, pages=range(N_PAGES)):
    masks = MaskStack(labels, stack.layout)
    return run(measuring_edited(stack, masks, known, pages, probabilities=values_of(labels, stack)))


def values_of(labels, stack):
    return ProbabilityStack((labels > 0).astype(np.uint8) * 200, stack.layout)


def check_as_all(stack, labels, known):
    """It is what measuring all of it gives."""
    apart = run(telling_apart(MaskStack(labels, stack.layout)))
    whole = run(measuring(stack, apart, values_of(labels, stack))).calls
    rest = known.drop(columns=[PAINTED, LAST_PAGE])
    pd.testing.assert_frame_equal(rest, whole, check_dtype=False, rtol=1e-9)
    return whole


def test_what_is_measured_page_by_page_is_what_measuring_all_gives(stack, labels):
    known = None
    for page in (4, 1, 0, 5, 2, 3):
        known = known_of(stack, labels, known, [page])
    whole = check_as_all(stack, labels, known)
    assert len(whole) == 5
    assert known[PAINTED].tolist() == [1, 2, 3, 4, 4]
    assert known["call"].tolist() == [1, 2, 3, 4, 5]
    assert known[LAST_PAGE].tolist() == [0, 2, 2, 4, 5]


@pytest.mark.parametrize(
    ("edit", "pages"),
    [
        (lambda labels: labels.__setitem__(2, np.where(labels[2] == 2, 0, labels[2])), [2]),
        (lambda labels: labels.__setitem__(1, 0), [1]),
        (lambda labels: paint(labels, 3, 3, 0, 30, top=100, bottom=140), [3]),
        (lambda labels: paint(labels, 9, 2, 490, 540), [2, 3]),
        (lambda labels: labels.__setitem__(slice(None), 0), range(N_PAGES)),
        (lambda labels: labels.__setitem__(4, 0), [4]),
    ],
    ids=["shortened", "begun later", "added elsewhere", "over a border", "emptied", "first gone"],
)
def test_an_edit_leaves_what_measuring_all_of_it_anew_gives(stack, labels, edit, pages):
    known = known_of(stack, labels)
    edit(labels)
    check_as_all(stack, labels, known_of(stack, labels, known, pages))


def test_pages_that_were_not_changed_are_not_listened_to_again(stack, labels, monkeypatch):
    known = known_of(stack, labels)
    heard = []

    def measuring_part(part, *rest):
        heard.append(part.layout.starts_s.tolist())
        return measuring(part, *rest)

    monkeypatch.setattr(edited, "measuring", measuring_part)
    paint(labels, 7, 0, 300, 340)
    known_of(stack, labels, known, [0])
    assert heard == [stack.layout.starts_s[:2].tolist()]


def test_images_have_calls_of_their_own_on_each(stack):
    pages = np.random.default_rng(0).random((3, PAGE_PX, PAGE_PX), np.float32)
    layout = Layout(source="images", n_pages=3, page_names=("a", "b", "c"))
    images, found = SpectrogramStack(pages=pages, layout=layout), np.zeros(layout.shape, np.int32)
    for page in range(3):
        found[page, 50:60, 50:90] = 1
    known = run(measuring_edited(images, MaskStack(found, layout), None, range(3)))
    found[1] = 0
    known = run(measuring_edited(images, MaskStack(found, layout), known, [1]))
    assert known["image"].tolist() == ["a", "c"]
    assert known["call"].tolist() == known[PAINTED].tolist() == [1, 1]


def test_a_source_without_calls_has_a_table_without_rows(stack, labels):
    known = known_of(stack, np.zeros_like(labels))
    assert len(known) == 0
    assert {"call", "page", "peak_hz", PAINTED} <= set(known.columns)
