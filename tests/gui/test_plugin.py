"""What napari sees of the package: manifest, readers, writers, samples."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile
import tifffile
from bad_inputs import BAD_IMAGES, BAD_RECORDINGS
from napari.utils.notifications import notification_manager
from npe2 import PluginManifest
from PIL import Image
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget
from windows import text, wait_until_idle

from napari_squeakout import plugin
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.gui.layers import layers
from napari_squeakout.gui.layers.adoption import adopt
from napari_squeakout.gui.layers.label_pages import new_labels
from napari_squeakout.gui.layers.roles import GuiError
from napari_squeakout.gui.source.registry import begin_registry
from napari_squeakout.io.samples import recordings as amvoc
from napari_squeakout.io.sources import decode as decode_module
from napari_squeakout.io.sources.audio import RECORDING_SUFFIXES

NAME = "napari-squeakout"
#: Until what never comes is given up.
PATIENCE_S = 20


@pytest.fixture
def viewer(make_napari_viewer_proxy):
    viewer = make_napari_viewer_proxy()
    notification_manager.records.clear()  # napari keeps those of other tests
    return viewer


@pytest.fixture
def manifest(root):
    return PluginManifest.from_file(root / "src/napari_squeakout/napari.yaml")


@pytest.fixture
def wav(tmp_path):
    path = tmp_path / "mouse.wav"
    sound = 0.1 * np.random.default_rng(0).standard_normal(125_000)
    soundfile.write(path, sound, 250_000, "PCM_16")
    return path


@pytest.fixture
def folder(tmp_path):
    """Three grey images of VocalMat's size, stored as RGB as VocalMat does."""
    inside = tmp_path / "calls"
    inside.mkdir()
    for number in (1, 2, 10):
        grey = np.random.default_rng(number).integers(0, 256, (227, 227), np.uint8)
        Image.fromarray(grey).convert("RGB").save(inside / f"{number}.png")
    return inside


