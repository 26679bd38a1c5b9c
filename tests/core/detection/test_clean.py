"""Probabilities and settings -> masks."""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

import napari_squeakout
from napari_squeakout.core.detection.call_columns import number_columns
from napari_squeakout.core.detection.clean import (
    clean_page,
    cleaned_pages,
    cleaning_pages,
    is_call,
)
from napari_squeakout.core.detection.packed_masks import NumberedPages
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.morphology import thin_borders
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import ProbabilityStack
from napari_squeakout.core.steps import Progress, run

COLUMN_S = STANDARD_GRID.seconds_per_column
PAGE_S = PAGE_PX * COLUMN_S
SURE = 250
#: Nothing but the threshold.
BARE = CleanSettings(
    min_area_px=0, fill_holes_px=0, min_duration_s=0, join_gap_s=0, drop_tone_trains=False
)


def bare(**changes):
    return CleanSettings(**{**BARE.model_dump(), **changes})


def recorded(n_pages, grid=STANDARD_GRID):
    return Layout(
        source="rec",
        n_pages=n_pages,
        grid=grid,
        starts_s=PAGE_S * np.arange(n_pages, dtype=float),
        contiguous=True,
    )


def separate(n_pages, grid=None):
    return Layout(source="folder", n_pages=n_pages, grid=grid)


def strip(n_pages, *boxes, value=SURE):
    """(512, n * 512) with boxes (top, bottom, left, right) of one value."""
    values = np.zeros((PAGE_PX, n_pages * PAGE_PX), np.uint8)
    for top, bottom, left, right in boxes:
        values[top:bottom, left:right] = value
    return values


def page(*boxes, value=SURE):
    return strip(1, *boxes, value=value)


def cleaned(values, settings, layout=None):
    """Labels as one strip, of pages that continue each other unless a layout says otherwise."""
    n_pages = values.shape[1] // PAGE_PX
    pages = np.stack(np.split(values, n_pages, axis=1))
    masks = run(cleaning_pages(ProbabilityStack(pages, layout or recorded(n_pages)), settings))
    return np.hstack(np.asarray(masks.labels))


def random_strip(n_pages, seed):
    """Smooth blobs, many of them on borders."""
    rng = np.random.default_rng(seed)
    smooth = scipy.ndimage.gaussian_filter(rng.normal(size=(PAGE_PX, n_pages * PAGE_PX)), 3)
    return np.clip(128 + 60 * smooth / smooth.std(), 0, 255).astype(np.uint8)


# --- the threshold ----------------------------------------------------------------------------


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.4, 0.51, 0.6, 0.8, 0.99])
def test_a_pixel_belongs_to_a_call_above_the_threshold_and_not_at_it(threshold):
    values = page()
    values[0, :256] = np.arange(256)
    mask = clean_page(values, bare(threshold=threshold, min_peak_probability=0))
    probabilities = np.arange(256) / 255
    assert np.array_equal(mask[0, :256], probabilities > threshold)
    assert not mask[1:].any()


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.4, 0.51, 0.6, 0.8, 0.99])
def test_a_probability_at_the_threshold_is_no_call(threshold):
    values = np.arange(256, dtype=np.uint8)
    assert np.array_equal(is_call(values, threshold), values / 255 > threshold)


def compares_with_a_part_of_255(node):
    """`values > threshold * 255`, in whatever words."""
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Gt | ast.GtE):
        return False
    sides = [side for side in node.comparators if isinstance(side, ast.BinOp)]
    return any("255" in (ast.unparse(side.left), ast.unparse(side.right)) for side in sides)


