"""What a run of the network hands over, without a window."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import PAGE_S, RATE_HZ, BrightPixels, sound

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.domain import domain_of
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.settings import RenderSettings, SegmentSettings
from napari_squeakout.core.stacks import ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import run
from napari_squeakout.gui.segment.run import PagesDone, Run, domain_notes, segmenting


@pytest.fixture
def stack():
    pages = np.zeros((3, 512, 512), np.float32)
    pages[:, 100:130, 40:100] = 1
    return SpectrogramStack(pages=pages, layout=Layout(source="rec", n_pages=3))


def run_of(stack, *, engine=None, first=0, stop=3, **known):
    return Run(
        stack=stack,
        first=first,
        stop=stop,
        model="bright",
        settings=SegmentSettings(),
        engine=engine or BrightPixels(),
        **known,
    )


def answers_told(run):
    return [step.answers for step in segmenting(run) if isinstance(step, PagesDone)]


def test_what_was_told_of_a_run_stays_as_it_was_when_it_was_told(stack):
    before = ProbabilityStack(np.zeros((3, 512, 512), np.uint8), stack.layout, "c" * 64)
    told = answers_told(run_of(stack, known=before))
    assert [answers.done for answers in told] == [0, 1, 2, 3]
    assert [set(answers.disagreement) for answers in told] == [set(), {0}, {0, 1}, {0, 1, 2}]


def test_each_telling_of_a_run_makes_up_for_those_that_were_left_out(stack):
    *_, last = answers_told(run_of(stack))
    assert last.room.stages.tolist() == [PageStage.SEGMENTED] * 3
    assert last.room.values[:, 110, 50].all()
    assert last.fingerprint == "b" * 64


def test_room_is_told_of_before_the_network_is_asked(stack):
    def refuse(_pages):
        raise MemoryError

    steps = segmenting(run_of(stack, engine=BrightPixels(refuse)))
    next(steps)
    assert next(steps).answers.room.values.shape == (3, 512, 512)
    with pytest.raises(MemoryError):
        next(steps)


def test_a_source_far_from_what_the_model_learned_from_is_told(stack):
    engine = BrightPixels()
    dark = domain_of([np.arange(64, dtype=np.uint8).reshape(8, 8)])
    engine.model.card = engine.model.card.model_copy(update={"domain": dark})
    (note,) = domain_notes(run_of(stack), engine)
    assert "ar from what bright learned from: the background is" in note


def test_pages_left_out_as_silent_are_told():
    samples = sound(5 * PAGE_S, (0.02, 0.06, 70_000.0))
    stack = render(Recording.from_array(samples, sample_rate_hz=RATE_HZ))
    engine = BrightPixels(windows=0)
    engine.settings = SegmentSettings(skip_silence=True)
    engine.loud_columns = lambda page: page.max(axis=0) > 0.9
    engine.model.card = ModelCard(name="levelled", rendering=RenderSettings())
    done = run(segmenting(run_of(stack, engine=engine, stop=5)))
    assert done.notes == ("4 of 5 pages are left out as silent: the network was not asked.",)
