"""Whether the strip is wanted, declared once; it says nothing of the recording."""

from __future__ import annotations

from napari_squeakout.core.setting import Settings, setting


class OverviewSettings(Settings):
    """How the whole recording is shown."""

    shown: bool = setting(
        True,
        "All of the recording as a strip under the picture: a click on it goes to a page, the "
        "wheel zooms.",
    )
