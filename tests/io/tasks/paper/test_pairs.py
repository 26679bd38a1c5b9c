"""Images and masks in any layout; what does not go together is said, and the others count."""

from __future__ import annotations

import json

import numpy as np
import pytest
from paper_images import drawn, save
from PIL import Image

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.export.coco import LabelledPage, coco_of
from napari_squeakout.core.steps import run
from napari_squeakout.io.results.masks import page_sized
from napari_squeakout.io.tasks.paper import pairs, store
from napari_squeakout.io.tasks.paper.benchmark import unmatched_texts
from napari_squeakout.io.tasks.paper.pairs import match
from napari_squeakout.io.tasks.paper.places import images_in
from napari_squeakout.io.tasks.paper.store import storing_pairs


def masks_of(matched):
    return {pair.image.name: pair.read()[1] for pair in matched.pairs}


def test_one_folder_a_class_is_matched_by_class_and_stem(windows):
    matched = match(*windows)
    assert len(matched.pairs) == 10
    assert not matched.without_mask + matched.without_image
    masks = masks_of(matched)
    assert np.array_equal(masks["flat_3"], page_sized(drawn(3)[1]))
    assert not masks["noise_dist_3"].any()
    assert [pair.image.is_noise for pair in matched.pairs] == [False] * 6 + [True] * 4


def test_masks_in_one_folder_go_by_whole_name(windows, tmp_path):
    images, _ = windows
    for file in images_in(images):
        save(tmp_path / "all", f"{file.name}.png", drawn(int(file.path.stem))[0])
    # What is bright is no mask; only the names matter here.
    matched = match(images, tmp_path / "all")
    assert [pair.mask.stem for pair in matched.pairs] == [pair.image.name for pair in matched.pairs]


def test_a_stem_that_two_classes_have_matches_no_mask_of_that_stem_alone(windows, tmp_path):
    images, _ = windows
    save(tmp_path / "flat_masks", "3.png", drawn(3)[0])
    with pytest.raises(InputError, match="no image has a mask of its name"):
        match(images, tmp_path / "flat_masks")


def test_flat_folders_go_by_stem_whatever_the_ending(tmp_path):
    image, mask = drawn(0)
    save(tmp_path / "images", "a.bmp", image)
    save(tmp_path / "masks", "a.png", mask.astype(np.uint8) * 255)
    assert np.array_equal(masks_of(match(tmp_path / "images", tmp_path / "masks"))["a"],
                          page_sized(mask))  # fmt: skip


def test_a_coco_data_set_is_read_from_run_lengths_and_polygons(windows, tmp_path):
    images, _ = windows
    pages = [
        LabelledPage(f"flat/{index}.png", drawn(index)[1].astype(np.int32)) for index in range(3)
    ]
    known = coco_of(pages, "test")
    box = [10, 10, 40, 10, 40, 30, 10, 30]
    known["images"].append({"id": 9, "file_name": "noise_dist/0.png", "width": 227, "height": 227})
    known["images"].append({"id": 10, "file_name": "nowhere.png", "width": 227, "height": 227})
    known["annotations"].append({"id": 99, "image_id": 9, "segmentation": [box]})
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(known))
    matched = match(images, path)
    masks = masks_of(matched)
    assert np.array_equal(masks["flat_1"], page_sized(drawn(1)[1]))
    assert masks["noise_dist_0"].mean() == pytest.approx(31 * 21 / 227**2, rel=0.05)
    assert len(matched.without_mask) == 6
    assert matched.without_image == ("nowhere.png",)


def test_a_table_says_which_images_are_noise_and_leaves_out_the_others(tmp_path):
    for name in ("a", "b", "c"):
        save(tmp_path / "images", f"{name}.png", drawn(0)[0])
    table = tmp_path / "classes.csv"
    table.write_text("image,class\na.png,flat\nb,noise\n")
    files = images_in(tmp_path / "images", table)
    assert [(file.name, file.is_noise) for file in files] == [("a", False), ("b", True)]
    table.write_text("file,kind\na,b\n")
    with pytest.raises(InputError, match="no columns image and class"):
        images_in(tmp_path / "images", table)


def test_unpaired_files_are_named(windows):
    images, masks = windows
    (masks / "flat" / "2.png").unlink()
    (images / "flat" / "4.png").unlink()
    told = unmatched_texts(match(images, masks))
    assert len(told) == 2
    assert "1 image" in told[0]
    assert str(images / "flat" / "2.png") in told[0]
    assert str(masks / "flat" / "4.png") in told[1]


@pytest.fixture
def spoilt(windows):
    """What is wrong with each of four pairs, one of them also being without fault."""
    images, masks = windows
    Image.fromarray(np.zeros((100, 100), np.uint8)).save(masks / "flat" / "0.png")
    Image.fromarray(drawn(1)[0]).save(masks / "flat" / "1.png")
    (images / "flat" / "2.png").write_bytes((images / "flat" / "2.png").read_bytes()[:200])
    return images, masks


def test_a_wrong_size_a_picture_for_a_mask_and_a_broken_image_are_a_sentence_each(spoilt, tmp_path):
    stored = run(storing_pairs(match(*spoilt).pairs, tmp_path / "work"))
    size, values, broken = stored.problems
    assert "0.png: is 100 x 100 px, its image 0.png 227 x 227" in size
    assert "1.png: holds" in values
    assert "white on black" in values
    assert "2.png" in broken
    assert stored.names == (
        "flat_3", "flat_4", "flat_5", *(f"noise_dist_{i}" for i in range(4)),
    )  # fmt: skip
    assert np.array_equal(stored.masks[0], page_sized(drawn(3)[1]))


