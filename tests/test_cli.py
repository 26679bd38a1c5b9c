"""The `squeakout` command as a user runs it: arguments in; files, two streams and a code out."""

from __future__ import annotations

import errno
import itertools
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch
from bad_inputs import BAD_INPUTS
from fakes import RATE_HZ, bright, sound
from PIL import Image
from rich.table import Table

from napari_squeakout import cli
from napari_squeakout.cli import console
from napari_squeakout.cli.commands import app as cli_app
from napari_squeakout.cli.running import run_command
from napari_squeakout.core import settings
from napari_squeakout.core import training_settings as learning_settings
from napari_squeakout.core.batch_settings import BatchSettings
from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.settings import CleanSettings, RenderSettings
from napari_squeakout.core.steps import Progress
from napari_squeakout.io.models import registry as models
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.results import results
from napari_squeakout.io.sources.opening import open_recording

SEGMENT_SETTINGS = [
    BatchSettings,
    settings.SegmentSettings,
    settings.CleanSettings,
    settings.ResultSettings,
    settings.RecordingSettings,
    settings.ImageSettings,
    settings.RenderSettings,
]


@dataclass
class Answer:
    """What a user has after a command."""

    code: int
    out: str
    err: str

    @property
    def errors(self):
        return [line for line in self.err.splitlines() if line.startswith("error:")]


@pytest.fixture(scope="session")
def lab_model():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Model("lab", SqueakOut().state_dict(), ModelCard(name="lab", title="The lab's own"))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """No model is there, neither bundled nor the user's own."""
    bundled = tmp_path / "bundled"
    bundled.mkdir()
    monkeypatch.setattr(models, "_bundled_folder", lambda: bundled)
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COLUMNS", raising=False)  # the console of --help keeps the first for good
    return tmp_path / "home"


@pytest.fixture
def bright_pixels(monkeypatch, lab_model):
    """A model that finds what is bright, whatever its name."""
    monkeypatch.setattr(Engine, "__call__", lambda self, pages: bright(pages))
    monkeypatch.setattr(models, "load_model", lambda name=None: lab_model)


@pytest.fixture
def squeakout(capsys):
    def call(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Answer(left.value.code or 0, out, err)

    return call


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "in" / "good.wav"
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, sound(0.22, (0.05, 0.1, 80_000)), RATE_HZ)
    return path


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "in" / "pictures"
    folder.mkdir(parents=True)
    for name, column in (("a", 20), ("b", 70)):
        grey = np.full((128, 128), 90, np.uint8)
        grey[40:60, column : column + 30] = 255
        Image.fromarray(grey).save(folder / f"{name}.png")
    return folder


