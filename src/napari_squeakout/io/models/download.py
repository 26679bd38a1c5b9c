"""The authors' weights, fetched from where they are published."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.model import published
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.published import PUBLISHED_MODEL
from napari_squeakout.io.fetching import quiet_pooch
from napari_squeakout.io.home import home_folder

from .registry import import_model, list_models, load_model
from .resuming import BLOCK, OnProgress, ResumingDownloader, TooLongError, TooSlowError


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
