"""The settings of comparing groups of animals."""

from __future__ import annotations

from typing import Literal

from napari_squeakout.core.setting import Settings, setting


class GroupSettings(Settings):
    """How groups of animals are compared."""

    unit: Literal["animal", "litter"] = setting(
        "animal",
        "What counts as one: animal, or litter, where pups of one litter are alike and the litter "
        "was given the treatment or the genotype.",
    )
    compared: tuple[str, ...] = setting(
        (
            "calls_per_min", "bouts_per_min", "mean_duration_s", "mean_principal_hz",
            "mean_range_hz", "mean_n_jumps",
        ),
        "Columns of the summary that are compared, the flag once for each. Each one more makes the "
        "correction for several comparisons (Holm) stricter for all.",
    )  # fmt: skip
    reference: str | None = setting(
        None,
        "Group that the others are compared with first, as WT; differences are other - reference. "
        "Left open, groups come in the order of their names.",
    )
    resamples: int = setting(
        9_999,
        "Times that animals are drawn for the interval (bootstrap) and dealt to the groups anew "
        "for p; where there are no more ways to deal them, each is taken once and p is exact.",
        ge=999, le=99_999,
    )  # fmt: skip
    seed: int = setting(0, "Of the drawing; the same seed gives the same numbers.", ge=0)