def written(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# --- being asked to end -------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there a kill is never polite")
def test_a_polite_kill_is_as_ctrl_c_and_leaves_nothing(tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    command = [sys.executable, "-m", "napari_squeakout.cli", "sample", place / "new"]
    with subprocess.Popen([*command, "--seconds", "86400"], stderr=subprocess.PIPE) as process:
        while not any(path.suffix == ".part" for path in place.iterdir()):
            assert process.poll() is None
            time.sleep(0.05)
        process.terminate()
        _, err = process.communicate()
    assert process.returncode == 130
    assert err.decode().splitlines() == [cli._STOPPED_TEXT]
    assert list(place.iterdir()) == []


def test_ctrl_c_is_told_in_a_line_while_the_command_is_still_being_loaded():
    """What is slow to load comes within `main`."""
    code = (
        "import sys, napari_squeakout.cli; "
        "print(sorted({'cyclopts', 'pydantic', 'rich', 'numpy', 'torch'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert loaded.stdout.decode().strip() == "[]"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_a_full_disk_behind_stdout_is_a_sentence_and_the_work_is_done(tmp_path):
    command = [sys.executable, "-m", "napari_squeakout.cli", "sample", tmp_path / "new"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "--seconds", "0.3", "--images", "1"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr.decode()
    assert "could not be written to stdout (No space left on device)" in done.stderr.decode()
    assert (tmp_path / "new" / "synthetic.wav").exists()


# --- segment ------------------------------------------------------------------------------------


def test_segmenting_writes_a_folder_an_input_and_says_so(
    squeakout, bright_pixels, recording, images, tmp_path
):
    answer = squeakout("segment", recording, images, "--output", tmp_path / "out")
    assert answer.code == 0
    assert answer.errors == []
    assert answer.out.splitlines() == [
        f"{tmp_path / 'out' / 'good'}: 1 call on 1 page",
        f"{tmp_path / 'out' / 'pictures'}: 2 calls on 2 pages",
    ]
    assert written(tmp_path / "out") == [
        "good",
        "good/calls.csv",
        "good/run.json",
        "pictures",
        "pictures/calls.csv",
        "pictures/masks",
        "pictures/masks/a.png",
        "pictures/masks/b.png",
        "pictures/run.json",
    ]
    (call,) = pd.read_csv(tmp_path / "out" / "good" / "calls.csv").to_dict("records")
    assert (call["start_s"], call["end_s"]) == pytest.approx((0.05, 0.1), abs=0.0015)


def test_the_network_itself_runs_from_a_model_that_was_saved(
    squeakout, home, lab_model, images, tmp_path
):
    models.save_model(lab_model)
    answer = squeakout("segment", images, "--output", tmp_path / "out", "--model", "lab")
    assert answer.code == 0
    record = json.loads((tmp_path / "out" / "pictures" / "run.json").read_text())
    assert record["model"] == {"name": "lab", "fingerprint": lab_model.fingerprint}
    assert "lab on" in answer.err


def test_settings_given_as_flags_reach_the_result_and_the_record(
    squeakout, bright_pixels, recording, images, tmp_path
):
    flags = "--threshold 0.6 --keep-high-hz 70000 --device cpu --windows-per-page 4 --masks"
    answer = squeakout("segment", recording, "--output", tmp_path / "out", *flags.split())
    assert answer.code == 0
    folder = tmp_path / "out" / "good"
    stated = json.loads((folder / "run.json").read_text())["settings"]
    assert (stated["clean"]["threshold"], stated["segment"]["windows_per_page"]) == (0.6, 4)
    assert pd.read_csv(folder / "calls.csv").empty  # the call is above 70 kHz
    assert (folder / "masks.tif").exists()


def test_a_scale_of_images_gives_seconds(squeakout, bright_pixels, images, tmp_path):
    scale = ("--image-span-s", 0.128, "--image-low-hz", 0, "--image-high-hz", 128_000)
    squeakout("segment", images, "--output", tmp_path / "out", *scale)
    table = pd.read_csv(tmp_path / "out" / "pictures" / "calls.csv")
    assert table["start_s"].tolist() == pytest.approx([0.02, 0.07], abs=0.001)


@pytest.fixture(scope="session")
def bad_files(tmp_path_factory):
    """Every input that no one can use: label -> path."""
    folder = tmp_path_factory.mktemp("bad")
    paths = {}
    for number, (label, build) in enumerate(BAD_INPUTS.items()):
        (folder / str(number)).mkdir()
        paths[label] = build(folder / str(number))
    return paths


def test_bad_inputs_do_not_stop_good_ones_and_each_is_one_line(
    squeakout, bright_pixels, bad_files, recording, images, tmp_path
):
    bad = list(bad_files.values())
    middle = len(bad) // 2
    answer = squeakout(
        "segment", *bad[:middle], recording, images, *bad[middle:], "--output", tmp_path / "out"
    )
    assert answer.code == 1
    assert len(answer.errors) == len(bad)
    assert "the rest is in" in answer.err
    unnamed = [str(path) for path in bad if sum(str(path) in line for line in answer.errors) != 1]
    assert unnamed == []
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["good", "pictures"]
    for name, calls in (("good", 1), ("pictures", 2)):
        assert len(pd.read_csv(tmp_path / "out" / name / "calls.csv")) == calls
        assert counted(calls, "call") in answer.out
    assert "error" not in answer.out


@pytest.mark.parametrize("label", BAD_INPUTS)
def test_a_bad_input_alone_is_one_line_that_names_it(
    squeakout, bright_pixels, bad_files, tmp_path, label
):
    answer = squeakout("segment", bad_files[label], "--output", tmp_path / "out")
    assert answer.code in {1, 2}
    assert len(answer.errors) == 1
    assert str(bad_files[label]) in answer.errors[0]
    assert "the rest" not in answer.err
    assert answer.out == ""
    assert not (tmp_path / "out").exists() or written(tmp_path / "out") == []


def test_whatever_a_library_raises_for_one_input_the_others_are_done(
    squeakout, bright_pixels, recording, tmp_path, monkeypatch
):
    class OddError(Exception):
        """No base of which anybody thought."""

    def odd(path, *_):
        if path.name == "odd.wav":
            raise OddError(path.name)
        return real(path, *_)

    real = results.open_recording
    monkeypatch.setattr(results, "open_recording", odd)
    other = recording.with_name("odd.wav")
    other.write_bytes(recording.read_bytes())
    answer = squeakout("segment", other, recording, "--output", tmp_path / "out")
    assert (answer.code, len(answer.errors)) == (1, 1)
    assert str(other) in answer.errors[0]
    assert (tmp_path / "out" / "good" / "run.json").exists()


def test_a_bad_image_among_good_ones_is_told_and_the_others_are_done(
    squeakout, bright_pixels, images, tmp_path
):
    (images / "c.png").write_bytes(b"no image")
    answer = squeakout("segment", images, "--output", tmp_path / "out")
    assert answer.code == 1
    assert [str(images / "c.png") in line for line in answer.errors] == [True]
    assert len(pd.read_csv(tmp_path / "out" / "pictures" / "calls.csv")) == 2


def test_a_result_that_is_there_is_kept_without_overwrite_and_replaced_with_it(
    squeakout, bright_pixels, recording, tmp_path
):
    command = ("segment", recording, "--output", tmp_path / "out")
    squeakout(*command)
    record = tmp_path / "out" / "good" / "run.json"
    before = record.stat().st_ino
    same = squeakout(*command)
    assert (same.code, same.errors) == (0, [])
    assert "kept as it was made before" in same.out
    refused = squeakout(*command, "--threshold", "0.6")
    assert (refused.code, len(refused.errors)) == (1, 1)
    assert str(record.parent) in refused.errors[0]
    assert "--overwrite" in refused.errors[0]
    assert record.stat().st_ino == before
    assert squeakout(*command, "--overwrite").code == 0
    assert record.stat().st_ino != before


def test_a_share_of_a_tree_of_folders_and_a_table_of_what_came_of_it(
    squeakout, bright_pixels, recording, tmp_path
):
    for name in ("a/one.wav", "a/b/two.wav", "c/three.wav"):
        path = recording.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(recording.read_bytes())
    command = ("segment", recording.parent, "--subfolders", "--output", tmp_path / "out")
    for part in (1, 2):
        table = tmp_path / f"{part}.csv"
        answer = squeakout(*command, "--part", f"{part}/2", "--table", table)
        assert (answer.code, answer.errors) == (0, [])
        assert pd.read_csv(table)["state"].tolist() == ["done"] * 2
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"good", "one", "two", "three"}
    refused = squeakout(*command, "--table", tmp_path / "1.csv")
    assert (refused.code, len(refused.errors)) == (1, 1)
    assert "--table" in refused.errors[0]
    unclear = squeakout("segment", "--like", "x", "--output", "y", "--part", "1/2")
    assert (unclear.code, len(unclear.errors)) == (2, 1)
    wrong = squeakout(*command, "--part", "3/2")
    assert (wrong.code, len(wrong.errors)) == (2, 1)
    assert "3/2" in wrong.errors[0]


def test_overwriting_never_takes_a_folder_of_recordings(
    squeakout, bright_pixels, recording, tmp_path
):
    raw = recording.with_suffix("") / "cage2.wav"
    raw.parent.mkdir()
    raw.write_bytes(b"raw data")
    answer = squeakout("segment", recording, "--output", recording.parent, "--overwrite")
    assert (answer.code, len(answer.errors)) == (1, 1)
    assert raw.read_bytes() == b"raw data"


def test_a_file_in_the_place_of_the_output_is_one_line_that_names_it(
    squeakout, bright_pixels, recording, tmp_path
):
    (tmp_path / "out").write_text("a file")
    answer = squeakout("segment", recording, "--output", tmp_path / "out")
    assert (answer.code, len(answer.errors)) == (1, 1)
    assert str(tmp_path / "out") in answer.errors[0]


def test_a_model_that_is_not_there_is_one_line_that_names_it(squeakout, recording, tmp_path):
    answer = squeakout("segment", recording, "--output", tmp_path / "out", "--model", "no-such")
    assert (answer.code, len(answer.errors)) == (1, 1)
    assert "no-such" in answer.errors[0]
    assert not (tmp_path / "out").exists()


def test_a_device_that_is_not_there_is_one_line_with_the_reason(
    squeakout, bright_pixels, recording, tmp_path, monkeypatch
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    answer = squeakout("segment", recording, "--output", tmp_path / "out", "--device", "cuda")
    assert (answer.code, len(answer.errors)) == (1, 1)
    assert "cuda cannot be used" in answer.errors[0]


def test_a_band_that_does_not_go_with_the_model_is_one_line_that_names_the_setting(
    squeakout, bright_pixels, recording, tmp_path, monkeypatch, lab_model
):
    card = ModelCard(name="low", rendering=RenderSettings(low_hz=20_000, high_hz=60_000))
    monkeypatch.setattr(models, "load_model", lambda _: Model("low", lab_model.weights, card))
    answer = squeakout("segment", recording, "--output", tmp_path / "out", "--low-hz", 58_000)
    assert answer.code == 2
    assert len(answer.errors) == 1
    assert "high_hz" in answer.errors[0]


def test_ctrl_c_leaves_finished_results_and_nothing_half_written(
    squeakout, bright_pixels, recording, images, tmp_path, monkeypatch
):
    batches = itertools.count()

    def interrupted(self, pages):
        if next(batches) > 0:
            raise KeyboardInterrupt
        return bright(pages)

    monkeypatch.setattr(Engine, "__call__", interrupted)
    answer = squeakout("segment", recording, images, "--output", tmp_path / "out")
    assert answer.code == 130
    assert "stopped" in answer.err
    assert answer.errors == []
    assert written(tmp_path / "out") == ["good", "good/calls.csv", "good/run.json"]


# --- wrong use ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ("--threshold 1.5", "--threshold"),
        ("--threshold high", "--threshold"),
        ("--min-area-px -1", "--min-area-px"),
        ("--windows-per-page 3", "--windows-per-page"),
        ("--device tpu", "--device"),
        ("--page-length-s nan", "--page-length-s"),
        ("--low-hz 100000 --high-hz 104000", "high_hz"),
        ("--image-span-s 0.2", "image_low_hz"),
        ("--channel 0", "--channel"),
        ("--no-such-flag 1", "--no-such-flag"),
        ("--thresold 0.5", "--thresold"),
        ("--threshold", "--threshold"),
    ],
)
def test_a_bad_flag_is_one_line_that_names_it(
    squeakout, bright_pixels, recording, tmp_path, flags, named
):
    answer = squeakout("segment", recording, "--output", tmp_path / "out", *flags.split())
    assert answer.code == 2
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    assert line.startswith("error:")
    assert named in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("segment --output out", "segment"),
        ("segment x.wav", "--output"),
        ("evaluate --truth t", "--masks"),
        ("evaluate --truth t --calls a b", "--truth"),
        ("evaluate --truth t --masks a --calls b", "--calls"),
        ("train --name x", "--synthetic"),
        ("train --name x --synthetic 3 --images a --masks b", "--synthetic"),
        ("train --name x --images a", "--masks"),
        ("train --name x --synthetic -5", "--synthetic"),
        ("train --name x --synthetic 5 --empty-pages -3", "--empty-pages"),
        ("train --name x --images a --masks b --empty-pages 3", "--synthetic"),
        ("train --name x --synthetic 5 --weight-interpolation 0.5", "--base"),
        ("train --name x --synthetic 3 --background a.wav", "--annotation"),
        ("fine-tune --name x", "--session"),
        ("fine-tune --name x --images a", "--masks"),
        ("fine-tune --name x --images a b --masks c", "2 folders of --images have 1 of --masks"),
        ("fine-tune --name x/y --images a --masks b --epochs 0", "--epochs"),
        ("sample out --seconds 0", "--seconds"),
        ("sample out --images -1", "--images"),
        ("models show", "name"),
        ("sound a.wav", "--output"),
        ("sound a --output out --calls 3 --from 1", "either --calls, or --from and --to"),
        ("no-such-command", "no-such-command"),
    ],
)
def test_wrong_use_is_one_line_that_says_what_is_missing(
    squeakout, tmp_path, monkeypatch, arguments, named
):
    monkeypatch.chdir(tmp_path)
    answer = squeakout(*arguments.split())
    assert answer.code == 2
    (line,) = answer.err.splitlines()
    assert line.startswith("error:")
    assert named.lower() in line.lower()
    assert not (tmp_path / "out").exists()


