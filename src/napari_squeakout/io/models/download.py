"""The authors' weights, fetched from where they are published."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.model import published
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.published import PUBLISHED_MODEL
from napari_squeakout.core.steps import Progress
from napari_squeakout.io.fetching import quiet_pooch
from napari_squeakout.io.home import home_folder

from .registry import import_model, list_models, load_model

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


def fetch_published(
    name: str = PUBLISHED_MODEL, *, url: str | None = None, on_progress: OnProgress | None = None
) -> Model:
    """The authors' published weights, downloaded if they are not here, among the named models.

    An interrupted download goes on where it stopped. What arrives is compared with the
    checkpoint's known sha256 and git blob id before it is read.

    Parameters
    ----------
    name : str
        What to call the model here.
    url : str, optional
        A mirror; by default the authors' repository.
    on_progress : callable, optional
        Told of the bytes that have arrived.

    Raises
    ------
    ModelError
        If it cannot be downloaded, is not the published file, or cannot be stored.
    """
    if any(entry.name == name and entry.installed for entry in list_models()):
        return load_model(name)
    url = url or published.PUBLISHED.url
    folder = home_folder() / "downloads"
    file = folder / "squeakout_weights.ckpt"
    was_there = file.exists()  # brought here by hand
    # What is another file is to be told by its content, if it is not much longer.
    most = 2 * published.PUBLISHED.size + BLOCK
    part = file.with_suffix(".part")
    downloader = ResumingDownloader(part, on_progress, most_bytes=most)
    try:
        with quiet_pooch():
            pooch.retrieve(url, None, fname=file.name, path=folder, downloader=downloader)
    # ValueError: addresses that are none, also those that a server sends one to.
    except (requests.RequestException, ValueError) as error:
        if isinstance(error, TooLongError):
            part.unlink(missing_ok=True)
        raise ModelError(_by_hand(name, url, file, error)) from error
    except OSError as error:
        reason = error.strerror or "no permission"  # pooch has words of its own
        msg = (
            f"{folder}: the download cannot be stored ({reason}): make room or set "
            "NAPARI_SQUEAKOUT_HOME to another folder"
        )
        raise ModelError(msg) from error
    _refuse_other_content(file, url, was_there=was_there)
    model = import_model(file, name)
    if not was_there:
        file.unlink()
    return model


def _refuse_other_content(file: Path, url: str, *, was_there: bool) -> None:
    data = file.read_bytes()
    sha256, blob = published.file_identity(data)
    if was_there and not published.is_published(sha256, blob):
        msg = (
            f"{file}: not the published checkpoint, {len(data):,} bytes with sha256 {sha256} "
            f"instead of {published.PUBLISHED.sha256}: move it away and fetch again"
        )
        raise ModelError(msg)
    if not published.is_published(sha256, blob):
        file.unlink()
        msg = (
            f"{url}: not the published checkpoint, {len(data):,} bytes with sha256 {sha256} "
            f"instead of {published.PUBLISHED.sha256}; it was deleted: try again, or import a "
            "file you trust with `squeakout models import FILE`"
        )
        raise ModelError(msg)


def _by_hand(name: str, url: str, file: Path, error: Exception) -> str:
    wanted, response = published.PUBLISHED, getattr(error, "response", None)
    if isinstance(error, TooLongError):
        why = f"{_host(url)} sends another file, {error}"
    elif isinstance(error, TooSlowError):
        why = f"{_host(url)} sends {error}"
    elif response is not None and response.status_code >= 400:  # noqa: PLR2004
        why = f"{_host(url)} answered {response.status_code}"
    else:
        why = f"no lasting connection to {_host(url)}"
    return (
        f"{name} could not be downloaded ({why}): try again, or on another machine download {url} "
        f"({wanted.size:,} bytes, sha256 {wanted.sha256}), bring it here and run "
        f"`squeakout models import FILE --name {name}`, or put it at {file} and fetch again"
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:  # no address
        return url


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
