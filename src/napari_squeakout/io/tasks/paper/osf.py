"""The paper's data from where it is published, by address; what arrives is known again by hash."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.steps import Progress
from napari_squeakout.io.files import atomic_file, atomic_folder, file_sha256
from napari_squeakout.io.models.resuming import ResumingDownloader
from napari_squeakout.io.plain_files import finite_json, plain_text

#: The archives of two public projects as OSF gives each: SqueakOut's data, and VocalMat's.
ADDRESSES = {
    "f9sbt.zip": "https://files.osf.io/v1/resources/f9sbt/providers/osfstorage/?zip=",
    "bk2uj.zip": "https://files.osf.io/v1/resources/bk2uj/providers/osfstorage/?zip=",
}
_HASHES = "hashes.json"


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file that is here.

    Parameters
    ----------
    path : Path
        Where.
    sha256 : str
        Its hash.
    is_first : bool
        Whether it was noted just now; otherwise it is the one noted before.
    """

    path: Path
    sha256: str
    is_first: bool

    @property
    def folder(self) -> Path:
        """Where its files lie unpacked."""
        return self.path.with_suffix("")


def fetch_osf(
    folder: Path,
    addresses: dict[str, str] | None = None,
    *,
    on_progress: Callable[[Progress], object] | None = None,
) -> list[Fetched]:
    """Get the paper's data, or what is missing of it.

    A download that was stopped goes on, where the server can. Nobody has published hashes: that of
    each file is noted in `hashes.json` when it is first here, and compared ever after.

    Parameters
    ----------
    folder : Path
        Where to keep it.
    addresses : dict, optional
        File name -> address, by default those of the paper.
    on_progress : callable, optional
        Told of the bytes that have arrived.

    Raises
    ------
    SqueakOutError
        If there is no connection, with what to download and where to put it; or a file is not the
        one that was noted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = ADDRESSES if addresses is None else addresses
    return [_fetched(folder / name, url, on_progress) for name, url in wanted.items()]


def _fetched(path: Path, url: str, on_progress: Callable[[Progress], object] | None) -> Fetched:
    if not path.exists():
        downloader = ResumingDownloader(path.with_name(f"{path.name}.part"), on_progress)
        try:
            downloader(url, str(path))
        except (requests.RequestException, ValueError) as error:
            raise SqueakOutError(_by_hand(path, url, error)) from error
    sha256 = file_sha256(path)
    noted = _noted(path.parent)
    is_first = path.name not in noted
    if is_first:
        with atomic_file(path.parent / _HASHES) as draft:
            draft.write_text(json.dumps(noted | {path.name: sha256}, indent=1), encoding="utf-8")
    elif noted[path.name] != sha256:
        msg = (
            f"{path}: is not the file that was here first (sha256 {sha256}, noted "
            f"{noted[path.name]}): move it away and fetch again; if the authors have changed it, "
            f"delete its line in {path.parent / _HASHES}"
        )
        raise InputError(msg)
    fetched = Fetched(path=path, sha256=sha256, is_first=is_first)
    if not fetched.folder.exists():
        _unpack(path, fetched.folder)
    return fetched


def _unpack(path: Path, folder: Path) -> None:
    """All files of an archive, whole or not at all; names that lead out of the folder do not."""
    try:
        with zipfile.ZipFile(path) as archive, atomic_folder(folder) as draft:
            archive.extractall(draft)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        msg = (
            f"{path}: is no archive that can be unpacked ({error}): move it away, delete its line "
            f"in {path.parent / _HASHES} and fetch again"
        )
        raise InputError(msg) from error


def _noted(folder: Path) -> dict[str, str]:
    try:
        known = finite_json(plain_text(folder / _HASHES))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        msg = f"{folder / _HASHES}: cannot be read ({error}): restore it, or move it away"
        raise InputError(msg) from error
    return {str(name): str(value) for name, value in known.items()}


def _by_hand(path: Path, url: str, error: Exception) -> str:
    answered = getattr(getattr(error, "response", None), "status_code", None)
    host = urlsplit(url).hostname or url
    why = f"{host} answered {answered}" if answered else f"no lasting connection to {host}"
    return (
        f"{path.name} could not be downloaded ({why}): try again, or download {url} on another "
        f"machine and put it at {path}"
    )
