"""Real recordings and images for the tests, fetched by address and hash where that is asked for.

They are not part of the project. Beside the checkout they lie in `../shared/data`; elsewhere

    SQUEAKOUT_TEST_DATA=fetch pytest

downloads them once (15 MB) into the cache folder of the system. Without it nothing is downloaded,
and the tests that need them are skipped. Each file is named with a commit in which it stands; all
of a set are checked together, for each of VocalMat's images is small.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pooch
import requests

ASKED = "SQUEAKOUT_TEST_DATA"
_TIMEOUTS_S = (5, 20)  # to connect, and between two blocks


@dataclass(frozen=True, kw_only=True)
class RealSet:
    """Files of one source.

    Parameters
    ----------
    folder : str
        Where they lie below `data`.
    address : str
        Of the repository's files, `{commit}` left open.
    commits : mapping
        Commit -> the files that are read there, below the folder.
    sha256 : str
        Of all their contents, one after the other in order of their names.
    """

    folder: str
    address: str
    commits: Mapping[str, Sequence[str]]
    sha256: str


def _amvoc(*names: str) -> list[str]:
    return [f"{name[-1]}/{name}.{'wav' if name.startswith('rec') else 'csv'}" for name in names]


# Odd ones only; by the commit in which each was seen.
_LATER = {
    17, 21, 25, 27, 31, 35, 39, 43, 45, 49, 53, 57, 59, 69, 73, 77, 83, 85, 95, 97, 99, 101, 113,
    119, 129, 133, 137, 139, 141,
}  # fmt: skip
_EARLIER = set(range(1, 144, 2)) - _LATER

SETS = (
    RealSet(  # MIT
        folder="amvoc",
        address=(
            "https://raw.githubusercontent.com/tyiannak/amvoc/{commit}/data/vocalizations_evaluation"
        ),
        commits={
            "763577b691efce3e3c23b8715ae5ce961f94e6a4": _amvoc(
                "deepsqueak_1", "gt_1", "msa2_1", "vocalmat_1", "gt_2", "mupet_2", "gt_3", "msa1_3",
                "vocalmat_3", "rec_2", "rec_3", "rec_4",
            ),
            "c2f2dac578edb13208a2c57da1f889e2d48aea2f": _amvoc(
                "msa1_1", "mupet_1", "deepsqueak_2", "msa1_2", "msa2_2", "vocalmat_2",
                "deepsqueak_3", "msa2_3", "mupet_3", "deepsqueak_4", "gt_4", "msa1_4", "msa2_4",
                "mupet_4", "vocalmat_4", "rec_1",
            ),
        },
        sha256="488295ab5c3c731572f8d49c5892b2415bd770c784d2a865a2f319feaafb43e0",
    ),
    RealSet(  # Apache-2.0
        folder="vocalmat",
        address="https://raw.githubusercontent.com/ahof1704/VocalMat/{commit}/audios/audio_example",
        commits={
            "2b6d7ccfdbe47738c1b19ede49cbc5576a9d9be3": [
                "audio_example.xlsx", "audio_example_DL.xlsx", *(f"All/{n}.png" for n in _EARLIER),
            ],
            "0765781daf1c559feaba8a92202a852bac6f0ef4": [f"All/{n}.png" for n in _LATER],
        },
        sha256="cfdc964cf8a4275d6c3925a53910f2766c2494f7c2d3f1e22f43ce9a4294e034",
    ),
    RealSet(  # CC0
        folder="clips",
        address="https://raw.githubusercontent.com/vocalpy/vocalpy/{commit}/src/vocalpy/examples",
        commits={"d58d43f8bd1e12b08cedbc49cf0149c626082757": ["BM003.wav"]},
        sha256="5fe922bc8bede71708a22261bc3df1c70f2939563d93b98dc8775b07cfbed77b",
    ),
)  # fmt: skip


class NotHereError(Exception):
    """There are no real recordings: why, in a sentence."""


def real_data(beside: Path, sets: Sequence[RealSet] = SETS, cache: Path | None = None) -> Path:
    """The folder that holds `data`: the one beside the checkout, else what was fetched.

    Raises
    ------
    NotHereError
        If it is not there and nobody asked for a download, or the net cannot be reached.
    ValueError
        If what comes is not what is meant.
    """
    if (beside / "data").is_dir():
        return beside
    if os.environ.get(ASKED) != "fetch":
        msg = f"needs the real recordings and images in {beside / 'data'}, or {ASKED}=fetch"
        raise NotHereError(msg)
    folder = cache or pooch.os_cache("napari-squeakout-tests")
    for wanted in sets:
        if not (folder / "data" / wanted.folder).is_dir():
            _fetch(wanted, folder / "data")
    return folder


def digest_of(wanted: RealSet, folder: Path) -> str:
    """One hash of all files of a set."""
    digest = hashlib.sha256()
    for name in sorted(name for names in wanted.commits.values() for name in names):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _fetch(wanted: RealSet, data: Path) -> None:
    """All files of a set, or none."""
    draft = data / f"{wanted.folder}.{os.getpid()}.part"
    shutil.rmtree(draft, ignore_errors=True)
    for commit, names in wanted.commits.items():
        for name in names:
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                answer = requests.get(
                    f"{wanted.address.format(commit=commit)}/{name}", timeout=_TIMEOUTS_S
                )
                answer.raise_for_status()
                path.write_bytes(answer.content)
            except requests.RequestException as error:
                msg = f"{name} of {wanted.folder} could not be downloaded ({error}): try again"
                raise NotHereError(msg) from error
    known = digest_of(wanted, draft)
    if known != wanted.sha256:
        msg = f"{draft}: not the files that are meant, {known} instead of {wanted.sha256}"
        raise ValueError(msg)
    try:
        draft.rename(data / wanted.folder)
    except OSError:  # another worker has been quicker
        shutil.rmtree(draft)
