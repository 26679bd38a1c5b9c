"""Files damaged at random, by the thousand, for every reader: read, or refused in a sentence.

`python tests/fuzz.py N FOLDER` tries N of them in all and keeps in FOLDER those that did anything
else; test_fuzz.py tries fewer. An input depends on its reader and its number alone.
"""

# ruff: noqa: T201, C901 - it speaks to whoever runs it,

from __future__ import annotations

import io
import json
import random
import re
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from napari_squeakout.core.errors import SqueakOutError

LONGEST_S, MOST_BYTES = 10.0, 10**9
_WHOLE_NUMBERS = (0, 1, 2, 3, 127, 128, 255, 256, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1)
_WORDS = (
    b"", b"-1", b"0", b"1e400", b"NaN", b"inf", b"-Infinity", b"9" * 400, b"null", b"true", b"{}",
    b"[]", b'"', b"'", b"\n", b"\r", b"\t", b";", b",", b"#", b"\0", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\x85", b"[" * 3000, b"(" * 300, b"%s", b"../../x", b"=cmd", b"1:2:3", b"\xd8\x00", b"/",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**64, 10**30, 0.5, -0.0, 1e308, float("nan"),
    float("inf"), "", "x", "x" * 5000, "../../x", "/etc/passwd", "\0", "\ud800", "\x1b[31m", [],
    [[]], [None], {}, {"a": 1}, {"": {}}, [1, "a"], "2026-11-22", "1e400",
)  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """What reads a kind of file.

    Parameters
    ----------
    name : str
        Of the kind.
    seeds : dict
        Name -> bytes of good files.
    read : callable
        Reads one, given its path.
    places : dict
        Name of a seed -> where it is written, relative to a folder; by default its name.
    """

    name: str
    seeds: dict[str, bytes]
    read: Callable[[Path], object]
    places: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """An input that was neither read nor refused as it should be."""

    reader: str
    number: int
    what: str
    content: bytes = field(repr=False)


class TooLong(BaseException):
    """It took longer than anybody waits."""


def damaged(reader: Reader, number: int) -> tuple[str, bytes]:
    """The name of a good file, and its content once it has been damaged."""
    chance = random.Random(f"{reader.name} {number}")
    name = chance.choice(sorted(reader.seeds))
    content = reader.seeds[name]
    if content[:4] == b"PK\3\4" and chance.random() < 0.7:
        return name, _archive_damaged(content, chance)
    if content[:1] == b"{" and chance.random() < 0.6:
        return name, _json_damaged(content, chance)
    content = _damaged(content, chance, list(reader.seeds.values()))
    if content[:8] == b"\x89PNG\r\n\x1a\n" and chance.random() < 0.6:
        content = _sums_mended(content)
    return name, content


def tries(reader: Reader, numbers: range, folder: Path) -> Iterator[Fault]:
    """Let a reader read what was damaged by these numbers, in a folder of its own."""
    for name, content in reader.seeds.items():
        _write(folder / reader.places.get(name, name), content)
    for number in numbers:
        name, content = damaged(reader, number)
        path = folder / reader.places.get(name, name)
        _write(path, content)
        what = trouble(reader, path)
        if what:
            yield Fault(reader.name, number, what, content)
        _write(path, reader.seeds[name])


def trouble(reader: Reader, path: Path) -> str:
    """What a reader did that it should not; nothing where all is well."""
    before, began = _most_bytes(), time.process_time()
    what = ""
    try:
        with warnings.catch_warnings(action="ignore"), _at_most(LONGEST_S):
            reader.read(path)
    except SqueakOutError as error:
        if "\n" in str(error):
            what = f"more than a line: {error!r}"
    except TooLong:
        what = "too long"
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        last = traceback.extract_tb(error.__traceback__)
        ours = [f"{Path(f.filename).name}:{f.lineno}" for f in last if "squeakout" in f.filename]
        what = f"{type(error).__name__}: {str(error)[:100]} at {' '.join(ours[-3:])}"
    if time.process_time() - began > LONGEST_S and not what:
        what = "too long"
    if _most_bytes() - before > MOST_BYTES:
        what = f"{what} {(_most_bytes() - before) / 1e9:.1f} GB".strip()
    return what


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def strike(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, strike)
    # Of this process's own time: others may be at work.
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _most_bytes() -> int:
    """The most memory that this process has ever had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _place(content: bytes, chance: random.Random) -> int:
    """Somewhere in it; more often where it begins or ends, for there stands what it is."""
    size = len(content)
    which = chance.random()
    if which < 0.5:
        return chance.randrange(min(size, 256) + 1)
    return (
        chance.randrange(max(0, size - 128), size + 1)
        if which < 0.7
        else chance.randrange(size + 1)
    )


def _damaged(content: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        at, length = _place(content, chance), chance.choice((0, 1, 1, 2, 4, 8, 64, 512))
        kind = chance.randrange(9)
        if kind == 0:
            new = bytes(chance.choice((0, 1, 127, 128, 255)) for _ in range(length))
        elif kind == 1:
            new = chance.randbytes(length)
        elif kind == 2:  # a number, as formats hold it
            number, kind_of = (
                chance.choice(_WHOLE_NUMBERS),
                chance.choice(("<B", ">H", "<H", ">I", "<I", "<Q", ">Q")),
            )
            new = struct.pack(kind_of, number % 256 ** struct.calcsize(kind_of))
            length = len(new)
        elif kind == 3:
            new, length = chance.choice(_WORDS), chance.choice((0, 1, length))
        elif kind == 4:
            new = b""
        elif kind == 5:
            new = content[at : at + length] * chance.choice((2, 3, 50))
        elif kind == 6:
            return content[:at]
        elif kind == 7:
            other = chance.choice(others)
            new, length = other[_place(other, chance) :][:512], chance.choice((0, length))
        else:  # a number, as people write it
            found = list(re.finditer(rb"[-+.\d]+", content[:20_000]))
            if not found:
                continue
            one = chance.choice(found)
            at, length, new = one.start(), one.end() - one.start(), chance.choice(_WORDS)
        content = content[:at] + new + content[at + length :]
    return content


def _json_damaged(content: bytes, chance: random.Random) -> bytes:
    """Another value somewhere in what JSON says."""
    try:
        whole = json.loads(content)
    except ValueError:  # lines of it
        lines = content.splitlines()
        at = chance.randrange(len(lines))
        lines[at] = _json_damaged(lines[at], chance)
        return b"\n".join(lines) + b"\n"
    inner: Any = whole
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        if not keys:
            break
        key = chance.choice(keys)
        if isinstance(inner[key], dict | list) and inner[key] and chance.random() < 0.7:
            inner = inner[key]
            continue
        if isinstance(inner, dict) and chance.random() < 0.2:
            value = inner.pop(key)
            if chance.random() < 0.5:
                inner[str(chance.choice(_VALUES))] = value
        else:
            inner[key] = chance.choice(_VALUES)
        break
    return json.dumps(whole).encode(errors="surrogatepass")


def _archive_damaged(content: bytes, chance: random.Random) -> bytes:
    """The same archive with one of its files damaged, or gone."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(files))
    if chance.random() < 0.1:
        del files[name]
    else:
        files[name] = _damaged(files[name], chance, list(files.values()))
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return new.getvalue()


def _sums_mended(content: bytes) -> bytes:
    """A PNG whose checksums are right again, so that what else is wrong is reached."""
    mended, at = bytearray(content), 8
    while at + 12 <= len(mended):
        (length,) = struct.unpack_from(">I", mended, at)
        end = at + 8 + length
        if end + 4 > len(mended):
            break
        struct.pack_into(">I", mended, end, zlib.crc32(mended[at + 4 : end]))
        at = end + 4
    return bytes(mended)


def main(total: int, folder: Path) -> None:
    """Try so many, the readers in turn, and say what was found."""
    from fuzz_readers import readers

    all_of_them = readers()
    share, began = total // len(all_of_them), time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    done, faults = 0, 0
    for first in range(0, share, 500):
        numbers = range(first, min(share, first + 500))
        for reader in all_of_them:
            with tempfile.TemporaryDirectory() as place:
                for fault in tries(reader, numbers, Path(place)):
                    faults += 1
                    (folder / f"{fault.reader} {fault.number}").write_bytes(fault.content)
                    print(fault, flush=True)
            done += len(numbers)
        most = _most_bytes() / 1e9
        print(
            f"{done} inputs, {faults} faults, {time.monotonic() - began:.0f} s, {most:.2f} GB",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
