"""The window's own colours, on the grounds of napari's themes and for all kinds of sight."""

from __future__ import annotations

import re
from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pytest
from access import contrast
from napari.utils.theme import available_themes, get_theme
from qtpy.QtGui import QColor

from napari_squeakout.gui.qt.access.inks import CALLS, PICTURE, PICTURE_WORDS, inks_on

#: What linear RGB becomes where the cones for red, or those for green, are missing: table 1 of
#: Machado, Oliveira and Fernandes (2009), doi 10.1109/TVCG.2009.113, at severity 1.
SIGHTS = {
    "all": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
#: From linear sRGB to XYZ, and the white of D65 (IEC 61966-2-1).
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.0890])
#: In CIE Lab 1976; 2.3 is just noticed side by side, 10 and more at a glance.
AT_A_GLANCE, FAR_APART = 15, 40


def seen(colour, sight):
    share = np.array(QColor(colour).getRgb()[:3]) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(XYZ @ np.clip(SIGHTS[sight] @ linear, 0, 1) / WHITE)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(one, other, sight):
    return float(np.linalg.norm(seen(one, sight) - seen(other, sight)))


def grounds():
    for theme in available_themes():
        yield QColor(*get_theme(theme).background.as_rgb_tuple()[:3])


def test_every_colour_stands_out_from_the_ground_and_text_can_be_read():
    for ground in grounds():
        inks = inks_on(ground)
        for name, colour in asdict(inks).items():
            assert contrast(QColor(colour), ground) >= 3, (name, colour, ground.name())
        for name in ("corrected", "approved"):
            text = QColor(getattr(inks, name))
            assert contrast(text, ground) >= 4.5, (name, ground.name())
    assert contrast(QColor(PICTURE_WORDS), QColor(PICTURE)) >= 4.5


@pytest.mark.parametrize("sight", SIGHTS)
def test_what_a_colour_tells_is_told_also_to_who_sees_no_red_or_no_green(sight):
    for ground in grounds():
        inks = inks_on(ground)
        for one, other in (
            ("mark", "chosen"),
            ("unreviewed", "corrected"),
            ("corrected", "approved"),
            ("unreviewed", "approved"),
            ("learned", "held_out"),
            ("better", "worse"),
        ):
            far = apart(getattr(inks, one), getattr(inks, other), sight)
            assert far >= AT_A_GLANCE, (one, other, ground.name(), far)


@pytest.mark.parametrize("sight", SIGHTS)
def test_calls_that_follow_each_other_have_colours_that_are_far_apart(sight):
    for one, other in pairwise((*CALLS, CALLS[0])):
        assert apart(one, other, sight) >= FAR_APART, (one, other)


def test_no_other_module_of_the_window_names_a_colour(root):
    gui = root / "src" / "napari_squeakout" / "gui"
    named = re.compile(r"\"#[0-9a-fA-F]{6}\"|QColor\(\"|QColor\(\d|color: (?!\{)[#a-z]")
    found = {
        path.relative_to(gui).as_posix(): lines
        for path in gui.rglob("*.py")
        if (lines := [x for x in path.read_text("utf-8").splitlines() if named.search(x)])
    }
    assert len(found.pop("qt/access/inks.py")) > 5
    assert found == {}
