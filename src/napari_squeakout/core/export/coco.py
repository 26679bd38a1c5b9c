"""Masks of calls as a COCO data set: images, and on each the run lengths of its calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .run_lengths import compressed, run_lengths

_CATEGORY = {"id": 1, "name": "call", "supercategory": "vocalization"}


@dataclass(frozen=True)
class LabelledPage:
    """One page with its calls.

    Parameters
    ----------
    file_name : str
        What its image is called.
    labels : NDArray
        (h, w), 0 background, else the number of a call.
    about : mapping
        What else is said of the image.
    """

    file_name: str
    labels: NDArray[np.integer] = field(repr=False)
    about: Mapping[str, Any] = field(default_factory=dict)


def coco_of(pages: Iterable[LabelledPage], description: str) -> dict[str, Any]:
    """A data set for JSON.

    Parameters
    ----------
    pages : iterable of LabelledPage
        In order; one without calls is an image without annotations.
    description : str
        What the data set is.

    Returns
    -------
    dict
        `images`, `annotations` with a compressed run length each, and one category, `call`. A call
        on two pages is an annotation on each, of one `call`: its number in the table.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, page in enumerate(pages, start=1):
        height, width = map(int, page.labels.shape)
        images.append(
            {"id": number, "file_name": page.file_name, "width": width, "height": height}
            | dict(page.about)
        )
        for call in np.unique(page.labels[page.labels > 0]).tolist():
            known = {"id": len(annotations) + 1, "image_id": number, "call": call}
            annotations.append(known | _annotation(page.labels == call))
    return {
        "info": {"description": description},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": [_CATEGORY],
    }


def _annotation(mask: NDArray[np.bool_]) -> dict[str, Any]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    return {
        "category_id": _CATEGORY["id"],
        "segmentation": {"size": list(mask.shape), "counts": compressed(run_lengths(mask))},
        "bbox": [left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top],
        "area": int(mask.sum()),
        "iscrowd": 0,
    }
