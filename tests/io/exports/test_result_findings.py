"""A result is read back as it was written, or what is wrong with it is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
from kept import images_in, recording_in, result_of, result_of_session, session_of

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.steps import run
from napari_squeakout.io.exports.result_findings import findings_of_result


@pytest.fixture
def result(tmp_path):
    return result_of(recording_in(tmp_path / "in"), tmp_path / "results", masks=True)


def record_in(folder):
    return json.loads((folder / "run.json").read_text())


def change_record(folder, **changes):
    (folder / "run.json").write_text(json.dumps(record_in(folder) | changes))


def test_a_result_gives_its_calls_its_masks_and_its_pages(result):
    found = findings_of_result(result)
    assert (found.recording, len(found.calls), found.notes) == ("mouse 7.wav", 2, ())
    assert found.known["model"]["name"] == "bright"
    assert found.approved is None
    masks = found.masks()
    for call in found.calls.to_dict("records"):
        assert int((masks.labels[call["page"]] == call["call"]).sum()) == call["area_px"]
    pages = run(found.pages())
    assert pages.layout.n_pages == found.n_pages == 2


def test_a_result_of_a_session_says_how_many_pages_were_approved(result, tmp_path):
    session = session_of(tmp_path / "in" / "mouse 7.wav", tmp_path / "m.squeakout")
    found = findings_of_result(result_of_session(session, tmp_path / "saved", masks=True))
    assert (found.approved, found.n_approved, found.n_pages) == (None, 1, 2)
    assert findings_of_result(result).n_approved is None


@pytest.mark.parametrize(("name", "left"), [("calls.csv", 0), ("masks.tif", 0), ("picture.png", 2)])
def test_what_was_changed_by_hand_since_is_nothing_that_anybody_approved(tmp_path, name, left):
    path = recording_in(tmp_path / "in")
    session = session_of(path, tmp_path / "m.squeakout", approved=(0, 1))
    folder = result_of_session(session, tmp_path / "saved", masks=True, picture=True)
    with (folder / name).open("ab") as file:
        file.write(b"\n")
    assert findings_of_result(folder).n_approved == left


def test_a_table_that_was_changed_by_hand_is_read_and_that_is_said(result):
    table = result / "calls.csv"
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:2]))
    found = findings_of_result(result)
    assert (len(found.calls), found.notes) == (
        1,
        ("calls.csv has been changed since it was written",),
    )
    with pytest.raises(InputError, match="not of the same calls"):
        found.masks()


def test_a_record_of_another_number_of_calls_than_the_table_is_refused(result):
    change_record(result, calls=7)
    with pytest.raises(InputError, match="tells of 7 calls"):
        findings_of_result(result)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"program": "other"}, "is no result of this program"),
        ({"export": "csv"}, "is no result of this program"),
        ({"files": {}}, "is no result with a table of calls"),
        ({"pages": "two"}, "is damaged"),
        ({"not_segmented": [[1]]}, "is damaged"),
        ({"input": {"path": 7}}, "is damaged"),
        ({"notes": None}, "is damaged"),
        ({"review": {"approved": "all"}}, "is damaged"),
        ({"review": {"approved": 3}}, "is damaged"),
        ({"review": [2]}, "is damaged"),
        ({"settings": {"recording": {"channel": "left"}}}, "settings that this version does not"),
        ({"notes": [float("nan")]}, "cannot be read"),
    ],
)
def test_what_is_no_result_is_refused_in_a_sentence(result, change, said):
    change_record(result, **change)
    with pytest.raises(InputError, match=said):
        findings_of_result(result)


def test_a_folder_without_a_record_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"run\.json is not there"):
        findings_of_result(tmp_path)


def test_a_path_that_leads_nowhere_is_told_from_one_that_is_no_result(tmp_path):
    with pytest.raises(InputError, match="nowhere: is not there"):
        findings_of_result(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"7\.wav: is a file, and no folder of a result"):
        findings_of_result(recording_in(tmp_path / "in"))


def test_pages_that_nobody_has_looked_at_are_told(result):
    change_record(result, not_segmented=[1])
    [note] = findings_of_result(result).notes
    assert note.startswith("1 of 2 pages is not segmented yet (page 1)")


def test_a_record_of_more_pages_than_its_masks_is_refused(result):
    change_record(result, pages=9_000_000)
    with pytest.raises(InputError, match="has 2 pages, not 9000000"):
        findings_of_result(result).masks()


def test_pages_of_a_recording_that_has_changed_are_refused(result, tmp_path):
    path = tmp_path / "in" / "mouse 7.wav"
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="has changed since"):
        run(findings_of_result(result).pages())


def test_a_recording_that_was_moved_is_found_where_it_is_said_to_be(result, tmp_path):
    (tmp_path / "in").rename(tmp_path / "archive")
    with pytest.raises(InputError, match="--near"):
        run(findings_of_result(result).pages())
    assert run(findings_of_result(result, [tmp_path / "archive"]).pages()).layout.n_pages == 2


def test_of_files_of_one_name_that_is_taken_which_the_result_was_made_of(result, tmp_path):
    """Another day's recording may lie where this one lay, or in the first folder of several."""
    (tmp_path / "in").rename(tmp_path / "archive")
    for folder in ("in", "day 2"):
        other = recording_in(tmp_path / folder)
        other.write_bytes(other.read_bytes()[:-2000] + bytes(2000))
    near = [tmp_path / "day 2", tmp_path / "archive"]
    assert run(findings_of_result(result, near).pages()).origin.files[0].parent == near[1]
    with pytest.raises(InputError, match=r"in/mouse 7\.wav: has changed since .*--near"):
        run(findings_of_result(result, near[:1]).pages())