def test_one_place_compares_with_the_threshold_and_one_names_the_usual_one():
    compared, named = [], []
    root = Path(napari_squeakout.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if compares_with_a_part_of_255(node):
                compared.append(path.relative_to(root).as_posix())
            if isinstance(node, ast.Constant) and node.value == CleanSettings().threshold:
                named.append(path.relative_to(root).as_posix())
    assert compared == ["core/detection/clean.py"]
    # The least a segment's surest pixel must exceed is a setting of its own.
    assert named == ["core/settings.py"] * 2


def test_probabilities_are_not_changed():
    values = random_strip(1, 0)
    before = values.copy()
    clean_page(values, CleanSettings(erosion_iterations=2, keep_low_hz=60_000), STANDARD_GRID)
    assert np.array_equal(values, before)


# --- thinning ---------------------------------------------------------------------------------


def thinned_by_hand(mask):
    """The paper's rule a second time: the kernel must fit around a pixel of a large segment.

    The kernel reaches two rows up, one down and one column left; the page's edge cuts nothing.
    """
    labels, _ = scipy.ndimage.label(mask, np.ones((3, 3)))
    result = mask.copy()
    for row, column in np.argwhere(mask):
        if (labels == labels[row, column]).sum() < 32:
            continue
        rows = [r for r in range(row - 2, row + 2) if 0 <= r < mask.shape[0]]
        columns = [c for c in range(column - 1, column + 1) if 0 <= c < mask.shape[1]]
        result[row, column] = all(mask[r, c] for r in rows for c in columns)
    return result


@pytest.mark.parametrize("seed", range(5))
def test_thinning_erodes_by_a_kernel_of_4_rows_and_2_columns(seed):
    rng = np.random.default_rng(seed)
    mask = scipy.ndimage.gaussian_filter(rng.normal(size=(40, 50)), 1.5) > 0.05
    thinned = thin_borders(mask)
    assert thinned.sum() < mask.sum()
    assert np.array_equal(thinned, thinned_by_hand(mask))


@pytest.mark.parametrize(("columns", "left"), [(7, 28), (8, 7)])
def test_only_segments_of_32_px_are_thinned(columns, left):
    mask = np.zeros((20, 20), bool)
    mask[5:9, 5 : 5 + columns] = True
    assert thin_borders(mask).sum() == left


def test_borders_are_thinned_as_often_as_asked():
    values = page((100, 140, 100, 200))
    areas = [clean_page(values, bare(erosion_iterations=times)).sum() for times in range(4)]
    assert areas == [(40 - 3 * times) * (100 - times) for times in range(4)]


# --- segments ---------------------------------------------------------------------------------

#: 30 px on each side of the border between the first two pages.
ON_BORDER = (100, 103, PAGE_PX - 10, PAGE_PX + 10)


def test_a_segment_across_a_page_border_is_judged_whole():
    labels = cleaned(strip(2, ON_BORDER), bare(min_area_px=50))
    assert (labels == 1).sum() == 60


def test_two_images_that_happen_to_meet_are_judged_apart():
    values = strip(2, ON_BORDER)
    assert not cleaned(values, bare(min_area_px=50), separate(2)).any()
    assert (cleaned(values, bare(min_area_px=30), separate(2)) > 0).sum() == 60


@pytest.mark.parametrize(("smallest", "kept"), [(59, True), (60, True), (61, False)])
def test_a_segment_of_just_the_smallest_area_is_kept(smallest, kept):
    mask = clean_page(page((100, 106, 100, 110)), bare(min_area_px=smallest))
    assert mask.any() == kept


def test_pixels_that_touch_at_a_corner_are_one_segment():
    mask = clean_page(page((100, 105, 100, 106), (105, 110, 106, 112)), bare(min_area_px=60))
    assert mask.sum() == 60


@pytest.mark.parametrize(("largest", "filled"), [(0, False), (24, False), (25, True), (26, True)])
def test_holes_up_to_the_size_are_filled(largest, filled):
    values = page((100, 130, 100, 150))
    values[110:115, 120:125] = 0
    mask = clean_page(values, bare(fill_holes_px=largest))
    assert mask[112, 122] == filled
    assert mask.sum() == 1500 - (0 if filled else 25)


def test_a_bay_of_the_background_is_no_hole():
    values = page((0, 30, 100, 150))
    values[0:2, 120:125] = 0  # open to the page's upper edge
    assert clean_page(values, bare(fill_holes_px=100)).sum() == 1490


def test_a_hole_on_a_page_border_is_filled_on_both_sides():
    values = strip(2, (100, 130, PAGE_PX - 20, PAGE_PX + 20))
    values[110:114, PAGE_PX - 3 : PAGE_PX + 3] = 0
    assert (cleaned(values, bare(fill_holes_px=24)) > 0).sum() == 1200


@pytest.mark.parametrize(("peak", "kept"), [(203, False), (204, False), (205, True)])
def test_a_segment_needs_one_pixel_as_sure_as_the_peak(peak, kept):
    values = page((100, 110, 100, 120), (300, 310, 100, 120), value=150)
    values[105, 110] = peak
    values[305, 110] = 255
    mask = clean_page(values, bare(min_peak_probability=0.8))
    assert mask[105, 110] == kept
    assert mask[300:310, 100:120].all()


@pytest.mark.parametrize("grid", [STANDARD_GRID])
def test_pixels_outside_the_band_never_belong_to_a_call(grid):
    mask = clean_page(
        page((0, PAGE_PX, 100, 110)), bare(keep_low_hz=60_000, keep_high_hz=100_000), grid
    )
    rows = np.flatnonzero(mask.any(axis=1))
    high_hz, low_hz = grid.hz(rows[0] + 0.5), grid.hz(rows[-1] + 0.5)
    assert 60_000 <= low_hz < 60_000 + grid.hz_per_row
    assert 100_000 - grid.hz_per_row < high_hz <= 100_000


@pytest.mark.parametrize("limit", ["keep_low_hz", "keep_high_hz"])
def test_one_limit_leaves_the_other_side_open(limit):
    mask = clean_page(page((0, PAGE_PX, 100, 110)), bare(**{limit: 80_000}), STANDARD_GRID)
    assert mask[0, 100] == (limit == "keep_low_hz")
    assert mask[-1, 100] == (limit == "keep_high_hz")
    assert mask[:, 100].sum() == pytest.approx(PAGE_PX / 2, abs=40)


@pytest.mark.parametrize("limit", ["keep_low_hz", "keep_high_hz"])
def test_a_band_without_a_scale_is_refused_with_the_remedy(limit):
    with pytest.raises(ValueError, match="image_span_s, image_low_hz and image_high_hz"):
        cleaned(page(), bare(**{limit: 50_000}), separate(1))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"min_area_px": 300},
        {"fill_holes_px": 200, "min_area_px": 100},
        {"erosion_iterations": 2, "min_area_px": 50, "fill_holes_px": 50},
        {"min_peak_probability": 0.9, "keep_low_hz": 55_000.0, "keep_high_hz": 110_000.0},
    ],
    ids=lambda changes: "-".join(changes) or "bare",
)
def test_pages_one_by_one_give_the_mask_of_the_whole_recording(seed, changes):
    values = random_strip(4, seed)
    wanted = bare(**changes)
    quiet = np.zeros((PAGE_PX, PAGE_PX), np.uint8)
    whole = clean_page(np.hstack([quiet, values, quiet]), wanted, STANDARD_GRID)
    labels = cleaned(values, wanted)
    assert np.array_equal(labels > 0, whole[:, PAGE_PX:-PAGE_PX])
    assert 0.005 < (labels > 0).mean() < 0.95


