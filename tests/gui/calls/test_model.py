"""The table as Qt asks for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from qtpy.QtCore import Qt

from napari_squeakout.core.errors import InputError
from napari_squeakout.gui.calls.model import CallsModel
from napari_squeakout.gui.calls.rows import conditions_of

N = 20_000


def table(n=N, seed=0):
    random = np.random.default_rng(seed)
    duration_s = random.uniform(0.005, 0.2, n)
    peak_hz = random.uniform(40e3, 110e3, n)
    peak_hz[::7] = np.nan
    classes = random.choice(np.array(["flat", "down_fm", "Complex"], object), n)
    classes[::11] = None
    return pd.DataFrame(
        {
            "call": np.arange(1, n + 1),
            "page": np.arange(n) // 4,
            "start_s": np.arange(n) * 0.05,
            "duration_s": duration_s,
            "peak_hz": peak_hz,
            "n_jumps": pd.array(random.integers(0, 4, n), "Int64"),
            "cut_low": pd.array(random.integers(0, 2, n), "Int64"),
            "class": classes,
        }
    )


def filled(calls):
    model = CallsModel()
    model.set_calls(calls)
    return model


def column(model, name):
    return [column.name for column in model.columns].index(name)


def cells(model, name):
    return [model.index(row, column(model, name)).data() for row in range(model.rowCount())]


def heading(model, name, role=Qt.ItemDataRole.DisplayRole):
    return model.headerData(column(model, name), Qt.Orientation.Horizontal, role)


def show(model, text):
    model.set_conditions(conditions_of(text, model.columns))


def test_a_row_stands_for_each_of_many_calls_in_units_that_people_read(qapp):
    calls = table()
    model = filled(calls)
    assert model.rowCount() == N
    assert heading(model, "duration_s") == "duration (ms)"
    assert heading(model, "peak_hz") == "peak (kHz)"
    assert heading(model, "peak_hz", Qt.ItemDataRole.ToolTipRole).startswith("Frequency of")
    assert [column.name for column in model.columns[:3]] == ["call", "page", "class"]
    assert model.index(3, column(model, "duration_s")).data() == f"{calls.duration_s[3] * 1e3:.1f}"
    assert model.index(3, column(model, "peak_hz")).data() == f"{calls.peak_hz[3] / 1e3:.2f}"
    assert model.index(3, column(model, "n_jumps")).data() == str(calls.n_jumps[3])
    assert model.index(3, column(model, "cut_low")).data() in {"", "yes"}
    assert model.index(0, column(model, "peak_hz")).data() == ""
    assert model.index(0, column(model, "class")).data() == ""


@pytest.mark.parametrize("name", ["duration_s", "peak_hz", "n_jumps", "class"])
@pytest.mark.parametrize("descending", [False, True])
def test_rows_are_sorted_by_any_column_with_empty_cells_last(qapp, name, descending):
    calls = table()
    model = filled(calls)
    order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
    model.sort(column(model, name), order)
    key = (lambda text: text.str.casefold()) if name == "class" else None
    ranks = calls[name].pipe(key or (lambda values: values)).rank(method="dense")
    wanted = (-ranks if descending else ranks).sort_values(kind="stable", na_position="last")
    assert model.rows.tolist() == wanted.index.tolist()
    empty = calls[name].isna().to_numpy()[model.rows]
    assert not empty[: N - empty.sum()].any()


def test_only_calls_that_fulfil_all_conditions_are_shown_in_the_order_that_was_chosen(qapp):
    calls = table()
    model = filled(calls)
    model.sort(column(model, "duration_s"), Qt.SortOrder.DescendingOrder)
    show(model, "duration > 20 and class = FLAT, peak_hz <= 80")
    wanted = calls[(calls.duration_s > 0.02) & (calls["class"] == "flat") & (calls.peak_hz <= 80e3)]
    assert 0 < len(wanted) < N
    assert model.rows.tolist() == wanted.sort_values("duration_s", ascending=False).index.tolist()
    show(model, "peak =")
    assert model.rowCount() == int(calls.peak_hz.isna().sum())
    show(model, "cut low = yes, peak (kHz) != ")
    assert set(cells(model, "cut_low")) == {"yes"}
    assert "" not in cells(model, "peak_hz")
    show(model, "")
    assert model.rowCount() == N


def test_a_number_is_equal_to_what_is_read_in_its_cell(qapp):
    model = filled(table(40))
    read = model.index(5, column(model, "duration_s")).data()
    show(model, f"duration = {read}")
    assert 5 in model.rows
    assert set(cells(model, "duration_s")) == {read}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("loudness > 3", "'loudness' is no column"),
        ("duration", "compares nothing"),
        ("duration > long", "'long' is no number of ms"),
        ("duration > nan", "'nan' is no number of ms"),
        ("class > flat", "words can only be = or !="),
        ("peak >", "an empty cell can only be"),
    ],
)
def test_a_condition_that_says_nothing_is_refused_in_a_sentence(qapp, text, told):
    with pytest.raises(InputError, match=r"example|choose") as refused:
        conditions_of(text, filled(table(4)).columns)
    assert told in str(refused.value)


def test_order_and_conditions_outlast_another_table_and_go_with_their_columns(qapp):
    model = filled(table(100))
    model.sort(column(model, "peak_hz"))
    show(model, "peak > 60")
    model.set_calls(table(60, seed=1))
    shown = [float(cell) for cell in cells(model, "peak_hz")]
    assert shown == sorted(shown)
    assert shown[0] > 60
    model.set_calls(table(10).drop(columns="peak_hz"))  # images of unknown scale
    assert model.rows.tolist() == list(range(10))


def test_calls_that_are_measured_again_are_greyed(qapp):
    model = filled(table(3))
    model.set_outdated(np.array([False, True, False]))
    brushes = [model.index(row, 0).data(Qt.ItemDataRole.ForegroundRole) for row in range(3)]
    assert [brush is None for brush in brushes] == [True, False, True]
    assert "measured again" in model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
