"""A sound file as it is, or as it were with a right header; opened for each read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import soundfile

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.files import check_readable


@dataclass(frozen=True, kw_only=True)
class Mended:
    """A file read with another header than its own; the file itself is never written.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        What stands in the place of its first `start` bytes.
    start, stop : int
        The part of the file that follows.
    """

    path: Path
    head: bytes
    start: int
    stop: int


#: What is opened: a file, or one with its header mended.
Sound: TypeAlias = Path | Mended


@contextmanager
def open_sound(sound: Sound) -> Iterator[soundfile.SoundFile]:
    """A sound file, open within a `with`.

    Raises
    ------
    InputError
        If libsndfile cannot read it.
    """
    path = sound if isinstance(sound, Path) else sound.path
    with ExitStack() as open_files:
        try:
            file = (
                str(path) if isinstance(sound, Path) else open_files.enter_context(_Spliced(sound))
            )
            opened = open_files.enter_context(soundfile.SoundFile(file))
        # TypeError: soundfile wants to be told everything about a file that ends in .raw.
        except (soundfile.SoundFileError, TypeError, OSError) as error:
            check_readable(path)  # a file that has gone, or is no file, is told as such
            msg = (
                f"{path}: is not a recording that can be read: convert it to WAV or FLAC, or an "
                "image to PNG or TIFF"
            )
            raise InputError(msg) from error
        yield opened


class _Spliced(io.RawIOBase):
    """The bytes of a mended file, as libsndfile asks for them."""

    def __init__(self, mended: Mended) -> None:
        super().__init__()
        self._mended, self._at = mended, 0
        self._file = mended.path.open("rb")
        self._length = len(mended.head) + mended.stop - mended.start

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer, as far as there are bytes."""
        wanted = min(len(buffer), max(0, self._length - self._at))
        head = self._mended.head
        first = head[self._at : self._at + wanted]
        buffer[: len(first)] = first
        n = len(first)
        if n < wanted:
            self._file.seek(self._mended.start + max(0, self._at - len(head)))
            rest = self._file.read(wanted - n)
            buffer[n : n + len(rest)] = rest
            n += len(rest)
        self._at += n
        return n

    def close(self) -> None:
        """Let go of the file."""
        if not self.closed:
            self._file.close()
        super().close()
