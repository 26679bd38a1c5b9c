"""Calls over time as bars."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from napari_squeakout.core.measures.summary import RecordedCalls, summarised
from napari_squeakout.io.reports.bars import bars_of, not_drawn

SVG = "{http://www.w3.org/2000/svg}"


def bins_of(duration_s, *, last_s=None):
    """Bins of 40 calls in the first minute, and one call more."""
    start_s = np.r_[np.linspace(0, 59, 40), duration_s - 0.08 if last_s is None else last_s]
    calls = pd.DataFrame({"start_s": start_s, "end_s": start_s + 0.03, "duration_s": 0.03})
    return summarised([RecordedCalls(name="a", duration_s=duration_s, calls=calls)]).bins


def drawn(bins):
    """Where each bar begins and how high it is, and the words of the plot."""
    picture = ElementTree.fromstring(bars_of(bins))
    bars = [(float(one.get("x")), float(one.get("height"))) for one in picture.iter(f"{SVG}rect")]
    return bars, [one.text for one in picture.iter(f"{SVG}text")]


def test_the_rest_of_a_bin_at_the_end_neither_spoils_the_axis_nor_is_drawn():
    bins = bins_of(60.1)
    bars, words = drawn(bins)
    assert [height for _, height in bars] == [90]
    assert words == ["40", "0 s", "60.1 s"]
    assert not_drawn(bins) == ("the last 0.1 s with 1 call are too short for a rate and not drawn")


def test_half_a_bin_at_the_end_is_drawn_to_scale():
    bins = bins_of(90)
    bars, words = drawn(bins)
    assert [height for _, height in bars] == pytest.approx([90, 90 * 2 / 40])
    assert words[0] == "40"
    assert not not_drawn(bins)


def test_a_recording_shorter_than_a_bin_is_drawn():
    bars, words = drawn(bins_of(59.9, last_s=59.5))
    assert [height for _, height in bars] == [90]
    assert words[0] == "41.1"
