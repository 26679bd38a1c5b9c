"""Each form holds every call of a source."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from kept import images_in, recording_in, result_of, session_of
from plain_coco import plain_mask

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.steps import run
from napari_squeakout.io.exports.forms import check_form, writing
from napari_squeakout.io.exports.result_findings import findings_of_result
from napari_squeakout.io.exports.session_findings import reading_session
from napari_squeakout.io.tables.annotations import read_annotation
from napari_squeakout.io.tables.calls import read_calls


@pytest.fixture
def found(tmp_path):
    path = recording_in(tmp_path / "in")
    return findings_of_result(result_of(path, tmp_path / "results", masks=True))


def coco_in(path):
    known = json.loads(path.read_text())
    for one in known["annotations"]:
        one["mask"] = plain_mask(one["segmentation"])
    return known


@pytest.mark.parametrize("form", ["csv", "raven", "audacity", "deepsqueak", "vocalmat"])
def test_the_calls_of_a_result_are_in_each_table(form, found, tmp_path):
    assert run(writing(found, form, tmp_path / "out", "mouse 7")) == []
    [path] = (tmp_path / "out").iterdir()
    assert path.name.startswith("mouse 7.")
    noted = read_annotation(path, of="mouse 7.wav")
    np.testing.assert_allclose(
        noted.intervals_s, found.calls[["start_s", "end_s"]], rtol=0, atol=1e-6
    )
    assert noted.notes == ()


def test_csv_is_the_table_of_the_result(found, tmp_path):
    run(writing(found, "csv", tmp_path, "m"))
    assert (tmp_path / "m.csv").read_bytes() == (found.place / "calls.csv").read_bytes()
    assert read_calls(tmp_path / "m.csv").equals(found.calls)


@pytest.mark.parametrize(
    ("form", "column"),
    [
        ("csv", "class"), ("raven", "Annotation"), ("audacity", 2), ("deepsqueak", "Label"),
        ("vocalmat", "Class"),
    ],
)  # fmt: skip
def test_what_was_measured_of_a_result_is_in_its_tables(form, column, tmp_path):
    folder = result_of(recording_in(tmp_path / "in"), tmp_path / "results", measures=True)
    measured = pd.read_csv(folder / "calls_measures.csv")
    assert measured["class"].notna().all()
    assert run(writing(findings_of_result(folder), form, tmp_path / "out", "m")) == []
    [path] = (tmp_path / "out").iterdir()
    if form == "csv":
        assert path.read_bytes() == (folder / "calls_measures.csv").read_bytes()
    rows = (
        pd.read_excel(path)
        if path.suffix == ".xlsx"
        else pd.read_csv(
            path, sep="," if form == "csv" else "\t", header=None if form == "audacity" else 0
        )
    )
    assert rows[column].tolist()[:: 2 if form == "audacity" else 1] == measured["class"].tolist()
    if form == "deepsqueak":
        principal_khz = measured["principal_hz"] / 1e3
        np.testing.assert_allclose(rows["Principal Frequency (kHz)"], principal_khz, atol=1e-6)


@pytest.mark.parametrize("form", ["csv", "raven", "audacity", "deepsqueak", "vocalmat"])
def test_of_a_session_it_is_said_that_nothing_is_measured(form, tmp_path):
    folder = session_of(recording_in(tmp_path / "in"), tmp_path / "m.squeakout")
    [note] = run(writing(run(reading_session(folder)), form, tmp_path / "out", "m"))
    assert note.startswith(
        "classes and measures are not exported of a session: `squeakout measure`"
    )


def test_coco_has_the_mask_of_each_call_under_its_number(found, tmp_path):
    run(writing(found, "coco", tmp_path, "m"))
    known = coco_in(tmp_path / "m.coco.json")
    masks = found.masks()
    assert [image["file_name"] for image in known["images"]] == ["0000.png", "0001.png"]
    pages = {image["id"]: image["page"] for image in known["images"]}
    assert {one["call"] for one in known["annotations"]} == set(found.calls["call"])
    for one in known["annotations"]:
        page = masks.labels[pages[one["image_id"]]]
        np.testing.assert_array_equal(one["mask"], page == one["call"])


def test_coco_names_images_by_their_files(tmp_path):
    folder = result_of(images_in(tmp_path / "in" / "pictures"), tmp_path / "results")
    run(writing(findings_of_result(folder), "coco", tmp_path, "m"))
    known = coco_in(tmp_path / "m.coco.json")
    assert [image["file_name"] for image in known["images"]] == ["=a.png", "b 鼠.png", "c.png"]
    assert [one["image_id"] for one in known["annotations"]] == [1, 1, 2]


def test_a_page_that_nobody_looked_at_is_no_image_without_calls(tmp_path):
    folder = session_of(recording_in(tmp_path / "in"), tmp_path / "m.squeakout", approved=())
    stages = np.load(folder / "stages.npy", mmap_mode="r+")
    stages[1] = PageStage.UNSEGMENTED
    stages.flush()
    labels = np.load(folder / "labels.npy", mmap_mode="r+")
    labels[1] = 0
    labels.flush()
    del stages, labels
    [note] = run(writing(run(reading_session(folder)), "coco", tmp_path, "m"))
    assert "1 page is left out" in note
    assert [image["page"] for image in coco_in(tmp_path / "m.coco.json")["images"]] == [0]


def test_a_form_that_is_none_is_named_with_those_that_there_are():
    with pytest.raises(InputError, match=r"'excel' is no form .* raven"):
        check_form("excel")


@pytest.mark.parametrize("form", ["raven", "audacity"])
def test_of_a_slowed_recording_it_is_said_that_times_are_those_of_the_real_sound(
    form, found, tmp_path
):
    found.known["notes"].append("slowed down 10 times: times are those of the real sound")
    [note] = run(writing(found, form, tmp_path, "m"))
    assert f"and not as {form} shows its file" in note


def test_a_raven_table_names_the_channel_that_was_used(found, tmp_path):
    run(writing(replace(found, channel=3), "raven", tmp_path, "m"))
    lines = (tmp_path / "m.selections.txt").read_text().splitlines()
    assert [line.split("\t")[2] for line in lines] == ["Channel", "3", "3"]
