"""The state of a training in a file, from which it goes on after a kill."""

from __future__ import annotations

import logging
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from napari_squeakout.core.errors import InputError, is_disk_full
from napari_squeakout.core.model.checkpoint import DAMAGED
from napari_squeakout.core.training.state import not_a_state
from napari_squeakout.io.drafts import drafting

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StateFile:
    """A file that holds what was kept last.

    Parameters
    ----------
    path : Path
        The file; it need not be there yet.
    """

    path: Path

    @property
    def source(self) -> str:
        """Its name."""
        return str(self.path)

    def read(self) -> bytes | None:
        """What it holds; None where it is not there.

        Raises
        ------
        InputError
            If it is no file, or may not be read.
        """
        if not self.path.exists():
            return None
        if not self.path.is_file():
            raise InputError(not_a_state(self.source))
        try:
            # A recording of a night is not read into memory to find that it is none.
            if not _is_archive(self.path):
                raise InputError(not_a_state(self.source))
            return self.path.read_bytes()
        except OSError as error:
            msg = f"{self.path}: may not be read ({error.strerror}): ask for permission"
            raise InputError(msg) from error

    def write(self, content: bytes) -> None:
        """Write beside, then rename: a kill leaves the old state or the new one.

        Where it cannot be written learning goes on, and it is said: the state is for a kill that
        may never come.
        """
        try:
            with drafting(self.path) as draft:
                draft.path.write_bytes(content)
                draft.take_place()
        except OSError as error:
            reason = "the disk is full" if is_disk_full(error) else error.strerror or str(error)
            last = "; an earlier state is kept there" if self.path.exists() else ""
            _log.warning("%s: cannot be written (%s)%s: learning goes on", self.path, reason, last)


def _is_archive(path: Path) -> bool:
    """Whether torch may have written it; zipfile trips over some damaged ones."""
    with suppress(*DAMAGED):
        return zipfile.is_zipfile(path)
    return False
