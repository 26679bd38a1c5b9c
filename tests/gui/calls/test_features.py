"""Measures in the features of a layer."""

from __future__ import annotations

import numpy as np
import pandas as pd
from napari.layers import Labels

from napari_squeakout.core.measures.edited import LAST_PAGE, PAINTED
from napari_squeakout.gui.calls.features import LayerFeatures, features_of


def calls(*numbers):
    n = len(numbers)
    return pd.DataFrame(
        {
            "call": range(1, n + 1),
            "page": range(n),
            "peak_hz": [1e3 * number for number in numbers],
            "n_jumps": pd.array([0] * n, "Int64"),
            PAINTED: numbers,
            LAST_PAGE: range(n),
        }
    )


def test_each_number_has_its_row_and_one_of_two_calls_none():
    features = features_of(calls(2, 5, 3, 5))
    assert len(features) == 6
    assert features["peak_hz"][[2, 3]].tolist() == [2e3, 3e3]
    assert features["peak_hz"][[0, 1, 4, 5]].isna().all()


def test_a_number_beyond_a_million_takes_no_memory():
    assert features_of(calls(1, 2_000_000_000)).empty


def test_columns_of_others_stay_and_ours_go_where_nobody_keeps_them_true():
    layer = Labels(np.zeros((4, 4), int))
    layer.features = pd.DataFrame({"cluster": [0, 7, 8]})
    kept = LayerFeatures()
    kept.show(layer, features_of(calls(1, 4)))
    kept.show(layer, features_of(calls(1, 3, 4)))
    assert layer.features["cluster"].iloc[:3].tolist() == [0, 7, 8]
    assert layer.features["peak_hz"][[1, 3, 4]].tolist() == [1e3, 3e3, 4e3]
    other = Labels(np.zeros((4, 4), int))
    kept.show(other, features_of(calls(1)))
    assert list(layer.features) == ["cluster"]
    assert "peak_hz" in other.features
    kept.show(other, None)
    assert "peak_hz" not in other.features
