from __future__ import annotations

import numpy as np
import pytest
import soundfile
from PIL import Image

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.steps import run
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.training_pages import pages as training_data
from napari_squeakout.io.training_pages.pages import (
    drawing_pages,
    read_background,
    reading_pages,
    reading_pairs,
)

RATE_HZ = 250_000


def save_image(path, *, size=(512, 512), value=90, bright=None):
    pixels = np.full(size, value, np.uint8)
    if bright is not None:
        pixels[bright] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folders(tmp_path):
    """Two images and their masks: the first has a call, the second has none."""
    for name, bright in (("b", np.s_[100:140, 200:300]), ("a", None)):
        save_image(tmp_path / "images" / f"{name}.png", bright=bright)
        save_image(tmp_path / "masks" / f"{name}.png", value=0, bright=bright)
    return tmp_path / "images", tmp_path / "masks"


def save_sound(path, *, rate_hz=RATE_HZ, calls=(), seconds=1.0):
    """Quiet noise with loud tones of 70 kHz from start to end."""
    n = round(seconds * rate_hz)
    sound = np.random.default_rng(0).normal(0, 1e-3, n)
    t = np.arange(n) / rate_hz
    for start_s, end_s in calls:
        inside = (t >= start_s) & (t < end_s)
        sound[inside] += 0.5 * np.sin(2 * np.pi * 70_000 * t[inside])
    soundfile.write(path, sound, rate_hz, subtype="FLOAT")
    return path


def save_intervals(path, calls):
    path.write_text("start_s,end_s\n" + "".join(f"{a},{b}\n" for a, b in calls))
    return path


def test_images_that_show_calls_dark_on_white_are_not_learned_without_a_word(tmp_path):
    page = open_recording(save_sound(tmp_path / "a.wav", seconds=0.3)).page(0)
    grey = np.rint(255 * page).astype(np.uint8)
    for name, values in (("right", grey), ("swapped", 255 - grey)):
        (tmp_path / name).mkdir()
        Image.fromarray(values).save(tmp_path / name / "a.png")
        save_image(tmp_path / "masks" / "a.png", value=0)
    assert run(reading_pairs(tmp_path / "right", tmp_path / "masks")).notes == ()
    [note] = run(reading_pairs(tmp_path / "swapped", tmp_path / "masks")).notes
    assert note.startswith(f"{tmp_path / 'swapped'}: black and white are swapped")
    assert note.endswith("swap black and white in these files before they are learned")


def test_a_recording_without_ultrasound_is_no_background(tmp_path):
    sound = save_sound(tmp_path / "a.wav", rate_hz=25_000)
    with pytest.raises(InputError, match=r"25000 Hz .* or state time_expansion where it plays"):
        read_background(sound, save_intervals(tmp_path / "a.csv", []))


def test_images_are_paired_with_their_masks_by_stem(folders):
    data = run(reading_pages(*folders))
    assert data.pages.shape == data.masks.shape == (2, 512, 512)
    assert (data.pages.dtype, data.masks.dtype) == (np.uint8, np.bool_)
    np.testing.assert_array_equal(data.masks.sum(axis=(1, 2)), [0, 40 * 100])
    np.testing.assert_array_equal(data.pages[1][data.masks[1]], 255)
    np.testing.assert_array_equal(data.pages[1][~data.masks[1]], 90)


def test_masks_of_another_format_and_without_an_image_do_no_harm(folders):
    images, masks = folders
    Image.open(masks / "b.png").save(masks / "b.tif")
    (masks / "b.png").unlink()
    save_image(masks / "another.png", value=255)
    assert run(reading_pages(images, masks)).masks.sum() == 40 * 100


def test_masks_of_another_size_are_brought_to_the_page(folders):
    images, masks = folders
    save_image(masks / "b.png", size=(256, 1024), value=0, bright=np.s_[50:70, 400:600])
    data = run(reading_pages(images, masks))
    np.testing.assert_array_equal(data.masks[1], data.pages[1] == 255)


def test_progress_counts_the_images(folders):
    assert [(p.done, p.total) for p in reading_pages(*folders)] == [(1, 2), (2, 2)]


def test_an_image_without_a_mask_is_named_with_the_remedy(folders):
    images, masks = folders
    (masks / "a.png").unlink()
    with pytest.raises(InputError, match=r"masks.*1 of the images, a for one: add an empty one"):
        run(reading_pages(images, masks))


