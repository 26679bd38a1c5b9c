"""Whether the table of calls is wanted, and what it takes for one call, declared once."""

from __future__ import annotations

from napari_squeakout.core.setting import Settings, setting

#: Under this name they are kept.
KEPT_AS = "calls"


class CallTableSettings(Settings):
    """How calls are listed."""

    shown: bool = setting(
        False,
        "All calls and their measures as a table under the picture: a click on a row goes to the "
        "call, a click on a call to its row.",
    )
    merge_gap_s: float = setting(
        0.05,
        "Calls that are merged from the table may lie this far apart in time; more is a pause "
        "between calls.",
        unit="s", ge=0, le=1, step=0.01,
    )  # fmt: skip
