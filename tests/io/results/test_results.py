"""One input -> one folder of results."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import tifffile
from fakes import FIRST_S, PAGE_S, RATE_HZ, BrightPixels, bright, sound
from PIL import Image

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.model.domain import domain_of
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    RenderSettings,
    ResultSettings,
)
from napari_squeakout.core.steps import run
from napari_squeakout.io.results import results
from napari_squeakout.io.results.result_folder import replaceable
from napari_squeakout.io.results.results import output_folder, writing_result
from napari_squeakout.io.results.run_record import RunSettings
from napari_squeakout.io.sources.inputs import Input, plan_inputs

BORDER_S = FIRST_S + PAGE_S


def touch(*files):
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    return files


@pytest.fixture
def recording(tmp_path):
    """Two pages with a call on each and one across the border between them."""
    tones = [(0.05, 0.10, 60_000), (BORDER_S - 0.02, BORDER_S + 0.03, 80_000), (0.35, 0.4, 100_000)]
    path = tmp_path / "in" / "rec.wav"
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, sound(0.44, *tones), RATE_HZ)
    return path


@pytest.fixture
def images(tmp_path):
    """Three images, one without a call."""
    folder = tmp_path / "in" / "images"
    folder.mkdir(parents=True)
    for name, box in (("a", (20, 40)), ("b", None), ("c", (60, 100))):
        grey = np.full((128, 256), 90, np.uint8)
        if box:
            grey[30:50, slice(*box)] = 255
        Image.fromarray(grey).save(folder / f"{name}.png")
    return folder


def written(path, output, *, engine=None, **groups):
    """Write the result of one input; gives it and its table as read from the disk."""
    source = plan_inputs([path])[0]
    result = run(writing_result(source, output, engine or BrightPixels(), RunSettings(**groups)))
    return result, pd.read_csv(result.folder / "calls.csv")


def everything_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# --- what is written ----------------------------------------------------------------------------


def test_a_recording_gets_its_calls_and_the_record_of_how(tmp_path, recording):
    result, table = written(recording, tmp_path / "out")
    assert result.folder == tmp_path / "out" / "rec"
    assert everything_in(tmp_path / "out") == ["rec", "rec/calls.csv", "rec/run.json"]
    first = (result.folder / "calls.csv").read_text().splitlines()[0]
    assert first.startswith("call,page,start_s,end_s,duration_s,low_hz,high_hz,")
    assert table["start_s"].tolist() == pytest.approx([0.05, BORDER_S - 0.02, 0.35], abs=0.0015)
    assert table["end_s"].tolist() == pytest.approx([0.1, BORDER_S + 0.03, 0.4], abs=0.0015)
    assert table["mean_hz"].tolist() == pytest.approx([60_000, 80_000, 100_000], abs=500)
    assert table["page"].tolist() == [0, 0, 1]
    assert result.n_pages == 2


def test_masks_of_a_recording_are_a_tiff_with_a_slice_a_page(tmp_path, recording):
    result, table = written(recording, tmp_path / "out", result=ResultSettings(masks=True))
    with tifffile.TiffFile(result.folder / "masks.tif") as tiff:
        assert len(tiff.pages) == 2
        assert tiff.pages[0].compression.name == "ADOBE_DEFLATE"
        labels = tiff.asarray()
    assert labels.shape == (2, 512, 512)
    counts = [int((labels == number).sum()) for number in table["call"]]
    assert counts == table["area_px"].tolist()


def test_images_get_a_mask_each_also_those_without_calls(tmp_path, images):
    result, table = written(images, tmp_path / "out")
    files = (result.folder / "masks").iterdir()
    masks = {path.name: np.asarray(Image.open(path)) for path in files}
    assert sorted(masks) == ["a.png", "b.png", "c.png"]
    assert {mask.shape for mask in masks.values()} == {(512, 512)}
    assert np.unique(masks["a.png"]).tolist() == [0, 255]
    assert not masks["b.png"].any()
    assert table["image"].tolist() == ["a", "c"]
    assert table["start_px"].tolist() == pytest.approx([40, 120], abs=2)


def test_masks_of_images_are_of_the_size_asked_for(tmp_path, images):
    result, _ = written(images, tmp_path / "out", result=ResultSettings(mask_size="source"))
    mask = np.asarray(Image.open(result.folder / "masks" / "a.png"))
    expected = np.zeros((128, 256), bool)
    expected[30:50, 20:40] = True
    assert mask.shape == (128, 256)
    assert ((mask > 0) & expected).sum() > 0.9 * ((mask > 0) | expected).sum()


def test_images_with_a_scale_are_measured_in_seconds(tmp_path, images):
    scale = ImageSettings(image_span_s=0.256, image_low_hz=0, image_high_hz=128_000)
    _, table = written(images, tmp_path / "out", images=scale)
    assert table["start_s"].tolist() == pytest.approx([0.02, 0.06], abs=0.001)
    assert table["high_hz"].tolist() == pytest.approx([98_000, 98_000], abs=600)


def test_a_picture_is_written_where_asked_for(tmp_path, recording):
    result, _ = written(recording, tmp_path / "out", result=ResultSettings(picture=True))
    with Image.open(result.folder / "picture.png") as image:
        assert image.size == (2 * 524 + 12, 552 + 12)


def test_measures_are_written_beside_the_table_where_asked_for(tmp_path, recording):
    result, table = written(recording, tmp_path / "out", result=ResultSettings(measures=True))
    measured = pd.read_csv(result.folder / "calls_measures.csv")
    pd.testing.assert_frame_equal(measured[list(table)], table)
    assert {"principal_hz", "n_jumps", "class"} <= set(measured)
    known = json.loads((result.folder / "run.json").read_text())["files"]
    assert "calls_measures.csv" in known
    plain, _ = written(recording, tmp_path / "plain")
    assert not (plain.folder / "calls_measures.csv").exists()


def test_images_without_calls_get_a_header_and_empty_masks(tmp_path, images):
    nothing = BrightPixels(lambda pages: np.zeros(pages.shape, np.uint8))
    result, table = written(images, tmp_path / "out", engine=nothing)
    assert table.empty
    assert table.columns[0] == "call"
    assert len(list((result.folder / "masks").iterdir())) == 3


def test_the_record_says_what_it_takes_to_make_the_result_again(tmp_path, recording):
    wanted = CleanSettings(threshold=0.4, min_peak_probability=0.4)
    result, table = written(recording, tmp_path / "out", clean=wanted)
    record = json.loads((result.folder / "run.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(recording.read_bytes()).hexdigest()
    assert record["input"] == {"path": str(recording), "sha256": digest}
    assert (record["pages"], record["calls"]) == (2, len(table))
    assert record["model"] == {"name": "bright", "fingerprint": "b" * 64}
    assert record["device"] == {"used": "cpu", "why": "no network", "precision": "torch.float32"}
    assert record["settings"]["clean"] == wanted.model_dump()
    assert record["settings"]["segment"] == BrightPixels().settings.model_dump()
    assert set(record["settings"]) == {
        "recording", "images", "render", "clean", "result", "segment",
    }  # fmt: skip
    assert {"python", "napari-squeakout", "torch", "numpy", "scipy"} <= set(record["versions"])
    assert datetime.fromisoformat(record["finished"]).tzinfo is not None


def test_the_hash_of_a_folder_tells_any_change_of_its_images(tmp_path, images):
    def digest(name):
        result, _ = written(images, tmp_path / name)
        return json.loads((result.folder / "run.json").read_text())["input"]["sha256"]

    first = digest("one")
    assert re.fullmatch("[0-9a-f]{64}", first)
    (images / "notes.txt").write_text("no image")
    assert digest("two") == first
    (images / "c.png").rename(images / "d.png")
    assert digest("three") != first


def test_a_recording_far_from_what_the_model_learned_from_is_noted(recording, tmp_path):
    engine = BrightPixels()
    dark = domain_of([np.arange(64, dtype=np.uint8).reshape(8, 8)])
    engine.model.card = engine.model.card.model_copy(update={"domain": dark})
    [source] = plan_inputs([recording])
    result = run(writing_result(source, tmp_path / "out", engine))
    assert result.notes[-1].startswith("far from what bright learned from: the background is")
    record = json.loads((result.folder / "run.json").read_text())
    assert record["notes"] == list(result.notes)


def test_pages_that_the_model_was_not_made_for_are_noted_and_others_are_not(recording, tmp_path):
    wide = RenderSettings(low_hz=30_000)
    result, _ = written(recording, tmp_path / "wide", render=wide)
    (note,) = (note for note in result.notes if "was made for" in note)
    assert note.startswith("bright was made for pages of 221 ms and 45-125 kHz, these are 221 ms")
    assert "30-125 kHz" in note
    assert json.loads((result.folder / "run.json").read_text())["notes"] == list(result.notes)
    assert written(recording, tmp_path / "usual")[0].notes == ()


def test_tones_of_a_device_are_left_out_with_a_word_or_kept_as_asked(tmp_path):
    path = tmp_path / "sensor.wav"
    beeps = [(at, at + 0.015, 60_000) for at in np.arange(0.05, 0.85, 0.1)]
    soundfile.write(path, sound(1.0, *beeps, (0.925, 0.965, 90_000)), RATE_HZ)
    result, calls = written(path, tmp_path / "usual")
    assert list(calls["mean_hz"] > 85_000) == [True]
    (note,) = json.loads((result.folder / "run.json").read_text())["notes"]
    assert note.startswith("8 tones near 60.0 kHz are left out")
    kept, calls = written(path, tmp_path / "all", clean=CleanSettings(drop_tone_trains=False))
    assert len(calls) == 9
    assert kept.notes == ()


def test_sound_below_the_band_and_calls_that_hang_on_it_are_told(tmp_path):
    path = tmp_path / "rec.wav"
    soundfile.write(path, sound(0.44, (0.1, 0.25, 40_500), (0.1, 0.25, 81_000)), RATE_HZ)
    result, table = written(path, tmp_path / "out")
    assert len(table) == 1
    assert table["low_hz"][0] > 75_000
    (note,) = (note for note in result.notes if "below the band" in note)
    assert note.startswith("a loud whistle lies below the band, between 18 and 45 kHz")
    assert "1 of the 1 calls found are harmonics" in note
    assert json.loads((result.folder / "run.json").read_text())["notes"] == list(result.notes)


def test_calls_that_the_band_cuts_are_counted_and_others_are_not(recording, tmp_path):
    path = tmp_path / "cut.wav"
    soundfile.write(path, sound(0.44, (0.1, 0.2, 45_300), (0.3, 0.4, 80_000)), RATE_HZ)
    (note,) = written(path, tmp_path / "out")[0].notes
    assert note.startswith("of 2 calls the edge of the band cuts 1 at 45.04 kHz")
    assert written(recording, tmp_path / "out")[0].notes == ()


def test_notes_of_the_reading_and_of_the_engine_are_in_the_result_and_the_record(tmp_path):
    stereo = np.stack([sound(0.3), sound(0.3)], axis=1)
    soundfile.write(tmp_path / "rec.wav", stereo, RATE_HZ)
    engine = BrightPixels()
    engine.notes.append("of an earlier input")

    def answer(pages):
        if len(engine.notes) == 1:
            engine.notes.append("out of memory")
        return bright(pages)

    engine.answer = answer
    result, _ = written(tmp_path / "rec.wav", tmp_path / "out", engine=engine)
    record = json.loads((result.folder / "run.json").read_text())
    assert record["notes"] == list(result.notes)
    assert [("channel" in note, note == "out of memory") for note in result.notes[:2]] == [
        (True, False),
        (False, True),
    ]


def test_an_image_that_cannot_be_read_is_told_and_the_others_are_done(tmp_path, images):
    (images / "b.png").write_bytes(b"no image")
    result, table = written(images, tmp_path / "out")
    assert [("b.png" in text) for text in result.unreadable] == [True]
    assert table["image"].tolist() == ["a", "c"]
    record = json.loads((result.folder / "run.json").read_text())
    assert record["unreadable"] == list(result.unreadable)


ODD = {
    "nothing in it": lambda path: path.touch(),
    "a folder": lambda path: path.mkdir(),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link in a ring": lambda path: path.symlink_to(path),
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a pipe": os.mkfifo if hasattr(os, "mkfifo") else lambda path: path.touch(),
    "not to be read": lambda path: path.touch(mode=0o000),
}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
@pytest.mark.parametrize("kind", ODD)
def test_whatever_is_odd_about_one_file_of_a_folder_the_others_get_their_result(
    tmp_path, images, kind
):
    ODD[kind](images / "d.png")
    result, table = written(images, tmp_path / "out")
    [told] = result.unreadable
    assert told.startswith(f"{images / 'd.png'}: ")
    assert table["image"].tolist() == ["a", "c"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_an_image_whose_name_is_no_text_gets_its_mask_with_the_others(tmp_path, images):
    (images / "c.png").rename(images / os.fsdecode(b"caf\xe9.png"))
    result, table = written(images, tmp_path / "out")
    assert table["image"].tolist() == ["a", r"caf\udce9"]
    assert (result.folder / "masks" / os.fsdecode(b"caf\xe9.png")).is_file()


@pytest.mark.parametrize(
    "stem", ["a #1 %20 [x]", "r\u00e6v 100%", "\u9f20", "-v", "--output", "night.v2", "{x}", "a'b"]
)
def test_a_name_of_any_signs_is_kept(tmp_path, recording, images, stem):
    other = recording.with_name(f"{stem}.wav")
    recording.rename(other)
    result, table = written(other, tmp_path / "out")
    assert (result.folder.name, len(table)) == (stem, 3)
    (images / "a.png").rename(images / f"{stem}.png")
    result, table = written(images, tmp_path / "out")
    assert (result.folder / "masks" / f"{stem}.png").is_file()
    assert set(table["image"]) == {f"'{stem}" if stem.startswith("-") else stem, "c"}


def test_progress_goes_on_over_reading_segmenting_cleaning_and_measuring(tmp_path, images):
    told = list(writing_result(Input(images, "x"), tmp_path / "out", BrightPixels()))
    assert [progress.what for progress in told] == ["files"] * 4 + ["pages"] * 9
    assert all(0 <= progress.fraction <= 1 for progress in told)


# --- whole or not at all ------------------------------------------------------------------------


@pytest.mark.parametrize("steps_done", [1, 3, 5])
def test_a_result_stopped_midway_is_not_there(tmp_path, recording, steps_done):
    steps = writing_result(plan_inputs([recording])[0], tmp_path / "out", BrightPixels())
    for _ in range(steps_done):
        next(steps)
    assert everything_in(tmp_path / "out") != []
    steps.close()
    assert everything_in(tmp_path / "out") == []


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError])
def test_a_result_that_fails_midway_is_not_there(tmp_path, recording, failure):
    def answer(pages):
        raise failure

    with pytest.raises(failure):
        written(recording, tmp_path / "out", engine=BrightPixels(answer))
    assert everything_in(tmp_path / "out") == []


def test_ctrl_c_while_writing_leaves_nothing(tmp_path, recording, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "write_parts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        written(recording, tmp_path / "out")
    assert everything_in(tmp_path / "out") == []


NOTHING = BrightPixels(lambda pages: np.zeros(pages.shape, np.uint8))
OVERWRITE = ResultSettings(overwrite=True)


def test_an_existing_result_is_not_overwritten_unless_allowed(tmp_path, recording):
    first, before = written(recording, tmp_path / "out")
    with pytest.raises(SqueakOutError, match=f"{re.escape(str(first.folder))}: .*--overwrite"):
        written(recording, tmp_path / "out", clean=CleanSettings(min_area_px=100))
    assert len(pd.read_csv(first.folder / "calls.csv")) == len(before)
    (first.folder / ".DS_Store").write_bytes(b"of the system, which writes it into any folder")
    _, table = written(recording, tmp_path / "out", engine=NOTHING, result=OVERWRITE)
    assert table.empty
    assert everything_in(tmp_path / "out") == ["rec", "rec/calls.csv", "rec/run.json"]


@pytest.mark.parametrize("allowed", [True, False])
def test_a_folder_that_holds_a_recording_is_never_replaced_nor_is_it_advised(
    tmp_path, recording, allowed
):
    raw = recording.with_name("rec") / "cage2.wav"
    touch(raw)
    with pytest.raises(SqueakOutError, match="choose another --output") as told:
        written(recording, recording.parent, result=ResultSettings(overwrite=allowed))
    assert "--overwrite" not in str(told.value)
    assert raw.read_bytes() == b"x"


@pytest.mark.parametrize("allowed", [True, False])
def test_images_are_never_replaced_by_their_own_result_nor_is_it_advised(tmp_path, images, allowed):
    before = everything_in(images)
    with pytest.raises(SqueakOutError, match="is the input, so no result is written") as told:
        written(images, images.parent, result=ResultSettings(overwrite=allowed))
    assert "--overwrite" not in str(told.value)
    assert everything_in(images) == before


def test_a_result_that_another_input_is_read_from_is_not_replaced(tmp_path, images, recording):
    first, _ = written(images, tmp_path / "out")
    mask = next((first.folder / "masks").iterdir())
    steps = writing_result(
        Input(recording, first.folder.name),
        tmp_path / "out",
        BrightPixels(),
        RunSettings(result=OVERWRITE),
        inputs=[Input(mask, "mask")],
    )
    with pytest.raises(SqueakOutError, match="holds the input"):
        run(steps)
    assert mask.exists()


@pytest.mark.parametrize(
    "spoil",
    {
        "a note": lambda folder: (folder / "notes.txt").write_text("mine"),
        "a mask drawn by hand": lambda folder: (folder / "masks" / "mine.png").write_bytes(b"x"),
        "a table corrected by hand": lambda folder: (folder / "calls.csv").write_text("mine"),
        "a folder": lambda folder: (folder / "older").mkdir(),
        "a link": lambda folder: (folder / "raw").symlink_to(folder.parent),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_result_with_a_persons_work_in_it_is_not_replaced(tmp_path, images, spoil):
    first, _ = written(images, tmp_path / "out")
    spoil[1](first.folder)
    before = everything_in(tmp_path / "out")
    with pytest.raises(SqueakOutError, match="so the result it lies in is not replaced"):
        written(images, tmp_path / "out", result=OVERWRITE)
    assert everything_in(tmp_path / "out") == before


@pytest.mark.parametrize("record", ["", "{}", "[]", '{"program": "another", "files": {}}'])
def test_a_folder_with_a_record_of_another_kind_is_not_replaced(tmp_path, recording, record):
    (tmp_path / "out" / "rec").mkdir(parents=True)
    (tmp_path / "out" / "rec" / "run.json").write_text(record)
    with pytest.raises(SqueakOutError, match="is no result of this program, so it stays"):
        written(recording, tmp_path / "out", result=OVERWRITE)
    assert (tmp_path / "out" / "rec" / "run.json").read_text() == record


def test_a_recording_that_is_changed_while_it_is_read_gives_no_result(tmp_path, recording):
    other = recording.with_name("other.wav")
    soundfile.write(other, sound(0.44, (0.2, 0.25, 70_000)), RATE_HZ)

    def answer(pages):
        if other.exists():
            other.replace(recording)
        return bright(pages)

    with pytest.raises(InputError, match=r"rec\.wav: was changed while it was being read"):
        written(recording, tmp_path / "out", engine=BrightPixels(answer))
    assert everything_in(tmp_path / "out") == []


def test_overwriting_that_fails_leaves_the_old_result(tmp_path, recording):
    first, expected = written(recording, tmp_path / "out")

    def answer(pages):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(
            recording,
            tmp_path / "out",
            engine=BrightPixels(answer),
            result=ResultSettings(overwrite=True),
        )
    pd.testing.assert_frame_equal(pd.read_csv(first.folder / "calls.csv"), expected)
    assert everything_in(tmp_path / "out") == ["rec", "rec/calls.csv", "rec/run.json"]


def test_inputs_are_never_written_to(tmp_path, images, recording):
    def state():
        files = [path for path in (tmp_path / "in").rglob("*") if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before = state()
    written(images, tmp_path / "out")
    written(recording, tmp_path / "out")
    assert state() == before


def test_a_name_that_no_file_can_have_is_left_to_be_told_by_its_reading():
    long = Path("n" * 300 + ".wav")
    assert [planned.path for planned in plan_inputs([long, "a.wav"])] == [long, Path("a.wav")]


# --- the folder of all results ------------------------------------------------------------------


def test_the_folder_of_results_is_made(tmp_path):
    assert output_folder(tmp_path / "a" / "b").is_dir()
    assert output_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"


def test_a_file_in_the_place_of_the_folder_of_results_is_refused_by_name(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match=re.escape(str(tmp_path / "out"))):
        output_folder(tmp_path / "out")
    with pytest.raises(InputError, match="choose another --output"):
        output_folder(tmp_path / "out" / "deeper")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_may_not_be_written_to_is_refused_by_name(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(InputError, match=re.escape(str(closed))):
        output_folder(Path(closed, "out"))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")
def test_a_pipe_in_the_place_of_a_record_is_waited_for_by_nobody(tmp_path):
    os.mkfifo(tmp_path / "run.json")
    with pytest.raises(SqueakOutError, match="is no result of this program, so it stays"):
        replaceable([], allowed=True)(tmp_path)


# --- a result that is there already -------------------------------------------------------------


def test_the_same_command_again_keeps_what_is_done(recording, tmp_path):
    first, calls = written(recording, tmp_path / "out")
    record = (first.folder / "run.json").read_bytes()
    again = BrightPixels()
    kept, same = written(recording, tmp_path / "out", engine=again)
    assert again.batches == []
    assert kept.is_kept
    assert not first.is_kept
    assert (kept.folder / "run.json").read_bytes() == record
    pd.testing.assert_frame_equal(same, calls)
    assert kept.calls["start_s"].tolist() == pytest.approx(
        first.calls["start_s"].tolist(), abs=1e-4
    )
    assert (kept.n_pages, kept.notes) == (first.n_pages, first.notes)


def test_the_same_images_again_are_kept(images, tmp_path):
    (images / "broken.png").write_bytes(b"no image")
    first, _ = written(images, tmp_path / "out")
    again = BrightPixels()
    kept, _ = written(images, tmp_path / "out", engine=again)
    assert again.batches == []
    assert kept.is_kept
    assert len(kept.unreadable) == len(first.unreadable) == 1


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"clean": CleanSettings(threshold=0.4)}, r"other settings \(threshold\)"),
        ({"result": ResultSettings(picture=True)}, r"other settings \(picture\)"),
    ],
)
def test_a_result_of_other_settings_is_refused_and_said(recording, tmp_path, settings, what):
    written(recording, tmp_path / "out")
    before = (tmp_path / "out" / "rec" / "run.json").read_bytes()
    with pytest.raises(SqueakOutError, match=f"exists already, made with {what}: choose"):
        written(recording, tmp_path / "out", **settings)
    assert (tmp_path / "out" / "rec" / "run.json").read_bytes() == before


def test_a_result_that_was_looked_at_in_another_way_is_refused(recording, tmp_path):
    written(recording, tmp_path / "out", engine=BrightPixels(windows=2))
    what = r"other settings \(windows_per_page\)"
    with pytest.raises(SqueakOutError, match=f"exists already, made with {what}: choose"):
        written(recording, tmp_path / "out", engine=BrightPixels(windows=0))


def test_a_result_of_a_changed_recording_is_refused(recording, tmp_path):
    written(recording, tmp_path / "out")
    soundfile.write(recording, sound(0.44, (0.1, 0.2, 70_000)), RATE_HZ)
    with pytest.raises(SqueakOutError, match="exists already, made of another input"):
        written(recording, tmp_path / "out")


def test_a_result_of_another_model_or_version_is_refused(recording, tmp_path):
    written(recording, tmp_path / "out")
    record = tmp_path / "out" / "rec" / "run.json"
    known = json.loads(record.read_text())
    record.write_text(json.dumps(known | {"model": {"name": "other", "fingerprint": "0"}}))
    with pytest.raises(SqueakOutError, match=r"exists already, made by another model \(other\)"):
        written(recording, tmp_path / "out")
    versions = known["versions"] | {"napari-squeakout": "0.0.1"}
    record.write_text(json.dumps(known | {"versions": versions}))
    with pytest.raises(SqueakOutError, match=r"made by another version \(0\.0\.1, this is"):
        written(recording, tmp_path / "out")


def test_a_result_that_somebody_changed_is_no_reason_to_skip_the_recording(recording, tmp_path):
    written(recording, tmp_path / "out")
    (tmp_path / "out" / "rec" / "calls.csv").write_text("mine")
    with pytest.raises(SqueakOutError, match="has been changed since it was written"):
        written(recording, tmp_path / "out")


@pytest.mark.parametrize("damage", [{"settings": "x"}, {"settings": {"clean": "x"}}, {"model": 3}])
def test_a_damaged_record_is_of_something_else_and_no_fault(recording, tmp_path, damage):
    written(recording, tmp_path / "out")
    record = tmp_path / "out" / "rec" / "run.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | damage))
    with pytest.raises(SqueakOutError, match="exists already, made"):
        written(recording, tmp_path / "out")