def flags_of(squeakout, command):
    """The names of the flags in a command's help, as fields of settings are written."""
    text = squeakout(*command.split(), "--help").out
    return {name.replace("-", "_") for name in re.findall(r"--([a-z][a-z0-9-]*)", text)}


@pytest.mark.parametrize("group", SEGMENT_SETTINGS)
def test_every_setting_of_segmenting_is_a_flag_of_its_name(squeakout, group):
    assert set(group.model_fields) <= flags_of(squeakout, "segment")


def test_segment_has_no_flags_but_the_settings_and_its_own(squeakout):
    fields = {name for group in SEGMENT_SETTINGS for name in group.model_fields}
    own = {"output", "model", "like", "table", "help", "version"}
    # A switch can be turned off too.
    groups = (
        BatchSettings, settings.CleanSettings, settings.ResultSettings, settings.ImageSettings,
        settings.SegmentSettings,
    )  # fmt: skip
    negated = {f"no_{name}" for group in groups for name in group.model_fields}
    assert flags_of(squeakout, "segment") - fields - own <= negated


def test_every_setting_of_training_and_samples_is_a_flag(squeakout, monkeypatch):
    assert set(learning_settings.TrainSettings.model_fields) <= flags_of(squeakout, "train")
    assert set(learning_settings.FineTuneSettings.model_fields) <= flags_of(squeakout, "fine-tune")
    assert set(learning_settings.SynthesisSettings.model_fields) <= flags_of(squeakout, "sample")
    monkeypatch.setenv("COLUMNS", "200")
    found = re.findall(r"--synthesis\.([a-z-]+)", squeakout("train", "--help").out)
    assert {name.replace("-", "_") for name in found} == set(
        learning_settings.SynthesisSettings.model_fields
    )


