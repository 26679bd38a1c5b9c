"""Where the answers of a run go."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.settings import SegmentSettings
from napari_squeakout.core.stacks import ProbabilityStack, SpectrogramStack
from napari_squeakout.gui.segment import room as rooms
from napari_squeakout.gui.segment.room import room_for
from napari_squeakout.gui.segment.run import Run

OURS, OTHER = "b" * 64, "c" * 64
SHAPE = (3, 512, 512)


def run_of(values, model, session=None):
    """The second of three pages is asked about, whose answers were of a model."""
    stack = SpectrogramStack(
        pages=np.zeros(SHAPE, np.float32), layout=Layout(source="rec", n_pages=3)
    )
    return Run(
        stack=stack,
        first=1,
        stop=2,
        model="bright",
        settings=SegmentSettings(),
        known=ProbabilityStack(values, stack.layout, model),
        session=session,
    )


@pytest.mark.parametrize("model", [OURS, OTHER])
def test_pages_have_their_room_before_they_are_written_also_where_others_are_shown_already(
    model, monkeypatch
):
    made = []
    monkeypatch.setattr(rooms, "make_room", lambda _values, *pages: made.append(pages))
    values = np.zeros(SHAPE, np.uint8)
    session = SimpleNamespace(read_only="", probabilities=values, stages=np.zeros(3, np.uint8))
    room = room_for(run_of(values, model, session), OURS)
    assert made == [(1, 2)]
    assert room.values is values


def test_answers_of_the_same_model_of_which_nobody_took_down_the_pages_stay_known():
    room = room_for(run_of(np.ones(SHAPE, np.uint8), OURS), OURS)
    assert room.stages.tolist() == [PageStage.CLEANED] * 3
    assert not room.is_new


def test_answers_of_another_model_stay_where_they_are_to_be_compared_with():
    values = np.ones(SHAPE, np.uint8)
    room = room_for(run_of(values, OTHER), OURS)
    assert room.before is values
    assert room.values is not values
    assert room.is_new
