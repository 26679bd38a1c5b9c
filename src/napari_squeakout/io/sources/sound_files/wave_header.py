"""What a WAV, RF64, W64 or AIFF header says of its sound, and what is there.

libsndfile reads a cut file as a shorter one without a word, takes a length of 0 at its word, and of
a WAV beyond 4 GiB reads only what is left over after the last full 4 GiB; so headers are read here.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

# Lengths that writers to a pipe leave behind (ffmpeg; sox), who cannot know it beforehand.
_UNKNOWN_LENGTHS = {0, 0xFFFFFFFF, 0x7FFFF000, 0x7FFFFFFF}
# The GUID of a W64 chunk is its four-letter name and this; "riff" alone ends differently.
_W64_CHUNK = bytes.fromhex("f3acd3118cd100c04f8edb8a")
_W64_DATA = b"data" + _W64_CHUNK
_W64_CHUNK_HEADER = 24
# Names of chunks are letters, digits and spaces; sound hardly ever looks so.
_CHUNK_NAME = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9_ ]{3}")
_USUAL_NAMES = {
    b"data", b"fmt ", b"fact", b"LIST", b"JUNK", b"junk", b"PAD ", b"bext", b"guan", b"wamd",
    b"iXML", b"id3 ", b"ID3 ", b"_PMX", b"cue ", b"smpl", b"PEAK", b"COMM", b"SSND", b"FVER",
}  # fmt: skip
# What some programs put behind the sound that is no chunk.
_TAGS = (b"TAG", b"ID3", b"APETAGEX")
# Format tags of plain samples: integers, floats, and those whose kind is said further on.
_PLAIN = {1, 3, 0xFFFE}
_FORMAT_BYTES = 16
_PADDING_BYTES = 2**16
#: What 32 bits can count.
WAV_LIMIT_BYTES = 2**32
#: Recorders write a dozen.
MOST_CHUNKS = 1_000
# AIFF: what stands before the sound in its chunk; codings whose samples are plain.
_SSND_BYTES = 8
_AIFF_PLAIN = {b"", b"NONE", b"twos", b"sowt", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64"}


@dataclass(frozen=True, kw_only=True)
class Promise:
    """The sound that a header promises, and that is there.

    Parameters
    ----------
    start : int
        Byte at which the sound begins.
    promised : int or None
        Bytes of sound; None where the header leaves the length open.
    there : int
        Bytes of sound from there on to the end of the file, or to what stands behind the sound.
    frame_bytes : int
        Bytes of one sample of all channels, of plain samples; else 1.
    head : callable or None
        Gives what is to stand before so many bytes of sound, where samples are plain.
    unpadded : bool
        Whether a chunk of odd length lacks the byte behind it, without which libsndfile is lost.
    """

    start: int
    promised: int | None
    there: int
    frame_bytes: int = 1
    head: Callable[[int], bytes] | None = None
    unpadded: bool = False


def read_promise(path: Path) -> Promise | None:
    """Read the header of a WAV, RF64, W64 or AIFF file; None for any other."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(40)
        if head[:4] in {b"RIFF", b"RF64", b"BW64"} and head[8:12] == b"WAVE":
            return _wave(file, size)
        if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
            return _aiff(file, size)
        if head[:4] == b"riff" and head[24:40] == b"wave" + _W64_CHUNK:
            found = _w64_data(file, size)
            return found and Promise(start=found[0], promised=found[1], there=size - found[0])
    return None


