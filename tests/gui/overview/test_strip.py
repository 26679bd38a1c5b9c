from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QColor, QWheelEvent
from windows import double_click

from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.overview.overview import LEVELS_PER_DB, Overview
from napari_squeakout.core.review.review import PageState
from napari_squeakout.gui.overview.span import Span
from napari_squeakout.gui.overview.strip import OverviewStrip
from napari_squeakout.gui.qt.access.inks import CALL_ON_PICTURE, inks_of
from napari_squeakout.gui.source.page_states import PageStates

N_PAGES = 100
PAGE_S = 512 * STANDARD_GRID.seconds_per_column


@pytest.fixture
def strip(qtbot):
    strip = OverviewStrip("overview")
    qtbot.addWidget(strip)
    strip.resize(1044, 104)  # 10 px a page
    starts_s = 64 / 250_000 + PAGE_S * np.arange(N_PAGES)
    strip.set_recording(
        Layout(
            source="night",
            n_pages=N_PAGES,
            grid=STANDARD_GRID,
            starts_s=starts_s,
            contiguous=True,
        )
    )
    strip.set_pages(pages(3))
    return strip


def pages(page, **states):
    known = [PageState.UNREVIEWED] * N_PAGES
    for state, numbers in states.items():
        for number in numbers:
            known[number] = PageState[state.upper()]
    return PageStates(tuple(known), None, page)


def at(strip, place):
    """A point on the picture, in pages from the beginning."""
    return QPoint(round(strip.plan.x(place)), 30)


def turn(strip, place, notches, *, sideways=False):
    point = QPointF(at(strip, place))
    angle = QPoint(120 * notches, 0) if sideways else QPoint(0, 120 * notches)
    strip.wheelEvent(
        QWheelEvent(
            point, point, QPoint(), angle, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )
    )  # fmt: skip


def colour(strip, x, y):
    return strip.grab().toImage().pixelColor(round(x), round(y))


def test_a_click_goes_to_the_page_under_it(strip, qtbot):
    with qtbot.waitSignal(strip.chosen) as chosen:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at(strip, 61.5))
    assert chosen.args == [61]
    assert strip.page_at(-50) == 0
    assert strip.page_at(5000) == N_PAGES - 1


def test_the_wheel_zooms_around_the_mouse_and_a_double_click_shows_all_again(strip, qtbot):
    turn(strip, 60, 3)
    assert strip.span.width == pytest.approx(51.2)
    assert strip.plan.place(at(strip, 60).x()) == pytest.approx(60, abs=0.1)
    turn(strip, 60, 100)
    assert strip.span.width == 2
    turn(strip, 60, 1, sideways=True)
    assert strip.span.left < 59.2
    chosen = []
    strip.chosen.connect(chosen.append)
    double_click(qtbot, strip, at(strip, strip.span.left + 0.2))
    assert strip.span == Span(0, N_PAGES)
    assert chosen[-1] == 3  # where one was before the first of the two clicks


def test_dragging_moves_along_and_turns_no_page(strip, qtbot):
    turn(strip, 50, 5)
    chosen, width = [], strip.span.width
    strip.chosen.connect(chosen.append)
    began, held = at(strip, 50), 50.0
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=began)
    for x in (20, 60, 100):
        qtbot.mouseMove(strip, began + QPoint(x, 0))
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=began + QPoint(100, 0))
    assert strip.plan.place(began.x() + 100) == pytest.approx(held, abs=0.1)
    assert strip.span.width == pytest.approx(width)
    assert not chosen


def test_a_page_that_comes_into_view_comes_into_the_strip(strip):
    turn(strip, 5, 8)
    strip.set_pages(pages(70))
    assert strip.span.holds(70)
    before = strip.span
    strip.set_pages(pages(70, approved=[70]))
    assert strip.span == before


def test_pages_have_the_colours_of_the_strip_in_part_5_also_where_a_part_is_shown(strip):
    strip.set_pages(pages(3, approved=range(40, 50), corrected=range(50, 60)))
    lane = strip.plan.pages.top() + 1
    assert colour(strip, at(strip, 45.4).x(), lane) == QColor(inks_of(strip).approved)
    assert colour(strip, at(strip, 55.4).x(), lane) == QColor(inks_of(strip).corrected)
    middle = strip.plan.pages.center().y()  # parted there, for who sees no colours
    assert colour(strip, at(strip, 55.4).x(), middle) != QColor(inks_of(strip).corrected)
    assert colour(strip, at(strip, 45.4).x(), middle) == QColor(inks_of(strip).approved)
    strip._set_span(Span(40, 50))  # what comes after is no part of its last bar
    assert colour(strip, at(strip, 49.5).x(), lane) == QColor(inks_of(strip).approved)


