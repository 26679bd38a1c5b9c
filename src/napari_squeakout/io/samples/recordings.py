"""Real mouse recordings to try things on, fetched by address and hash."""

from __future__ import annotations

from pathlib import Path

import pooch
import requests

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.fetching import quiet_pooch
from napari_squeakout.io.home import cache_folder

#: Number of a recording -> commit of github.com/tyiannak/amvoc (MIT) and sha256 of the file.
RECORDINGS = {
    1: (
        "c2f2dac578edb13208a2c57da1f889e2d48aea2f",
        "083fe3749d4a9326ec72b16571bbf08172d2d147e78d936e5975fb6d614937cc",
    ),
    2: (
        "763577b691efce3e3c23b8715ae5ce961f94e6a4",
        "b9e51257d8469731397e0b8d6c6579fba549c6bd35d2b9d5c29afb76f46afae6",
    ),
    3: (
        "763577b691efce3e3c23b8715ae5ce961f94e6a4",
        "a1a4c18b39fc5ffde4c3d5ed87f373ce89477b9080650402619b953038c512c8",
    ),
    4: (
        "763577b691efce3e3c23b8715ae5ce961f94e6a4",
        "83eb879eee9a4eb37c960962e621c136ff0430f104998868d7190f60a62abc29",
    ),
}
_ADDRESS = "https://raw.githubusercontent.com/tyiannak/amvoc"
_TIMEOUTS_S = (5, 30)  # to connect, and between two blocks


def fetch_amvoc(number: int, *, address: str = _ADDRESS, folder: Path | None = None) -> Path:
    """Path of an AMVOC recording (250 kHz, 5-6 s), downloaded if it is not here.

    Parameters
    ----------
    number : int
        Which, 1 to 4.
    address : str, optional
        Of the repository's files, or of a mirror.
    folder : Path, optional
        Where it is kept; by default the user's cache folder.

    Raises
    ------
    InputError
        If it cannot be downloaded or stored, or is not the file that is meant.
    """
    commit, sha256 = RECORDINGS[number]
    url = f"{address}/{commit}/data/vocalizations_evaluation/{number}/rec_{number}.wav"
    folder = folder or _cache()
    try:
        with quiet_pooch():
            path = pooch.retrieve(
                url,
                f"sha256:{sha256}",
                fname=f"rec_{number}.wav",
                path=folder,
                downloader=pooch.HTTPDownloader(timeout=_TIMEOUTS_S),
            )
    except requests.RequestException as error:
        msg = (
            f"rec_{number}.wav could not be downloaded: connect to the internet, "
            "or open the synthetic recording, which needs none"
        )
        raise InputError(msg) from error
    except ValueError as error:
        msg = f"{url}: is not the recording it was: try again, or open the synthetic recording"
        raise InputError(msg) from error
    except OSError as error:
        msg = f"{folder}: the recording cannot be stored ({error.strerror}): make room"
        raise InputError(msg) from error
    return Path(path)


def _cache() -> Path:
    return cache_folder() / "recordings"
