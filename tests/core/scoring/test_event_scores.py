from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.scoring.event_scores import JudgedRecording, match_events, score_events


def intervals(*rows):
    return np.array(rows, float).reshape(-1, 2)


NOTED = intervals((1.0, 1.1), (2.0, 2.05), (3.0, 3.2))


def test_the_truth_scores_perfectly():
    scores = score_events([JudgedRecording(truth=NOTED, found=NOTED, duration_s=60)])
    assert (scores.calls, scores.found, scores.matched) == (3, 3, 3)
    assert scores.precision == scores.recall == scores.f1 == scores.frame_f1 == 1
    assert scores.time_iou == pytest.approx(1)
    assert scores.onset_error_s == scores.offset_error_s == scores.false_calls_per_minute == 0


def test_a_call_in_pieces_counts_once_and_its_other_piece_is_false():
    found = intervals((1.0, 1.04), (1.06, 1.1), (3.0, 3.2))
    scores = score_events([JudgedRecording(truth=NOTED, found=found, duration_s=30)])
    assert (scores.matched, scores.precision, scores.recall) == (2, 2 / 3, 2 / 3)
    assert scores.f1 == pytest.approx(2 / 3)
    assert scores.false_calls_per_minute == 2


def test_a_found_call_over_two_noted_ones_matches_the_one_it_covers_best():
    pairs, iou = match_events(intervals((1.0, 1.1), (1.2, 1.5)), intervals((1.0, 1.5)))
    assert pairs.tolist() == [[1, 0]]
    assert iou == pytest.approx([0.6])


def test_errors_of_onset_and_offset_are_late_above_zero_and_early_below():
    found = NOTED + np.array([0.004, -0.010])
    scores = score_events([JudgedRecording(truth=NOTED, found=found)])
    assert scores.onset_error_s == pytest.approx(0.004)
    assert scores.offset_error_s == pytest.approx(-0.010)
    assert 0.8 < scores.time_iou < 0.95


def test_frames_are_milliseconds():
    scores = score_events(
        [JudgedRecording(truth=intervals((0.0, 0.1)), found=intervals((0.05, 0.15)))]
    )
    assert scores.frame_f1 == pytest.approx(0.5)


def test_times_in_whole_milliseconds_count_whole_frames():
    noted = intervals(*((k / 1000, (k + 5) / 1000) for k in range(1, 2000, 10)))
    assert score_events([JudgedRecording(truth=noted, found=noted + 0.0)]).frame_f1 == 1
    shifted = score_events([JudgedRecording(truth=noted, found=noted + 0.001)])
    assert shifted.frame_f1 == pytest.approx(0.8)


def test_a_night_of_calls_is_matched_in_a_moment_and_as_before():
    starts = np.sort(np.random.default_rng(0).uniform(0, 20_000, 4_000))
    noted = np.stack([starts, starts + 0.05], axis=1)
    pairs, _ = match_events(noted, noted + 0.001)
    assert len(pairs) > 3_900


def test_recordings_are_pooled_by_their_counts():
    poor = JudgedRecording(
        truth=intervals((1, 2)), found=intervals((5, 6), (7, 8), (9, 10)), duration_s=60
    )
    good = JudgedRecording(truth=NOTED, found=NOTED, duration_s=120)
    pooled = score_events([poor, good])
    assert (pooled.calls, pooled.found, pooled.matched) == (4, 6, 3)
    assert pooled.f1 == pytest.approx(0.6)
    assert pooled.false_calls_per_minute == 1


def test_what_is_not_defined_is_nan():
    nothing = intervals()
    silent = score_events([JudgedRecording(truth=nothing, found=nothing)])
    assert np.isnan([silent.precision, silent.recall, silent.f1, silent.time_iou]).all()
    assert np.isnan(silent.false_calls_per_minute)
    on_silence = score_events(
        [JudgedRecording(truth=nothing, found=intervals((0.1, 0.2)), duration_s=60)]
    )
    assert (on_silence.precision, on_silence.false_calls_per_minute) == (0, 1)


def test_nothing_to_score_is_said():
    with pytest.raises(ValueError, match="no recording"):
        score_events([])


def test_a_year_of_calls_needs_no_table_of_all_pairs():
    starts = np.arange(100_000) * 0.5
    noted = np.stack([starts, starts + 0.05], axis=1)
    long = np.concatenate([noted, [[0.0, 1.0]]])  # one found call over two noted ones
    pairs, iou = match_events(noted, long[::-1])
    assert len(pairs) == 100_000
    assert iou.min() == pytest.approx(1)