def test_of_folders_of_one_name_that_is_taken_whose_images_the_result_was_made_of(tmp_path):
    folder = result_of(images_in(tmp_path / "in" / "pictures"), tmp_path / "results")
    (tmp_path / "in").rename(tmp_path / "archive")
    (images_in(tmp_path / "in" / "pictures") / "c.png").unlink()
    pages = run(findings_of_result(folder, [tmp_path / "archive"]).pages())
    assert {file.parent.parent.name for file in pages.origin.files} == {"archive"}


# --- masks --------------------------------------------------------------------------------------


def test_a_result_without_masks_says_how_to_get_them(tmp_path):
    folder = result_of(recording_in(tmp_path / "in"), tmp_path / "results")
    with pytest.raises(InputError, match="segment again with --masks"):
        findings_of_result(folder).masks()


def test_masks_of_images_are_told_apart_by_their_table(tmp_path):
    folder = result_of(images_in(tmp_path / "in" / "pictures"), tmp_path / "results")
    found = findings_of_result(folder)
    assert found.calls["image"].tolist() == ["=a", "=a", "b 鼠"]
    masks = found.masks()
    assert masks.layout.page_names == ("=a", "b 鼠", "c")
    numbers = [set(np.unique(page).tolist()) - {0} for page in masks.labels]
    assert [len(of_page) for of_page in numbers] == [2, 1, 0]
    assert set.union(*numbers) == set(found.calls["call"])
    assert run(found.pages()).layout.page_names == masks.layout.page_names


def test_masks_of_images_that_are_not_those_of_the_table_are_refused(tmp_path):
    folder = result_of(images_in(tmp_path / "in" / "pictures"), tmp_path / "results")
    (folder / "masks" / "b 鼠.png").write_bytes((folder / "masks" / "=a.png").read_bytes())
    with pytest.raises(InputError, match="does not tell its calls apart"):
        findings_of_result(folder).masks()


def test_masks_at_the_size_of_their_images_are_refused(tmp_path):
    from PIL import Image

    pictures = tmp_path / "in"
    pictures.mkdir()
    Image.fromarray(np.tile(np.r_[np.full(99, 60), 255].astype(np.uint8), (128, 1))).save(
        pictures / "a.png"
    )
    folder = result_of(pictures, tmp_path / "results", mask_size="source")
    with pytest.raises(InputError, match="--mask-size page"):
        findings_of_result(folder).masks()