def seen_with_neighbours(values, layout, index, wanted):
    """A page cleaned the slow way: always in view of what continues it."""
    if not layout.contiguous:
        return clean_page(values[index], wanted, layout.grid)
    quiet = np.zeros((1, PAGE_PX, PAGE_PX), np.uint8)
    three = np.concatenate([quiet, values, quiet])[index : index + 3]
    return clean_page(np.hstack(three), wanted, layout.grid)


#: Rectangles whose ends lie on and beside page borders, some with a hole in the middle.
NEAR_BORDERS = st.tuples(
    st.integers(0, 3),
    st.integers(-12, 4),
    st.integers(0, 480),
    st.integers(1, 40),
    st.integers(1, 16),
    st.integers(0, 4),
    st.integers(120, 255),
)


def pages_of(boxes):
    """(3, 512, 512) with such rectangles."""
    values = np.zeros((PAGE_PX, 3 * PAGE_PX), np.uint8)
    for border, beside, top, height, width, hole, value in boxes:
        left = max(0, border * PAGE_PX + beside)
        values[top : top + height, left : left + width] = value
        row, column = top + height // 2, left + width // 2
        values[row : row + hole, column : column + hole] = 0
    return np.stack(np.split(values, 3, axis=1))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(NEAR_BORDERS, min_size=1, max_size=6),
    st.builds(
        bare,
        threshold=st.sampled_from([0.4, 0.51, 0.7]),
        min_peak_probability=st.sampled_from([0.0, 0.8]),
        erosion_iterations=st.integers(0, 3),
        min_area_px=st.sampled_from([0, 20, 60, 200]),
        fill_holes_px=st.sampled_from([0, 8, 30, 5000]),
        keep_low_hz=st.sampled_from([None, 60_000.0]),
    ),
    st.booleans(),
)
def test_a_page_seen_alone_where_no_call_touches_its_edges_is_as_with_its_neighbours(
    boxes, wanted, contiguous
):
    values = pages_of(boxes)
    layout = recorded(3) if contiguous else separate(3, STANDARD_GRID)
    for index, bits in cleaned_pages(ProbabilityStack(values, layout), wanted):
        slow = seen_with_neighbours(values, layout, index, wanted)
        fast = np.zeros_like(slow) if bits is None else np.unpackbits(bits, axis=1).astype(bool)
        np.testing.assert_array_equal(fast, slow)


