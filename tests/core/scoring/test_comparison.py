"""Of each call it is said what came of it, and of each bout whether its calls were fused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_squeakout.core.scoring.comparison import Comparison, compare_calls
from napari_squeakout.core.scoring.event_scores import JudgedRecording, score_events
from napari_squeakout.core.settings import CompareSettings


def times(*intervals):
    return np.array(intervals, np.float64).reshape(-1, 2)


def outcomes(comparison: Comparison):
    return comparison.calls["outcome"].tolist()


def test_a_pair_has_its_errors_and_others_are_missed_or_extra():
    compared = compare_calls(times((1, 1.1), (2, 2.1)), times((1.01, 1.08), (3, 3.1)))
    assert outcomes(compared) == ["matched", "missed", "extra"]
    first = compared.calls.iloc[0]
    assert first["onset_error_s"] == pytest.approx(0.01)
    assert first["offset_error_s"] == pytest.approx(-0.02)
    assert first["time_iou"] == pytest.approx(0.7)
    assert compared.calls["found_start_s"].isna().tolist() == [False, True, False]


def test_calls_that_one_found_call_covers_are_merged_and_not_missed():
    compared = compare_calls(times((1, 1.1), (1.15, 1.2)), times((1, 1.2)))
    assert outcomes(compared) == ["matched", "merged"]
    assert compared.bouts["merge_ratio"].tolist() == [0.5]


def test_pieces_of_one_call_are_split_and_not_extra():
    compared = compare_calls(times((1, 1.2)), times((1, 1.15), (1.16, 1.2)))
    assert outcomes(compared) == ["matched", "split"]
    assert compared.bouts["merge_ratio"].tolist() == [2]


def test_bouts_are_parted_by_silence():
    annotated = times((0, 0.1), (0.3, 0.4), (3, 3.1))
    compared = compare_calls(annotated, annotated)
    assert compared.bouts["annotated"].tolist() == [2, 1]
    assert compared.bouts[["start_s", "end_s"]].to_numpy().tolist() == [[0, 0.4], [3, 3.1]]
    assert compared.calls["bout"].tolist() == [1, 1, 2]
    assert (
        len(compare_calls(annotated, annotated, settings=CompareSettings(bout_gap_s=3)).bouts) == 1
    )


def test_a_found_call_over_two_bouts_counts_in_the_first_alone():
    compared = compare_calls(times((0, 0.1), (3, 3.1)), times((0, 3.1)))
    assert compared.bouts["found"].tolist() == [1, 0]
    assert compared.figures()["merge_ratio"] == 0.5


def test_a_moment_belongs_to_the_call_that_includes_it_and_has_no_errors():
    compared = compare_calls(times((1.05, 1.05), (5, 5)), times((1, 1.1)))
    assert outcomes(compared) == ["matched", "missed"]
    assert compared.calls["onset_error_s"].isna().all()
    assert compared.bouts["found"].tolist() == [1, 0]
    assert np.isnan(compared.figures()["onset_error_s"])


@given(st.permutations([(0, 10), (0.5, 2), (0.7, 4)]))
def test_moments_are_shared_out_so_that_as_many_as_can_be_are_matched(found):
    """The long call is the only one that includes the last of them."""
    compared = compare_calls(times((5, 5), (1, 1), (3, 3)), times(*found))
    assert outcomes(compared) == ["matched"] * 3


def test_a_second_moment_in_one_found_call_is_merged():
    assert outcomes(compare_calls(times((1.02, 1.02), (1.05, 1.05)), times((1, 1.1)))) == [
        "matched",
        "merged",
    ]


@pytest.mark.parametrize(
    ("annotated", "found", "precision", "recall"),
    [((), (), None, None), (((1, 2),), (), None, 0), ((), ((1, 2),), 0, None)],
)
def test_without_calls_figures_that_are_not_defined_are_not_zero(
    annotated, found, precision, recall
):
    figures = compare_calls(times(*annotated), times(*found)).figures()
    assert figures["annotated"] == len(annotated)
    assert figures["found"] == len(found)
    for name, value in (("precision", precision), ("recall", recall)):
        assert figures[name] == pytest.approx(np.nan if value is None else value, nan_ok=True)
    assert np.isnan(figures["time_iou"])


TIMES = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 30)).map(lambda t: (t[0] / 100, sum(t) / 100)),
    max_size=12,
)


@settings(deadline=None, max_examples=100)
@given(TIMES, TIMES)
def test_every_call_is_told_of_once_and_figures_agree_with_the_scores(annotated, found):
    annotated, found = times(*sorted(annotated)), times(*sorted(found))
    compared = compare_calls(annotated, found)
    told = compared.calls
    for name, given_calls in (("annotated", annotated), ("found", found)):
        own = told[[f"{name}_start_s", f"{name}_end_s"]].dropna().to_numpy()
        assert sorted(map(tuple, own)) == sorted(map(tuple, given_calls))
    assert compared.bouts["annotated"].sum() == len(annotated)
    figures, scores = (
        compared.figures(),
        score_events([JudgedRecording(truth=annotated, found=found)]).as_dict(),
    )
    assert figures["found"] - figures["extra"] == compared.bouts["found"].sum()
    assert figures["matched"] == scores["matched"]
