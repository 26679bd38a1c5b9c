"""The class of a contour that is known."""

from __future__ import annotations

import importlib.util
import itertools

import numpy as np
import pytest

from napari_squeakout.core.measures.classes import CLASSES, class_of, ways_of
from napari_squeakout.core.measures.contour import contour_of
from napari_squeakout.core.measures.peaks import NO_PEAKS, Peaks
from napari_squeakout.core.settings import MeasureSettings

COLUMN_S = 0.000512


def named(khz, *, duration_s=0.04, **settings):
    """The class of a call with this course, a column each."""
    n = len(khz)
    peaks = Peaks(
        column=np.arange(n),
        hz=1e3 * np.asarray(khz, float),
        power_db=np.full(n, -70.0),
        above_db=np.full(n, 25.0),
        tonality=np.full(n, 0.9),
    )
    contour = contour_of(peaks if n else NO_PEAKS, COLUMN_S)
    return class_of(contour, duration_s, MeasureSettings(**settings))


def way(*khz):
    """A course through these, 20 columns each way."""
    return np.concatenate([np.linspace(a, b, 20) for a, b in itertools.pairwise(khz)])


def steps(*khz):
    return np.repeat(khz, 20)


@pytest.mark.parametrize(
    ("course", "name"),
    [
        (way(70, 73, 70), "flat"),
        (way(70, 78), "up_fm"),
        (way(70, 68, 80), "up_fm"),
        (way(80, 70, 72), "down_fm"),
        (way(70, 80, 71), "chevron"),
        (way(80, 70, 79), "rev_chevron"),
        (way(70, 80, 70, 80), "complex"),
        (way(80, 70, 80, 70), "complex"),
        (steps(60, 75), "step_up"),
        (steps(75, 60), "step_down"),
        (steps(60, 75, 65), "two_steps"),
        (steps(60, 75, 65, 80), "mult_steps"),
        (steps(60, 75, 65, 80, 70), "mult_steps"),
    ],
)
def test_a_course_has_the_class_of_the_published_rules(course, name):
    assert named(course) == name


def test_what_is_short_is_short_whatever_its_shape():
    assert named(way(70, 80, 70), duration_s=0.0099) == "short"
    assert named(way(70, 80, 70), duration_s=0.0101) == "chevron"


def test_the_thresholds_are_settings():
    assert named(way(70, 78), fm_hz=9_000) == "flat"
    assert named(steps(60, 66), jump_hz=8_000) == "up_fm"
    assert named(way(70, 78), duration_s=0.02, short_s=0.03) == "short"


def test_a_call_of_which_nothing_is_heard_has_no_class():
    assert named([], duration_s=0.005) is None


def test_a_way_ends_where_the_course_has_gone_back_far_enough_not_where_it_wavers():
    wavering = 1e3 * (way(60, 90) + 2 * np.sin(np.arange(20)))
    assert ways_of(wavering, 5_000) == [1]
    assert ways_of(1e3 * way(70, 76, 69, 75), 5_000) == [1, -1, 1]


def test_the_names_are_vocalmats_eleven_and_the_docs_say_the_rule_of_each(root):
    assert set(CLASSES) == {
        "chevron", "complex", "down_fm", "flat", "mult_steps", "rev_chevron", "short",
        "step_down", "step_up", "two_steps", "up_fm",
    }  # fmt: skip
    spec = importlib.util.spec_from_file_location("hooks", root / "docs" / "hooks.py")
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    shown = hooks.on_page_markdown((root / "docs" / "measures.md").read_text(encoding="utf-8"))
    for name, rule in CLASSES.items():
        assert f"| `{name}` | {rule} |" in shown