def grey(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def messages():
    return [notice.message for notice in notification_manager.records]


def test_the_manifest_is_valid_and_every_command_can_be_called(manifest):
    manifest.validate_imports()
    assert manifest.display_name == "SqueakOut"


def test_the_dock_opens_from_the_plugins_menu(viewer):
    _, dock = viewer.window.add_plugin_dock_widget(NAME)
    assert type(dock).__name__ == "SqueakOutDock"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = plugin.nothing


def test_the_manifest_claims_the_recordings_that_can_be_read(manifest):
    readers = {reader.command: reader for reader in manifest.contributions.readers}
    claimed = readers[f"{NAME}.get_recording_reader"].filename_patterns
    assert {f"*{suffix}" for suffix in RECORDING_SUFFIXES} <= set(claimed)


def test_no_key_is_used_that_older_npe2_refuses(root):
    text = (root / "src/napari_squeakout/napari.yaml").read_text(encoding="utf-8")
    assert "default_dock_area" not in text
    assert "tabify" not in text


def test_a_recording_opens_as_a_lazy_image_in_its_own_units(viewer, wav):
    (image,) = viewer.open(wav, plugin=NAME)
    assert image.name == "mouse"
    assert image.data.shape == (3, 512, 512)
    assert tuple(image.axis_labels) == ("page", "frequency", "time")
    assert not isinstance(image.data, np.ndarray)
    assert np.asarray(image.data[1]).shape == (512, 512)
    assert layers.source_of(viewer, image).stack.layout.contiguous


def test_a_folder_opens_as_a_stack_in_natural_order(viewer, folder):
    (image,) = viewer.open(folder, plugin=NAME)
    assert layers.source_of(viewer, image).stack.layout.page_names == ("1", "2", "10")


@pytest.mark.parametrize("shape", [(227, 227), (512, 512), (4, 512, 512)])
@pytest.mark.parametrize("suffix", [".npy", ".tif"])
def test_pages_of_the_usual_sizes_are_claimed(tmp_path, shape, suffix):
    path = tmp_path / f"pages{suffix}"
    if suffix == ".npy":
        np.save(path, grey(*shape))
    else:
        tifffile.imwrite(path, grey(*shape), photometric="minisblack")
    (data, look, kind) = plugin.get_image_reader(str(path))(str(path))[0]
    assert (data.shape[0], kind) == (shape[0] if len(shape) == 3 else 1, "image")
    assert look["name"] == "pages"


def test_several_images_are_one_stack(folder):
    paths = [str(path) for path in sorted(folder.iterdir())]
    ((data, _, _),) = plugin.get_image_reader(paths)(paths)
    assert data.shape == (3, 512, 512)


@pytest.mark.parametrize(
    "pixels", [grey(227, 300), grey(100, 100), grey(512, 512, 3), grey(2000, 2000)], ids=str
)
def test_images_of_other_kinds_are_left_to_napari(tmp_path, pixels):
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    assert plugin.get_image_reader(str(path)) is None
    assert plugin.get_folder_reader(str(tmp_path)) is None


def test_other_folders_and_files_are_left_to_napari(tmp_path, wav):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.txt").write_text("a")
    assert plugin.get_folder_reader(str(tmp_path / "notes")) is None
    assert plugin.get_folder_reader(str(tmp_path / "missing")) is None
    assert plugin.get_folder_reader(str(wav)) is None
    assert plugin.get_recording_reader(str(tmp_path / "notes/a.txt")) is None
    assert plugin.get_image_reader(str(tmp_path / "missing.png")) is None


@pytest.mark.parametrize("build", [*BAD_IMAGES, *BAD_RECORDINGS], ids=str)
def test_asking_for_a_reader_never_raises(tmp_path, build):
    path = str({**BAD_IMAGES, **BAD_RECORDINGS}[build](tmp_path))
    for ask in (plugin.get_image_reader, plugin.get_folder_reader, plugin.get_recording_reader):
        assert ask(path) is None or callable(ask(path))


def test_a_bad_file_is_told_in_one_sentence(viewer, tmp_path):
    path = tmp_path / "bad.wav"
    path.write_bytes(b"RIFF, but no more")
    assert viewer.open(path, plugin=NAME) == []
    (notice,) = [n for n in notification_manager.records if n.message.startswith(f"{path}: ")]
    assert notice.severity.value == "error"
    assert "Traceback" not in notice.message


def test_what_is_wrong_with_a_dropped_file_stays_in_the_dock(dock_of, qtbot, tmp_path, wav):
    viewer, dock = dock_of()
    path = tmp_path / "notes.wav"
    path.write_text("no sound")
    assert viewer.open(path, plugin=NAME) == []
    assert text(dock, "dock_said").startswith(f"{path}: ")
    viewer.open(wav, plugin=NAME)
    wait_until_idle(qtbot, dock)
    assert text(dock, "dock_said") == ""


def test_without_a_window_a_bad_file_is_an_error(tmp_path):
    path = tmp_path / "bad.wav"
    path.write_bytes(b"RIFF, but no more")
    with pytest.raises(InputError, match=r"bad\.wav: "):
        plugin.get_recording_reader(str(path))(str(path))


def test_what_was_left_out_and_what_to_know_is_told(viewer, folder, tmp_path):
    (folder / "3.png").write_bytes(b"no image")
    viewer.open(folder, plugin=NAME)
    stereo = tmp_path / "stereo.wav"
    soundfile.write(stereo, 0.1 * np.random.default_rng(0).standard_normal((60_000, 2)), 250_000)
    viewer.open(stereo, plugin=NAME)
    assert any("3.png" in text for text in messages())
    assert any("channel 1 used" in text for text in messages())


def test_a_folder_is_opened_by_headers_and_only_the_page_in_view_is_decoded(
    viewer, folder, monkeypatch
):
    decoded = []
    decode = decode_module._DECODERS["image"]
    for number in range(20, 60):
        Image.fromarray(grey(227, 227)).save(folder / f"{number}.png")

    def counting(address):
        decoded.append(address.path.name)
        return decode(address)

    monkeypatch.setitem(decode_module._DECODERS, "image", counting)
    (image,) = viewer.open(folder, plugin=NAME)
    assert len(image.data) == 43
    assert len(set(decoded)) < 5  # in view, and on the thumbnail


def test_a_page_that_cannot_be_read_is_blank_and_told_once(viewer, folder):
    whole = (folder / "2.png").read_bytes()
    (folder / "2.png").write_bytes(whole[:200] + bytes(200) + whole[400:])
    (image,) = viewer.open(folder, plugin=NAME)
    for step in (0, 1, 2, 1):
        viewer.dims.set_current_step(0, step)
    assert not np.asarray(image.data[1]).any()
    assert np.asarray(image.data[2]).any()
    (told,) = [said for said in messages() if "2.png" in said]
    assert told.startswith("Page 1 of calls is left blank. ")


def test_a_recording_that_is_away_for_a_moment_leaves_pages_blank_for_as_long(viewer, wav):
    noise = 0.1 * np.random.default_rng(0).standard_normal(5 * 250_000)
    soundfile.write(wav, noise, 250_000, "PCM_16")
    (layer,) = viewer.open(wav, plugin=NAME)
    wav.rename(wav.with_name("away.wav"))
    last = len(layer.data) - 1  # far from the pages that have been looked at
    viewer.dims.set_current_step(0, last)
    assert not np.asarray(layer.data[last]).any()
    (said,) = [said for said in messages() if "is left blank" in said]
    assert "mouse.wav: there is no such file" in said
    wav.with_name("away.wav").rename(wav)
    assert np.asarray(layer.data[last]).any()
    (other,) = [shown for shown in viewer.layers if shown.name == layer.name]
    assert other.data is layer.data  # known again, also by a plugin


def test_a_folder_of_recordings_is_opened_by_dropping_it(viewer, wav):
    (layer,) = viewer.open(wav.parent, plugin=NAME)  # of several the dock lists all, and opens one
    assert layer.name == "mouse"
    assert viewer.dims.current_step[0] == 0


def test_a_folder_that_holds_images_and_a_recording_opens_both(viewer, wav, folder):
    wav.rename(folder / wav.name)
    viewer.open(folder, plugin=NAME)
    assert sorted(layer.name for layer in viewer.layers) == ["calls", "mouse"]


def test_a_file_that_is_dropped_again_is_shown_and_not_opened_twice(viewer, wav, folder):
    for path in (wav, folder, wav):
        viewer.open(path, plugin=NAME)
    assert [layer.name for layer in viewer.layers] == ["mouse", "calls"]
    assert viewer.layers.selection.active.name == "mouse"
    assert "mouse is open already, and shown now." in messages()


def test_in_a_window_the_reader_takes_what_it_was_chosen_for_or_says_why_not(viewer, tmp_path):
    tifffile.imwrite(tmp_path / "rgb.tif", grey(300, 400, 3), photometric="rgb")
    np.save(tmp_path / "odd.npy", grey(4, 100, 200))
    np.save(tmp_path / "words.npy", np.array(["a", "b"]))
    (tmp_path / "notes").mkdir()
    for name in ("rgb.tif", "odd.npy"):
        (image,) = viewer.open(tmp_path / name, plugin=NAME)
        assert image.data.shape[1:] == (512, 512)
    for name in ("words.npy", "notes"):
        assert viewer.open(tmp_path / name, plugin=NAME) == []
        (said,) = [text for text in messages() if text.startswith(str(tmp_path / name))]
        assert "Traceback" not in said


def test_a_session_that_is_dropped_is_opened_by_the_dock(tmp_path, monkeypatch):
    from napari_squeakout.gui import docks

    opened = []
    dock = SimpleNamespace(session_box=SimpleNamespace(open=opened.append))
    monkeypatch.setattr(docks, "dock_in", lambda _viewer: dock)
    monkeypatch.setattr(plugin, "_viewer", lambda: "a window")
    folder = tmp_path / "mouse.squeakout"
    folder.mkdir()
    assert plugin.get_folder_reader(str(folder))(str(folder)) == [(None,)]
    assert opened == [folder]


class Sheet(QWidget):
    """Is drawn again and again, wherever the window gets to drawing at all."""

    def __init__(self, when_drawn):
        super().__init__()
        self._when_drawn = when_drawn
        self._again = QTimer(self, interval=10)
        self._again.timeout.connect(self.update)
        self._again.start()

    def paintEvent(self, event):  # noqa: N802 - Qt's name
        super().paintEvent(event)
        self._when_drawn()


def test_the_window_is_drawn_while_a_sample_is_downloaded(viewer, qtbot, wav, monkeypatch):
    is_held, is_drawn = threading.Event(), threading.Event()
    drawn_meanwhile = []

    def fetch(_number):
        is_held.set()
        drawn_meanwhile.append(is_drawn.wait(PATIENCE_S))
        return wav

    monkeypatch.setattr(amvoc, "fetch_amvoc", fetch)
    sheet = Sheet(lambda: is_held.is_set() and is_drawn.set())
    qtbot.addWidget(sheet)
    with qtbot.waitExposed(sheet):
        sheet.show()
    (image,) = viewer.open_sample(NAME, "amvoc_1")
    assert drawn_meanwhile == [True]
    assert image.name == "mouse"


def test_calls_are_saved_as_table_tiff_and_folder(viewer, wav, tmp_path):
    (image,) = viewer.open(wav, plugin=NAME)
    stack = adopt(image)
    labels = new_labels(stack.layout)
    labels[1, 100:140, 50:90] = 3
    calls = layers.show_calls(viewer, image, labels)
    values = np.full(stack.layout.shape, 51, np.uint8)
    layers.show_probabilities(viewer, image, values, "abc")
    calls.save(str(tmp_path / "calls.csv"), plugin=NAME)
    calls.save(str(tmp_path / "calls.tif"), plugin=NAME)
    (call,) = pd.read_csv(tmp_path / "calls.csv").to_dict("records")
    assert call["start_s"] == pytest.approx(stack.layout.starts_s[1] + 50 * 0.431e-3, abs=1e-6)
    assert call["mean_probability"] == pytest.approx(0.2, abs=1e-4)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "calls.tif"), labels)
    data, attributes, _ = calls.as_layer_data_tuple()
    written = plugin.write_mask_folder(str(tmp_path / "masks"), data, attributes)
    assert written == [str(tmp_path / "masks")]
    names = sorted(path.name for path in (tmp_path / "masks").iterdir())
    assert names == ["0000.png", "0001.png", "0002.png"]


