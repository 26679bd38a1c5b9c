"""A COCO data set holds every call of every page, under its number."""

from __future__ import annotations

import json

import numpy as np
from plain_coco import plain_mask

from napari_squeakout.core.export.coco import LabelledPage, coco_of


def page_of(**calls):
    labels = np.zeros((64, 48), np.int32)
    for name, place in calls.items():
        labels[place] = int(name[1:])
    return labels


def test_each_call_of_a_page_is_an_annotation_with_its_own_mask():
    labels = page_of(_7=np.s_[10:14, 5:25], _9=np.s_[40:41, 0:1])
    known = json.loads(json.dumps(coco_of([LabelledPage("0000.png", labels)], "rec")))
    assert [one["call"] for one in known["annotations"]] == [7, 9]
    for one in known["annotations"]:
        mask = plain_mask(one["segmentation"])
        np.testing.assert_array_equal(mask, labels == one["call"])
        assert one["area"] == mask.sum()
        x, y, w, h = one["bbox"]
        assert mask[y : y + h, x : x + w].sum() == mask.sum()
        assert (mask.any(axis=0).sum(), mask.any(axis=1).sum()) == (w, h)
    assert known["images"] == [{"id": 1, "file_name": "0000.png", "width": 48, "height": 64}]


def test_a_call_on_two_pages_is_an_annotation_on_each():
    pages = [LabelledPage(name, page_of(_3=np.s_[2:4, 2:4])) for name in ("a", "b")]
    known = coco_of(pages, "rec")
    assert [(a["id"], a["image_id"], a["call"]) for a in known["annotations"]] == [
        (1, 1, 3),
        (2, 2, 3),
    ]


def test_a_page_without_calls_is_an_image_without_annotations():
    known = coco_of([LabelledPage("a", page_of(), {"start_s": 0.5})], "rec")
    assert known["annotations"] == []
    assert known["images"][0]["start_s"] == 0.5
    assert [category["name"] for category in known["categories"]] == ["call"]
