"""Whether the table of calls is wanted, declared once; it says nothing of the recording."""

from __future__ import annotations

from napari_squeakout.core.setting import Settings, setting


class CallTableSettings(Settings):
    """How calls are listed."""

    shown: bool = setting(
        False,
        "All calls and their measures as a table under the picture: a click on a row goes to the "
        "call, a click on a call to its row.",
    )