@pytest.mark.parametrize(
    "command",
    [
        "",
        "segment",
        "evaluate",
        "export",
        "sound",
        "compare",
        "train",
        "fine-tune",
        "sample",
        "doctor",
        "models",
        "models import",
    ],
)
def test_help_is_on_stdout_and_code_0(squeakout, command):
    answer = squeakout(*command.split(), "--help")
    assert (answer.code, answer.err) == (0, "")
    assert f"squeakout {command}".strip() in answer.out


def commands_of(app, path=()):
    """Each command under an app, and where it is."""
    for name in (name for name in app if not name.startswith("-")):
        yield from commands_of(app[name], (*path, name))
    if app.default_command is not None:
        yield " ".join(path), app


def test_every_argument_of_every_command_is_explained():
    commands = dict(commands_of(cli_app))
    assert {"segment", "models show"} <= set(commands)
    arguments = [
        (name, argument)
        for name, command in commands.items()
        for argument in command.assemble_argument_collection(parse_docstring=True)
        if argument.show
    ]
    assert [(name, one.names) for name, one in arguments if not one.parameter.help] == []


@pytest.mark.parametrize("command", ["evaluate", "fine-tune", "train"])
def test_no_flag_asks_for_an_empty_list(squeakout, command):
    empty = {name for name in flags_of(squeakout, command) if name.startswith("empty")}
    assert empty <= {"empty_pages"}


def test_the_version_is_the_packages(squeakout):
    from napari_squeakout import __version__

    answer = squeakout("--version")
    assert (answer.code, answer.out.strip()) == (0, __version__)


# --- fine-tune ----------------------------------------------------------------------------------

QUICK = [
    "--epochs=1", "--crop-px", "64", "--replay-fraction", "0", "--forgetting-test-pages", "0",
    "--no-augment", "--held-out-fraction", "0.2",
]  # fmt: skip


