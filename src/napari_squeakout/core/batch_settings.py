"""The settings of many inputs: which of them are taken, and how many at a time."""

from __future__ import annotations

from pydantic import field_validator, model_validator

from .setting import Settings, setting


class BatchSettings(Settings):
    """How many inputs are shared out."""

    subfolders: bool = setting(
        False, "Also take the recordings in all folders below those that are named."
    )
    part: str | None = setting(
        None,
        "Segment only one share of the inputs: 2/5 is the second of five, each input in just one. "
        "For a cluster, where each job takes another share.",
        pattern=r"^[1-9]\d{0,4}/[1-9]\d{0,4}$",
    )
    jobs: int = setting(
        1,
        "Inputs that are segmented at the same time, each by a process of its own; they share the "
        "cores of the machine.",
        ge=1, le=256,
    )  # fmt: skip
    scheduler: str = setting(
        "",
        "Address of a Dask scheduler, or the file that it has written (.json): inputs are "
        "segmented by its workers, which see the same files under the same paths.",
    )

    @model_validator(mode="after")
    def _check_beside(self) -> BatchSettings:
        if self.jobs > 1 and self.scheduler:
            msg = (
                "jobs are processes of this machine, a scheduler has workers of its own: state one"
            )
            raise ValueError(msg)
        return self

    @property
    def is_beside(self) -> bool:
        """Whether inputs are segmented by other processes."""
        return self.jobs > 1 or bool(self.scheduler)

    @property
    def share(self) -> tuple[int, int]:
        """Which share of how many, counted from 1."""
        if self.part is None:
            return 1, 1
        which, of = self.part.split("/")
        return int(which), int(of)

    @field_validator("part")
    @classmethod
    def _check_part(cls, value: str | None) -> str | None:
        if value is not None and int(value.split("/")[0]) > int(value.split("/")[1]):
            msg = f"share {value} is none: the first number is at most the second"
            raise ValueError(msg)
        return value