def test_labels_of_others_are_saved_too_or_refused_in_a_sentence(tmp_path):
    labels = np.zeros((512, 512), np.uint8)
    labels[10:20, 10:30] = 1
    path = str(tmp_path / "calls.csv")
    assert plugin.write_call_table(path, labels, {"name": "mine", "metadata": {}}) == [path]
    assert pd.read_csv(path)["duration_px"].tolist() == [20]
    with pytest.raises(GuiError, match=r"^mine: holds labels of shape \(9, 9\)"):
        plugin.write_masks(path, labels[:9, :9], {"name": "mine", "metadata": {}})


@pytest.mark.parametrize(
    "writer", [plugin.write_masks, plugin.write_mask_folder, plugin.write_call_table]
)
def test_whichever_type_napari_was_told_the_ending_says_what_is_written(tmp_path, writer):
    labels = np.zeros((2, 512, 512), np.int32)
    labels[1, 10:20, 10:30] = 1
    attributes = {"name": "mine", "metadata": {}}
    for name in ("calls.csv", "calls.CSV"):
        writer(str(tmp_path / name), labels, attributes)
        assert pd.read_csv(tmp_path / name)["duration_px"].tolist() == [20]
    for name in ("calls.tif", "calls.tiff"):
        writer(str(tmp_path / name), labels, attributes)
        np.testing.assert_array_equal(tifffile.imread(tmp_path / name), labels)
    with pytest.raises(InputError, match=r"cannot be saved as \.xlsx: end the name in \.csv"):
        writer(str(tmp_path / "calls.xlsx"), labels, attributes)
    assert not (tmp_path / "calls.xlsx").exists()


