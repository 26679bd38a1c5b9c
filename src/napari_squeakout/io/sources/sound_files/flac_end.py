"""Where a FLAC file really ends: its header may not know, and its last frames may be broken.

Each frame of a FLAC file says where it lies in the recording, and guards that by a checksum; so the
last whole frame tells how long the recording is.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import soundfile

from napari_squeakout.core.errors import InputError

from .file import Mended, open_sound

_MAGIC = b"fLaC"
# The header's first block: sizes of frames' contents, then rate, channels, bits and the total.
_INFO_AT, _INFO_END = 8, 42
_TOTAL_BITS = 36
_FRAME = re.compile(rb"\xff[\xf8\xf9]")
_WINDOW_BYTES = 2**20
_HEADER_BYTES = 16
# So many of the last frames are tried: behind the last whole one lies at most what was broken.
_TRIES = 200


class _Frame(NamedTuple):
    """Samples of the recording that one frame holds."""

    first: int
    end: int


def flac_with_true_end(path: Path) -> tuple[Mended, int, int] | None:
    """A FLAC file that ends with the last frame that can be decoded.

    Parameters
    ----------
    path : Path
        Any file.

    Returns
    -------
    mended : Mended
        The file with the true length in its header.
    n_samples : int
        That length.
    promised : int
        What the header says; 0 where it leaves it open.

    None for another file, and where no frame can be decoded.
    """
    with path.open("rb") as file:
        head = file.read(_INFO_END)
    if len(head) < _INFO_END or head[:4] != _MAGIC:
        return None
    promised = int.from_bytes(head[18:26], "big") & (1 << _TOTAL_BITS) - 1
    size = path.stat().st_size
    for frame in islice(_frames_from_the_end(path, head, size), _TRIES):
        mended = Mended(path=path, head=_with_total(head, frame.end), start=_INFO_END, stop=size)
        if _decodes(mended, frame):
            return mended, frame.end, promised
    return None


def _with_total(head: bytes, n_samples: int) -> bytes:
    packed = int.from_bytes(head[18:26], "big") >> _TOTAL_BITS << _TOTAL_BITS | n_samples
    return head[:18] + packed.to_bytes(8, "big") + head[26:]


def _decodes(mended: Mended, frame: _Frame) -> bool:
    try:
        with open_sound(mended) as file:
            file.seek(frame.first)
            return (
                len(file.read(frame.end - frame.first, dtype="float32")) == frame.end - frame.first
            )
    except (InputError, soundfile.SoundFileError):
        return False


def _frames_from_the_end(path: Path, head: bytes, size: int) -> Iterator[_Frame]:
    """What looks like frames, the last first."""
    block = struct.unpack(">H", head[_INFO_AT + 2 : _INFO_AT + 4])[0]
    stop = size
    with path.open("rb") as file:
        while stop > _INFO_END:
            start = max(_INFO_END, stop - _WINDOW_BYTES)
            file.seek(start)
            content = file.read(stop - start + _HEADER_BYTES)
            places = [match.start() for match in _FRAME.finditer(content, 0, stop - start + 1)]
            for at in reversed(places):
                frame = _frame(content[at : at + _HEADER_BYTES], block)
                if frame is not None:
                    yield frame
            stop = start


def _frame(header: bytes, block: int) -> _Frame | None:
    """Read a frame's header; None where it is none."""
    if len(header) < _HEADER_BYTES:
        header += bytes(_HEADER_BYTES - len(header))
    size_code, rate_code = header[2] >> 4, header[2] & 15
    number = _coded_number(header[4:])
    if not size_code or rate_code == 15 or header[3] & 1 or number is None:  # noqa: PLR2004 - forbidden
        return None
    value, at = number[0], 4 + number[1]
    n_samples, at = _block_size(header, size_code, at)
    at += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if _checksum(header[:at]) != header[at]:
        return None
    first = value if header[1] & 1 else value * block
    return _Frame(first, first + n_samples)


def _block_size(header: bytes, code: int, at: int) -> tuple[int, int]:
    """Samples in a frame, and where its header goes on."""
    if code == 6:  # noqa: PLR2004 - codes of the format
        return header[at] + 1, at + 1
    if code == 7:  # noqa: PLR2004
        return int.from_bytes(header[at : at + 2], "big") + 1, at + 2
    if code == 1:
        return 192, at
    return (576 << code - 2, at) if code < 6 else (256 << code - 8, at)  # noqa: PLR2004


def _coded_number(raw: bytes) -> tuple[int, int] | None:
    """A number coded as UTF-8 codes characters, and its bytes; None where it is none."""
    first = raw[0]
    n_bytes = next((n for n in range(8) if not first & 0x80 >> n), 8)
    if n_bytes == 0:
        return first, 1
    if n_bytes == 1 or n_bytes > 7 or any(byte >> 6 != 2 for byte in raw[1:n_bytes]):  # noqa: PLR2004
        return None
    value = first & (0x7F >> n_bytes)
    for byte in raw[1:n_bytes]:
        value = value << 6 | byte & 63
    return value, n_bytes


def _checksum(raw: bytes) -> int:
    """CRC-8 of a frame's header, polynomial x^8 + x^2 + x + 1."""
    crc = 0
    for byte in raw:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
