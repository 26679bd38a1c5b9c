"""How the page is shown, declared once; it says nothing of the recording."""

from __future__ import annotations

from typing import Literal

from napari_squeakout.core.setting import Settings, setting


class PictureSettings(Settings):
    """How the page lies in the canvas, and what stands around and on it."""

    fill_canvas: bool = setting(
        True,
        "Stretch frequency so that the page fills the canvas. Off, a kHz is as high as a "
        "millisecond is wide.",
    )
    neighbours: bool = setting(
        True,
        "What comes right before and after the page, dimmed beside it: a call on its border is "
        "seen whole.",
    )
    rulers: bool = setting(True, "Frequency and time at the edges of the page.")
    time_from: Literal["recording", "page"] = setting(
        "recording",
        "What the ruler below counts from: the start of the recording, in seconds, or the page's "
        "left edge, in milliseconds.",
    )
    call_numbers: bool = setting(
        True, "The number of each call beside it, as in the table of calls (N)."
    )
