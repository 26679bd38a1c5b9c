"""All that reads files of this package's users, with good files for each."""

from __future__ import annotations

import io
import json
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import openpyxl
import safetensors.torch
import soundfile
import tifffile
import told_events
import torch
from fuzz import Reader
from PIL import Image

from napari_squeakout.core.model import checkpoint as checkpoints
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.settings import RecordingSettings
from napari_squeakout.core.training import state as training_state
from napari_squeakout.io import drafts
from napari_squeakout.io.exports.result_findings import findings_of_result
from napari_squeakout.io.exports.sidecar import write_sidecar
from napari_squeakout.io.models import default as default_model
from napari_squeakout.io.models.files import known_card
from napari_squeakout.io.models.reading import read_card, read_checkpoint
from napari_squeakout.io.models.training_state import StateFile
from napari_squeakout.io.results.figures import check_figures_file
from napari_squeakout.io.results.masks import read_mask
from napari_squeakout.io.results.result_folder import replaceable
from napari_squeakout.io.sessions.finding import find_sessions
from napari_squeakout.io.sessions.record import SessionRecord, SourceFile, read_record
from napari_squeakout.io.sessions.session import create_session, open_session, summary
from napari_squeakout.io.sources import decode, recognise
from napari_squeakout.io.sources import headers as glance
from napari_squeakout.io.sources.audio import read_recording
from napari_squeakout.io.sources.images import read_images
from napari_squeakout.io.tables.annotations import read_annotation
from napari_squeakout.io.tables.calls import read_calls
from napari_squeakout.io.training_runs.account import status_on_disk

_RATE_HZ = 250_000
_TABLES = {
    "raven.txt": (
        "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\t"
        "Begin File\tFile Offset (s)\n1\tSpectrogram 1\t1\t605.5\t605.6\t5e4\t6e4\tm2.wav\t5.5\n"
    ),
    "german.csv": "sep=;\nstart_ms;end_ms;low_khz;label\n500;1000;45,5;up\n",
    "numpy.txt": "# start_s end_s\n0.5 0.61\n1e2 0:02:03.5\n",
    "audacity.txt": "1\t1.5\ta\n\\\t100\t200\n3\t4\tb\n",
    "many.csv": '#,start,end,File,accepted\n1,"0,5","0,6",a.wav,1\n2,nan,nan,b.wav,0\n',
    "mupet.csv": "IN FILE,OFFSET,DURATION\na.wav,0.5,0.11\n",
    "ours.csv": "call,page,start_s,end_s,duration_s,low_hz,high_hz\n1,0,0.1,0.2,0.1,5e4,6e4\n",
    "das.csv": "name,start_seconds,stop_seconds\npulse,,\nsine,0.5,0.6\n",
}


def readers() -> list[Reader]:
    """Every reader; what it needs of this machine is made first."""
    tiny = {"weight": (2,), "bias": (3,)}
    checkpoints.network_shapes = lambda: tiny  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        return [
            Reader("recording", _sounds(), _read_sound),
            Reader("images", _images(), _read_images),
            Reader("mask", _images(), read_mask),
            Reader("table", _tables(), read_annotation),
            Reader("own table", _own_tables(), read_calls),
            Reader("own record", *_kept_result()),
            Reader("card", {"card.json": _card()}, read_card),
            Reader("checkpoint", _checkpoints(tiny), _read_checkpoint),
            Reader("training state", _states(), _read_state),
            Reader("session", *_session(folder)),
            Reader("result", *_result()),
            Reader("default", {"default.json": b'{"name": "lab", "previous": "x"}'}, _default),
            Reader("run", *_run()),
            Reader("journal", *_journal()),
            Reader("figures", {"figures.json": b'{"dice": 0.5, "mask": {"dice": 1}}'}, _figures),
        ]


def _sounds() -> dict[str, bytes]:
    samples = np.random.default_rng(0).normal(0, 0.1, 3000)
    kinds = {
        "a.wav": ("WAV", "PCM_16"), "b.wav": ("WAV", "PCM_24"), "c.wav": ("WAV", "FLOAT"),
        "d.flac": ("FLAC", "PCM_16"), "e.w64": ("W64", "PCM_16"), "f.rf64": ("RF64", "PCM_16"),
        "g.aiff": ("AIFF", "PCM_16"), "h.au": ("AU", "PCM_16"), "i.caf": ("CAF", "PCM_16"),
        "j.ogg": ("OGG", "VORBIS"), "k.wav": ("WAVEX", "PCM_16"), "l.wav": ("WAV", "IMA_ADPCM"),
        "o.sph": ("NIST", "PCM_16"),
    }  # fmt: skip
    seeds = {}
    for name, (format_, subtype) in kinds.items():
        file, rate_hz = io.BytesIO(), 48_000 if format_ == "OGG" else _RATE_HZ
        soundfile.write(file, samples, rate_hz, format=format_, subtype=subtype)
        seeds[name] = file.getvalue()
    guano = b"GUANO|Version: 1.0\nTE: 10\nMake: x\n "
    chunk = b"guan" + len(guano).to_bytes(4, "little") + guano
    seeds["m.wav"] = seeds["a.wav"] + chunk
    seeds["n.wav"] = seeds["a.wav"][:36] + chunk + seeds["a.wav"][36:]
    return seeds


