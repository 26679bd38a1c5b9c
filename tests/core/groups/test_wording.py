"""Differences in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from napari_squeakout.core.groups.comparing import compare_groups
from napari_squeakout.core.groups.settings import GroupSettings
from napari_squeakout.core.groups.wording import difference_text, shown_as


@pytest.mark.parametrize(
    ("measure", "value", "label", "number"),
    [
        ("mean_principal_hz", 70_123.0, "mean principal frequency (kHz)", "70.12"),
        ("mean_duration_s", 0.0456, "mean duration (ms)", "45.6"),
        ("latency_s", 12.5, "latency (s)", "12.5"),
        ("mean_slope_hz_per_s", -2_000.0, "mean slope (kHz/s)", "-2"),
        ("mean_snr_db", 10.0, "mean snr (dB)", "10"),
        ("calls_per_min", 40.0, "calls a minute", "40"),
        ("calls_per_min", np.nan, "calls a minute", "–"),  # noqa: RUF001
    ],
)
def test_numbers_are_in_the_unit_that_is_named(measure, value, label, number):
    shown = shown_as(measure)
    assert (shown.label, shown.number(value)) == (label, number)


def sentence(a, b):
    rows = pd.DataFrame({"group": ["A"] * len(a) + ["B"] * len(b), "mean_principal_hz": [*a, *b]})
    rows["subject"] = rows["recording"] = [f"m{place}" for place in range(len(rows))]
    settings = GroupSettings(compared=("mean_principal_hz",))
    return difference_text(compare_groups(rows, settings).differences.iloc[0])


def test_a_difference_is_told_with_its_animals_its_interval_and_its_p():
    said = sentence([70e3, 71e3, 72e3, 73e3], [76e3, 77e3, 78e3, 79e3])
    assert said.startswith("mean principal frequency (kHz): A 71.5 (n = 4) and B 77.5 (n = 4): +6")
    assert "95 % interval +" in said
    assert said.endswith("p = 0.029, corrected 0.029: they differ")


def test_no_difference_and_too_few_animals_are_told_apart():
    assert sentence([1e3, 2e3, 3e3], [1e3, 2e3, 4e3]).endswith("no difference is shown")
    assert sentence([1e3, 2e3, 3e3], [1e3, np.nan]).endswith("too few have it to be compared")