def test_a_name_without_an_ending_makes_a_folder_but_for_the_table(tmp_path):
    labels = np.zeros((2, 512, 512), np.int32)
    attributes = {"name": "mine", "metadata": {}}
    for writer in (plugin.write_masks, plugin.write_mask_folder):
        [written] = writer(str(tmp_path / writer.__name__), labels, attributes)
        assert len(list((tmp_path / writer.__name__).glob("*.png"))) == 2
        assert written == str(tmp_path / writer.__name__)
    assert plugin.write_call_table(str(tmp_path / "t"), labels, attributes) == [
        str(tmp_path / "t.csv")
    ]
    assert (tmp_path / "t.csv").is_file()


def test_a_number_used_twice_is_two_calls_in_all_that_is_saved_and_that_is_said(
    viewer, wav, tmp_path
):
    (image,) = viewer.open(wav, plugin=NAME)
    stack = adopt(image)
    labels = new_labels(stack.layout)
    labels[0, 100:140, 50:90] = labels[2, 100:140, 50:90] = 3
    calls = layers.show_calls(viewer, image, labels)
    for ending in ("csv", "tif"):
        calls.save(str(tmp_path / f"calls.{ending}"), plugin=NAME)
        told = notification_manager.records[-1].message
        assert "the number 3 stands on pages that do not touch in time" in told
    table = pd.read_csv(tmp_path / "calls.csv")
    assert table[["call", "page"]].to_numpy().tolist() == [[3, 0], [4, 2]]
    assert table["duration_s"].max() < 0.02
    masks = tifffile.imread(tmp_path / "calls.tif")
    assert [masks[page].max() for page in range(3)] == [3, 0, 4]
    assert calls.data.max() == 3