def _read_sound(path: Path) -> None:
    for settings in (None, RecordingSettings(channel=2)):
        recording = read_recording(path, settings)
        n_samples = recording.n_samples
        recording.read(0, min(n_samples, 4096))
        recording.read(max(0, n_samples - 4096), n_samples)
        if recording.n_samples:
            break


def _images() -> dict[str, bytes]:
    grey = np.random.default_rng(0).integers(0, 256, (24, 32), dtype=np.uint8)
    seeds = {}
    for name, options in (
        ("a.png", {}), ("b.bmp", {}), ("c.jpg", {}), ("d.tif", {"compression": "tiff_lzw"}),
    ):  # fmt: skip
        file = io.BytesIO()
        Image.fromarray(grey).save(
            file, {"jpg": "JPEG", "tif": "TIFF"}.get(name[2:], name[2:]), **options
        )
        seeds[name] = file.getvalue()
    for name, mode in (("e.png", "P"), ("f.png", "RGBA"), ("g.png", "1"), ("h.png", "I;16")):
        file = io.BytesIO()
        image = Image.fromarray(grey.astype(np.uint16) if mode == "I;16" else grey)
        (image if mode == "I;16" else image.convert(mode)).save(file, "PNG")
        seeds[name] = file.getvalue()
    for name, values, options in (
        ("i.tif", np.stack([grey, grey]), {}), ("j.tif", grey, {"compression": "zlib"}),
        ("k.tif", grey.astype(np.float32), {}), ("l.tif", np.stack([grey] * 3, -1), {}),
        ("m.tif", np.stack([grey] * 2), {"imagej": True}), ("n.tif", grey, {"bigtiff": True}),
    ):  # fmt: skip
        file = io.BytesIO()
        tifffile.imwrite(file, values, **options)
        seeds[name] = file.getvalue()
    for name, array in (
        ("o.npy", grey), ("p.npy", np.stack([grey, grey]).astype(np.float32)), ("q.npy", grey > 9),
    ):  # fmt: skip
        file = io.BytesIO()
        np.save(file, array)
        seeds[name] = file.getvalue()
    return seeds


def _read_images(path: Path) -> None:
    recognise.looks_like_pages(path)
    addresses = decode.find_pages(path)
    for address in addresses[:2]:
        glance.glance(address)
    if len(addresses) < 20:
        stack = read_images(path)
        np.asarray(stack.pages[0])


