"""Settings for cleaning that go together, by name."""

from __future__ import annotations

from napari_squeakout.core.settings import CleanSettings

PRESETS = {
    "Paper's default": CleanSettings(),
    "Sensitive": CleanSettings(threshold=0.3, min_area_px=30, min_peak=0.4, min_duration_s=0.002),
    "Strict": CleanSettings(threshold=0.7, min_area_px=120, min_peak=0.85, min_duration_s=0.005),
}
#: What any others are called.
CUSTOM = "Custom"


def preset_of(settings: CleanSettings) -> str:
    """Name of the preset that settings are."""
    return next((name for name, preset in PRESETS.items() if preset == settings), CUSTOM)
