"""Earlier annotation: the noun, and where it lies on pages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Grid, Layout
from napari_squeakout.core.scoring.annotation import Annotation, Span, spans_on_page

PAGE_S = PAGE_PX * STANDARD_GRID.seconds_per_column


def intervals(*rows):
    return np.array(rows, np.float64).reshape(-1, 2)


def annotation(*rows, **changes):
    unknown = np.full(len(rows), np.nan)
    parts = {
        "intervals_s": intervals(*rows),
        "low_hz": unknown,
        "high_hz": unknown,
        "labels": ("",) * len(rows),
        "source": "gt.csv",
    }
    return Annotation(**(parts | changes))


def pages(n=4, *, first_s=0.0, grid=STANDARD_GRID):
    starts_s = first_s + PAGE_S * np.arange(n)
    return Layout(source="rec", n_pages=n, grid=grid, starts_s=starts_s, contiguous=True)


# --- the noun -----------------------------------------------------------------------------------


def test_an_annotation_has_as_many_calls_as_labels():
    assert annotation((0, 1), (1, 1), (1.5, 2)).n_calls == 3
    assert annotation().n_calls == 0


@pytest.mark.parametrize(
    ("rows", "changes", "said"),
    [
        ([(2, 3), (0, 1)], {}, "in order"),
        ([(1, 0)], {}, "not after their offsets"),
        ([(-1, 0)], {}, "from 0 s on"),
        ([(0, np.inf)], {}, "from 0 s on"),
        ([(np.nan, 1)], {}, "from 0 s on"),
        ([(0, 1)], {"labels": ()}, r"intervals_s must be float64 \(0, 2\)"),
        ([(0, 1)], {"low_hz": np.zeros(2)}, r"low_hz must be float64 \(1,\)"),
        ([(0, 1)], {"high_hz": np.zeros(1, np.float32)}, "high_hz must be float64"),
        ([(0, 1)], {"intervals_s": np.zeros((1, 3))}, "intervals_s must be float64"),
        ([(0, 1)], {"low_hz": np.array([-1.0])}, "low_hz must be 0 or more"),
        ([(0, 1)], {"low_hz": np.array([2.0]), "high_hz": np.array([1.0])}, "not above high_hz"),
    ],
)
def test_an_annotation_that_cannot_be_is_refused_and_its_source_named(rows, changes, said):
    with pytest.raises(ValueError, match=rf"gt\.csv: .*{said}"):
        annotation(*rows, **changes)


# --- spans --------------------------------------------------------------------------------------


def test_a_call_on_a_border_has_a_span_on_both_pages():
    column_s = STANDARD_GRID.seconds_per_column
    noted = annotation((0.0, 10 * column_s), (PAGE_S - 2 * column_s, PAGE_S + 3 * column_s))
    assert spans_on_page(noted, pages(), 0) == (Span(0, 9, 0), Span(510, 511, 1))
    assert spans_on_page(noted, pages(), 1) == (Span(0, 2, 1),)
    assert spans_on_page(noted, pages(), 2) == ()


def test_a_call_longer_than_a_page_covers_those_between():
    noted = annotation((0.5 * PAGE_S, 2.5 * PAGE_S))
    assert [spans_on_page(noted, pages(), page) for page in range(4)] == [
        (Span(256, 511, 0),), (Span(0, 511, 0),), (Span(0, 255, 0),), (),
    ]  # fmt: skip


@pytest.mark.parametrize("page", range(1, 50))
def test_a_call_that_ends_on_a_border_has_no_span_behind_it(page):
    noted = annotation((page * PAGE_S - 0.01, page * PAGE_S), (page * PAGE_S, page * PAGE_S + 0.01))
    layout = pages(50)
    assert [span.call for span in spans_on_page(noted, layout, page - 1)] == [0]
    assert [(span.first_px, span.call) for span in spans_on_page(noted, layout, page)] == [(0, 1)]


@pytest.mark.parametrize(("moment_px", "column"), [(0.0, 0), (10.0, 10), (10.5, 10), (511.9, 511)])
def test_a_single_moment_is_one_column(moment_px, column):
    moment_s = moment_px * STANDARD_GRID.seconds_per_column
    noted = annotation((moment_s, moment_s))
    assert spans_on_page(noted, pages(), 0) == (Span(column, column, 0),)
    assert spans_on_page(noted, pages(), 1) == ()


def test_pages_that_lie_elsewhere_show_what_lies_there():
    layout = Layout(
        source="clips", n_pages=2, grid=Grid(0.001, 100, 0), starts_s=np.array([5.0, 1.0])
    )
    noted = annotation((1.1, 1.2), (5.1, 5.15))
    assert spans_on_page(noted, layout, 0) == (Span(100, 149, 1),)
    assert spans_on_page(noted, layout, 1) == (Span(100, 199, 0),)


@given(
    starts=st.lists(st.floats(0, 0.8), max_size=6),
    durations=st.lists(st.floats(0, 0.5), min_size=6, max_size=6),
)
def test_every_call_on_the_pages_is_on_one_and_its_spans_join(starts, durations):
    rows = [(start, start + d) for start, d in zip(sorted(starts), durations, strict=False)]
    noted, layout = annotation(*rows), pages(8)
    columns = {call: [] for call in range(len(rows))}
    for page in range(8):
        for first, last, call in spans_on_page(noted, layout, page):
            columns[call] += range(page * PAGE_PX + first, page * PAGE_PX + last + 1)
    for call, (start_s, end_s) in enumerate(rows):
        seen = columns[call]
        assert seen == list(range(seen[0], seen[0] + len(seen)))
        assert seen[0] == pytest.approx(start_s / STANDARD_GRID.seconds_per_column, abs=1.001)
        width = (end_s - start_s) / STANDARD_GRID.seconds_per_column
        assert max(width - 0.001, 1) <= len(seen) <= width + 2.001


@pytest.mark.parametrize(
    "layout",
    [
        Layout(source="images", n_pages=2, page_names=("a", "b")),
        Layout(source="images", n_pages=2, grid=STANDARD_GRID),
    ],
)
def test_pages_without_a_time_axis_show_no_annotation(layout):
    with pytest.raises(ValueError, match=r"images: has no time axis, so gt\.csv"):
        spans_on_page(annotation((0, 1)), layout, 0)


@pytest.mark.parametrize("page", [-1, 4])
def test_a_page_that_is_not_there_is_said(page):
    with pytest.raises(ValueError, match=rf"rec: there is no page {page}: give 0 to 3"):
        spans_on_page(annotation(), pages(), page)