def test_a_page_whose_edges_are_empty_is_cleaned_without_a_look_at_those_beside_it(monkeypatch):
    widths = []

    def measured(values, *more):
        widths.append(values.shape[1])
        return clean_page(values, *more)

    monkeypatch.setattr("napari_squeakout.core.detection.clean.clean_page", measured)
    cleaned(strip(3, (100, 120, 600, 640), (200, 220, 1500, 1536)), bare())
    assert widths == [PAGE_PX, PAGE_PX, 3 * PAGE_PX]


def test_a_skipped_page_is_asked_for_before_it_is_read_and_comes_out_empty():
    values = np.full((3, PAGE_PX, PAGE_PX), SURE, np.uint8)
    asked = []

    def skip(index):
        asked.append(index)
        values[index] = 0 if index == 2 else values[index]
        return index == 0

    pages = dict(cleaned_pages(ProbabilityStack(values, recorded(3)), bare(), skip=skip))
    assert asked == [0, 1, 2]
    assert pages[0] is pages[2] is None
    assert np.unpackbits(pages[1], axis=1).all()


# --- calls along time -------------------------------------------------------------------------


def parts(labels):
    """Call number -> (first, stop) columns."""
    numbers = [int(number) for number in np.unique(labels) if number]
    columns = {number: np.flatnonzero((labels == number).any(axis=0)) for number in numbers}
    return {number: (int(at[0]), int(at[-1]) + 1) for number, at in columns.items()}


GAP_S = 10 * COLUMN_S


@pytest.mark.parametrize(("columns", "calls"), [(9, 1), (10, 2), (11, 2)])
@pytest.mark.parametrize("left", [100, PAGE_PX - 24, PAGE_PX - 20, PAGE_PX - 30])
def test_segments_closer_than_the_gap_are_one_call_also_across_borders(left, columns, calls):
    first = (100, 110, left, left + 20)
    second = (300, 310, left + 20 + columns, left + 40 + columns)
    labels = cleaned(strip(2, first, second), bare(join_gap_s=GAP_S))
    assert len(parts(labels)) == calls
    assert (labels > 0).sum() == 400


def test_images_are_not_joined_across_their_edges():
    values = strip(2, (100, 110, PAGE_PX - 20, PAGE_PX + 20))
    labels = cleaned(values, bare(join_gap_s=GAP_S), separate(2))
    assert parts(labels) == {1: (PAGE_PX - 20, PAGE_PX), 2: (PAGE_PX, PAGE_PX + 20)}


@pytest.mark.parametrize(
    "second",
    [(200, 210, 100, 150), (60, 70, 140, 190), (300, 310, 150, 200)],
    ids=["harmonic", "overlapping step", "adjoining step"],
)
def test_steps_and_harmonics_are_one_call(second):
    labels = cleaned(page((100, 110, 100, 150), second), bare())
    assert np.unique(labels).tolist() == [0, 1]
    assert (labels == 1).sum() == 1000


@pytest.mark.parametrize(("columns", "kept"), [(9, False), (10, True)])
@pytest.mark.parametrize("left", [100, PAGE_PX - 4])
def test_calls_shorter_than_the_shortest_are_removed(columns, kept, left):
    labels = cleaned(strip(2, (100, 120, left, left + columns)), bare(min_duration_s=10 * COLUMN_S))
    assert labels.any() == kept


def test_short_segments_in_the_company_of_others_are_kept():
    near = [(100, 110, left, left + 4) for left in (100, 107, 114)]
    labels = cleaned(page(*near), bare(min_duration_s=10 * COLUMN_S, join_gap_s=5 * COLUMN_S))
    assert parts(labels) == {1: (100, 118)}
    assert (labels > 0).sum() == 120


@pytest.mark.parametrize("layout", [recorded(4), separate(4)], ids=["recording", "images"])
def test_calls_are_numbered_from_1_without_gaps_over_the_whole_stack(layout):
    boxes = [(50, 70, left, left + 20) for left in (100, 300, 700, 1300, 1900)]
    too_short = [(50, 90, 500, 503)]
    labels = cleaned(strip(4, *boxes, *too_short), bare(min_duration_s=0.003), layout)
    assert parts(labels) == {
        number: (left, left + 20) for number, (_, _, left, _) in enumerate(boxes, start=1)
    }


