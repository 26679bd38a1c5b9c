"""Measuring beside the window: which pages are looked at, and which are left."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.measures.edited import PAINTED
from napari_squeakout.core.stacks import MaskStack, SpectrogramStack
from napari_squeakout.core.steps import run
from napari_squeakout.gui.calls import measuring
from napari_squeakout.gui.calls.measuring import Known, Measurable, following

N = 4


@pytest.fixture
def labels():
    found = np.zeros((N, PAGE_PX, PAGE_PX), np.int32)
    for page in range(N):
        found[page, 50:60, 50:90] = page + 1
    return found


def work_of(labels):
    layout = Layout(source="images", n_pages=N)
    pages = np.zeros(layout.shape, np.float32)
    return Measurable(SpectrogramStack(pages=pages, layout=layout), MaskStack(labels, layout), None)


def test_the_most_urgent_pages_come_first_and_the_rest_is_left(labels, monkeypatch):
    monkeypatch.setattr(measuring, "_AT_ONCE", 2)
    work = work_of(labels)
    known, left = run(following(work, Known(), [2, 3, 0, 1]))
    assert known.calls[PAINTED].tolist() == [3, 4]
    assert left == [0, 1]
    known, left = run(following(work, known, left))
    assert known.calls[PAINTED].tolist() == [1, 2, 3, 4]
    assert left == []
    assert run(following(work, known, range(N)))[0] is known  # nothing has changed


def test_a_page_that_is_painted_on_while_it_is_measured_is_measured_again(labels, monkeypatch):
    work, measure = work_of(labels), measuring.measuring_edited

    def painting(*arguments, **options):
        calls = yield from measure(*arguments, **options)
        labels[1] = 0
        return calls

    monkeypatch.setattr(measuring, "measuring_edited", painting)
    known, left = run(following(work, Known(), range(N)))
    assert left == [1]
    monkeypatch.setattr(measuring, "measuring_edited", measure)
    known, left = run(following(work, known, left))
    assert known.calls[PAINTED].tolist() == [1, 3, 4]
    assert left == []


def test_other_arrays_or_settings_are_another_work(labels):
    work = work_of(labels)
    assert work.is_same(work)
    assert not work.is_same(None)
    assert not work.is_same(Measurable(work.stack, work_of(labels.copy()).masks, None))