def test_an_image_that_cannot_be_read_is_named(folders):
    images, masks = folders
    (images / "a.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"a\.png"):
        run(reading_pages(images, masks))


def test_drawn_pages_are_those_of_the_synthesis():
    settings = SynthesisSettings(seed=4)
    steps = drawing_pages(3, settings)
    counts = []
    data = run(steps, lambda progress: counts.append(progress.done))
    assert counts == sorted(counts)
    assert counts[-1] == 3
    for (page, mask), drawn, true in zip(
        synthesise_pages(3, settings), data.pages, data.masks, strict=True
    ):
        np.testing.assert_array_equal(drawn, np.rint(page * 255))
        np.testing.assert_array_equal(true, mask)


def test_several_processes_draw_the_same_pages_on_the_same_background(monkeypatch):
    settings = SynthesisSettings(seed=4, real_background_fraction=1.0)
    real = [np.random.default_rng(0).normal(0, 0.01, 100_000).astype(np.float32)]
    here = run(drawing_pages(8, settings, backgrounds=real))
    monkeypatch.setattr(training_data, "_AT_ONCE", 4)
    monkeypatch.setattr(training_data, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(training_data.os, "cpu_count", lambda: 2)
    apart = run(drawing_pages(8, settings, backgrounds=real))
    np.testing.assert_array_equal(apart.pages, here.pages)
    np.testing.assert_array_equal(apart.masks, here.masks)


def test_call_free_pages_come_after_the_others_and_are_more_disturbed():
    settings = SynthesisSettings(seed=4, empty_fraction=0)
    data = run(drawing_pages(2, settings, call_free=20))
    assert data.pages.shape == (22, 512, 512)
    assert data.masks[:2].any(axis=(1, 2)).all()
    assert not data.masks[2:].any()
    usual = run(drawing_pages(22, settings.model_copy(update={"empty_fraction": 1.0})))
    assert disturbance(data.pages[2:]) > 1.2 * disturbance(usual.pages[2:])


def disturbance(pages):
    """How unlike each other rows and columns are: clicks, bursts, lines and rumble."""
    return pages.mean(axis=1).std(axis=1).mean() + pages.mean(axis=2).std(axis=1).mean()


@pytest.mark.parametrize("rate_hz", [250_000, 192_000, 300_000])
def test_background_is_what_lies_more_than_50_ms_from_any_call(tmp_path, rate_hz):
    calls = [(0.2, 0.3), (0.7, 0.72)]
    sound = save_sound(tmp_path / "rec.wav", rate_hz=rate_hz, calls=calls)
    background = read_background(sound, save_intervals(tmp_path / "calls.csv", calls))
    assert background.dtype == np.float32
    assert len(background) == pytest.approx((1.0 - 0.2 - 0.12) * RATE_HZ, abs=3)
    assert np.abs(background).max() < 0.05
    assert background.std() == pytest.approx(1e-3, rel=0.3)


def test_the_padding_holds_what_the_annotation_misses(tmp_path):
    sound = save_sound(tmp_path / "rec.wav", calls=[(0.46, 0.64)])
    background = read_background(sound, save_intervals(tmp_path / "calls.csv", [(0.5, 0.6)]))
    assert np.abs(background).max() < 0.05


@pytest.mark.parametrize(
    ("calls", "left_s"),
    [
        ([], 1.0),
        ([(0.0, 0.1)], 0.85),
        ([(0.95, 1.5)], 0.9),
        ([(0.2, 0.4), (0.3, 0.5)], 0.6),
        ([(1.5, 1.9)], 1.0),
    ],
    ids=["none", "at the start", "past the end", "overlapping", "behind the end"],
)
def test_annotations_may_lie_anywhere(tmp_path, calls, left_s):
    sound = save_sound(tmp_path / "rec.wav")
    background = read_background(sound, save_intervals(tmp_path / "calls.csv", calls))
    assert len(background) == pytest.approx(left_s * RATE_HZ, abs=2)


def test_a_table_of_another_recording_is_refused(tmp_path):
    sound = save_sound(tmp_path / "rec.wav")
    table = save_intervals(tmp_path / "calls.csv", [(30.0, 40.0)])
    with pytest.raises(
        InputError, match=r"calls\.csv: 1 of 1 call lies behind the end of rec \(1\.0 s\)"
    ):
        read_background(sound, table)


def test_a_call_that_cannot_be_read_is_not_learned_as_background(tmp_path):
    sound = save_sound(tmp_path / "rec.wav")
    (tmp_path / "calls.csv").write_text("0.1,0.2\n0.3,0.4\nnan,nan\n")
    with pytest.raises(InputError, match=r"calls\.csv: 1 row without times .*line 3.*: correct"):
        read_background(sound, tmp_path / "calls.csv")


def test_of_a_long_recording_each_gap_gives_a_part(tmp_path, monkeypatch):
    monkeypatch.setattr(training_data, "_MOST_S", 0.4)
    sound = save_sound(tmp_path / "rec.wav")
    table = save_intervals(tmp_path / "calls.csv", [(0.45, 0.55)])
    assert len(read_background(sound, table)) == pytest.approx(0.4 * RATE_HZ, abs=3)


def test_a_recording_that_is_all_call_is_refused(tmp_path):
    sound = save_sound(tmp_path / "rec.wav")
    table = save_intervals(tmp_path / "calls.csv", [(0.03, 0.97)])
    with pytest.raises(InputError, match=r"calls\.csv.*no background.*choose another recording"):
        read_background(sound, table)


@pytest.mark.parametrize("missing", ["rec.wav", "calls.csv"])
def test_a_missing_file_is_named(tmp_path, missing):
    save_sound(tmp_path / "rec.wav")
    save_intervals(tmp_path / "calls.csv", [(0.1, 0.2)])
    (tmp_path / missing).unlink()
    with pytest.raises(InputError, match=missing):
        read_background(tmp_path / "rec.wav", tmp_path / "calls.csv")
