"""Whether plots of the calls are wanted, declared once; what they show is in `core/plots`."""

from __future__ import annotations

from napari_squeakout.core.setting import Settings, setting


class PlotsShownSettings(Settings):
    """Whether calls are plotted."""

    shown: bool = setting(
        False,
        "The calls as plots under the picture, beside their table: marks that are clicked on, or "
        "framed, choose their rows.",
    )