def chunk_body(path: Path, wanted: bytes, most_bytes: int) -> bytes:
    """The body of a WAV's chunk of that name, cut at so many bytes; empty where it has none."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] not in {b"RIFF", b"RF64", b"BW64"} or head[8:12] != b"WAVE":
            return b""
        for name, start, length, _ in _chunks(file, "<"):
            if name == wanted:
                file.seek(start)
                return file.read(min(length, most_bytes))
    return b""


def with_number(head: bytes, at: int, layout: str, more: int, n_bytes: int) -> bytes:
    """A header that states so many bytes of sound, and what it counts beside them."""
    mended = bytearray(head)
    highest = 2 ** (8 * struct.calcsize(layout) - layout.islower()) - 1
    struct.pack_into(layout, mended, at, min(n_bytes + more, highest))
    return bytes(mended)


def _wave_head(form: bytes, frame_bytes: int, n_bytes: int) -> bytes:
    """A WAV header, RF64 where it takes one, for so many bytes of sound of that format."""
    chunk = b"fmt " + struct.pack("<I", len(form)) + form
    body = b"WAVE" + chunk + bytes(len(form) % 2)
    total = len(body) + 8 + n_bytes
    if total < WAV_LIMIT_BYTES:
        return b"RIFF" + struct.pack("<I", total) + body + b"data" + struct.pack("<I", n_bytes)
    sizes = struct.pack("<IQQQI", 28, total + 36, n_bytes, n_bytes // frame_bytes, 0)
    unsaid = struct.pack("<I", 2**32 - 1)
    return b"RF64" + unsaid + b"WAVE" + b"ds64" + sizes + body[4:] + b"data" + unsaid


def _wave(file: BinaryIO, size: int) -> Promise | None:
    length_64: int | None = None
    form, unpadded = b"", False
    for name, start, length, lacks_pad in _chunks(file, "<"):
        unpadded |= lacks_pad
        if name == b"ds64":
            file.seek(start + 8)
            length_64 = unpack("<Q", file.read(8))
        if name == b"fmt ":
            file.seek(start)
            form = _plain_format(file.read(min(length, 64)))
        if name == b"data":
            promised = (length_64 or None) if length in _UNKNOWN_LENGTHS else length
            there = sound_end(file, start, promised, size, "<") - start
            frame_bytes = (struct.unpack_from("<H", form, 12)[0] if form else 0) or 1
            head = partial(_wave_head, form, frame_bytes) if form else None
            return Promise(
                start=start,
                promised=promised,
                there=there,
                frame_bytes=frame_bytes,
                head=head,
                unpadded=unpadded,
            )
    return None


def _aiff(file: BinaryIO, size: int) -> Promise | None:
    frame_bytes = 0
    for name, at, length, _ in _chunks(file, ">"):
        if name == b"COMM":
            file.seek(at)
            about = file.read(min(length, 22))
            frame_bytes = _aiff_frame(about)
        if name == b"SSND":
            start = at + _SSND_BYTES
            promised = length - _SSND_BYTES if length > _SSND_BYTES else None
            there = sound_end(file, start, promised, size, ">") - start
            file.seek(0)
            head = partial(with_number, file.read(start), at - 4, ">I", _SSND_BYTES)
            # What describes the sound may stand behind it, where a mended header would lose it.
            return Promise(
                start=start,
                promised=promised,
                there=there,
                frame_bytes=frame_bytes or 1,
                head=head if frame_bytes else None,
            )
    return None


def _aiff_frame(about: bytes) -> int:
    """Bytes of one sample of all channels; 0 of packed ones."""
    if len(about) < 8 or about[18:22] not in _AIFF_PLAIN:  # noqa: PLR2004 - up to the bits
        return 0
    channels, _, bits = struct.unpack_from(">HIH", about)
    return int(channels) * -(-int(bits) // 8)


def _plain_format(body: bytes) -> bytes:
    """The body of a format chunk, where its samples are plain."""
    if len(body) < _FORMAT_BYTES or struct.unpack_from("<H", body)[0] not in _PLAIN:
        return b""
    return body


def sound_end(file: BinaryIO, start: int, promised: int | None, size: int, order: str) -> int:
    """Where the sound ends: where the header says, or with the file if sound goes on there."""
    end = start + (promised or 0)
    if end >= size - 1 and promised is not None:
        return max(start, min(end, size))
    places = {end} if promised is None else {end, end + end % 2, end + 1}
    if any(_is_metadata(file, at, size, order) for at in places):
        return end
    file.seek(end)
    # A recorder may have laid claim to more of the disk than it filled.
    filled = promised is None or size - end >= WAV_LIMIT_BYTES or any(file.read(_PADDING_BYTES))
    return size if filled else end


def _is_metadata(file: BinaryIO, at: int, size: int, order: str) -> bool:
    file.seek(at)
    head = file.read(12)
    if head.startswith(_TAGS):
        return True
    length = unpack(f"{order}I", head[4:8])
    # A chunk may be cut as well, but four letters alone may be sound.
    return bool(_CHUNK_NAME.match(head)) and (length is None or at + 8 + length <= size + 1)


def _w64_data(file: BinaryIO, size: int) -> tuple[int, int] | None:
    """W64 counts a chunk's own header in its length, and pads to eight bytes."""
    position = 40
    # A damaged length may lead beyond what can be sought at all.
    for _ in range(MOST_CHUNKS):
        if position >= size:
            return None
        file.seek(position)
        header = file.read(_W64_CHUNK_HEADER)
        length = unpack("<Q", header[16:])
        if length is None or length < _W64_CHUNK_HEADER:
            return None
        if header[:16] == _W64_DATA:
            return position + _W64_CHUNK_HEADER, length - _W64_CHUNK_HEADER
        position += length + -length % 8
    return None


def _chunks(file: BinaryIO, order: str) -> Iterator[tuple[bytes, int, int, bool]]:
    """Name, start, length of each chunk, and whether the one before lacks its pad byte.

    Where silence or sound is followed as if it were chunks, there is no end of them.
    """
    position, lacks_pad = 12, False
    for _ in range(MOST_CHUNKS):
        file.seek(position)
        header = file.read(8)
        length = unpack(f"{order}I", header[4:])
        if length is None:
            return
        yield header[:4], position + 8, length, lacks_pad
        end = position + 8 + length
        position, lacks_pad = end + length % 2, False
        if length % 2:
            file.seek(end)
            names = file.read(5)
            lacks_pad = names[1:] not in _USUAL_NAMES and names[:4] in _USUAL_NAMES
            position -= lacks_pad


def unpack(layout: str, raw: bytes) -> int | None:
    """One whole number, or None where the file ends too early."""
    if len(raw) < struct.calcsize(layout):
        return None
    return int(struct.unpack(layout, raw[: struct.calcsize(layout)])[0])
