"""The authors' checkpoint: where it is, how it is recognised, what is known of it."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

#: The authors' weights; fetched on demand, not bundled.
PUBLISHED_MODEL = "squeakout-published"

#: What is known of the authors' weights.
PUBLISHED_CARD: dict[str, Any] = {
    "title": "SqueakOut as published",
    "description": "The authors' weights, for VocalMat's spectrograms of mouse ultrasonic calls.",
    "data": "VocalMat's spectrograms with masks corrected by hand (Santana & Dietrich 2024)",
    # Table 1: 849 images; Dice is the mean over images, an empty mask found empty counting 1.
    "metrics": {"dice": 0.9022, "pixel_accuracy": 0.9984},
    "limits": ("calls that overlap on the page become one segment",),
    "licence": "MIT",
    "reference": "Santana & Dietrich 2024, doi 10.1101/2024.04.19.590368",
}


class PublishedFile(NamedTuple):
    """Where the authors' checkpoint is, and how it is recognised."""

    url: str
    size: int
    sha256: str
    git_blob_id: str


#: The authors' checkpoint: the address and the blob from gumadeiras/squeakout, size and sha256
#: from the copy that gumadeiras/vocalpy bundles.
PUBLISHED = PublishedFile(
    url="https://raw.githubusercontent.com/gumadeiras/squeakout/001bea8c3c7c341bbdd7ef76b0adb9c4db26bb02/squeakout_weights.ckpt",
    size=56_509_772,
    sha256="3bd430ca00c8c5a9ac81816c351be34345b290294fb680dc3565be648d142199",
    git_blob_id="397861ae7ac9001379815dc70d487f21109c09c6",
)


def file_identity(data: bytes) -> tuple[str, str]:
    """The sha256 of a file's content, and the id that git gives it as a blob."""
    blob = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    blob.update(data)
    return hashlib.sha256(data).hexdigest(), blob.hexdigest()


def is_published(sha256: str, git_blob_id: str) -> bool:
    """Whether a file is the authors' checkpoint; either identity is enough."""
    return sha256 == PUBLISHED.sha256 or git_blob_id == PUBLISHED.git_blob_id