def test_who_saves_is_told_of_pages_that_are_not_segmented_yet(viewer, wav, tmp_path):
    (image,) = viewer.open(wav, plugin=NAME)
    source = layers.source_of(viewer, image)
    begin_registry(viewer).take_in(source).stages = np.array([PageStage.CLEANED, 0, 0], np.uint8)
    calls = layers.show_calls(viewer, image, new_labels(source.stack.layout))
    calls.save(str(tmp_path / "calls.csv"), plugin=NAME)
    told = notification_manager.records[-1].message
    assert "2 of 3 pages are not segmented yet (pages 1-2)" in told


@pytest.mark.parametrize("key", ["synthetic_recording", "synthetic_images"])
def test_synthetic_samples_come_with_their_true_calls(viewer, key):
    image, truth = viewer.open_sample(NAME, key)
    assert not truth.visible
    assert truth.data.shape == image.data.shape
    np.testing.assert_allclose(truth.translate, image.translate)
    assert layers.source_of(viewer, truth).image == image
    pages = np.asarray(image.data)
    inside = pages[truth.data > 0].mean()
    assert inside > pages[truth.data == 0].mean() + 0.1


def test_samples_are_the_same_each_time():
    (first, *_), (again, *_) = plugin.sample_images()[1], plugin.sample_images()[1]
    np.testing.assert_array_equal(first, again)


HEAVY = ("torch", "kornia", "lightning", "lightning_fabric")


def imported_by(code, folder):
    """Which heavy packages a fresh Python has imported after some code."""
    report = f"import sys; print([name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_opening_through_napari_imports_no_torch(folder, wav, tmp_path):
    code = f"""
from napari.components import ViewerModel
from npe2 import PluginManager
PluginManager.instance().discover()
viewer = ViewerModel()
viewer.open({str(wav)!r}, plugin={NAME!r})
viewer.open({str(folder)!r}, plugin={NAME!r})
assert len(viewer.layers) == 2
"""
    assert imported_by(code, tmp_path) == "[]"


def test_images_of_others_are_left_to_napari_and_no_torch_is_imported(tmp_path):
    Image.fromarray(grey(200, 300, 3)).save(tmp_path / "photo.png")
    tifffile.imwrite(tmp_path / "cells.tif", grey(4, 100, 100), photometric="minisblack")
    code = f"""
import sys
from pathlib import Path
from types import SimpleNamespace
from napari.components import ViewerModel
from npe2 import PluginManager
from napari_squeakout import plugin
manager = PluginManager.instance()
manager.discover()
viewer = ViewerModel()
for path in map(str, Path({str(tmp_path)!r}).iterdir()):
    asked = [reader.plugin_name for reader in manager.iter_compatible_readers([path])]
    assert {NAME!r} in asked, asked
    assert plugin.get_image_reader(path) is None
    assert "napari_squeakout.gui" not in sys.modules
    viewer.open(path)
assert len(viewer.layers) == 2
"""
    assert imported_by(code, tmp_path) == "[]"


def test_a_script_that_leaves_its_window_open_ends_in_peace(wav):
    code = f"""
import napari
from qtpy.QtTest import QTest
viewer = napari.Viewer()
viewer.window.add_plugin_dock_widget({NAME!r})
viewer.open({str(wav)!r}, plugin={NAME!r})
QTest.qWait(1000)
"""
    ran = [sys.executable, "-c", code]
    answer = subprocess.run(ran, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert "Traceback" not in answer.stderr