def test_images_without_a_scale_are_cleaned_as_standard_pages():
    values = page((100, 110, 100, 106), (100, 110, 200, 207))
    shortest = CleanSettings(min_area_px=0, min_duration_s=6.5 * COLUMN_S, join_gap_s=0)
    without = cleaned(values, shortest, separate(1))
    assert np.array_equal(without, cleaned(values, shortest, separate(1, STANDARD_GRID)))
    assert parts(without) == {1: (200, 207)}


@pytest.mark.parametrize("layout", [recorded(3), separate(3)], ids=["recording", "images"])
def test_pages_without_calls_have_empty_labels(layout):
    labels = cleaned(strip(3), CleanSettings(), layout)
    assert (labels.shape, labels.dtype) == ((PAGE_PX, 3 * PAGE_PX), np.int32)
    assert not labels.any()


def test_a_stack_without_pages_has_labels_without_pages():
    nothing = ProbabilityStack(np.zeros((0, PAGE_PX, PAGE_PX), np.uint8), separate(0))
    assert run(cleaning_pages(nothing)).labels.shape == (0, PAGE_PX, PAGE_PX)


def test_progress_counts_pages_and_the_masks_name_their_settings():
    values = ProbabilityStack(np.zeros((2, PAGE_PX, PAGE_PX), np.uint8), recorded(2))
    told = []
    masks = run(cleaning_pages(values, BARE), told.append)
    assert told == [Progress(1, 2, "pages"), Progress(2, 2, "pages")]
    assert masks.settings == BARE
    assert masks.layout is values.layout
    assert run(cleaning_pages(values)).settings == CleanSettings()


# --- numbering, whatever the columns ----------------------------------------------------------


@st.composite
def columns_of_pages(draw):
    """(n, 512) bool made of runs of any length, with gaps of any length."""
    n_pages = draw(st.integers(0, 3))
    lengths = draw(st.lists(st.integers(1, 90), max_size=60))
    line = np.zeros(n_pages * PAGE_PX, bool)
    at, value = 0, draw(st.booleans())
    for length in lengths:
        line[at : at + length] = value
        at, value = at + length, not value
    return line.reshape(n_pages, PAGE_PX)


@settings(max_examples=150, deadline=None)
@given(columns_of_pages(), st.integers(0, 60), st.integers(0, 60), st.booleans())
def test_columns_are_numbered_by_the_rules_whatever_they_are(occupied, gap, shortest, contiguous):
    n_pages = len(occupied)
    layout = recorded(n_pages) if contiguous else separate(n_pages)
    # Half a column off, so that rounding of seconds to columns decides nothing.
    rules = bare(
        join_gap_s=(gap + 0.5) * COLUMN_S, min_duration_s=max(0, shortest - 0.5) * COLUMN_S
    )
    numbers = number_columns(occupied, rules, layout)
    strips = [numbers.ravel()] if contiguous else list(numbers)
    lines = [occupied.ravel()] if contiguous else list(occupied)
    found = []
    for strip_numbers, line in zip(strips, lines, strict=True):
        inside = np.unique(strip_numbers[strip_numbers > 0]).tolist()
        spans = []
        for number in inside:
            at = np.flatnonzero(strip_numbers == number)
            assert np.array_equal(at, np.arange(at[0], at[-1] + 1)), "a call is one stretch"
            assert line[at[0]], "a call begins with mask"
            assert line[at[-1]], "a call ends with mask"
            assert len(at) >= shortest, "no call is too short"
            holes = np.diff(np.flatnonzero(line[at])) - 1
            assert holes.max(initial=0) <= gap, "what lies further apart is not one call"
            spans.append((at[0], at[-1] + 1))
        assert all(later[0] - before[1] > gap for before, later in pairwise(spans)), (
            "what lies closer is one call"
        )
        if shortest <= 1:
            assert strip_numbers[line].all(), "nothing is lost"
        found += inside
    assert found == list(range(1, len(found) + 1))
    assert numbers.shape == occupied.shape


def test_labels_of_a_page_are_those_of_the_whole_stack_and_need_only_that_page():
    bits = np.packbits(np.eye(PAGE_PX, dtype=bool), axis=1)
    numbers = np.arange(3 * PAGE_PX, dtype=np.int32).reshape(3, PAGE_PX)
    pages = NumberedPages([bits, None, bits], numbers)
    assert pages.shape == (3, PAGE_PX, PAGE_PX)
    whole = np.asarray(pages)
    assert whole.dtype == pages.dtype == np.int32
    for index in range(3):
        np.testing.assert_array_equal(pages[index], whole[index])
    np.testing.assert_array_equal(pages[2].diagonal(), numbers[2])
    assert not pages[1].any()
    np.testing.assert_array_equal(pages[1:], whole[1:])
