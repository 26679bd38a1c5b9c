"""The doubtful pages of all recordings, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_squeakout.io.sessions.project import RecordingRow
    from napari_squeakout.io.tasks.doubtful_pages import DoubtfulPage


class DoubtfulQueue:
    """Pages that were gathered and not been shown yet; empty at first."""

    def __init__(self) -> None:
        self._pages: list[DoubtfulPage] = []
        self._n_gathered = 0

    def __len__(self) -> int:
        return len(self._pages)

    def fill(self, pages: Sequence[DoubtfulPage]) -> None:
        """Begin anew with these, in their order."""
        self._pages, self._n_gathered = list(pages), len(pages)

    def take(self, rows: Sequence[RecordingRow]) -> tuple[RecordingRow, int, str] | None:
        """The next whose recording is still on the list, its page, and where it stands.

        None where there is none any more.
        """
        while self._pages:
            one = self._pages.pop(0)
            row = next((row for row in rows if row.path == one.path), None)
            if row is not None:
                at = f"{self._n_gathered - len(self._pages)} of {self._n_gathered}"
                return row, one.page, f"Doubtful page {at}: page {one.page} of {one.path.name}."
        return None
