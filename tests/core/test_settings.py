from __future__ import annotations

from itertools import combinations

import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic import ValidationError

from napari_squeakout.core.batch_settings import BatchSettings
from napari_squeakout.core.groups.settings import GroupSettings
from napari_squeakout.core.setting import Settings
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    MeasureSettings,
    RecordingSettings,
    RenderSettings,
    SegmentSettings,
    SummarySettings,
)
from napari_squeakout.core.training_settings import (
    FineTuneSettings,
    SynthesisSettings,
    TrainSettings,
)


def subclasses(settings):
    for kind in settings.__subclasses__():
        yield kind
        yield from subclasses(kind)


# What tests declare for themselves is not the package's.
CLASSES = sorted(
    {kind for kind in subclasses(Settings) if kind.__module__.startswith("napari_squeakout.")},
    key=lambda settings: settings.__name__,
)
SETTINGS_DECLARED = [
    pytest.param(settings, name, setting, id=f"{settings.__name__}.{name}")
    for settings in CLASSES
    for name, setting in settings.model_fields.items()
]
UNITS = {"_s": "s", "_hz": "Hz", "_px": "px", "_db": "dB"}
ONE_COMMAND = [
    BatchSettings,
    RecordingSettings,
    ImageSettings,
    RenderSettings,
    SegmentSettings,
    CleanSettings,
]
OF_GROUPS = [GroupSettings, SummarySettings, MeasureSettings]


def beyond(bound):
    """The nearest round value that a bound refuses."""
    match bound:
        case Ge(ge=limit):
            return limit - 1
        case Le(le=limit):
            return limit + 1
        case Gt(gt=limit):
            return limit
        case Lt(lt=limit):
            return limit
    return None


OUT_OF_BOUNDS = [
    pytest.param(settings, name, beyond(bound), id=f"{settings.__name__}.{name}={beyond(bound)}")
    for settings in CLASSES
    for name, setting in settings.model_fields.items()
    for bound in setting.metadata
    if beyond(bound) is not None
]


@pytest.mark.parametrize(("settings", "name", "setting"), SETTINGS_DECLARED)
def test_every_knob_says_what_it_does(settings, name, setting):
    sentence = setting.description.removesuffix(f" [{setting.json_schema_extra['unit']}]")
    assert len(sentence) > 15
    assert sentence.endswith((".", ")"))


@pytest.mark.parametrize(("settings", "name", "setting"), SETTINGS_DECLARED)
def test_every_knob_with_a_unit_in_its_name_shows_that_unit(settings, name, setting):
    expected = next((unit for suffix, unit in UNITS.items() if name.endswith(suffix)), "")
    assert setting.json_schema_extra["unit"] == expected


@pytest.mark.parametrize(("settings", "name", "value"), OUT_OF_BOUNDS)
def test_a_value_out_of_bounds_is_refused_by_name(settings, name, value):
    with pytest.raises(ValidationError, match=name):
        settings(**{name: value})


@pytest.mark.parametrize("settings", CLASSES)
def test_defaults_lie_within_their_own_bounds(settings):
    assert settings(**settings().model_dump()) == settings()


@pytest.mark.parametrize("settings", CLASSES)
def test_settings_come_back_from_json_as_they_were(settings):
    assert settings.model_validate_json(settings().model_dump_json()) == settings()


@pytest.mark.parametrize("settings", CLASSES)
def test_settings_cannot_be_changed(settings):
    name = next(iter(settings.model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings(), name, None)


@pytest.mark.parametrize("settings", CLASSES)
def test_an_unknown_name_is_refused(settings):
    with pytest.raises(ValidationError, match="no_such_knob"):
        settings(no_such_knob=1)


@pytest.mark.parametrize(
    ("one", "other"), [*combinations(ONE_COMMAND, 2), *combinations(OF_GROUPS, 2)]
)
def test_settings_that_share_a_command_share_no_flag(one, other):
    assert not one.model_fields.keys() & other.model_fields.keys()


@pytest.mark.parametrize("high_hz", [44_000, 49_000])
def test_a_band_too_narrow_to_see_a_call_in_is_refused_with_the_remedy(high_hz):
    with pytest.raises(ValidationError, match="narrower than 5 kHz: set high_hz above low_hz"):
        RenderSettings(high_hz=high_hz)


@pytest.mark.parametrize(
    "given",
    [{"image_span_s": 0.2}, {"image_low_hz": 0.0}, {"image_low_hz": 1.0, "image_high_hz": 2.0}],
)
def test_half_a_scale_of_images_is_refused(given):
    with pytest.raises(ValidationError, match="all three"):
        ImageSettings(**given)


def test_a_whole_scale_of_images_is_taken():
    scale = ImageSettings(image_span_s=0.22, image_low_hz=45_000, image_high_hz=125_000)
    assert scale.image_span_s == 0.22


def test_no_settings_class_is_left_out():
    assert {TrainSettings, FineTuneSettings, SynthesisSettings, CleanSettings} <= set(CLASSES)


@pytest.mark.parametrize(
    ("settings", "low", "high", "values"),
    [
        (CleanSettings, "keep_low_hz", "keep_high_hz", (100_000, 50_000)),
        (CleanSettings, "keep_low_hz", "keep_high_hz", (50_000, 50_000)),
        (SynthesisSettings, "min_snr_db", "max_snr_db", (30, 10)),
        (SynthesisSettings, "min_direct_db", "max_direct_db", (12, -3)),
    ],
)
def test_settings_that_contradict_each_other_are_refused_by_name(settings, low, high, values):
    with pytest.raises(ValidationError, match=rf"{low} .* is not below {high} .*: set {high}"):
        settings(**dict(zip((low, high), values, strict=True)))


def test_an_image_cannot_end_below_where_it_begins():
    with pytest.raises(ValidationError, match="image_low_hz 100000 is not below image_high_hz"):
        ImageSettings(image_span_s=0.2, image_low_hz=100_000, image_high_hz=50_000)


@pytest.mark.parametrize(
    ("settings", "former", "now"),
    [
        (
            CleanSettings,
            {"erosion": 2, "min_peak": 0.7},
            {"erosion_iterations": 2, "min_peak_probability": 0.7},
        ),
        (RenderSettings, {"floor_below_median_db": 30.0}, {"clamp_below_median_db": 30.0}),
        (
            FineTuneSettings,
            {"stop_after": 3, "held_out_share": 0.4},
            {"patience": 3, "held_out_fraction": 0.4},
        ),
    ],
)
def test_settings_of_before_are_read_by_their_names_of_now(settings, former, now):
    assert settings.model_validate(former) == settings(**now)


def test_a_setting_under_both_its_names_is_refused():
    with pytest.raises(ValidationError, match="min_peak"):
        CleanSettings.model_validate({"min_peak": 0.6, "min_peak_probability": 0.7})