def test_what_is_stored_is_taken_again_until_a_file_changes(windows, tmp_path):
    images, masks = windows
    first = run(storing_pairs(match(images, masks).pairs, tmp_path / "work"))
    before = (tmp_path / "work" / "pages.npy").stat().st_mtime_ns
    run(storing_pairs(match(images, masks).pairs, tmp_path / "work"))
    assert (tmp_path / "work" / "pages.npy").stat().st_mtime_ns == before
    save(images, "flat/0.png", *drawn(77), masks=masks)
    other = run(storing_pairs(match(images, masks).pairs, tmp_path / "work"))
    assert other.fingerprint != first.fingerprint


def test_a_mask_that_was_corrected_is_read_again_though_its_image_is_the_same(spoilt, tmp_path):
    images, masks = spoilt
    run(storing_pairs(match(images, masks).pairs, tmp_path / "work"))
    Image.fromarray(drawn(0)[1].astype(np.uint8) * 255).save(masks / "flat" / "0.png")
    Image.fromarray(np.zeros((227, 227), np.uint8)).save(masks / "flat" / "3.png")
    stored = run(storing_pairs(match(images, masks).pairs, tmp_path / "work"))
    assert stored.names[0] == "flat_0"
    assert not stored.masks[stored.names.index("flat_3")].any()


def test_a_kill_while_pages_are_replaced_leaves_none_under_old_names(
    windows, tmp_path, monkeypatch
):
    images, masks = windows
    run(storing_pairs(match(images, masks).pairs, tmp_path / "work"))
    save(images, "flat/0.png", *drawn(77), masks=masks)
    monkeypatch.setattr(store, "file_sha256", _killed)
    with pytest.raises(KeyboardInterrupt):
        run(storing_pairs(match(images, masks).pairs, tmp_path / "work"))
    assert not (tmp_path / "work" / "pages.json").exists()


def _killed(_):
    raise KeyboardInterrupt


def test_a_link_that_leads_nowhere_is_a_sentence_and_the_others_count(windows, tmp_path):
    images, masks = windows
    (images / "flat" / "1.png").unlink()
    (images / "flat" / "1.png").symlink_to(tmp_path / "gone.png")
    stored = run(storing_pairs(match(images, masks).pairs, tmp_path / "work"))
    [told] = stored.problems
    assert "there is no such file" in told
    assert len(stored.names) == 9


def test_a_mask_is_that_of_its_folder_whatever_class_a_table_says(windows, tmp_path):
    images, masks = windows
    table = tmp_path / "classes.csv"
    table.write_text("image,class\nflat/1.png,noise_dist\nnoise_dist/0.png,flat\n")
    matched = match(images, masks, table)
    assert [pair.mask for pair in matched.pairs] == [
        masks / "flat" / "1.png", masks / "noise_dist" / "0.png",
    ]  # fmt: skip


def test_two_masks_of_one_stem_are_refused(windows):
    images, masks = windows
    save(masks, "flat/0.bmp", drawn(5)[0])
    with pytest.raises(InputError, match="has the same stem as"):
        match(images, masks)


def test_a_bare_name_in_a_coco_data_set_is_of_no_image_where_two_have_it(windows, tmp_path):
    images, _ = windows
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(coco_of([LabelledPage("3.png", np.int32(drawn(3)[1]))], "test")))
    with pytest.raises(InputError, match="no image has a mask of its name"):
        match(images, path)


def test_images_and_coco_as_a_data_set_is_written_go_together(tmp_path):
    save(tmp_path / "images", "flat_1.png", drawn(1)[0])
    known = coco_of([LabelledPage("images/flat_1.png", np.int32(drawn(1)[1]))], "test")
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(known))
    assert len(match(tmp_path / "images", path).pairs) == 1
    known["annotations"][0]["segmentation"] = {"counts": [1], "size": [227]}
    path.write_text(json.dumps(known))
    with pytest.raises(InputError, match="are damaged"):
        match(tmp_path / "images", path).pairs[0].read()


def test_each_of_many_images_is_compared_with_few_others(tmp_path, monkeypatch):
    looks = []

    class Counted(pairs.ImageFile):
        def __getattribute__(self, name):
            if name == "path":
                looks.append(name)
            return super().__getattribute__(name)

    files = tuple(Counted(f"{i}", tmp_path / f"{i}.png") for i in range(400))
    monkeypatch.setattr(pairs, "images_in", lambda *_: files)
    assert len(match(tmp_path, tmp_path).pairs) == len(files)
    assert len(looks) < 50 * len(files)


def test_nothing_that_goes_together_is_one_sentence(windows, tmp_path):
    images, _ = windows
    save(tmp_path / "other", "x.png", drawn(0)[0])
    with pytest.raises(InputError, match="no image has a mask of its name"):
        match(images, tmp_path / "other")
    with pytest.raises(InputError, match="holds no images"):
        images_in(_empty(tmp_path))
    with pytest.raises(InputError, match="is no folder"):
        images_in(tmp_path / "nowhere")
    (tmp_path / "bad.json").write_text("[1]")
    with pytest.raises(InputError, match="is no COCO data set"):
        match(images, tmp_path / "bad.json")


def _empty(tmp_path):
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"
