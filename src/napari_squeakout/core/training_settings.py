"""The settings of learning: what synthetic pages are made of, and how networks learn from pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from .setting import Settings, check_order, setting


class SynthesisSettings(Settings):
    """What synthetic pages are made of."""

    seed: int = setting(0, "Seed of all randomness; the same seed gives the same pages.", ge=0)
    empty_fraction: float = setting(0.2, "Share of pages without any call.", ge=0, le=1, step=0.05)
    min_snr_db: float = setting(
        5.0, "Level of the faintest calls' loudest moment over the noise floor of their band.",
        unit="dB", ge=0, le=60,
    )  # fmt: skip
    max_snr_db: float = setting(
        42.0,
        "Level of the loudest calls' loudest moment over the noise floor of their band; most calls "
        "lie in the lower half of the range.",
        unit="dB", ge=0, le=80,
    )  # fmt: skip
    harsh_fraction: float = setting(
        0.12, "Share of calls that are rough: chaotic, with subharmonics, or with a noisy onset.",
        ge=0, le=1, step=0.05,
    )  # fmt: skip
    reverberation_fraction: float = setting(
        0.7, "Share of scenes with reverberation; the others are anechoic.",
        ge=0, le=1, step=0.05,
    )  # fmt: skip
    min_direct_db: float = setting(
        -15.0,
        "Lowest direct-to-reverberant ratio: far below 0 the animal faces away, and a call is a "
        "cloud of echoes.",
        unit="dB", ge=-30, le=40,
    )  # fmt: skip
    max_direct_db: float = setting(
        25.0, "Highest direct-to-reverberant ratio.",
        unit="dB", ge=-30, le=40,
    )  # fmt: skip
    early_s: float = setting(
        0.02,
        "Echoes that arrive within this time of the direct sound belong to the call and its mask; "
        "the later tail never does.",
        unit="s", ge=0.001, le=0.1, step=0.001,
    )  # fmt: skip
    real_background_fraction: float = setting(
        0.4, "Share of scenes on real background, where recordings of it are given.",
        ge=0, le=1, step=0.05,
    )  # fmt: skip
    disturbance_rate: float = setting(
        1.0,
        "How often clicks, bursts, lines, rumble and the like occur, as a multiple of the usual.",
        ge=0, le=10, step=0.5,
    )  # fmt: skip
    rumble_rate: float = setting(
        1.0,
        "How often rumble occurs, whose harmonics look most like calls, as a further multiple.",
        ge=0, le=10, step=0.5,
    )  # fmt: skip
    band_limited_fraction: float = setting(
        0.12, "Share of scenes as recorded at a lower sampling rate, 160 to 230 kHz.",
        ge=0, le=1, step=0.05,
    )  # fmt: skip
    image_fraction: float = setting(
        0.12, "Share of pages made as VocalMat's images, then levelled by the noise in them.",
        ge=0, le=1, step=0.05,
    )  # fmt: skip
    mask_above_floor_db: float = setting(
        2.5, "A mask holds pixels where the call exceeds the local noise floor by this much.",
        unit="dB", ge=0, le=20,
    )  # fmt: skip
    mask_below_near_db: float = setting(
        13.0, "A mask holds pixels at most this far below the loudest within 6 kHz.",
        unit="dB", gt=0, le=30,
    )  # fmt: skip
    mask_below_lately_db: float = setting(
        25.0,
        "A mask holds pixels at most this far below the loudest at their frequency within 20 ms.",
        unit="dB", gt=0, le=60,
    )  # fmt: skip

    @model_validator(mode="after")
    def _in_order(self) -> SynthesisSettings:
        check_order(self, "min_snr_db", "max_snr_db", may_be_equal=True)
        check_order(self, "min_direct_db", "max_direct_db", may_be_equal=True)
        return self


def _weight_interpolation(default: float) -> Any:
    return setting(
        default,
        "How far the final weights lie between those started from (0) and those learned (1); in "
        "between, less of the old skill is forgotten (Wortsman et al. 2022).",
        gt=0, le=1, step=0.05,
    )  # fmt: skip


class LearningSettings(Settings):
    """How a network learns, from scratch or on."""

    FORMER: ClassVar[Mapping[str, str]] = {
        "stop_after": "patience",
        "kept_share": "weight_interpolation",
        "own_dice_share": "per_crop_dice_weight",
        "own_dice_slack_px": "per_crop_dice_smoothing_px",
        "focal_share": "focal_weight",
        "validation_share": "validation_fraction",
        "held_out_share": "held_out_fraction",
        "replay_share": "replay_fraction",
        "call_crop_share": "call_crop_fraction",
        "encoder_rate_share": "encoder_lr_factor",
        "synthetic_check_pages": "forgetting_test_pages",
    }

    seed: int = setting(0, "Seed of all randomness.", ge=0)
    epochs: int = setting(100, "Passes over the training pages at most.", ge=1, le=100_000)
    batch_size: int = setting(8, "Crops per training step (paper: 8).", ge=1, le=4096)
    learning_rate: float = setting(
        1e-4,
        "Learning rate: the initial one, or with one-cycle and hold the highest (paper: 1e-4).",
        gt=0,
        le=1,
    )
    crop_px: int = setting(
        512,
        "Side of the random crops trained on; 512 is the whole page.",
        unit="px",
        ge=64,
        le=512,
        multiple_of=32,
    )
    call_crop_fraction: float = setting(
        0.6, "Share of crops placed on a call where the page has one.", ge=0, le=1, step=0.05
    )
    focal_weight: float = setting(
        0.3,
        "Share of focal loss; the rest is Dice loss (paper: 0.3).",
        ge=0,
        le=1,
        step=0.05,
    )
    focal_gamma: float = setting(
        2.0, "How strongly focal loss ignores easy pixels (paper: 2).", ge=0, le=10, step=0.5
    )
    per_crop_dice_weight: float = setting(
        0.0,
        "How much of the Dice loss is each crop's own, in which a faint, short call weighs as much "
        "as a loud, long one; the rest is the whole batch's.",
        ge=0, le=1, step=0.05,
    )  # fmt: skip
    per_crop_dice_smoothing_px: int = setting(
        64,
        "Pixels added as correct to each crop's own Dice; the fewer, the more a false mark costs "
        "on a crop without calls.",
        unit="px", ge=1, le=10_000,
    )  # fmt: skip
    augment: bool = setting(True, "Augment the training pages as in the paper.")
    weight_interpolation: float = _weight_interpolation(1.0)


class TrainSettings(LearningSettings):
    """How a network learns. Defaults are the paper's; departures are for small machines."""

    schedule: Literal["plateau", "one-cycle", "hold"] = setting(
        "plateau",
        "plateau: Adam, the rate falls tenfold after 5 epochs without improvement and training "
        "stops after 15 (paper); one-cycle: AdamW, the rate rises and falls once over all epochs; "
        "hold: AdamW, the rate rises soon, stays, and falls over the last quarter.",
    )
    validation_fraction: float = setting(
        0.1, "Share of pages kept for validation (paper: 0.1).", gt=0, lt=1, step=0.05
    )
    freeze_norms: bool = setting(
        False,
        "Let the batch norms of the model started from stay as they are: small batches of crops, "
        "some without calls, are no measure of a page.",
    )


