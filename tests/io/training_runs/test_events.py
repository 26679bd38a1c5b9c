"""The events of a fine-tuning: what a run says, line by line, and what is read of it."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import get_args

import pytest
from told_events import LINES, an_event

from napari_squeakout.core.fine_tuning.learning_curve import CurvePoint
from napari_squeakout.core.fine_tuning.verdict import Verdict
from napari_squeakout.core.scoring.page_scores import Figures
from napari_squeakout.io.training_runs.events import (
    CurvePointTold,
    Event,
    EventKinds,
    JudgedFigures,
    VerdictEvent,
    event_of,
    line_of,
)


@pytest.mark.parametrize("line", LINES, ids=[json.loads(line)["kind"] for line in LINES])
def test_a_line_of_0_1_0_is_read_and_would_be_said_in_the_same_words(line):
    event = event_of(json.loads(line))
    assert event is not None
    assert line_of(event) == line


def test_a_line_of_each_kind_is_frozen():
    kinds = {kind.model_fields["kind"].default for kind in get_args(EventKinds)}
    assert kinds == {json.loads(line)["kind"] for line in LINES}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), None])
def test_a_figure_that_is_no_number_is_null_on_disk_and_none_when_read(number):
    event = an_event("epoch", loss=number)
    assert event.loss is None
    assert json.loads(line_of(event))["loss"] is None


@pytest.mark.parametrize("more", [{"kind": "promised"}, {"is_better": "yes"}, {"pages": 2.5}])
def test_what_is_unknown_or_spoilt_is_no_event(more):
    assert event_of({**an_event("verdict").model_dump(), **more}) is None
    assert event_of([more]) is None


def test_what_a_later_version_adds_is_passed_over():
    assert event_of({**an_event("done").model_dump(), "mood": "good"}) == an_event("done")


def test_a_name_that_is_no_unicode_is_told_and_read():
    """Linux allows any bytes in a file's name; a model that took hours is not lost by that."""
    event: Event = an_event("done", path="/lab/\udcff.safetensors")
    assert event_of(json.loads(line_of(event))) == event


@pytest.mark.parametrize(
    ("told", "noun"),
    [(VerdictEvent, Verdict), (JudgedFigures, Figures), (CurvePointTold, CurvePoint)],
)
def test_all_that_is_known_is_told_by_the_same_names(told, noun):
    assert set(told.model_fields) - {"kind", "seconds"} == {field.name for field in fields(noun)}
