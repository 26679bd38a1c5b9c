"""Every knob, declared once: name, default, bounds, unit, help.

Forms, command-line flags, session files and the tables in the docs are derived from these
classes. Units stand in the names (`_s`, `_hz`, `_px`, `_db`) and, for people, in `unit`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

#: Narrower bands leave too few rows to recognise a call by.
_MIN_BAND_HZ = 5_000


def knob(
    default: Any, text: str, *, unit: str = "", step: float | None = None, **bounds: Any
) -> Any:
    """Declare one setting.

    Parameters
    ----------
    default : object
        Value when nothing is said.
    text : str
        What it does, in one sentence, for tooltips and `--help`.
    unit : str
        Unit as shown beside the value.
    step : float, optional
        Sensible step of a slider or spin box.
    **bounds
        `ge`, `gt`, `le`, `lt`, as in pydantic.
    """
    shown = f"{text} [{unit}]" if unit else text
    extra: dict[str, Any] = {"unit": unit, "step": step}
    return Field(default, description=shown, json_schema_extra=extra, **bounds)


class Settings(BaseModel):
    """Frozen settings; unknown names and values out of bounds are refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")


class RecordingSettings(Settings):
    """How a recording is read."""

    channel: int = knob(
        1, "Channel to use of a recording with several; they are never mixed.", ge=1
    )


class ImageSettings(Settings):
    """What a folder of spectrogram images shows; without it they are measured in pixels."""

    image_span_s: float | None = knob(
        None, "Time that one image spans, left edge to right edge.", unit="s", gt=0
    )
    image_low_hz: float | None = knob(
        None, "Frequency at the bottom edge of an image.", unit="Hz", ge=0
    )
    image_high_hz: float | None = knob(
        None, "Frequency at the top edge of an image.", unit="Hz", gt=0
    )

    @model_validator(mode="after")
    def _all_or_none(self) -> ImageSettings:
        given = [v is not None for v in (self.image_span_s, self.image_low_hz, self.image_high_hz)]
        if any(given) and not all(given):
            msg = "a scale of images takes all three: image_span_s, image_low_hz, image_high_hz"
            raise ValueError(msg)
        return self


