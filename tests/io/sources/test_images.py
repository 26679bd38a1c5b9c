"""Spectrogram images -> a stack of pages."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from bad_inputs import BAD_IMAGES, cut, grey
from PIL import Image

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.rendering.spectrogram import network_input
from napari_squeakout.core.settings import ImageSettings
from napari_squeakout.core.steps import Progress, run
from napari_squeakout.io.sources import decode as decoding
from napari_squeakout.io.sources.images import read_images, reading_images

PAINT = np.random.default_rng(3).integers(0, 256, (40, 50, 3), dtype=np.uint8)


def _upstream(image: Image.Image) -> np.ndarray:
    small = image.convert("L").resize((512, 512), Image.Resampling.LANCZOS)
    return np.asarray(small, np.float32) / np.float32(255)


def _mat2gray(values: np.ndarray) -> np.ndarray:
    scaled = (values - values.min()) / (values.max() - values.min())
    return network_input(Image.fromarray(np.rint(scaled * 255).astype(np.uint8)))


def _save(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for seed, name in enumerate(names):
        Image.fromarray(grey(seed=seed)).save(folder / name)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_an_8_bit_image_is_prepared_exactly_as_upstream_does(tmp_path, mode, suffix):
    path = tmp_path / f"a{suffix}"
    Image.fromarray(PAINT).convert(mode).save(path)
    stack = read_images(path)
    np.testing.assert_array_equal(stack.page(0), _upstream(Image.open(path)))
    assert stack.notes == ()
    assert (stack.layout.source, stack.layout.page_names) == ("a", ("a",))
    assert stack.layout.source_shapes == ((40, 50),)


@pytest.mark.parametrize("suffix", [".bmp", ".jpg", ".jpeg", ".tiff"])
def test_the_other_kinds_of_image_too(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    Image.fromarray(PAINT).save(path)
    np.testing.assert_array_equal(read_images(path).page(0), _upstream(Image.open(path)))


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr"])
def test_tiffs_of_odd_colours_are_left_to_pillow(tmp_path, mode):
    path = tmp_path / "a.tif"
    Image.fromarray(PAINT).convert(mode).save(path)
    np.testing.assert_array_equal(read_images(path).page(0), _upstream(Image.open(path)))


def test_a_tiff_whose_white_is_zero_is_turned_over(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", 255 - PAINT[..., 0], photometric="miniswhite")
    expected = _upstream(Image.fromarray(PAINT[..., 0]))
    np.testing.assert_array_equal(read_images(tmp_path / "a.tif").page(0), expected)


@pytest.mark.parametrize("predictor", [False, True])
@pytest.mark.parametrize(
    ("dtype", "photometric"),
    [
        *(
            (dtype, "minisblack")
            for dtype in ("bool", "uint8", "uint16", "int16", "int32", "float32")
        ),
        *((dtype, "miniswhite") for dtype in ("bool", "uint8", "uint16", "float32")),
    ],
)
def test_lzw_is_read_as_what_is_not_packed_and_never_by_imagecodecs(
    tmp_path, monkeypatch, dtype, photometric, predictor
):
    """There one damaged byte may end the process."""
    values = np.random.default_rng(1).integers(0, 256, (3, 30, 40)).astype(dtype)
    options = {"photometric": photometric}
    tifffile.imwrite(tmp_path / "plain.tif", values, **options)
    options["predictor"] = predictor and dtype != "bool"
    tifffile.imwrite(tmp_path / "lzw.tif", values, compression="lzw", **options)
    monkeypatch.setattr("imagecodecs.lzw_decode", lambda *_args, **_options: pytest.fail("read"))
    plain, lzw = (read_images(tmp_path / name) for name in ("plain.tif", "lzw.tif"))
    for page in range(3):
        np.testing.assert_array_equal(lzw.page(page), plain.page(page))


def test_lzw_colour_is_read_and_what_pillow_would_change_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", PAINT, photometric="rgb", compression="lzw")
    expected = _upstream(Image.fromarray(PAINT))
    np.testing.assert_array_equal(read_images(tmp_path / "a.tif").page(0), expected)
    for values in (PAINT.astype(np.uint16), grey().astype(np.uint32), grey().astype(np.float64)):
        photometric = "rgb" if values.ndim == 3 else "minisblack"
        tifffile.imwrite(tmp_path / "b.tif", values, photometric=photometric, compression="lzw")
        with pytest.raises(InputError, match=f"values of {values.dtype} cannot be read safely"):
            read_images(tmp_path / "b.tif")


def test_a_palette_with_transparency_gives_its_grey_without_a_warning(tmp_path):
    image = Image.fromarray(grey()).convert("P")
    image.save(tmp_path / "a.png", transparency=bytes(range(256)))
    expected = _upstream(Image.fromarray(grey()))
    np.testing.assert_array_equal(read_images(tmp_path / "a.png").page(0), expected)


def test_a_16_bit_png_is_scaled_from_its_own_minimum_to_its_own_maximum(tmp_path):
    values = np.random.default_rng(1).integers(900, 4000, (30, 40), dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    stack = read_images(tmp_path / "a.png")
    np.testing.assert_array_equal(stack.page(0), _mat2gray(values.astype(float)))
    assert len(stack.notes) == 1
    assert "1 of 1 pages of more than 8 bits were scaled" in stack.notes[0]


@pytest.mark.parametrize("dtype", ["uint16", "int16", "uint32", "int32", "float32", "float64"])
def test_deep_tiff_pages_are_scaled_each_by_itself(tmp_path, dtype):
    values = np.random.default_rng(1).integers(0, 9000, (2, 30, 40)).astype(dtype)
    values[1] //= 10
    tifffile.imwrite(tmp_path / "a.tif", values)
    stack = read_images(tmp_path / "a.tif")
    for index in range(2):
        np.testing.assert_array_equal(stack.page(index), _mat2gray(values[index].astype(float)))


def test_16_bit_colour_becomes_grey_by_pillows_weights(tmp_path):
    values = np.random.default_rng(1).integers(0, 60000, (30, 40, 3), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb")
    weighed = values.astype(float) @ [0.299, 0.587, 0.114]
    np.testing.assert_array_equal(read_images(tmp_path / "a.tif").page(0), _mat2gray(weighed))


def test_colour_planes_may_lie_apart(tmp_path):
    planes = np.moveaxis(PAINT, -1, 0)
    tifffile.imwrite(tmp_path / "a.tif", planes, photometric="rgb", planarconfig="separate")
    expected = _upstream(Image.fromarray(PAINT))
    np.testing.assert_array_equal(read_images(tmp_path / "a.tif").page(0), expected)


def test_a_deep_page_without_contrast_is_black(tmp_path):
    np.save(tmp_path / "a.npy", np.full((8, 8), 0.5))
    assert read_images(tmp_path / "a.npy").page(0).max() == 0


def test_each_page_of_a_tiff_is_a_page_and_its_number_counts_from_0_as_in_the_window(tmp_path):
    pages = np.stack([grey(seed=seed) for seed in range(3)])
    tifffile.imwrite(tmp_path / "s.tif", pages, photometric="minisblack", compression="zlib")
    stack = read_images(tmp_path / "s.tif")
    assert stack.layout.page_names == ("s_0000", "s_0001", "s_0002")
    for index in range(3):
        expected = _upstream(Image.fromarray(pages[index]))
        np.testing.assert_array_equal(stack.page(index), expected)


def test_pages_of_one_tiff_may_differ_in_size(tmp_path):
    with tifffile.TiffWriter(tmp_path / "s.tif") as writer:
        writer.write(grey(20, 30), contiguous=False)
        writer.write(PAINT, photometric="rgb")
    assert read_images(tmp_path / "s.tif").layout.source_shapes == ((20, 30), (40, 50))


@pytest.mark.parametrize("options", [{"imagej": True}, {}])
def test_slices_hidden_behind_one_tiff_page_are_not_lost_silently(tmp_path, options):
    pages = np.stack([grey(seed=seed) for seed in range(5)])
    tifffile.imwrite(tmp_path / "s.tif", pages, truncate=True, **options)
    with pytest.raises(InputError, match="behind one TIFF page: save it as a plain TIFF"):
        read_images(tmp_path / "s.tif")


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ((20, 30), ("a",)),
        ((1, 20, 30), ("a",)),
        ((2, 20, 30), ("a_0000", "a_0001")),
        ((20, 30, 3), ("a",)),
        ((2, 20, 30, 3), ("a_0000", "a_0001")),
        ((2, 20, 30, 4), ("a_0000", "a_0001")),
    ],
)
def test_arrays_of_each_shape_are_read(tmp_path, shape, names):
    values = np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8)
    np.save(tmp_path / "a.npy", values)
    stack = read_images(tmp_path / "a.npy")
    assert stack.layout.page_names == names
    assert set(stack.layout.source_shapes) == {(20, 30)}
    last = values[-1] if len(shape) == 4 or len(names) == 2 or shape[0] == 1 else values
    np.testing.assert_array_equal(stack.page(-1), _upstream(Image.fromarray(last)))


def test_real_numbers_in_an_array_are_scaled(tmp_path):
    values = np.random.default_rng(2).standard_normal((2, 20, 30)) * 1e300
    np.save(tmp_path / "a.npy", values)
    np.testing.assert_array_equal(read_images(tmp_path / "a.npy").page(1), _mat2gray(values[1]))


def test_a_folder_is_read_in_natural_order_and_without_its_folders(tmp_path):
    folder = tmp_path / "calls"
    _save(folder, "10.png", "9.png", "1.JPG", "._1.png")
    _save(folder / "deeper", "2.png")
    (folder / "notes.txt").write_text("")
    stack = read_images(folder)
    assert stack.layout.page_names == ("1", "9", "10")
    assert stack.layout.source == "calls"
    assert (stack.layout.contiguous, stack.layout.starts_s, stack.layout.grid) == (
        False,
        None,
        None,
    )
    assert (stack.unreadable, stack.notes) == ((), ())
    np.testing.assert_array_equal(stack.page(2), _upstream(Image.fromarray(grey(seed=0))))


def test_the_folder_one_stands_in_has_a_name(tmp_path, monkeypatch):
    _save(tmp_path / "calls", "1.png")
    monkeypatch.chdir(tmp_path / "calls")
    assert read_images(".").layout.source == "calls"


def test_images_of_one_stem_stay_apart(tmp_path):
    _save(tmp_path / "calls", "a.jpg", "a.png", "b.png")
    assert read_images(tmp_path / "calls").layout.page_names == ("a_jpg", "a_png", "b")


def test_images_of_one_name_in_two_folders_stay_apart(tmp_path):
    for folder in ("x", "y"):
        _save(tmp_path / folder, "a.png", "b.png")
    stack = read_images([tmp_path / "y" / "a.png", tmp_path / "x" / "a.png", tmp_path / "x/b.png"])
    assert stack.layout.page_names == ("y_a_png", "x_a_png", "b")


def test_names_stay_apart_where_a_page_number_meets_a_stem(tmp_path):
    _save(tmp_path / "calls", "a_0001.png")
    tifffile.imwrite(tmp_path / "calls" / "a.tif", np.stack([grey(), grey()]))
    names = read_images(tmp_path / "calls").layout.page_names
    assert len(set(names)) == 3


def test_a_list_keeps_its_order_and_is_named_after_its_folder(tmp_path):
    _save(tmp_path / "calls", "a.png", "b.png")
    stack = read_images([str(tmp_path / "calls" / "b.png"), tmp_path / "calls" / "a.png"])
    assert (stack.layout.source, stack.layout.page_names) == ("calls", ("b", "a"))


def test_an_empty_list_is_refused():
    with pytest.raises(InputError, match="the list of images: holds no images"):
        read_images([])


def test_sizes_may_be_mixed_and_are_remembered(tmp_path):
    Image.fromarray(grey(30, 70)).save(tmp_path / "a.png")
    Image.fromarray(grey(512, 512)).save(tmp_path / "b.png")
    stack = read_images(tmp_path)
    assert stack.layout.source_shapes == ((30, 70), (512, 512))
    assert stack.pages.shape == (2, 512, 512)
    assert stack.pages.chunks == ((1, 1), (512,), (512,))


def test_a_scale_that_is_given_becomes_the_grid(tmp_path):
    _save(tmp_path, "a.png")
    settings = ImageSettings(image_span_s=0.22, image_low_hz=45_000, image_high_hz=125_000)
    grid = read_images(tmp_path, settings).layout.grid
    assert grid is not None
    assert (grid.seconds_per_column, grid.low_hz) == (0.22 / 512, 45_000)
    assert grid.hz(0) == pytest.approx(125_000)


def test_the_unreadable_ones_are_reported_and_the_rest_go_on(tmp_path):
    folder = tmp_path / "calls"
    _save(folder, "1.png", "3.png")
    (folder / "2.png").write_bytes(b"no image")
    stack = read_images(folder)
    assert stack.layout.page_names == ("1", "3")
    assert len(stack.unreadable) == 1
    assert stack.unreadable[0].startswith(f"{folder / '2.png'}: cannot be decoded")


def test_one_bad_page_of_a_file_is_named_by_its_number_from_0(tmp_path):
    values = np.ones((3, 8, 8))
    values[1, 2, 2] = np.inf
    np.save(tmp_path / "a.npy", values)
    stack = read_images(tmp_path / "a.npy")
    assert stack.layout.page_names == ("a_0000", "a_0002")
    assert stack.unreadable[0].startswith(f"{tmp_path / 'a.npy'}, page 1: holds values")


@pytest.mark.parametrize("kind", BAD_IMAGES)
def test_a_bad_image_alone_is_refused_with_its_path_and_a_remedy(tmp_path, kind):
    path = BAD_IMAGES[kind](tmp_path)
    with pytest.raises(InputError) as caught:
        read_images(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert text.removeprefix(str(path)).count(": ") >= 2, "what is wrong, and the remedy"
    assert "\n" not in text


@pytest.mark.parametrize("kind", ["object npy", "text as npy"])
def test_nobody_is_advised_to_unpickle_an_array(tmp_path, kind):
    with pytest.raises(InputError, match=r"\.npy: is not an array of numbers: save it with"):
        read_images(BAD_IMAGES[kind](tmp_path))


@pytest.mark.parametrize("kind", ["empty folder", "folder of damaged images"])
def test_a_folder_with_nothing_to_read_is_refused_with_the_accepted_suffixes(tmp_path, kind):
    folder = BAD_IMAGES[kind](tmp_path)
    with pytest.raises(InputError, match=r"\.bmp, \.jpeg, \.jpg, \.png, \.tif, \.tiff"):
        read_images(folder)


def test_pages_are_decoded_when_they_are_looked_at(tmp_path, monkeypatch):
    _save(tmp_path / "calls", *(f"{number}.png" for number in range(5)))
    stack = read_images(tmp_path / "calls")
    decoded = []
    decode_image = decoding._DECODERS["image"]

    def counting(address: decoding.PageAddress) -> decoding.Pixels:
        decoded.append(address.path.name)
        return decode_image(address)

    monkeypatch.setitem(decoding._DECODERS, "image", counting)
    stack.page(3)
    assert decoded == ["3.png"]


KINDS = {
    "8 bit.png": lambda path: Image.fromarray(grey(30, 70)).save(path),
    "16 bit.png": lambda path: Image.fromarray(grey().astype(np.uint16)).save(path),
    "palette.png": lambda path: Image.fromarray(PAINT).convert("P").save(path),
    "photo.jpg": lambda path: Image.fromarray(PAINT).save(path),
    "pages.tif": lambda path: tifffile.imwrite(
        path, np.ones((4, 20, 30), np.float32), photometric="minisblack"
    ),
    "palette.tif": lambda path: Image.fromarray(PAINT).convert("P").save(path),
    "page.npy": lambda path: np.save(path, grey(20, 30)),
    "colour.npy": lambda path: np.save(path, PAINT),
    "deep.npy": lambda path: np.save(path, np.ones((2, 20, 30))),
}


@pytest.mark.parametrize("name", KINDS)
def test_headers_tell_what_decoding_does(tmp_path, name):
    KINDS[name](tmp_path / name)
    decoded = read_images(tmp_path / name)
    glanced = run(reading_images(tmp_path / name, check=False))
    assert glanced.layout == decoded.layout
    assert glanced.notes == decoded.notes
    np.testing.assert_array_equal(glanced.page(0), decoded.page(0))


@pytest.mark.parametrize("name", ["8 bit.png", "16 bit.png", "photo.jpg", "pages.tif", "deep.npy"])
def test_headers_that_can_be_trusted_are_enough(tmp_path, name, monkeypatch):
    KINDS[name](tmp_path / name)
    monkeypatch.setattr(decoding, "_DECODERS", {})
    assert run(reading_images(tmp_path / name, check=False)).layout.n_pages >= 1


@pytest.mark.parametrize("kind", BAD_IMAGES)
def test_without_a_check_a_bad_image_is_refused_when_it_is_looked_at(tmp_path, kind):
    path = BAD_IMAGES[kind](tmp_path)
    with pytest.raises(InputError, match=re.escape(str(path))):
        run(reading_images(path, check=False)).page(0)


def test_files_that_are_cut_short_are_left_out_by_their_ends(tmp_path):
    folder = tmp_path / "calls"
    _save(folder, "1.png", "2.png")
    cut(folder / "2.png")
    stack = run(reading_images(folder, check=False))
    assert stack.layout.page_names == ("1",)
    assert stack.unreadable[0].startswith(f"{folder / '2.png'}: cannot be decoded")


def test_a_file_that_goes_away_is_named_when_its_page_is_looked_at(tmp_path):
    _save(tmp_path / "calls", "a.png")
    stack = read_images(tmp_path / "calls")
    (tmp_path / "calls" / "a.png").unlink()
    with pytest.raises(InputError, match=r"a\.png: cannot be decoded"):
        stack.page(0)


def test_a_stack_travels_to_another_process(tmp_path):
    _save(tmp_path / "calls", "a.png", "b.png")
    stack = read_images(tmp_path / "calls")
    again = pickle.loads(pickle.dumps(stack))
    np.testing.assert_array_equal(again.page(1), stack.page(1))


def test_reading_tells_how_far_it_is(tmp_path):
    _save(tmp_path / "calls", "a.png", "b.png")
    progress = list(reading_images(tmp_path / "calls"))
    assert progress == [Progress(done, 2, "files") for done in range(3)]


def test_real_call_images_are_read_in_the_order_of_their_numbers(shared):
    stack = read_images(shared / "data" / "vocalmat" / "All")
    numbers = [int(name) for name in stack.layout.page_names]
    assert numbers == sorted(numbers)
    assert set(stack.layout.source_shapes) == {(227, 227)}
    assert stack.unreadable == ()


def test_more_pages_than_anybody_has_are_refused_before_they_are_listed(tmp_path, monkeypatch):
    np.save(tmp_path / "many.npy", np.zeros((20, 4, 5), np.uint8))
    monkeypatch.setattr("napari_squeakout.io.sources.decode._MOST_PAGES", 19)
    with pytest.raises(
        InputError, match=r"many\.npy: has 20 pages, more than 19: save it in parts"
    ):
        read_images(tmp_path / "many.npy")


def test_many_values_behind_each_pixel_are_refused_before_they_are_read(tmp_path, monkeypatch):
    values = np.zeros((60, 8, 9), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="minisblack", planarconfig="separate")
    monkeypatch.setattr(tifffile.TiffPage, "asarray", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(InputError, match=r"a\.tif: pages of uint8 \(60, 8, 9\) show nothing"):
        read_images(tmp_path / "a.tif")
