"""Which recordings of a list have their turn: to be segmented, and to be reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_squeakout.io.sessions.project import RecordingRow


def is_to_segment(row: RecordingRow) -> bool:
    """Whether there are pages that the network was not asked about."""
    return not row.n_pages or row.n_segmented < row.n_pages


def next_to_review(rows: Sequence[RecordingRow], current: Path | None) -> RecordingRow | None:
    """The next to review behind the one that is open; from the end around."""
    at = next((i for i, row in enumerate(rows) if row.path == current), -1)
    around = [*rows[at + 1 :], *rows[: max(at, 0)]]
    return next((row for row in around if row.n_segmented and not row.is_reviewed), None)