class RenderSettings(Settings):
    """How a recording becomes pages: VocalMat's spectrogram image, which SqueakOut was made for."""

    page_length_s: float = knob(
        0.220672, "Time that one page spans; models expect 0.220672 s (431 steps of 0.512 ms).",
        unit="s", ge=0.05, le=2.0, step=0.01,
    )  # fmt: skip
    low_hz: float = knob(
        45_000.0, "Lowest frequency on a page; models expect 45 kHz.",
        unit="Hz", ge=0, le=100_000, step=1000,
    )  # fmt: skip
    high_hz: float = knob(
        125_000.0, "Highest frequency on a page; models expect 125 kHz.",
        unit="Hz", gt=0, le=125_000, step=1000,
    )  # fmt: skip
    floor_below_median_db: float = knob(
        65.0,
        "Levels further than this below a page's median count as that level, so that one deep null "
        "does not set the contrast of the whole page; 0 leaves nulls as they are.",
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


class SegmentSettings(Settings):
    """How the network is run."""

    device: Device = knob("auto", "Where to compute; auto takes CUDA, then MPS, then the CPU.")
    precision: Precision = knob(
        "auto", "Number format of the network; auto takes what this machine is fastest with."
    )
    batch_size: int = knob(
        0, "Images the network takes at once; 0 chooses for the device.", ge=0, le=1024
    )
    windows_per_page: Literal[1, 2, 4] = knob(
        2,
        "Overlapping looks at each page of a recording, blended, so that calls on page borders are "
        "whole; 1 looks at every page once and does not see past its edges.",
    )

    @field_validator("windows_per_page", mode="before")
    @classmethod
    def _number_in_words(cls, value: Any) -> Any:
        """The command line gives text, which pydantic takes for any number but a choice of them."""
        return int(value) if isinstance(value, str) and value.isdecimal() else value


class ResultSettings(Settings):
    """What is written beside the table of calls."""

    masks: bool = knob(False, "Also write the masks of recordings, as a TIFF with a slice a page.")
    mask_size: Literal["page", "source"] = knob(
        "page", "Size of the masks of images: the network's 512 x 512, or that of each image."
    )
    picture: bool = knob(False, "Also write a picture of the pages with most calls.")
    overwrite: bool = knob(False, "Replace results that are already there.")


class CleanSettings(Settings):
    """How probabilities become masks and calls.

    Images without a scale are cleaned as if they were standard pages (0.431 ms and 156.4 Hz a
    pixel); their calls are measured in pixels all the same.
    """

    threshold: float = knob(
        0.51, "Pixels with a probability above this belong to a call (the authors use 0.51).",
        ge=0, lt=1, step=0.01,
    )  # fmt: skip
    erosion: int = knob(
        0,
        "Times the border of each segment is thinned by a kernel 4 px high and 2 px wide; segments "
        "below four times the kernel's area are left as they are.",
        ge=0, le=20, step=1,
    )  # fmt: skip
    min_area_px: int = knob(
        80, "Segments with fewer pixels are removed.", unit="px", ge=0, le=20_000, step=10
    )
    fill_holes_px: int = knob(
        30, "Holes up to this size inside a segment are filled.", unit="px", ge=0, le=5_000, step=10
    )
    min_duration_s: float = knob(
        0.003, "Shorter calls are removed (VocalMat: 6 steps of 0.512 ms).",
        unit="s", ge=0, le=0.1, step=0.001,
    )  # fmt: skip
    join_gap_s: float = knob(
        0.028,
        "Segments closer in time than this are one call (USVSEG: 30 ms; VocalMat: 10.24 ms, which "
        "breaks calls that sink into noise for a moment).",
        unit="s", ge=0, le=0.1, step=0.001,
    )  # fmt: skip
    min_peak: float = knob(
        0.51, "A segment in which no pixel's probability exceeds this is removed.",
        ge=0, lt=1, step=0.01,
    )  # fmt: skip
    keep_low_hz: float | None = knob(
        None, "Pixels below this frequency never belong to a call.", unit="Hz", ge=0, step=1000
    )
    keep_high_hz: float | None = knob(
        None, "Pixels above this frequency never belong to a call.", unit="Hz", gt=0, step=1000
    )


class SampleSettings(Settings):
    """How much synthetic sample data is written."""

    seconds: float = knob(20.0, "Length of the synthetic recording.", ge=0.3, le=86_400)
    images: int = knob(8, "Number of synthetic spectrogram images.", ge=0, le=100_000)


class SynthesisSettings(Settings):
    """What synthetic pages are made of."""

    seed: int = knob(0, "Seed of all randomness; the same seed gives the same pages.", ge=0)
    empty_share: float = knob(0.2, "Share of pages without any call.", ge=0, le=1, step=0.05)
    min_snr_db: float = knob(
        6.0, "Level of the faintest calls over the noise floor of their band.",
        unit="dB", ge=0, le=60,
    )  # fmt: skip
    max_snr_db: float = knob(
        45.0, "Level of the loudest calls over the noise floor of their band.",
        unit="dB", ge=0, le=80,
    )  # fmt: skip
    reverberation_share: float = knob(
        0.6, "Share of pages in rooms that answer each call with an audible decay.",
        ge=0, le=1, step=0.05,
    )  # fmt: skip
    ring_s: float = knob(
        0.02, "How much of that decay at a call's end belongs to its mask; the later tail never.",
        unit="s", ge=0, le=0.05, step=0.001,
    )  # fmt: skip
    real_background_share: float = knob(
        0.4, "Share of pages on background cut from recordings, where such background is given.",
        ge=0, le=1, step=0.05,
    )  # fmt: skip
    disturbed: float = knob(
        1.0,
        "How often clicks, bursts, lines, rumble and the like come, as a multiple of the usual.",
        ge=0, le=10, step=0.5,
    )  # fmt: skip
    mask_above_floor_db: float = knob(
        3.0, "A mask holds pixels where the call exceeds the local noise floor by this much.",
        unit="dB", ge=0, le=20,
    )  # fmt: skip
    mask_below_ridge_db: float = knob(
        12.0, "A mask holds pixels at most this far below the call's ridge in their column.",
        unit="dB", gt=0, le=30,
    )  # fmt: skip


class LearningSettings(Settings):
    """How a network learns, from scratch or on."""

    seed: int = knob(0, "Seed of all randomness.", ge=0)
    epochs: int = knob(100, "Passes over the training pages at most.", ge=1, le=100_000)
    batch_size: int = knob(8, "Crops per step (paper: 8).", ge=1, le=4096)
    learning_rate: float = knob(
        1e-4, "Initial, or with one-cycle the highest, rate (paper: 1e-4).", gt=0, le=1
    )
    crop_px: int = knob(
        512,
        "Side of the random crops trained on; 512 is the whole page.",
        unit="px",
        ge=64,
        le=512,
        multiple_of=32,
    )
    call_crop_share: float = knob(
        0.6, "Share of crops placed on a call where the page has one.", ge=0, le=1, step=0.05
    )
    focal_share: float = knob(
        0.3, "Share of focal loss; the rest is Dice (paper: 0.3).", ge=0, le=1, step=0.05
    )
    focal_gamma: float = knob(
        2.0, "How strongly focal loss ignores easy pixels (paper: 2).", ge=0, le=10, step=0.5
    )
    augment: bool = knob(True, "Vary the training pages as in the paper.")


class TrainSettings(LearningSettings):
    """How a network learns. Defaults are the paper's; departures are for small machines."""

    schedule: Literal["plateau", "one-cycle"] = knob(
        "plateau",
        "plateau: Adam, the rate falls tenfold after 5 epochs without improvement and training "
        "stops after 15 (paper); one-cycle: AdamW, the rate rises and falls once over all epochs.",
    )
    validation_share: float = knob(
        0.1, "Share of pages kept for validation (paper: 0.1).", gt=0, lt=1, step=0.05
    )


class FineTuneSettings(LearningSettings):
    """How a model learns from a few approved pages. Defaults are for 5 to 50 of them."""

    epochs: int = knob(40, "Passes over the approved pages at most.", ge=1, le=10_000)
    batch_size: int = knob(4, "Crops per step.", ge=1, le=4096)
    learning_rate: float = knob(
        1e-3, "Highest rate of the decoder: it rises and falls once over all epochs.", gt=0, le=1
    )
    crop_px: int = knob(
        256, "Side of the random crops learned from; 512 is the whole page.",
        unit="px", ge=64, le=512, multiple_of=32,
    )  # fmt: skip
    freeze_encoder: bool = knob(
        True, "Leave the encoder as it is, so that few pages cannot spoil what it has learned."
    )
    encoder_rate_share: float = knob(
        0.1, "Rate of an encoder that is not frozen, as a share of the decoder's.", gt=0, le=1
    )
    stop_after: int = knob(
        12,
        "Stop after this many epochs with a held-out loss not below the one before learning.",
        ge=1,
        le=1000,
    )
    held_out_share: float = knob(
        0.3, "Share of the approved pages that are not learned from, to judge by.",
        ge=0.05, le=0.5, step=0.05,
    )  # fmt: skip
    replay_share: float = knob(
        0.5, "Share of synthetic pages among those learned from, against forgetting.",
        ge=0, le=0.9, step=0.05,
    )  # fmt: skip
    kept_share: float = knob(
        0.85,
        "How far the weights go in the end from those it began with to those learned, "
        "against forgetting (Wortsman et al. 2022).",
        gt=0, le=1, step=0.05,
    )  # fmt: skip
    synthetic_check_pages: int = knob(
        60,
        "Synthetic pages that measure what was forgotten, of those that the bundled model was "
        "measured by; 0 does without.",
        ge=0,
        le=1000,
    )
