"""What calls were cleaned with, read from records of any age."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.io.sessions.kept_cleaning import recorded_cleaning


def test_a_record_from_before_trains_were_left_out_is_read_as_it_was_made():
    known = CleanSettings().model_dump()
    assert recorded_cleaning(known).drop_tone_trains
    del known["drop_tone_trains"]
    assert not recorded_cleaning(known).drop_tone_trains


def test_what_are_no_settings_is_refused():
    with pytest.raises(ValidationError):
        recorded_cleaning(["threshold"])
