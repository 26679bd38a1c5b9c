"""Masks as images."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import tifffile
from bad_inputs import BAD_IMAGES, grey
from PIL import Image

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.layout import Layout
from napari_squeakout.core.stacks import MaskStack
from napari_squeakout.io.results.masks import (
    mask_files,
    read_mask,
    write_mask_tiff,
    write_page_masks,
)


def _masks(n_pages: int = 2, *, numbers: int = 7, **layout: object) -> MaskStack:
    labels = np.zeros((n_pages, 512, 512), np.int32)
    labels[0, 100:200, 50:300] = numbers
    return MaskStack(labels, Layout(source="calls", n_pages=n_pages, **layout))


def test_each_page_becomes_a_png_of_0_and_255(tmp_path):
    write_page_masks(_masks(page_names=("a", "b")), tmp_path / "masks")
    assert sorted(path.name for path in (tmp_path / "masks").iterdir()) == ["a.png", "b.png"]
    written = np.asarray(Image.open(tmp_path / "masks" / "a.png"))
    assert (written.shape, written.dtype) == ((512, 512), np.uint8)
    np.testing.assert_array_equal(written == 255, _masks().labels[0] > 0)
    np.testing.assert_array_equal(np.unique(written), [0, 255])


def test_masks_have_the_size_of_their_source_if_that_is_wished(tmp_path):
    masks = _masks(page_names=("a", "b"), source_shapes=((227, 300), (512, 512)))
    write_page_masks(masks, tmp_path, size="source")
    written = np.asarray(Image.open(tmp_path / "a.png"))
    assert written.shape == (227, 300)
    np.testing.assert_array_equal(np.unique(written), [0, 255])


def test_pages_of_a_recording_are_numbered_and_have_no_size_of_their_own(tmp_path):
    write_page_masks(_masks(), tmp_path)
    assert list(mask_files(tmp_path)) == ["0000", "0001"]
    with pytest.raises(ValueError, match="no source images to take the size of: use size='page'"):
        write_page_masks(_masks(), tmp_path, size="source")


@pytest.mark.parametrize(("numbers", "dtype"), [(65_535, np.uint16), (65_536, np.uint32)])
@pytest.mark.parametrize("n_pages", [1, 3])
def test_a_tiff_has_a_deflated_slice_a_page_with_the_call_numbers(
    tmp_path, numbers, dtype, n_pages
):
    masks = _masks(n_pages, numbers=numbers)
    write_mask_tiff(masks, tmp_path / "masks.tif")
    with tifffile.TiffFile(tmp_path / "masks.tif") as file:
        assert len(file.pages) == n_pages
        assert file.pages[0].compression == tifffile.COMPRESSION.ADOBE_DEFLATE
        assert file.pages[0].dtype == dtype
        assert (file.series[0].axes, file.is_imagej, file.is_ome) == ("ZYX", False, False)
        np.testing.assert_array_equal(file.asarray(), masks.labels)


def test_a_lazy_stack_is_taken_page_by_page(tmp_path):
    taken = []

    def page(block_info: dict | None = None) -> np.ndarray:
        index = block_info[None]["chunk-location"][0]
        taken.append(index)
        return np.full((1, 512, 512), index, np.int32)

    labels = da.map_blocks(
        page, chunks=((1,) * 3, 512, 512), dtype=np.int32, meta=np.zeros((0, 0, 0), np.int32)
    )
    write_mask_tiff(MaskStack(labels, Layout(source="calls", n_pages=3)), tmp_path / "masks.tif")
    assert taken == [0, 1, 2, 0, 1, 2]
    assert tifffile.imread(tmp_path / "masks.tif")[:, 0, 0].tolist() == [0, 1, 2]


def test_masks_that_were_written_are_read_again(tmp_path):
    masks = _masks(page_names=("b", "a"))
    write_page_masks(masks, tmp_path)
    files = mask_files(tmp_path)
    assert files == {"a": tmp_path / "a.png", "b": tmp_path / "b.png"}
    np.testing.assert_array_equal(read_mask(files["b"]), masks.labels[0] > 0)
    assert not read_mask(files["a"]).any()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA"])
def test_any_colour_but_black_is_call(tmp_path, mode):
    drawn = np.zeros((20, 30), np.uint8)
    drawn[5:9, 3:20] = 255
    Image.fromarray(drawn).convert(mode).save(tmp_path / "a.png")
    mask = read_mask(tmp_path / "a.png")
    assert mask.dtype == np.bool_
    np.testing.assert_array_equal(mask, drawn > 0)


def test_low_numbers_in_a_deep_mask_are_call(tmp_path):
    drawn = np.zeros((20, 30), np.uint16)
    drawn[5], drawn[6] = 1, 60_000
    Image.fromarray(drawn).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png"), drawn > 0)


def test_the_dirt_around_edges_in_a_jpeg_is_no_call(tmp_path):
    drawn = np.zeros((64, 64), np.uint8)
    drawn[10:30, 13:50] = 255
    Image.fromarray(drawn).save(tmp_path / "a.jpg", quality=60)
    assert (np.asarray(Image.open(tmp_path / "a.jpg"))[drawn == 0] > 0).any()
    np.testing.assert_array_equal(read_mask(tmp_path / "a.jpg"), drawn > 0)


def test_two_masks_of_one_stem_are_refused(tmp_path):
    for name in ("a.png", "a.bmp"):
        Image.fromarray(grey()).save(tmp_path / name)
    with pytest.raises(InputError, match=r"a\.png: has the same stem as a\.bmp: keep one"):
        mask_files(tmp_path)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("empty folder", "holds no masks"), ("missing png", "is no folder")],
)
def test_a_folder_without_masks_is_refused(tmp_path, kind, said):
    with pytest.raises(InputError, match=said):
        mask_files(BAD_IMAGES[kind](tmp_path))


@pytest.mark.parametrize("kind", ["text as png", "unknown suffix", "corrupt png", "missing png"])
def test_what_is_no_image_is_no_mask(tmp_path, kind):
    path = BAD_IMAGES[kind](tmp_path)
    with pytest.raises(InputError) as caught:
        read_mask(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_several_pages_are_not_one_mask(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.stack([grey(), grey()]))
    with pytest.raises(InputError, match="holds 2 pages: give one file a mask"):
        read_mask(tmp_path / "a.tif")


def test_masks_take_the_place_of_no_image(tmp_path):
    """They are called as the images that they are of."""
    masks = MaskStack(
        np.ones((2, 512, 512), np.int32), Layout(source="x", n_pages=2, page_names=("a", "b"))
    )
    (tmp_path / "b.png").write_bytes(b"raw data")
    with pytest.raises(SqueakOutError, match=r"has a b\.png already.*choose a new folder"):
        write_page_masks(masks, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["b.png"]
    assert (tmp_path / "b.png").read_bytes() == b"raw data"