class FineTuneSettings(LearningSettings):
    """How a model learns from a few approved pages. Defaults are for 5 to 50 of them."""

    epochs: int = setting(40, "Passes over the approved pages at most.", ge=1, le=10_000)
    batch_size: int = setting(4, "Crops per training step.", ge=1, le=4096)
    learning_rate: float = setting(
        1e-3,
        "Highest learning rate of the decoder; it rises and falls once over all epochs.",
        gt=0,
        le=1,
    )
    crop_px: int = setting(
        256, "Side of the random crops trained on; 512 is the whole page.",
        unit="px", ge=64, le=512, multiple_of=32,
    )  # fmt: skip
    augment: bool = setting(
        False,
        "Augment the approved pages as in the paper; with only a few pages this teaches the "
        "network to take other sounds for calls.",
    )
    weight_interpolation: float = _weight_interpolation(0.85)
    freeze_encoder: bool = setting(
        True, "Keep the encoder unchanged, so that a few pages cannot spoil what it has learned."
    )
    encoder_lr_factor: float = setting(
        0.1,
        "Learning rate of an encoder that is not frozen, as a share of the decoder's.",
        gt=0,
        le=1,
    )
    patience: int = setting(
        12,
        "Stop after this many epochs in which the held-out loss is not below that before training.",
        ge=1,
        le=1000,
    )
    held_out_fraction: float = setting(
        0.3, "Share of the approved pages kept out of training, to judge by.",
        ge=0.05, le=0.5, step=0.05,
    )  # fmt: skip
    replay_fraction: float = setting(
        0.5, "Share of synthetic pages among those trained on, against forgetting.",
        ge=0, le=0.9, step=0.05,
    )  # fmt: skip
    forgetting_test_pages: int = setting(
        60,
        "Synthetic pages on which forgetting is measured, the same as the bundled model was "
        "measured on; 0 skips this.",
        ge=0,
        le=1000,
    )
