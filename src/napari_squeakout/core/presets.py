"""Settings that go together, by name."""

from __future__ import annotations

from .settings import CleanSettings
from .training_settings import FineTuneSettings

PRESETS = {
    "Paper's default": CleanSettings(),
    "Sensitive": CleanSettings(
        threshold=0.3, min_area_px=30, min_peak_probability=0.4, min_duration_s=0.002
    ),
    "Strict": CleanSettings(
        threshold=0.7, min_area_px=120, min_peak_probability=0.85, min_duration_s=0.005
    ),
}
#: What any others are called.
CUSTOM = "Custom"


def preset_of(settings: CleanSettings) -> str:
    """Name of the preset that settings are."""
    return next((name for name, preset in PRESETS.items() if preset == settings), CUSTOM)


#: What thoroughness changes of the defaults of fine-tuning.
THOROUGHNESS: dict[str, dict[str, int]] = {
    "Quick": {"epochs": 12, "patience": 6, "forgetting_test_pages": 20},
    "Standard": {},
    "Thorough": {"epochs": 100, "patience": 20},
}
_OF_THOROUGHNESS = ("epochs", "patience", "forgetting_test_pages")


def with_thoroughness(settings: FineTuneSettings, name: str) -> FineTuneSettings:
    """The settings, as thorough as that."""
    usual = FineTuneSettings()
    values = {field: getattr(usual, field) for field in _OF_THOROUGHNESS}
    return settings.model_copy(update=values | THOROUGHNESS[name])


def thoroughness_of(settings: FineTuneSettings) -> str:
    """How thorough settings are."""
    names = (name for name in THOROUGHNESS if with_thoroughness(settings, name) == settings)
    return next(names, CUSTOM)
