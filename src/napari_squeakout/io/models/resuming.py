"""Downloads that go on where an earlier one stopped, and end where hardly anything comes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

from napari_squeakout.core.steps import Progress

OnProgress = Callable[[Progress], object]
#: Bytes between two reports of progress.
BLOCK = 256 * 1024
_TIMEOUTS_S = (10, 60)  # to connect, and between two blocks
# Reads begin small, so that a server that sends a byte a second is told from one that sends none.
_FIRST_READ_BYTES, _PATIENT_S = 64, 1.0
_SLOWEST_BYTES_A_S, _OVER_S = 1000, 60.0
_now = time.monotonic
_OK, _PARTIAL, _TOO_FAR, _TOO_MANY, _SERVER_ERROR = 200, 206, 416, 429, 500


class TooLongError(requests.RequestException):
    """More arrives than the file has."""


class TooSlowError(requests.RequestException):
    """It would not arrive today."""


class ResumingDownloader:
    """A downloader for pooch that goes on where an earlier download stopped.

    What has arrived stays beside the wanted file as `.part`, over failures, cancelling and
    restarts, until the file is whole. A connection that breaks is tried again.

    Parameters
    ----------
    part : Path
        The file that grows.
    on_progress : callable, optional
        Told of every block, in bytes; whatever it raises ends the download.
    waits_s : tuple of float
        Pauses before each new attempt.
    most_bytes : int, optional
        What is longer is given up: a body may never end.
    """

    def __init__(
        self,
        part: Path,
        on_progress: OnProgress | None = None,
        *,
        waits_s: tuple[float, ...] = (1.0, 2.0, 4.0),
        most_bytes: int | None = None,
    ) -> None:
        self.part = part
        self.on_progress = on_progress
        self.waits_s = waits_s
        self.most_bytes = most_bytes

    def __call__(self, url: str, output_file: str, _pooch: object = None) -> None:
        """Download `url` to `output_file`; raises what requests raises if all attempts fail."""
        for wait_s in (*self.waits_s, None):
            try:
                self._attempt(url)
            except requests.RequestException as error:
                if wait_s is None or not _may_pass(error):
                    raise
                time.sleep(wait_s)
            else:
                shutil.move(self.part, output_file)
                return

    def _attempt(self, url: str) -> None:
        have = self.part.stat().st_size if self.part.exists() else 0
        # Without "identity" a server may compress, and a range would count compressed bytes.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUTS_S) as response:
            if response.status_code == _TOO_FAR and have:
                if _total(response) == have:
                    return
                self.part.unlink()
                msg = f"{url} does not have the {have} bytes that are here: starting again"
                raise requests.exceptions.ChunkedEncodingError(msg, response=response)
            response.raise_for_status()
            goes_on = response.status_code == _PARTIAL and _first(response) == have
            if response.status_code == _PARTIAL and not goes_on:
                self.part.unlink(missing_ok=True)
                msg = f"{url} sent another range than the one asked for: starting again"
                raise requests.exceptions.ChunkedEncodingError(msg, response=response)
            self._receive(response, have if goes_on else 0)

    def _receive(self, response: requests.Response, done: int) -> None:
        length = response.headers.get("Content-Length", "")
        total = done + (int(length) if length.isdecimal() else 0)
        with self.part.open("ab" if done else "wb") as file:
            for block in _blocks(response):
                file.write(block)
                done += len(block)
                if self.most_bytes is not None and done > self.most_bytes:
                    msg = f"more than {self.most_bytes:,} bytes came"
                    raise TooLongError(msg)
                if self.on_progress is not None:
                    self.on_progress(Progress(done, max(done, total), "bytes"))
        if done < total:  # requests before 2.32 does not notice
            msg = f"{done} of {total} bytes arrived"
            raise requests.exceptions.ChunkedEncodingError(msg)


def _blocks(response: requests.Response) -> Iterator[bytes]:
    """What arrives, in blocks that take about a second; TooSlowError where hardly anything does."""
    if getattr(response.raw, "chunked", False):  # comes in blocks of the server's own
        yield from _in_time(response.iter_content(BLOCK))
        return
    yield from _in_time(_growing(response))


def _growing(response: requests.Response) -> Iterator[bytes]:
    size = min(_FIRST_READ_BYTES, BLOCK)
    while True:
        began_s = _now()
        block = next(response.iter_content(size), b"")
        if not block:
            return
        yield block
        is_quick = _now() - began_s < _PATIENT_S
        size = min(BLOCK, 2 * size) if is_quick else max(_FIRST_READ_BYTES, size // 2)


def _in_time(blocks: Iterator[bytes]) -> Iterator[bytes]:
    began_s, n_bytes = _now(), 0
    for block in blocks:
        n_bytes += len(block)
        yield block
        passed_s = _now() - began_s
        if passed_s < _OVER_S:
            continue
        if n_bytes < _SLOWEST_BYTES_A_S * passed_s:
            msg = f"fewer than {_SLOWEST_BYTES_A_S:,} bytes a second over {passed_s:.0f} s"
            raise TooSlowError(msg)
        began_s, n_bytes = _now(), 0


def _may_pass(error: requests.RequestException) -> bool:
    """Whether another attempt can help: not where the server refuses, or the address is wrong."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return (
            error.response.status_code >= _SERVER_ERROR or error.response.status_code == _TOO_MANY
        )
    lasting = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
    return isinstance(error, lasting)


def _total(response: requests.Response) -> int | None:
    """Length of the whole file, from `Content-Range: bytes 10-99/100` or `bytes */100`."""
    total = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(total) if total.isdecimal() else None


def _first(response: requests.Response) -> int | None:
    first = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdecimal() else None