@pytest.fixture
def approved(tmp_path, lab_model):
    """Five images with masks, and the model of the lab."""
    models.save_model(lab_model)
    folders = [tmp_path / "pages", tmp_path / "truth"]
    for folder in folders:
        folder.mkdir()
    for number in range(5):
        mask = np.zeros((512, 512), np.uint8)
        mask[100:140, 50 * number : 50 * number + 60] = 255
        noise = np.random.default_rng(number).integers(0, 60, mask.shape).astype(np.uint8)
        for folder, content in zip(folders, (np.maximum(mask // 2, noise), mask), strict=True):
            Image.fromarray(content).save(folder / f"{number}.png")
    return ["--images", folders[0], "--masks", folders[1], "--base", "lab", "--name", "tuned"]


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def in_the_background(arguments, home):
    return subprocess.Popen(
        [sys.executable, "-m", "napari_squeakout.cli", "fine-tune", *map(str, arguments)],
        env={**os.environ, "NAPARI_SQUEAKOUT_HOME": str(home)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def kinds_until(process, kind):
    """Lines said up to the first of this kind."""
    said = []
    for line in process.stdout:
        said.append(json.loads(line))
        if said[-1]["kind"] == kind:
            break
    return said


def test_fine_tuning_gives_a_model_with_its_verdict_and_what_it_came_from(
    squeakout, approved, lab_model
):
    answer = squeakout("fine-tune", *approved, *QUICK)
    assert answer.code == 0, answer.err
    model = models.load_model("tuned")
    card = model.card
    assert card.parent == lab_model.fingerprint
    assert card.description in answer.out
    assert card.description.startswith("cannot tell")
    assert card.fine_tuning.pages.held_out == len(card.fine_tuning.held_out) == 1
    assert card.fine_tuning.sources[0]["pages"] == 5
    assert "torch" in card.fine_tuning.software
    assert card.recipe["fine_tune"]["epochs"] == 1
    again = squeakout("fine-tune", *approved, *QUICK)
    assert again.code == 2
    assert "tuned already" in again.errors[0]


def test_fine_tuning_tells_a_program_all_in_lines_of_json(squeakout, approved):
    answer = squeakout("fine-tune", *approved, *QUICK, "--json-lines")
    said = lines_of(answer.out)
    kinds = [line["kind"] for line in said]
    assert kinds[0] == "began"
    wanted = ["plan", "batch", "epoch", "verdict", "saving", "done", "promoted"]
    assert [kind for kind in kinds if kind in wanted] == wanted
    last = {line["kind"]: line for line in said}
    plan, epoch = last["plan"], last["epoch"]
    assert sorted(plan["learn"] + plan["held_out"] + plan["between"]) == [0, 1, 2, 3, 4]
    assert (plan["n_pages"], plan["n_calls"], len(plan["held_out_names"])) == (5, 5, 1)
    assert epoch["epoch"] == epoch["epochs"] == 1
    assert epoch["best_epoch"] in {0, 1}
    assert last["verdict"]["sentence"].startswith("cannot tell")
    assert last["done"]["fingerprint"] == models.load_model("tuned").fingerprint
    assert not last["promoted"]["promoted"]


def test_a_learning_curve_is_shown_kept_in_the_card_and_told_to_programs(
    squeakout, approved, tmp_path
):
    run = tmp_path / "run"
    answer = squeakout("fine-tune", *approved, *QUICK, "--learning-curve", "--run-folder", run)
    assert answer.code == 0, answer.err
    said = {line["kind"]: line for line in lines_of((run / "events.jsonl").read_text())}
    curve = models.load_model("tuned").card.fine_tuning.learning_curve
    assert {key: said["learning_curve"][key] for key in curve} == curve
    n_learn = len(said["plan"]["learn"])
    assert [point["pages"] for point in curve["points"]] == [0, 1, 2, 3][: n_learn + 1]
    assert curve["points"][-1]["dice"] == said["verdict"]["after"]["dice"]
    assert "approve 15 or more" in curve["expected"]
    text = " ".join(answer.out.split())
    assert curve["expected"] in text
    assert f"{n_learn} {curve['points'][-1]['dice']:.3f}" in text


def test_fine_tuning_on_too_few_pages_fails_in_one_line_and_leaves_nothing(
    squeakout, approved, home
):
    for folder in (approved[1], approved[3]):
        (folder / "4.png").unlink()
    answer = squeakout("fine-tune", *approved, "--json-lines")
    assert answer.code == 1
    assert "approve 1 more" in answer.errors[0]
    line = lines_of(answer.out)[-1]
    assert (line["kind"], "approve 1 more" in line["error"]) == ("failed", True)
    assert written(home / "models") == ["lab.json", "lab.safetensors"]


def test_fine_tuning_keeps_what_it_says_in_a_folder_that_takes_one_run(
    squeakout, approved, tmp_path
):
    (approved[1] / "4.png").unlink()
    (approved[3] / "4.png").unlink()
    folder = tmp_path / "run"
    answer = squeakout("fine-tune", *approved, "--run-folder", folder)
    assert answer.code == 1
    said = lines_of((folder / "events.jsonl").read_text())
    assert (said[0]["kind"], said[0]["base"]) == ("began", "lab")
    assert "approve 1 more" in said[-1]["error"]
    again = squeakout("fine-tune", *approved, "--run-folder", folder)
    assert again.code == 1
    assert "choose another folder" in again.errors[0]
    assert lines_of((folder / "events.jsonl").read_text()) == said


@pytest.mark.parametrize("how", ["stdin", "file"])
def test_fine_tuning_that_is_told_to_stop_keeps_the_best_so_far(approved, home, tmp_path, how):
    stop = tmp_path / "stop"
    endless = [*approved, *QUICK[1:], "--epochs", "9999", "--patience", "999", "--json-lines"]
    process = in_the_background([*endless, "--stop-file", stop], home)
    kinds_until(process, "epoch")
    if how == "file":
        stop.touch()
    rest, errors = process.communicate("stop\n" if how == "stdin" else None, timeout=300)
    assert process.returncode == 0, errors
    assert {"verdict", "done"} <= {line["kind"] for line in lines_of(rest)}
    assert (home / "models" / "tuned.safetensors").is_file()


def test_fine_tuning_that_is_killed_leaves_no_model(approved, home):
    endless = [*approved, *QUICK[1:], "--epochs", "9999", "--patience", "999", "--json-lines"]
    process = in_the_background(endless, home)
    assert kinds_until(process, "epoch")[-1]["kind"] == "epoch"
    process.kill()
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert written(home / "models") == ["lab.json", "lab.safetensors"]


@pytest.mark.parametrize(("file", "told"), [("/a/b.npz", "/a/b.npz: "), (None, "")])
def test_a_full_disk_is_told_with_the_file_that_found_no_room(squeakout, monkeypatch, file, told):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", file)

    monkeypatch.setattr(models, "list_models", full)
    answer = squeakout("models", "list")
    assert answer.code == 1
    assert answer.errors == [f"error: {told}the disk is full: free space and try again"]


def test_training_whose_name_is_taken_meanwhile_keeps_its_model_under_another(
    squeakout, lab_model, monkeypatch
):
    def learned(*_, **__):
        models.save_model(lab_model.renamed("ours"))
        yield Progress(1, 1, "epochs")
        return SimpleNamespace(history=(SimpleNamespace(validation_dice=0.5),), best_epoch=0)

    def drawn(*_, **__):
        yield Progress(1, 1, "pages")
        return SimpleNamespace(pages=())

    fabric = SimpleNamespace(launch=lambda: None, is_global_zero=True)
    monkeypatch.setattr("napari_squeakout.io.tasks.training.teaching", learned)
    monkeypatch.setattr("napari_squeakout.core.training.loop.training_fabric", lambda *_: fabric)
    monkeypatch.setattr("napari_squeakout.io.tasks.training.drawing_pages", drawn)
    monkeypatch.setattr(
        "napari_squeakout.io.tasks.training.trained_model",
        lambda name, *_, **__: lab_model.renamed(name),
    )
    answer = squeakout("train", "--name", "ours", "--synthetic", "4")
    assert (answer.code, len(answer.errors)) == (1, 1)
    assert "a model is called ours by now: this one is saved as ours-2" in answer.errors[0]
    assert "ours-2.safetensors: validation Dice 0.500" in answer.out
    assert {entry.name for entry in models.list_models() if entry.kind == "own"} == {
        "ours",
        "ours-2",
    }


# --- progress -----------------------------------------------------------------------------------


def test_without_a_terminal_long_work_speaks_once_a_minute(capsys):
    clock = iter([0.0, 10.0, *range(20, 330, 10)])
    tell = console.MinuteLog("night.wav", now=lambda: next(clock))
    for done in range(32):
        tell(Progress(done, 100, "pages"))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5
    assert lines[0] == "night.wav, pages: 5 of 100, about 16 min left"


def test_short_work_says_nothing(capsys):
    tell = console.MinuteLog("short.wav")
    for done in range(3):
        tell(Progress(done, 3, "pages"))
    assert capsys.readouterr().err == ""


def test_what_files_say_of_themselves_is_shown_and_acts_on_no_terminal(capsys):
    title = "\x1b[31mred\x07 gpj\u202e.exe"
    table = Table("name", "title")
    table.add_row("lab", title)
    for said in (title, table):
        console.out.print(said)
    console.complain(title)
    told = capsys.readouterr()
    for text in (told.out, told.err):
        assert not set("\x1b\x07\u202e") & set(text)
        assert "\\x1b[31mred\\x07 gpj\\u202e.exe" in text
    assert told.out.count("\\x1b[31mred") == 2


# --- evaluate -----------------------------------------------------------------------------------


@pytest.fixture
def two_folders(tmp_path):
    """Masks of two images, of which one is found by half and the other is empty."""
    for kind, last in (("truth", 40), ("found", 30)):
        (tmp_path / kind).mkdir()
        mask = np.zeros((64, 64), np.uint8)
        mask[10:20, 20:last] = 255
        Image.fromarray(mask).save(tmp_path / kind / "a.png")
        Image.fromarray(np.zeros((64, 64), np.uint8)).save(tmp_path / kind / "b.png")
    return tmp_path / "truth", tmp_path / "found"


def test_figures_take_the_place_of_figures_and_of_nothing_else(squeakout, two_folders, tmp_path):
    command = ["evaluate", "--truth", two_folders[0], "--masks", two_folders[1], "--json"]
    figures, mine = tmp_path / "figures.json", tmp_path / "mine.json"
    mine.write_text('{"mine": 1}')
    assert squeakout(*command, figures).code == squeakout(*command, figures).code == 0
    answer = squeakout(*command, mine)
    assert (answer.code, len(answer.errors)) == (1, 1)
    assert "mine.json: holds something else than figures" in answer.errors[0]
    assert mine.read_text() == '{"mine": 1}'


@pytest.mark.parametrize("way", ["itself", "a link to it"])
def test_figures_are_never_written_over_an_input(squeakout, tmp_path, way):
    table = tmp_path / "truth.csv"
    table.write_text("start_s,end_s\n0.1,0.2\n")
    target = table
    if way == "a link to it":
        target = tmp_path / "link.csv"
        target.symlink_to(table)
    answer = squeakout("evaluate", "--truth", table, "--calls", table, "--json", target)
    assert (answer.code, len(answer.errors)) == (1, 1)
    assert "is an input" in answer.errors[0]
    assert table.read_text().startswith("start_s")


def test_evaluating_shows_the_figures_and_writes_them_as_json(squeakout, two_folders, tmp_path):
    truth, found = two_folders
    file = tmp_path / "scores.json"
    answer = squeakout("evaluate", "--truth", truth, "--masks", found, "--json", file)
    assert (answer.code, answer.err) == (0, "")
    scores = json.loads(file.read_text())
    assert scores["images"] == 2
    assert scores["dice"] == pytest.approx((2 / 3 + 1) / 2)
    assert scores["dice_non_empty"] == pytest.approx(2 / 3)
    assert scores["pixel_accuracy"] == pytest.approx(1 - 50 / 4096)
    assert (scores["precision"], scores["recall"]) == pytest.approx((1, 0.5))
    for name, value in scores.items():
        assert re.search(rf"{name.replace('_', ' ')}\s+{value:.4g}"[:-1], answer.out)


def test_a_figure_that_is_not_defined_is_null(squeakout, two_folders, tmp_path):
    truth, found = two_folders
    for folder in (truth, found):
        (folder / "a.png").unlink()
    file = tmp_path / "scores.json"
    answer = squeakout("evaluate", "--truth", truth, "--masks", found, "--json", file)
    assert answer.code == 0
    scores = json.loads(file.read_text(), parse_constant=pytest.fail)
    assert scores["dice_non_empty"] is None
    assert scores["dice"] == 1


def test_missing_masks_are_one_line_that_names_one(squeakout, two_folders):
    truth, found = two_folders
    (found / "a.png").unlink()
    answer = squeakout("evaluate", "--truth", truth, "--masks", found)
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)
    assert str(found) in answer.errors[0]
    assert "a" in answer.errors[0].split()


def test_found_masks_without_a_true_one_are_counted(squeakout, two_folders):
    truth, found = two_folders
    (truth / "b.png").unlink()
    answer = squeakout("evaluate", "--truth", truth, "--masks", found)
    assert answer.code == 0
    assert "1 found masks have no true mask and are not judged" in " ".join(answer.err.split())


@pytest.mark.parametrize("gone", ["truth", "masks"])
def test_a_folder_of_masks_that_is_not_there_is_one_line_that_names_it(
    squeakout, two_folders, tmp_path, gone
):
    folders = dict(zip(("truth", "masks"), two_folders, strict=True))
    folders[gone] = tmp_path / "gone"
    answer = squeakout("evaluate", *itertools.chain(*((f"--{n}", p) for n, p in folders.items())))
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)
    assert str(tmp_path / "gone") in answer.errors[0]


def test_masks_that_were_segmented_can_be_evaluated(squeakout, bright_pixels, images, tmp_path):
    squeakout("segment", images, "--output", tmp_path / "out")
    masks = tmp_path / "out" / "pictures" / "masks"
    answer = squeakout("evaluate", "--truth", masks, "--masks", masks)
    assert re.search(r"dice\s+1\.0000", answer.out)


def table(path, *rows):
    path.write_text("".join(f"{start},{end}\n" for start, end in rows))
    return path


def test_calls_are_judged_against_noted_times_one_by_one_and_pooled(squeakout, tmp_path):
    noted = [table(tmp_path / "n1.csv", (1, 1.1), (2, 2.1)), table(tmp_path / "n2.csv", (1, 1.2))]
    found = [table(tmp_path / "f1.csv", (1, 1.1), (2, 2.1)), table(tmp_path / "f2.csv", (5, 5.2))]
    file = tmp_path / "scores.json"
    answer = squeakout("evaluate", "--truth", *noted, "--calls", *found, "--json", file)
    assert (answer.code, answer.err) == (0, "")
    assert re.search(r"f1\s+1\.0000\s+0\.0000\s+0\.6667", answer.out)
    assert re.search(r"onset error s\s+0\.0000\s+not known\s+0\.0000", answer.out)
    scores = json.loads(file.read_text(), parse_constant=pytest.fail)
    assert scores[str(found[1])]["onset_error_s"] is None
    assert (scores["pooled"]["calls"], scores["pooled"]["matched"]) == (3, 2)


def test_calls_are_judged_against_the_table_of_another_program(squeakout, tmp_path):
    noted = tmp_path / "raven.txt"
    noted.write_text(
        "Selection\tView\tBegin Time (s)\tEnd Time (s)\n"
        "1\tWaveform 1\t1\t1.1\n1\tSpectrogram 1\t1\t1.1\n2\tSpectrogram 1\t2\t2.1\n"
    )
    found, file = table(tmp_path / "f.csv", (1, 1.1)), tmp_path / "scores.json"
    answer = squeakout("evaluate", "--truth", noted, "--calls", found, "--json", file)
    assert (answer.code, answer.err) == (0, "")
    scores = json.loads(file.read_text())[str(found)]
    assert (scores["calls"], scores["matched"]) == (2, 1)


def test_what_was_left_out_of_a_table_is_told_beside_the_figures(squeakout, tmp_path):
    noted, found = tmp_path / "noted.csv", tmp_path / "found.csv"
    noted.write_text("0.1,0.2\nnan,nan\n0.3,0.4\n")
    found.write_text("0.1,0.2\n")
    answer = squeakout("evaluate", "--truth", noted, "--calls", found)
    assert answer.code == 0
    assert f"{noted}: 1 row without times is left out, line 2 for one" in answer.err


def test_a_model_is_judged_on_recordings_and_on_silence(
    squeakout, bright_pixels, recording, tmp_path
):
    silence = table(tmp_path / "none.csv")
    file = tmp_path / "scores.json"
    answer = squeakout("evaluate", "--truth", silence, "--recordings", recording, "--json", file)
    assert answer.code == 0
    scores = json.loads(file.read_text())[str(recording)]
    assert scores["calls"] == 0
    assert scores["false_calls_per_minute"] > 0


def test_a_model_that_is_judged_on_images_dark_on_white_is_not_without_a_word(
    squeakout, bright_pixels, recording, tmp_path
):
    page = 255 * open_recording(recording).page(0)
    for name, values in (("right", page), ("swapped", 255 - page), ("masks", 0 * page)):
        (tmp_path / name).mkdir()
        Image.fromarray(np.rint(values).astype(np.uint8)).save(tmp_path / name / "a.png")
    said = "black and white are swapped"
    for name, invert, is_said in (
        ("right", [], False), ("swapped", [], True), ("swapped", ["--invert"], False),
    ):  # fmt: skip
        answer = squeakout(
            "evaluate", "--truth", tmp_path / "masks", "--images", tmp_path / name, *invert
        )
        assert answer.code == 0
        assert (said in " ".join(answer.err.split())) == is_said


def test_a_model_that_is_judged_on_a_slowed_recording_says_how_to_read_it(
    squeakout, bright_pixels, tmp_path
):
    soundfile.write(tmp_path / "a.wav", sound(0.5), 25_000)
    silence = table(tmp_path / "none.csv")
    answer = squeakout("evaluate", "--truth", silence, "--recordings", tmp_path / "a.wav")
    assert answer.code == 1
    assert "or state time_expansion where it plays slowed down" in answer.errors[0]


def test_a_model_is_judged_on_images_with_true_masks(squeakout, bright_pixels, images, tmp_path):
    squeakout("segment", images, "--output", tmp_path / "out")
    masks = tmp_path / "out" / "pictures" / "masks"
    file = tmp_path / "scores.json"
    answer = squeakout("evaluate", "--truth", masks, "--images", images, "--json", file)
    assert answer.code == 0
    scores = json.loads(file.read_text())
    assert scores["dice"] == 1
    assert len(scores["reliability"]["stated"]) == 10
    (masks / "more.png").write_bytes((one := next(masks.glob("*.png"))).read_bytes())
    answer = squeakout("evaluate", "--truth", masks, "--images", images)
    assert answer.code == 1
    assert "more" in answer.errors[0]
    (masks / "more.png").unlink()
    one.unlink()
    answer = squeakout("evaluate", "--truth", masks, "--images", images)
    assert answer.code == 0
    assert "1 images have no true mask" in " ".join(answer.err.split())


# --- models -------------------------------------------------------------------------------------


def test_a_model_travels_from_one_machine_to_another(
    squeakout, home, lab_model, tmp_path, monkeypatch
):
    models.save_model(lab_model)
    shown = squeakout("models", "show", "lab")
    assert lab_model.fingerprint in shown.out
    assert '"title": "The lab\'s own"' in shown.out
    assert squeakout("models", "export", "lab", tmp_path / "a.safetensors").code == 0

    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "elsewhere"))
    assert "lab" not in squeakout("models", "list").out.split()
    taken = squeakout("models", "import", tmp_path / "a.safetensors", "--name", "theirs")
    assert (taken.code, "theirs" in taken.out) == (0, True)
    assert "theirs" in squeakout("models", "list").out.split()
    assert lab_model.fingerprint in squeakout("models", "show", "theirs").out
    assert squeakout("models", "remove", "theirs").code == 0
    assert "theirs" not in squeakout("models", "list").out.split()


def test_the_threshold_that_a_model_was_judged_with_is_used_unless_another_is_asked_for(
    squeakout, lab_model, recording, tmp_path, monkeypatch
):
    monkeypatch.setattr(Engine, "__call__", lambda self, pages: bright(pages))
    card = lab_model.card.model_copy(update={"cleaning": CleanSettings().at_threshold(0.35)})
    models.save_model(Model("lab", lab_model.weights, card))

    def used(*flags):
        there = ["--model", "lab", "--overwrite", "--output", tmp_path / "out"]
        answer = squeakout("segment", recording, *there, *flags)
        assert "judged with a threshold of 0.35" in answer.err
        (file,) = (tmp_path / "out").glob("*/run.json")
        return json.loads(file.read_text())["settings"]["clean"]

    assert (used()["threshold"], used()["min_peak_probability"]) == (0.35, 0.51)
    asked = used("--threshold", "0.51", "--min-area-px", "7")
    assert (asked["threshold"], asked["min_area_px"]) == (0.51, 7)


def test_the_default_is_chosen_marked_and_gone_back_from(squeakout, lab_model):
    models.save_model(lab_model)
    models.save_model(lab_model.renamed("other"))

    def marked():
        rows = squeakout("models", "list").out.splitlines()
        return [row.split()[0] for row in rows[1:] if row.split()[3] == "yes"]

    assert squeakout("models", "use", "lab").code == 0
    assert marked() == ["lab"]
    assert squeakout("models", "use", "other").code == 0
    assert squeakout("models", "use", "--previous").code == 0
    assert marked() == ["lab"]
    assert squeakout("models", "remove", "other").code == 0
    answer = squeakout("models", "use", "--previous")
    assert (answer.code, len(answer.errors)) == (1, 1)
    assert "squeakout models use NAME" in answer.errors[0]


def test_a_checkpoint_is_imported_under_the_name_of_its_file(squeakout, lab_model, tmp_path):
    torch.save({"state_dict": dict(lab_model.weights)}, tmp_path / "from_paper.ckpt")
    assert squeakout("models", "import", tmp_path / "from_paper.ckpt").code == 0
    assert lab_model.fingerprint in squeakout("models", "show", "from_paper").out


def test_names_that_are_taken_are_refused_without_overwrite(squeakout, lab_model, tmp_path):
    path = models.save_model(lab_model)
    again = squeakout("models", "import", path)
    assert (again.code, len(again.err.splitlines()), len(again.errors)) == (1, 1, 1)
    assert squeakout("models", "import", path, "--overwrite").code == 0


@pytest.mark.parametrize(
    "command",
    [
        "show no-such",
        "use no-such",
        "export no-such a.safetensors",
        "remove no-such",
        "import no-such",
    ],
)
def test_a_model_no_one_knows_is_one_line_that_names_it(squeakout, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    answer = squeakout("models", *command.split())
    assert (answer.code, len(answer.err.splitlines()), answer.out) == (1, 1, "")
    assert "no-such" in answer.errors[0]


def test_a_file_that_is_no_model_is_one_line_that_names_it(squeakout, tmp_path):
    (tmp_path / "weights.ckpt").write_bytes(b"no weights")
    answer = squeakout("models", "import", tmp_path / "weights.ckpt")
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)
    assert str(tmp_path / "weights.ckpt") in answer.errors[0]


# --- sample and doctor --------------------------------------------------------------------------


def test_a_sample_is_written_with_its_truth_and_can_be_segmented(
    squeakout, bright_pixels, tmp_path
):
    folder = tmp_path / "sample"
    answer = squeakout("sample", folder, "--seconds", 0.5, "--images", 2, "--seed", 3)
    assert (answer.code, answer.err) == (0, "")
    assert str(folder) in answer.out
    assert soundfile.info(folder / "synthetic.wav").duration == pytest.approx(0.5)
    assert (folder / "synthetic_calls.csv").read_text().startswith("start_s,end_s,low_hz,high_hz")
    assert len(written(folder / "images")) == len(written(folder / "masks")) == 2
    done = squeakout(
        "segment", folder / "synthetic.wav", folder / "images", "--output", tmp_path / "out"
    )
    assert done.code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["images", "synthetic"]


def test_a_sample_is_not_written_over_another(squeakout, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    answer = squeakout("sample", tmp_path, "--seconds", 0.5, "--images", 0)
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)
    assert str(tmp_path) in answer.errors[0]


def test_the_doctor_says_what_there_is_and_tries_it(squeakout, home, lab_model, monkeypatch):
    models.save_model(lab_model)
    models.set_default_model("lab")
    monkeypatch.setattr(Engine, "__call__", lambda self, pages: bright(pages))
    answer = squeakout("doctor")
    assert (answer.code, answer.err) == (0, "")
    for said in ("napari-squeakout", "Python", torch.__version__, str(home), "with lab"):
        assert said in answer.out


def test_the_doctor_finds_a_missing_model_and_says_all_the_rest(squeakout, home):
    answer = squeakout("doctor")
    assert torch.__version__ in answer.out
    assert str(home) in answer.out
    assert BUNDLED_MODEL in answer.out + answer.err
    assert answer.code == 1


# --- streams ------------------------------------------------------------------------------------


def test_only_results_are_on_stdout(squeakout, bright_pixels, recording, tmp_path):
    stereo = np.stack([sound(0.3)] * 2, axis=1)
    soundfile.write(tmp_path / "stereo.wav", stereo, RATE_HZ)
    gone = Path("gone [bold].wav")
    answer = squeakout("segment", tmp_path / "stereo.wav", gone, "--output", tmp_path / "out")
    assert len(answer.out.splitlines()) == 1
    assert "stereo: " in answer.out
    assert "2 channels" in answer.err
    assert "gone [bold].wav" in answer.errors[0]


def test_a_mistake_of_this_program_is_one_line_and_its_traceback_is_kept(
    squeakout, home, monkeypatch
):
    def wrong(*_):
        raise ZeroDivisionError("in our own code")

    monkeypatch.setattr(models, "list_models", wrong)
    answer = squeakout("models", "list")
    assert (answer.code, len(answer.errors)) == (1, 1)
    assert "a mistake of this program, not yours: ZeroDivisionError: in our own" in answer.errors[0]
    (log,) = home.glob("**/squeakout.log")
    assert "Traceback" in log.read_text()
    with pytest.raises(ZeroDivisionError):
        run_command(["models", "list", "--debug"])


def test_what_is_known_of_an_input_that_failed_is_kept(squeakout, bright_pixels, home, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    assert squeakout("segment", tmp_path / "bad.wav", "--output", tmp_path / "out").code == 1
    (log,) = home.glob("**/squeakout.log")
    assert "bad.wav" in log.read_text()
    assert "Traceback" in log.read_text()


@pytest.mark.parametrize("arguments", [(), ("lab", "--previous")])
def test_which_model_to_use_is_said_in_one_way(squeakout, arguments):
    answer = squeakout("models", "use", *arguments)
    assert (answer.code, len(answer.errors)) == (2, 1)
    assert "give the NAME of a model, or --previous" in answer.errors[0]


# --- calls for other programs, and beside theirs ------------------------------------------------


@pytest.fixture
def result(squeakout, bright_pixels, recording, tmp_path):
    assert squeakout("segment", recording, "--output", tmp_path / "results").code == 0
    return tmp_path / "results" / "good"


def test_calls_are_exported_and_what_came_of_it_is_said(squeakout, result, tmp_path):
    answer = squeakout("export", result, "--to", "raven", "--output", tmp_path / "out")
    assert (answer.code, answer.err) == (0, "")
    assert "1 call of good" in answer.out
    assert written(tmp_path / "out") == ["good.provenance.json", "good.selections.txt", "run.json"]


def test_one_that_cannot_be_exported_is_named_with_code_1(squeakout, result, tmp_path):
    answer = squeakout("export", result, "--to", "coco", "--output", tmp_path / "out")
    assert answer.code == 1
    assert "segment again with --masks" in answer.errors[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x", "--to", "excel"], '"excel" for --to. Choose from: "csv", "raven", '),
        (["--to", "raven"], "nothing to export"),
        (["raven", "x"], "--to"),
    ],
)
def test_wrong_use_of_export_is_code_2(squeakout, tmp_path, arguments, said):
    answer = squeakout("export", *arguments, "--output", tmp_path / "out")
    assert answer.code == 2
    assert said in answer.errors[0]


def test_found_calls_are_compared_with_annotated_ones(squeakout, result, tmp_path):
    (tmp_path / "noted.csv").write_text("start_s,end_s\n0.05,0.1\n0.15,0.16\n")
    answer = squeakout("compare", result, tmp_path / "noted.csv", "--table", tmp_path / "out.csv")
    assert answer.code == 0
    assert re.search(r"matched +1\s", answer.out)
    assert re.search(r"missed +1\s", answer.out)
    assert re.search(r"merge ratio +0\.5000", answer.out)
    assert pd.read_csv(tmp_path / "out.csv")["outcome"].tolist() == ["matched", "missed"]
