"""The settings of segmenting: reading, rendering, the network, cleaning, results.

With those of learning beside them, every setting is declared once. Forms, command-line flags,
session files and the tables in the docs are derived from these classes. Units stand in the names
(`_s`, `_hz`, `_px`, `_db`) and, for people, in `unit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import field_validator, model_validator

from .setting import Settings, check_order, setting

#: What grey means on a page: decibels above the noise, or between the page's own extremes.
Levels = Literal["noise", "page"]

#: Narrower bands leave too few rows to recognise a call by.
_MIN_BAND_HZ = 5_000


class RecordingSettings(Settings):
    """How a recording is read."""

    channel: int = setting(
        1, "Channel to use of a recording with several; they are never mixed.", ge=1
    )
    time_expansion: float | None = setting(
        None,
        "How many times slower than life a recording plays, 1 for not at all; times and "
        "frequencies are those of the real sound. Left open, it is what the file itself says "
        "(GUANO), or 1.",
        ge=1, le=100, step=1,
    )  # fmt: skip


class ImageSettings(Settings):
    """What a folder of spectrogram images shows; without a scale they are measured in pixels."""

    image_span_s: float | None = setting(
        None, "Time that one image spans, left edge to right edge.", unit="s", gt=0
    )
    image_low_hz: float | None = setting(
        None, "Frequency at the bottom edge of an image.", unit="Hz", ge=0
    )
    image_high_hz: float | None = setting(
        None, "Frequency at the top edge of an image.", unit="Hz", gt=0
    )

    invert: bool = setting(
        False,
        "Swap black and white: for images that show calls dark on white, as Raven, Avisoft and "
        "DeepSqueak print them; SqueakOut expects them bright on black.",
    )

    @model_validator(mode="after")
    def _all_or_none(self) -> ImageSettings:
        given = [v is not None for v in (self.image_span_s, self.image_low_hz, self.image_high_hz)]
        if any(given) and not all(given):
            msg = "a scale of images takes all three: image_span_s, image_low_hz, image_high_hz"
            raise ValueError(msg)
        check_order(self, "image_low_hz", "image_high_hz")
        return self


class RenderSettings(Settings):
    """How a recording becomes pages."""

    FORMER: ClassVar[Mapping[str, str]] = {"floor_below_median_db": "clamp_below_median_db"}

    levels: Levels = setting(
        "noise",
        "What brightness means. noise: decibels above the noise floor at each frequency; page: "
        "from the page's lowest to its highest level, as in VocalMat's images. A model is given "
        "the kind it was trained on, whatever is shown.",
    )
    page_length_s: float = setting(
        0.220672, "Time that one page spans; models expect 0.220672 s (431 steps of 0.512 ms).",
        unit="s", ge=0.05, le=2.0, step=0.01,
    )  # fmt: skip
    low_hz: float = setting(
        45_000.0, "Lowest frequency on a page; models expect 45 kHz.",
        unit="Hz", ge=0, le=100_000, step=1000,
    )  # fmt: skip
    high_hz: float = setting(
        125_000.0, "Highest frequency on a page; models expect 125 kHz.",
        unit="Hz", gt=0, le=125_000, step=1000,
    )  # fmt: skip
    clamp_below_median_db: float = setting(
        65.0,
        "Levels more than this below a page's median are raised to it, so that a few very quiet "
        "pixels do not set the contrast of the whole page; 0 leaves them as they are. Matters only "
        "to pages with levels set to page.",
        unit="dB", ge=0, le=200, step=5,
    )  # fmt: skip

    @model_validator(mode="after")
    def _band_is_wide_enough(self) -> RenderSettings:
        if self.high_hz - self.low_hz < _MIN_BAND_HZ:
            msg = (
                f"the band {self.low_hz:g}-{self.high_hz:g} Hz is narrower than "
                f"{_MIN_BAND_HZ / 1e3:g} kHz: set high_hz above low_hz"
            )
            raise ValueError(msg)
        return self


Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
ComputeWith = Literal["auto", "torch", "openvino"]


class SegmentSettings(Settings):
    """How the network is run."""

    device: Device = setting("auto", "Where to compute; auto takes CUDA, then MPS, then the CPU.")
    precision: Precision = setting(
        "auto", "Number format the network computes with; auto takes the fastest on this machine."
    )
    compute_with: ComputeWith = setting(
        "auto",
        "What runs the network on the CPU; auto takes OpenVINO where it is installed, gives the "
        "masks that torch gives and is faster, which is tried once for each model.",
    )
    batch_size: int = setting(
        0, "Pages given to the network at once; 0 chooses for the device.", ge=0, le=1024
    )
    windows_per_page: Literal[0, 1, 2, 4] = setting(
        0,
        "How a recording is looked at. 0: once, in wide tiles whose margins are thrown away, where "
        "the model wants levels above the noise, and else as 2. 2 and 4: through so many "
        "overlapping windows per page, blended. 1: each page by itself, blind to what continues on "
        "the next.",
    )

    skip_silence: bool = setting(
        False,
        "Leave out the pages of a recording on which a first, quick glance sees no call: up to "
        "four times as fast where animals and box are silent, but of very faint calls some are "
        "lost; only where a recording is looked at once.",
    )

    @field_validator("windows_per_page", mode="before")
    @classmethod
    def _number_in_words(cls, value: Any) -> Any:
        """The command line gives text, which pydantic takes for any number but a choice of them."""
        return int(value) if isinstance(value, str) and value.isdecimal() else value


class ResultSettings(Settings):
    """What is written beside the table of calls."""

    masks: bool = setting(
        False, "Also write the masks of recordings, as a TIFF with one slice per page."
    )
    measures: bool = setting(
        False,
        "Also write calls_measures.csv: calls.csv with contour, jumps, harmonics, levels and class "
        "of each call.",
    )
    mask_size: Literal["page", "source"] = setting(
        "page", "Size of the masks of images: the network's 512 x 512, or that of each image."
    )
    picture: bool = setting(False, "Also write a picture of the pages with most calls.")
    overwrite: bool = setting(False, "Replace results that are already there.")


class CleanSettings(Settings):
    """How probabilities become masks and calls.

    Images without a scale are cleaned as if they were standard pages (0.431 ms and 156.4 Hz a
    pixel); their calls are measured in pixels all the same.
    """

    FORMER: ClassVar[Mapping[str, str]] = {
        "erosion": "erosion_iterations",
        "min_peak": "min_peak_probability",
    }

    threshold: float = setting(
        0.51, "Pixels with a probability above this belong to a call (the authors use 0.51).",
        ge=0, lt=1, step=0.01,
    )  # fmt: skip
    erosion_iterations: int = setting(
        0,
        "Times the border of each segment is thinned by a kernel 4 px high and 2 px wide; segments "
        "below four times the kernel's area are left as they are.",
        ge=0, le=20, step=1,
    )  # fmt: skip
    min_area_px: int = setting(
        80, "Segments with fewer pixels are removed.", unit="px", ge=0, le=20_000, step=10
    )
    fill_holes_px: int = setting(
        30, "Holes up to this size inside a segment are filled.", unit="px", ge=0, le=5_000, step=10
    )
    min_duration_s: float = setting(
        0.003, "Calls shorter than this are removed (VocalMat: 6 steps of 0.512 ms).",
        unit="s", ge=0, le=0.1, step=0.001,
    )  # fmt: skip
    join_gap_s: float = setting(
        0.024,
        "Segments closer in time than this are joined to one call (USVSEG: 30 ms; VocalMat: "
        "10.24 ms, which splits calls that fade into noise for a moment).",
        unit="s", ge=0, le=0.1, step=0.001,
    )  # fmt: skip
    min_peak_probability: float = setting(
        0.51, "A segment in which no pixel's probability exceeds this is removed.",
        ge=0, lt=1, step=0.01,
    )  # fmt: skip
    drop_tone_trains: bool = setting(
        True,
        "Tones that come again and again (5 and more in half a minute) at one frequency and with "
        "one length are a device's, and removed.",
    )
    keep_low_hz: float | None = setting(
        None, "Pixels below this frequency never belong to a call.", unit="Hz", ge=0, step=1000
    )
    keep_high_hz: float | None = setting(
        None, "Pixels above this frequency never belong to a call.", unit="Hz", gt=0, step=1000
    )

    @model_validator(mode="after")
    def _band_is_one(self) -> CleanSettings:
        check_order(self, "keep_low_hz", "keep_high_hz")
        return self

    def at_threshold(self, threshold: float) -> CleanSettings:
        """The same with another threshold, which every call's surest pixel has to exceed."""
        changes = {
            "threshold": threshold,
            "min_peak_probability": max(threshold, self.min_peak_probability),
        }
        return CleanSettings.model_validate(self.model_dump() | changes)


