"""What the headers of AU, CAF, NIST and VOC files say of their sound, and what is there.

libsndfile reads a cut file of these as a shorter one without a word, or not at all, and takes
their lengths at their word as it does that of a WAV.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from .wave_header import MOST_CHUNKS, Promise, sound_end, unpack, with_number

# Bytes of a sample, by the number of its coding; other codings are packed.
_AU_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
_AU_FIELDS = 24
_AU_UNKNOWN = {0, 0xFFFFFFFF}
_CAF_HEADER, _CAF_EDITS = 12, 4
_NIST_FIELD = re.compile(rb"^(\w+) -\w+ (\S+)", re.MULTILINE)
_NIST_COUNT = re.compile(rb"sample_count -i [0-9]+")
# Headers are this long; what lies before the sound is kept in memory.
_MOST_HEAD_BYTES = 2**20
# Kinds of a VOC file's blocks that hold sound, and what stands before it in them.
_VOC_SOUND = {1: 2, 2: 0, 9: 12}


def read_other_promise(path: Path) -> Promise | None:
    """Read the header of an AU, CAF, NIST or VOC file; None for any other."""
    size = path.stat().st_size
    with path.open("rb") as file:
        begins = file.read(24)
        if begins[:4] in {b".snd", b"dns."}:
            return _au(file, size, ">" if begins[:4] == b".snd" else "<")
        if begins[:4] == b"caff":
            return _caf(file, size)
        if begins.startswith(b"NIST_1A\n"):
            return _nist(file, size)
        if begins.startswith(b"Creative Voice File"):
            return _voc(file, size)
    return None


def _au(file: BinaryIO, size: int, order: str) -> Promise | None:
    file.seek(0)
    fields = file.read(24)
    if len(fields) < _AU_FIELDS:
        return None
    start, length, coding, _, channels = struct.unpack_from(f"{order}5I", fields, 4)
    if start < _AU_FIELDS:
        return None
    promised = None if length in _AU_UNKNOWN else length
    head = _head(file, start)
    frame_bytes = _AU_BYTES.get(coding, 0) * channels
    return Promise(
        start=start,
        promised=promised,
        there=sound_end(file, start, promised, size, order) - start,
        frame_bytes=frame_bytes or 1,
        head=partial(with_number, head, 8, f"{order}I", 0) if head and frame_bytes else None,
    )


def _caf(file: BinaryIO, size: int) -> Promise | None:
    frame_bytes = 0
    for name, at, length in _caf_chunks(file, size):
        if name == b"desc":
            file.seek(at + 8)
            coding, _, packet_bytes = struct.unpack(">4sII", file.read(12).ljust(12, b"\0"))
            frame_bytes = packet_bytes if coding == b"lpcm" else 0
        if name == b"data":
            start = at + _CAF_EDITS
            promised = length - _CAF_EDITS if length > _CAF_EDITS else None
            head = _head(file, start)
            mended = partial(with_number, head, at - 8, ">q", _CAF_EDITS)
            there = sound_end(file, start, promised, size, ">") - start
            is_plain = head and frame_bytes
            return Promise(
                start=start,
                promised=promised,
                there=there,
                frame_bytes=frame_bytes or 1,
                head=mended if is_plain else None,
            )
    return None


def _caf_chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and length of each chunk; that of the sound may state none."""
    position = 8
    for _ in range(MOST_CHUNKS):
        file.seek(position)
        header = file.read(_CAF_HEADER)
        length = unpack(">q", header[4:])
        if length is None:
            return
        yield header[:4], position + _CAF_HEADER, length
        position += _CAF_HEADER + length
        if length < 0 or position >= size:
            return


def _nist(file: BinaryIO, size: int) -> Promise | None:
    file.seek(8)
    try:
        start = int(file.read(8))
    except ValueError:
        return None
    head = _head(file, start)
    said = dict(_NIST_FIELD.findall(head))
    try:
        samples, n_bytes, channels = (
            int(said[name]) for name in (b"sample_count", b"sample_n_bytes", b"channel_count")
        )
    except (KeyError, ValueError):
        return None
    if said.get(b"sample_coding", b"pcm") not in {b"pcm", b"ulaw", b"alaw"}:
        return None
    if min(samples, n_bytes, channels) < 0:
        return None
    frame_bytes = max(1, n_bytes * channels)
    promised = samples * frame_bytes or None
    there = sound_end(file, start, promised, size, "<") - start
    return Promise(
        start=start,
        promised=promised,
        there=there,
        frame_bytes=frame_bytes,
        head=partial(_nist_head, head, frame_bytes),
    )


def _nist_head(head: bytes, frame_bytes: int, n_bytes: int) -> bytes:
    """The same header for so many bytes of sound; it is filled up to its length."""
    count = b"sample_count -i %d" % (n_bytes // frame_bytes)
    return _NIST_COUNT.sub(count, head, count=1).rstrip(b"\0 ").ljust(len(head), b"\0")[: len(head)]


def _voc(file: BinaryIO, size: int) -> Promise | None:
    """Sound in blocks, each of which states its length: the last one tells of a cut."""
    file.seek(20)
    position = unpack("<H", file.read(2)) or size
    start = promised = there = 0
    for _ in range(MOST_CHUNKS):
        file.seek(position)
        header = file.read(4)
        if len(header) < 4 or not header[0]:  # noqa: PLR2004 - a kind and three bytes of length
            break
        length = int.from_bytes(header[1:], "little")
        before = _VOC_SOUND.get(header[0])
        position += 4 + length
        if before is not None:
            start = start or position - length + before
            promised += length - before
            there += length - before - max(0, position - size)
    return Promise(start=start, promised=promised, there=there) if start else None


def _head(file: BinaryIO, n_bytes: int) -> bytes:
    """All before the sound; nothing where that is more than any header."""
    file.seek(0)
    head = file.read(n_bytes) if 0 < n_bytes <= _MOST_HEAD_BYTES else b""
    return head if len(head) == n_bytes else b""