def _tables() -> dict[str, bytes]:
    seeds = {name: text.encode() for name, text in _TABLES.items()}
    seeds["wide.txt"] = _TABLES["raven.txt"].encode("utf-16")
    book = openpyxl.Workbook()
    for row in (["ID", "Accepted", "Begin Time (s)", "End Time (s)"], [1, True, 0.1, 0.2]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    seeds["book.xlsx"] = file.getvalue()
    return seeds


def _own_tables() -> dict[str, bytes]:
    """Of a recording, and of images, with what a person has written beside the calls."""
    images = (
        "call,page,image,start_px,end_px,low_px,high_px,area_px,class,note\n"
        '1,0,\'=a,10,20,30,41,99,flat,"see, again"\n2,1,b 鼠,1,2,3,4,5,,\n'
    )
    return {"calls.csv": _TABLES["ours.csv"].encode(), "images.csv": images.encode()}


def _card() -> bytes:
    return ModelCard(name="lab", title="Ours", metrics={"dice": 0.5}).model_dump_json().encode()


def _checkpoints(shapes: dict[str, tuple[int, ...]]) -> dict[str, bytes]:
    weights = {name: torch.ones(shape) for name, shape in shapes.items()}
    plain, light = io.BytesIO(), io.BytesIO()
    torch.save(weights, plain)
    torch.save({"state_dict": weights, "epoch": 3, "hyper_parameters": {"lr": 0.1}}, light)
    card = {"format": "pt", "squeakout_card": _card().decode()}
    kept = {"format": "pt", "squeakout_card_kept": _card().decode(), "weights_fingerprint": "0"}
    return {
        "a.pt": plain.getvalue(),
        "b.ckpt": light.getvalue(),
        "c.safetensors": safetensors.torch.save(weights, card),
        "d.safetensors": safetensors.torch.save(weights, kept),
        "d.json": json.dumps({"weights_fingerprint": "0", **json.loads(_card())}).encode(),
    }


def _read_checkpoint(path: Path) -> None:
    weights = path.with_suffix(".safetensors") if path.suffix == ".json" else path
    if weights.suffix == ".safetensors":
        known_card(weights)
    read_checkpoint(weights)


def _states() -> dict[str, bytes]:
    file = io.BytesIO()
    torch.save({"identity": {"x": 1}, "epoch": 1, "network": {"weight": torch.ones(2)}}, file)
    return {"state.pt": file.getvalue()}


def _read_state(path: Path) -> None:
    training_state._state_in(StateFile(path).read(), str(path), torch.device("cpu"))


def _session(folder: Path):
    now = datetime.now(UTC)
    source = SourceFile(path="../a.wav", absolute="/a.wav", size=3, fingerprint="f" * 40)
    record = SessionRecord(
        name="night", kind="recording", n_pages=1, created=now, changed=now, sources=(source,),
        settings={"render": {"low_hz": 45_000.0}}, pages={0: {"approved": "a", "seconds": 1.5}},
    )  # fmt: skip
    session = create_session(folder / "night.squeakout", record)
    session.close()
    names = ("session.json", "labels.npy", "probabilities.npy", "proposed.npy", "stages.npy")
    seeds = {name: (folder / "night.squeakout" / name).read_bytes() for name in names}

    def read(path: Path) -> None:
        (path.parents[1] / "a.wav").write_bytes(b"abc")
        find_sessions([path.parents[1] / "a.wav"], path.parents[1])
        opened = open_session(path.parent, read_only=True)
        summary(read_record(path.parent / "session.json"), opened.stages)
        opened.close()

    return seeds, read, {name: f"night.squeakout/{name}" for name in names}


def _result():
    record = {"program": "napari-squeakout", "files": {"calls.csv": "0" * 64}, "calls": 1}
    seeds = {"run.json": json.dumps(record).encode()}

    def read(path: Path) -> None:
        (path.parent / "calls.csv").write_text("x")
        replaceable([Path("/a.wav")], allowed=True)(path.parent)

    return seeds, read


def _kept_result():
    record = {
        "program": "napari-squeakout", "files": {"calls.csv": "0" * 64}, "calls": 1, "pages": 2,
        "input": {"path": "/a.wav", "sha256": "0"}, "not_segmented": [1], "notes": ["quiet"],
        "settings": {"recording": {"channel": 1}, "clean": {"threshold": 0.5}},
    }  # fmt: skip

    table = _TABLES["ours.csv"].replace("_hz\n", "_hz,area_px\n").replace("6e4\n", "6e4,6\n")
    labels, masks = np.zeros((2, 512, 512), np.uint8), io.BytesIO()
    labels[0, :2, :3] = 1
    tifffile.imwrite(masks, labels, compression="deflate", photometric="minisblack")
    seeds = {
        "run.json": json.dumps(record).encode(), "calls.csv": table.encode(),
        "masks.tif": masks.getvalue(),
    }  # fmt: skip

    def read(path: Path) -> None:
        found = findings_of_result(path.parent)
        write_sidecar(found, "csv", [], path.parent / "of.provenance.json", found.notes)
        found.masks()

    return seeds, read


@contextmanager
def _home(path: Path):
    before, default_model.home_folder = default_model.home_folder, lambda: path.parent
    try:
        yield
    finally:
        default_model.home_folder = before


def _default(path: Path) -> None:
    with _home(path):
        default_model.read_default()
        default_model.why_not_among({"lab"})


def _run():
    order = {"name": "lab", "sessions": [], "folders": [["a", "b"]], "base": None}
    seeds = {
        "events.jsonl": "\n".join([*told_events.LINES, ""]).encode(),
        "order.json": json.dumps(order).encode(),
        "stderr.txt": b"error: out of memory\n",
    }
    return seeds, lambda path: status_on_disk(path.parent)


def _journal():
    stem = f".squeakout-{drafts._MACHINE}-{'0' * 16}"
    about = {"target": "result", "draft": 5, "parts": ["a.csv", "masks/b.png"]}
    seeds = {f"{stem}.json": json.dumps(about).encode()}

    def read(path: Path) -> None:
        for name in (".part", ".was"):
            (path.parent / f"{stem}{name}").mkdir(exist_ok=True)
        path.with_suffix(".lock").touch()
        drafts.clear_leftovers(path.parent, again=True)

    return seeds, read


def _figures(path: Path) -> None:
    check_figures_file(path, [])
