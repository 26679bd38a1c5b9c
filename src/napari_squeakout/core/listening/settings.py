"""The settings of listening."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import field_validator

from napari_squeakout.core.setting import Settings, setting


class ListenSettings(Settings):
    """How ultrasound is made heard."""

    way: Literal["slowed", "heterodyned"] = setting(
        "slowed",
        "What makes ultrasound audible. slowed: played slower, so all frequencies are lower by as "
        "much; heterodyned: as in a bat detector, what lies within 10 kHz of one frequency is "
        "shifted down, in real time.",
        title="Sound",
    )
    slow_down: float = setting(
        10.0,
        "How many times slower it is played: at 10 a call of 70 kHz is heard at 7 kHz.",
        ge=4, le=32, step=1,
    )  # fmt: skip
    carrier_hz: float = setting(
        65_000.0,
        "Frequency that is heard as 0 where it is heterodyned: a call of 70 kHz is heard at 5 kHz.",
        unit="Hz", ge=15_000, le=240_000, step=1000,
    )  # fmt: skip
    margin_s: float = setting(
        0.02,
        "Sound before and after a call that is heard with it.",
        unit="s", ge=0, le=1, step=0.01, title="Around a call",
    )  # fmt: skip
    level_db: float = setting(
        -3.0,
        "How loud the loudest moment is, below the most that a sound file or card can hold; each "
        "sound is brought to it, faint ones too.",
        unit="dB", ge=-60, le=0, step=1,
    )  # fmt: skip
    output_hz: Literal[44100, 48000] = setting(
        48_000, "Sampling rate of what is played or saved.", unit="Hz", title="Output rate"
    )

    @field_validator("output_hz", mode="before")
    @classmethod
    def _number_in_words(cls, value: Any) -> Any:
        """The command line gives text, which pydantic takes for any number but a choice of them."""
        return int(value) if isinstance(value, str) and value.isdecimal() else value

    @property
    def times_slower(self) -> float:
        """How many seconds of it one second of the recording lasts."""
        return self.slow_down if self.way == "slowed" else 1.0

    @property
    def words(self) -> str:
        """What is done, as names of files say it."""
        if self.way == "slowed":
            return f"slowed {self.slow_down:g}x"
        return f"heterodyned {self.carrier_hz / 1e3:g} kHz"
