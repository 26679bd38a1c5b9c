"""The plot of a comparison."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from napari_squeakout.core.groups.comparing import compare_groups
from napari_squeakout.core.groups.dots import dots_of, sheet_of
from napari_squeakout.core.groups.settings import GroupSettings

SVG = "{http://www.w3.org/2000/svg}"


def plotted(measure="calls_per_min", **groups):
    cells = [(f"{name}{n}", name, v) for name, all_ in groups.items() for n, v in enumerate(all_)]
    rows = pd.DataFrame(cells, columns=["subject", "group", "calls_per_min"])
    rows["recording"] = rows["subject"]
    settings = GroupSettings(compared=("calls_per_min",))
    return ElementTree.fromstring(dots_of(compare_groups(rows, settings), measure))


def test_each_animal_is_a_dot_and_its_group_says_how_many():
    picture = plotted(A=[1, 2, 3], B=[3, 5, np.nan])
    dots = picture.findall(f".//{SVG}circle")
    assert sorted(dot.find(f"{SVG}title").text for dot in dots) == ["1", "2", "3", "3", "5"]
    words = [one.text for one in picture.findall(f".//{SVG}text")]
    assert {"A", "B", "n = 3", "n = 2"} <= set(words)


def test_higher_values_lie_higher_and_no_dot_hides_another():
    dots = plotted(A=[1, 4, 4, 4], B=[8, 9]).findall(f".//{SVG}circle")
    at = {(float(dot.get("cx")), float(dot.get("cy"))) for dot in dots}
    assert len(at) == 6
    heights = [float(dot.get("cy")) for dot in dots]
    assert heights[0] > heights[1] > heights[4] > heights[5]


@pytest.mark.parametrize(
    "values", [[70_000.0, 70_010.0], [0.0, 0.0], [-3.0, 5.0], [1e-4, 3e-4], [5.0, 5.0]]
)
def test_every_dot_lies_within_the_picture(values):
    picture = plotted(A=values, B=values)
    height = float(picture.get("height"))
    assert all(0 < float(dot.get("cy")) < height - 30 for dot in picture.iter(f"{SVG}circle"))
    assert len(list(picture.iter(f"{SVG}circle"))) == 4


def test_all_measures_stand_on_one_sheet_and_none_hides_another():
    rows = pd.DataFrame({name: [1.0, 2, 3, 4] for name in "wxyz"})
    rows["subject"] = rows["recording"] = list("abcd")
    rows["group"] = list("AABB")
    compared = compare_groups(rows, GroupSettings(compared=tuple("wxyz")))
    sheet = ElementTree.fromstring(sheet_of(compared))
    assert len(list(sheet.iter(f"{SVG}circle"))) == 16
    assert len({plot.get("transform") for plot in sheet.findall(f"{SVG}g")}) == 4
    assert not list(sheet.iter(f"{SVG}svg"))[1:]  # what not every program draws


def test_a_name_is_text_and_no_markup():
    picture = plotted(**{"<script>": [1, 2], "a&b\x1b\ufffe": [3, 4]})
    words = [one.text for one in picture.findall(f".//{SVG}text")]
    assert "<script>" in words
    assert "a&b\\x1b" in words
    assert not list(picture.iter(f"{SVG}script"))
