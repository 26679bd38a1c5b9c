import numpy as np
import pytest

from napari_squeakout.core.synthesis.contours import (
    HIGHEST_HZ,
    LOWEST_HZ,
    envelope,
    frequency_course,
    inside_band,
)
from napari_squeakout.core.synthesis.syllables import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_the_course_of_every_kind_stays_within_its_bandwidth(kind):
    rng = np.random.default_rng(1)
    courses = np.stack([frequency_course(kind, 500, rng) for _ in range(50)])
    assert courses.min() >= 0
    assert courses.max() <= 1
    assert np.ptp(courses, axis=1).max() > 0.3  # none of them is level each time


def test_a_call_is_as_loud_as_it_gets_somewhere_and_silent_at_its_ends():
    level = envelope(5000, np.random.default_rng(1))
    assert (level[0], level[-1]) == (0, pytest.approx(0, abs=1e-12))
    assert 0.5 < level.max() <= 1


def test_a_contour_is_kept_where_mice_call():
    kept = inside_band(np.array([1e3, 60e3, 200e3]))
    assert kept.tolist() == [LOWEST_HZ, 60e3, HIGHEST_HZ]
