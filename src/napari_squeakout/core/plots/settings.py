"""What a plot of calls shows, and how finely: declared once."""

from __future__ import annotations

from typing import Literal

from napari_squeakout.core.setting import Settings, setting
from napari_squeakout.core.settings import bout_gap

PlotKind = Literal[
    "frequency by duration",
    "histogram",
    "raster",
    "silences",
    "calls over time",
]
#: Measures go by the headings of the table of calls.
Frequency = Literal["principal (kHz)", "peak (kHz)", "contour mean (kHz)", "mean (kHz)"]
Measured = Literal[
    "duration (ms)", "interval (ms)",
    "principal (kHz)", "peak (kHz)", "contour mean (kHz)", "start (kHz)", "end (kHz)",
    "min (kHz)", "max (kHz)", "range (kHz)", "sd (kHz)",
    "slope (kHz/s)", "fm rate (kHz/s)", "sinuosity",
    "n jumps", "n jumps up", "largest jump (kHz)", "n harmonics", "n pieces",
    "mean power (dB)", "peak power (dB)", "snr (dB)", "tonality", "entropy (bit)",
    "low (kHz)", "high (kHz)", "bandwidth (kHz)", "mean (kHz)",
    "area (px)", "mean probability", "peak probability",
]  # fmt: skip


class PlotSettings(Settings):
    """How calls are plotted."""

    plot: PlotKind = setting("frequency by duration", "What is plotted of the calls shown.")
    frequency: Frequency = setting(
        "principal (kHz)",
        "Which frequency of a call stands for it; mean is that of its mask, the others are those "
        "of its contour.",
    )
    measure: Measured = setting("duration (ms)", "Measure whose values are counted.")
    bins: int = setting(40, "How many bars the values are counted in.", ge=5, le=200)
    bin_s: float = setting(
        60.0, "Length of the time in which calls are counted.", unit="s", ge=1, le=3_600
    )
    bout_gap_s: float = bout_gap()


#: Which settings matter to which plot, in the order in which they are asked.
SETTINGS_OF: dict[str, tuple[str, ...]] = {
    "frequency by duration": ("frequency",),
    "histogram": ("measure", "bins"),
    "raster": ("frequency",),
    "silences": ("bout_gap_s", "bins"),
    "calls over time": ("bin_s",),
}