def bout_gap() -> Any:
    """What parts two bouts, wherever bouts are told apart."""
    return setting(
        2.0,
        "Silence that parts two bouts of calls (DeepSqueak's syntax: 2 s; others 0.25 s).",
        unit="s", gt=0, le=3_600, step=0.05,
    )  # fmt: skip


class CompareSettings(Settings):
    """How found calls are set beside annotated ones."""

    bout_gap_s: float = bout_gap()


class MeasureSettings(Settings):
    """How calls are measured."""

    jump_hz: float = setting(
        5_000.0,
        "Smallest sudden change of a call's frequency that counts as a jump (MAD: 5 kHz).",
        unit="Hz", ge=1_000, le=50_000, step=500,
    )  # fmt: skip
    fm_hz: float = setting(
        5_000.0,
        "Smallest way up or down that makes a class: calls without one are flat.",
        unit="Hz", ge=500, le=50_000, step=500,
    )  # fmt: skip
    short_s: float = setting(
        0.010, "Calls shorter than this have the class short.", unit="s", ge=0, le=0.1, step=0.001
    )


class SummarySettings(Settings):
    """How recordings are summed up."""

    bin_s: float = setting(
        60.0, "Length of the time bins in which calls are counted.", unit="s", ge=1, le=86_400
    )
    bout_cut: Literal["gap", "intervals"] = setting(
        "gap",
        "What ends a bout: gap, silence of bout_gap_s; intervals, the cut that all intervals given "
        "suggest, where a mixture of two normal distributions of their logarithms crosses.",
    )
    bout_gap_s: float = bout_gap()


class SampleSettings(Settings):
    """How much synthetic sample data is written."""

    seconds: float = setting(20.0, "Length of the synthetic recording.", ge=0.3, le=86_400)
    images: int = setting(8, "Number of synthetic spectrogram images.", ge=0, le=100_000)
    animals: int = setting(
        0,
        "Animals a group of a study that is written instead of one recording and images: a "
        "recording of each, and a table of who is WT and who is KO; KO call in the first two "
        "fifths of theirs.",
        ge=0, le=1000,
    )  # fmt: skip
