"""Settings of the paper's baselines, of its way to masks, and of its table."""

from __future__ import annotations

from napari_squeakout.core.setting import Settings, setting
from napari_squeakout.core.settings import CleanSettings


class VocalMatSettings(Settings):
    """VocalMat's segmentation; pixels are those of its spectrogram, 328 x 431 for an image."""

    sensitivity: float = setting(
        0.2, "How little a pixel must stand out: it is bright above (1.6 - this) x the local mean.",
        ge=0, le=1, step=0.05,
    )  # fmt: skip
    saturated_fraction: float = setting(
        0.01, "Share of the noise that becomes black, and white, before.", ge=0, lt=0.5, step=0.005
    )
    open_height_px: int = setting(4, "Height of what is opened with.", unit="px", ge=1, le=50)
    open_width_px: int = setting(2, "Width of what is opened with.", unit="px", ge=1, le=50)
    dilate_height_px: int = setting(4, "Height of what is dilated with.", unit="px", ge=1, le=50)
    dilate_width_px: int = setting(
        3, "Width of what large segments are dilated with at last.", unit="px", ge=1, le=50
    )
    larger_than_px: int = setting(
        60, "Segments of so many pixels and fewer are dropped.", unit="px", ge=0, le=10_000
    )


class UNetSettings(Settings):
    """The U-Net of the table and of the way to masks; the paper does not describe its own."""

    width: int = setting(
        16, "Channels of its highest level; doubled from level to level below the second.",
        ge=2, le=128,
    )  # fmt: skip
    side_px: int = setting(
        256, "Side that pages are brought to for it; VocalMat's images have 227 px.",
        unit="px", ge=32, le=512, multiple_of=16,
    )  # fmt: skip
    unet_seed: int = setting(0, "Seed of the weights it begins with.", ge=0)


class DatasetSettings(Settings):
    """How first masks become training masks."""

    most_thinnings: int = setting(
        1, "How often borders are thinned and learned again at most.", ge=0, le=20
    )
    learned_threshold: float = setting(
        0.5, "Probability above which a pixel belongs to a call in masks that are learned.",
        gt=0, lt=1, step=0.01,
    )  # fmt: skip
    reconstruct_epochs: int = setting(
        20, "Passes over the pages at most, to learn to reconstruct them.", ge=1, le=10_000
    )
    call_epochs: int = setting(
        20, "Passes over the pages with calls at most, to learn their masks.", ge=1, le=10_000
    )
    noise_epochs: int = setting(
        10, "Passes over all pages at most, to learn that noise has no mask.", ge=1, le=10_000
    )
    review_fraction: float = setting(
        0.15, "Share of pages, the most doubtful ones, that the session holds (paper: 0.15).",
        gt=0, le=1, step=0.05,
    )  # fmt: skip


class BenchmarkSettings(Settings):
    """How the paper's table is made."""

    test_fraction: float = setting(
        0.0655, "Share of images that judge where no list names them (paper: 849 of 12,954).",
        gt=0, lt=1, step=0.01,
    )  # fmt: skip
    table_threshold: float = setting(
        CleanSettings().threshold,
        "Probability above which a pixel belongs to a call (0.51 in the authors' program).",
        gt=0, lt=1, step=0.01,
    )  # fmt: skip
    pictured: int = setting(6, "Test images in the picture.", ge=1, le=50)
    split_seed: int = setting(0, "Seed that the test images are drawn with.", ge=0)
