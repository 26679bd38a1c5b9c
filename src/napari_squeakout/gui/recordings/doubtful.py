"""The doubtful pages of all recordings, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .hidden import name_of

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

    def first(self, rows: Sequence[RecordingRow]) -> tuple[RecordingRow, int] | None:
        """The next whose session is still that of a recording on the list, and its page.

        It stays in the queue until it is taken. None where there is none any more.
        """
        while self._pages:
            one = self._pages[0]
            for row in rows:
                if (row.path, row.session) == (one.path, one.session):
                    return row, one.page
            self._pages.pop(0)
        return None

    def take(self) -> str:
        """Take the first, for it is about to be shown; gives where it stands."""
        one = self._pages.pop(0)
        at = f"{self._n_gathered - len(self._pages)} of {self._n_gathered}"
        return f"Doubtful page {at}: page {one.page} of {name_of(one.path)}."
