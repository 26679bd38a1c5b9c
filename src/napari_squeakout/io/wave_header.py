"""How many bytes of sound a file's header promises.

libsndfile reads a cut file as a shorter one without a word, and of a WAV beyond 4 GiB only what is
left over after the last full 4 GiB; so the promise is read here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# Lengths that writers to a pipe leave behind (ffmpeg; sox), who cannot know it beforehand.
_UNKNOWN_LENGTHS = {0xFFFFFFFF, 0x7FFFF000, 0x7FFFFFFF}
# The GUID of a W64 chunk is its four-letter name and this; "riff" alone ends differently.
_W64_CHUNK = bytes.fromhex("f3acd3118cd100c04f8edb8a")
_W64_DATA = b"data" + _W64_CHUNK
_W64_CHUNK_HEADER = 24


def bytes_after_sound(path: Path) -> int:
    """Bytes in a WAV, RF64, W64 or AIFF file after the sound that its header promises.

    Parameters
    ----------
    path : Path
        Any file; only its chunk headers are read.

    Returns
    -------
    int
        Below 0: so many bytes of the promised sound are missing. 4 GiB and more: the sound is
        longer than the header's 32 bits can say. 0 for other formats and where the header leaves
        the length open.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start, promised = _data_chunk(file)
    return 0 if promised is None else size - start - promised


def _data_chunk(file: BinaryIO) -> tuple[int, int | None]:
    """Where the sound begins, and how many bytes it has; None where that is not said."""
    head = file.read(40)
    if head[:4] in {b"RIFF", b"RF64", b"BW64"} and head[8:12] == b"WAVE":
        return _wave_data(file)
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        for name, start, length in _chunks(file, ">"):
            if name == b"SSND":
                return start, length
    if head[:4] == b"riff" and head[24:40] == b"wave" + _W64_CHUNK:
        return _w64_data(file)
    return 0, None


def _wave_data(file: BinaryIO) -> tuple[int, int | None]:
    length_64: int | None = None
    for name, start, length in _chunks(file, "<"):
        if name == b"ds64":
            file.seek(start + 8)
            length_64 = _unpack("<Q", file.read(8))
        if name == b"data":
            return start, length_64 if length in _UNKNOWN_LENGTHS else length
    return 0, None


def _w64_data(file: BinaryIO) -> tuple[int, int | None]:
    """W64 counts a chunk's own header in its length, and pads to eight bytes."""
    position = 40
    while True:
        file.seek(position)
        header = file.read(_W64_CHUNK_HEADER)
        length = _unpack("<Q", header[16:])
        if length is None or length < _W64_CHUNK_HEADER:
            return 0, None
        if header[:16] == _W64_DATA:
            return position + _W64_CHUNK_HEADER, length - _W64_CHUNK_HEADER
        position += length + -length % 8


def _chunks(file: BinaryIO, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and length of each chunk after the first twelve bytes."""
    position = 12
    while True:
        file.seek(position)
        header = file.read(8)
        length = _unpack(f"{order}I", header[4:])
        if length is None:
            return
        yield header[:4], position + 8, length
        position += 8 + length + length % 2


def _unpack(layout: str, raw: bytes) -> int | None:
    """One whole number, or None where the file ends too early."""
    if len(raw) < struct.calcsize(layout):
        return None
    return int(struct.unpack(layout, raw)[0])
