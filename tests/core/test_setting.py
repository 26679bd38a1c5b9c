"""What settings refuse, in words."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from napari_squeakout.core.setting import first_fault
from napari_squeakout.core.settings import CleanSettings


def test_what_is_refused_is_named_with_its_settings():
    with pytest.raises(ValidationError) as caught:
        CleanSettings(threshold=7)
    assert first_fault(caught.value, of="clean").startswith("clean.threshold: Input should be")


def test_settings_that_contradict_each_other_are_told_without_pydantics_words():
    with pytest.raises(ValidationError) as caught:
        CleanSettings(keep_low_hz=90_000, keep_high_hz=50_000)
    assert first_fault(caught.value).startswith("keep_low_hz 90000 is not below keep_high_hz 50000")