def test_pages_that_share_a_bar_show_the_least_done_and_alike_bars_become_one(strip):
    strip.resize(144, 104)  # 1 px a page, so three share a bar
    strip.set_pages(pages(0, approved=[*range(30), *range(31, 60)]))
    lane = strip.plan.pages.center().y()
    assert colour(strip, at(strip, 20).x(), lane) == QColor(inks_of(strip).approved)
    assert colour(strip, at(strip, 31).x(), lane) != QColor(inks_of(strip).approved)
    assert colour(strip, at(strip, 45).x(), lane) == QColor(inks_of(strip).approved)
    assert colour(strip, at(strip, 80).x(), lane) != QColor(inks_of(strip).approved)


def test_calls_and_the_page_in_view_are_marked(strip):
    marks = np.zeros((N_PAGES, 128), bool)
    marks[61, :64] = True
    strip.set_marks(marks)
    lane = strip.plan.calls.center().y()
    assert colour(strip, at(strip, 61.2).x(), lane) == QColor(inks_of(strip).mark)
    assert colour(strip, at(strip, 61.8).x(), lane) != QColor(inks_of(strip).mark)
    yellow = [x for x in range(1044) if colour_is_yellow(strip, x)]
    assert (min(yellow), max(yellow)) == pytest.approx((64, 74), abs=1)


def colour_is_yellow(strip, x, _pictures={}):  # noqa: B006 - one picture for all columns
    image = _pictures.setdefault(id(strip), strip.grab().toImage())
    shown = image.pixelColor(x, 30)
    return shown.red() > 150 and shown.blue() < 100


def test_before_it_is_made_the_strip_says_how_far_it_is(strip):
    strip.tell("Looking over the whole recording… 40%", 0.4)
    bottom = strip.plan.area.bottom() - 1.5
    assert colour(strip, at(strip, 39).x(), bottom) == QColor(CALL_ON_PICTURE)
    assert colour(strip, at(strip, 41).x(), bottom) == QColor(0, 0, 0)


def test_the_picture_is_drawn_where_it_belongs_and_made_once_for_a_zoom(strip):
    levels = np.full((81, N_PAGES * 40), 7 * LEVELS_PER_DB, np.uint8)
    levels[30:40, 60 * 40 : 61 * 40] = 40 * LEVELS_PER_DB
    strip.set_overview(
        Overview(
            levels=levels,
            n_pages=N_PAGES,
            pages_per_column=1 / 40,
            low_hz=45e3,
            hz_per_row=976.0,
        )
    )
    y = strip.plan.area.top() + strip.plan.area.height() * 35 / 81
    assert colour(strip, at(strip, 60.5).x(), y).red() > 200
    assert colour(strip, at(strip, 59.5).x(), y).red() < 30
    picture = strip._picture[1]
    strip.set_pages(pages(4))
    strip.grab()
    assert strip._picture[1] is picture
    turn(strip, 60.5, 1)
    assert colour(strip, at(strip, 60.5).x(), y).red() > 200
    assert strip._picture[1] is not picture


def test_no_column_of_a_long_recording_becomes_a_blot(strip):
    strip.set_overview(
        Overview(
            levels=np.ones((81, 25), np.uint8),
            n_pages=N_PAGES,
            pages_per_column=4,
            low_hz=45e3,
            hz_per_row=976.0,
        )
    )
    turn(strip, 50, 100)
    assert strip.span.width == pytest.approx(N_PAGES)  # 25 columns in 1000 px are few enough


def test_the_time_and_the_state_under_the_mouse_are_told(strip):
    strip.set_pages(pages(3, approved=[61]))
    assert strip.words_for(at(strip, 61.5).x()) == "13.572 s, page 61: approved"


def test_without_a_recording_nothing_can_be_clicked(strip, qtbot):
    strip.set_recording(None)
    chosen = []
    strip.chosen.connect(chosen.append)
    double_click(qtbot, strip, QPoint(500, 30))
    strip.grab()
    assert not chosen
