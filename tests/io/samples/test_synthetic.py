from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
import soundfile
import tifffile
from PIL import Image

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.steps import run
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.synthesis.scenes import Scene
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.results.masks import mask_files
from napari_squeakout.io.samples import synthetic as samples
from napari_squeakout.io.samples.synthetic import writing_samples
from napari_squeakout.io.sources.audio import read_recording

RATE_HZ = 250_000
PAGE = 431 * 128
SETTINGS = SynthesisSettings(seed=2, empty_fraction=0, min_snr_db=20)
SECONDS = 2.4


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A sample folder: a recording of two blocks, and two images."""
    folder = tmp_path_factory.mktemp("samples") / "mice"
    assert run(writing_samples(folder, seconds=SECONDS, images=2, settings=SETTINGS)) == folder
    return folder


@pytest.fixture(scope="module")
def pages(written):
    return render(read_recording(written / "synthetic.wav"))


def test_a_sample_has_a_recording_its_truth_and_images_with_theirs(written):
    files = sorted(str(p.relative_to(written)) for p in written.rglob("*") if p.is_file())
    assert files == [
        "images/page_0000.png",
        "images/page_0001.png",
        "masks/page_0000.png",
        "masks/page_0001.png",
        "synthetic.wav",
        "synthetic_calls.csv",
        "synthetic_masks.tif",
    ]
    assert [path.name for path in written.parent.iterdir()] == [written.name]


def test_the_recording_is_as_long_as_asked(written):
    info = soundfile.info(written / "synthetic.wav")
    assert (info.samplerate, info.channels, info.subtype) == (RATE_HZ, 1, "PCM_16")
    assert info.frames == SECONDS * RATE_HZ


def test_calls_lie_inside_the_recording_and_the_band(written):
    calls = pd.read_csv(written / "synthetic_calls.csv")
    assert list(calls) == ["start_s", "end_s", "low_hz", "high_hz", "snr_db", "kind"]
    assert len(calls) > 5
    assert calls.start_s.is_monotonic_increasing
    assert (calls.start_s >= 0).all()
    assert (calls.start_s < calls.end_s).all()
    assert calls.start_s.max() > 2.21  # also in the second block
    assert (calls.end_s <= SECONDS).all()
    assert (calls.low_hz >= 45_000).all()
    assert (calls.low_hz < calls.high_hz).all()
    assert (calls.high_hz <= 125_200).all()


def test_masks_lie_on_the_calls_of_the_pages_rendered_from_the_file(written, pages):
    masks = tifffile.imread(written / "synthetic_masks.tif") > 0
    assert masks.shape == pages.layout.shape
    contrasts = [
        page[mask].mean() - page[~mask].mean()
        for page, mask in zip(map(pages.page, range(len(masks))), masks, strict=True)
        if mask.any()
    ]
    assert len(contrasts) >= 6
    assert np.median(contrasts) > 0.15


def test_the_table_and_the_masks_tell_of_the_same_calls(written, pages):
    occupied = (tifffile.imread(written / "synthetic_masks.tif") > 0).any(axis=1).ravel()
    grid = pages.layout.grid
    calls = pd.read_csv(written / "synthetic_calls.csv")
    shares = []
    for start_s, end_s in zip(calls.start_s, calls.end_s, strict=True):
        first, last = (
            round((t - pages.layout.starts_s[0]) / grid.seconds_per_column)
            for t in (start_s, end_s)
        )
        shares.append(occupied[first : max(last, first + 1)].mean())
    # A call's faint parts and pauses have no mask.
    assert min(shares) > 0
    assert np.mean(shares) > 0.85


def test_images_have_masks_of_the_same_stem_that_fit(written):
    masks = mask_files(written / "masks")
    images = {path.stem: path for path in (written / "images").iterdir()}
    assert masks.keys() == images.keys()
    for index, stem in enumerate(sorted(masks)):
        apart = SETTINGS.model_copy(update={"seed": SETTINGS.seed + 500_000})
        [(page, mask)] = synthesise_pages(1, apart, first=index, levels="page")
        np.testing.assert_array_equal(np.asarray(Image.open(images[stem])), np.rint(page * 255))
        np.testing.assert_array_equal(np.asarray(Image.open(masks[stem])), mask * np.uint8(255))


def test_no_image_is_a_page_that_training_with_the_same_seed_learns_from(written):
    images = [np.asarray(Image.open(path)) for path in sorted((written / "images").iterdir())]
    for image, (page, _) in zip(images, synthesise_pages(2, SETTINGS, levels="page"), strict=True):
        assert (image != np.rint(page * 255)).mean() > 0.5


def test_images_do_not_depend_on_the_recording(written, tmp_path):
    run(writing_samples(tmp_path / "short", seconds=0.3, images=1, settings=SETTINGS))
    for kind in ("images", "masks"):
        name = f"{kind}/page_0000.png"
        assert (tmp_path / "short" / name).read_bytes() == (written / name).read_bytes()


def test_the_same_seed_writes_the_same_sample(written, tmp_path):
    run(writing_samples(tmp_path / "again", seconds=SECONDS, images=0, settings=SETTINGS))
    for name in ("synthetic.wav", "synthetic_calls.csv", "synthetic_masks.tif"):
        assert (tmp_path / "again" / name).read_bytes() == (written / name).read_bytes()


@pytest.mark.parametrize("n_samples", [PAGE, PAGE + 128, PAGE + 178, PAGE + 256, 2 * PAGE + 300])
def test_there_are_as_many_masks_as_pages(tmp_path, n_samples):
    steps = writing_samples(
        tmp_path / "out", seconds=n_samples / RATE_HZ, images=0, settings=SETTINGS
    )
    last = [(p.done, p.total) for p in steps][-1]
    masks = tifffile.TiffFile(tmp_path / "out" / "synthetic_masks.tif")
    with masks:
        n_pages = render(read_recording(tmp_path / "out" / "synthetic.wav")).layout.n_pages
        assert len(masks.pages) == n_pages
    assert last == (n_pages, n_pages)


def test_no_mask_lies_behind_the_end_of_the_recording(tmp_path):
    found = []
    for seed in range(4):
        settings = SETTINGS.model_copy(update={"seed": seed})
        folder = tmp_path / str(seed)
        run(writing_samples(folder, seconds=0.35, images=0, settings=settings))
        masks = tifffile.imread(folder / "synthetic_masks.tif")
        last = round(((0.35 * RATE_HZ - 128) / 128 - 431) / 431 * 512)
        assert len(masks) == 2
        assert not masks[1][:, last + 2 :].any()
        found.append(masks.any())
    assert any(found)


def test_a_sample_without_calls_or_images_is_complete(tmp_path):
    settings = SynthesisSettings(empty_fraction=1)
    run(writing_samples(tmp_path / "empty", seconds=0.3, images=0, settings=settings))
    table = (tmp_path / "empty" / "synthetic_calls.csv").read_text()
    assert table == "start_s,end_s,low_hz,high_hz,snr_db,kind\n"
    assert not tifffile.imread(tmp_path / "empty" / "synthetic_masks.tif").any()


def test_progress_counts_pages_to_the_end(tmp_path):
    steps = writing_samples(tmp_path / "out", seconds=SECONDS, images=2, settings=SETTINGS)
    assert [(p.done, p.total) for p in steps] == [(10, 13), (11, 13), (12, 13), (13, 13)]


def test_a_folder_with_content_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(SqueakOutError, match="mine: exists already"):
        run(writing_samples(tmp_path / "mine", seconds=0.3, images=1, settings=SETTINGS))
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def refused(file, data):
    raise soundfile.LibsndfileError(2)


@pytest.mark.parametrize("way", [refused, lambda file, data: None], ids=["refused", "too few"])
def test_sound_that_cannot_be_written_is_a_sentence_and_leaves_nothing(tmp_path, monkeypatch, way):
    monkeypatch.setattr(soundfile.SoundFile, "write", way)
    steps = writing_samples(tmp_path / "out", seconds=0.3, images=0, settings=SETTINGS)
    with pytest.raises(SqueakOutError, match=r"out: cannot be written \(.*\): free space or"):
        run(steps)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("steps_taken", [1, 2])
def test_an_interrupted_sample_leaves_nothing(tmp_path, steps_taken):
    steps = writing_samples(tmp_path / "out", seconds=0.3, images=3, settings=SETTINGS)
    for _ in range(steps_taken):
        next(steps)
    assert list(tmp_path.iterdir())
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_masks_of_a_long_recording_are_never_in_memory_together(tmp_path, monkeypatch):
    n_blocks = 12
    mask = np.zeros((328, 10 * 431), bool)
    mask[100:115, 50:4_000] = True

    def blocks(seconds, settings):
        for _ in range(n_blocks):
            yield Scene(np.zeros(10 * PAGE, np.float32), mask, ())

    monkeypatch.setattr(samples, "synthesise_recording", blocks)
    steps = writing_samples(
        tmp_path / "long", seconds=n_blocks * 10 * PAGE / RATE_HZ, images=0, settings=SETTINGS
    )
    tracemalloc.start()
    try:
        run(steps)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < n_blocks * 10 * 512 * 512 / 2
    assert tifffile.imread(tmp_path / "long" / "synthetic_masks.tif").any(axis=(1, 2)).sum() == 120
