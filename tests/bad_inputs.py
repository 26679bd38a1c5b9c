"""Recordings and images that no one can use, by name; each builder writes one into a folder."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
import tifffile
from PIL import Image

Builder = Callable[[Path], Path]

RATE_HZ = 250_000


def noise(n_samples: int = 50_000, *, seed: int = 0) -> np.ndarray:
    """(n,) float32, standard deviation 0.1."""
    return (np.random.default_rng(seed).standard_normal(n_samples) * 0.1).astype(np.float32)


def grey(height: int = 60, width: int = 60, *, seed: int = 0) -> np.ndarray:
    """(h, w) uint8."""
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def cut(path: Path, share: float = 0.5) -> Path:
    """Keep the first part of a file."""
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    return path


def _sound(name: str, **options: str) -> Builder:
    def build(folder: Path) -> Path:
        soundfile.write(folder / name, noise(), RATE_HZ, **options)
        return cut(folder / name)

    return build


def _samples(name: str, samples: np.ndarray, rate_hz: int = RATE_HZ, **options: str) -> Builder:
    def build(folder: Path) -> Path:
        soundfile.write(folder / name, samples, rate_hz, **options)
        return folder / name

    return build


def _raw(name: str, content: bytes) -> Builder:
    def build(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return build


def _array(name: str, values: np.ndarray) -> Builder:
    def build(folder: Path) -> Path:
        np.save(folder / name, values, allow_pickle=True)
        return folder / name

    return build


def _not_finite(value: float, at: int) -> np.ndarray:
    samples = noise()
    samples[at] = value
    return samples


def _missing(name: str) -> Builder:
    return lambda folder: folder / name


def _png_as_wav(folder: Path) -> Path:
    Image.fromarray(grey()).save(folder / "picture.png")
    return (folder / "picture.png").rename(folder / "picture.wav")


def _folder_as_wav(folder: Path) -> Path:
    (folder / "folder.wav").mkdir()
    return folder / "folder.wav"


def _empty_folder(folder: Path) -> Path:
    (folder / "nothing").mkdir()
    return folder / "nothing"


def _folder_without_images(folder: Path) -> Path:
    (folder / "notes").mkdir()
    (folder / "notes" / "notes.txt").write_text("no image here")
    return folder / "notes"


def _folder_of_damaged_images(folder: Path) -> Path:
    (folder / "damaged").mkdir()
    for name in ("1.png", "2.png"):
        (folder / "damaged" / name).write_bytes(b"no image")
    return folder / "damaged"


def _cut_png(folder: Path) -> Path:
    Image.fromarray(grey()).save(folder / "cut.png")
    return cut(folder / "cut.png")


def _flipped_png(folder: Path) -> Path:
    path = folder / "flipped.png"
    Image.fromarray(grey()).save(path)
    content = bytearray(path.read_bytes())
    content[60:200] = bytes(byte ^ 0xFF for byte in content[60:200])
    path.write_bytes(content)
    return path


def _tiff(name: str, values: np.ndarray, *, share: float = 1.0, **options: str) -> Builder:
    def build(folder: Path) -> Path:
        tifffile.imwrite(folder / name, values, **options)
        return cut(folder / name, share)

    return build


def _zero_size_bmp(folder: Path) -> Path:
    path = folder / "zero.bmp"
    Image.fromarray(grey()).save(path)
    content = bytearray(path.read_bytes())
    struct.pack_into("<ii", content, 18, 0, 0)
    path.write_bytes(content)
    return path


def _bomb_png(folder: Path) -> Path:
    path = folder / "bomb.png"
    Image.new("1", (12_000, 12_000)).save(path)
    return path


#: The first half of recordings, as power lost or a copy broken off leaves them.
CUT_RECORDINGS: dict[str, Builder] = {
    "wav": _sound("cut.wav"),
    "24-bit wav": _sound("cut24.wav", subtype="PCM_24"),
    "rf64": _sound("cut_rf64.wav", format="RF64"),
    "w64": _sound("cut.w64"),
    "aiff": _sound("cut.aiff"),
    "flac": _sound("cut.flac"),
    "au": _sound("cut.au"),
    "caf": _sound("cut.caf"),
    "nist": _sound("cut.sph", format="NIST"),
    "voc": lambda folder: cut(_samples("cut.voc", noise(), 44_100)(folder)),
}

#: Recordings that cannot be read at all.
BAD_RECORDINGS: dict[str, Builder] = {
    "missing wav": _missing("missing.wav"),
    "empty wav": _raw("empty.wav", b""),
    "text as wav": _raw("text.wav", b"no sound at all\n" * 100),
    "png as wav": _png_as_wav,
    "folder as wav": _folder_as_wav,
    "wav cut inside its header": _raw("header.wav", b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00"),
    "zero-sample wav": _samples("none.wav", noise(0)),
    "zero-sample flac": _samples("none.flac", noise(0)),
    "all-zero wav": _samples("silence.wav", np.zeros(300_000, np.float32)),
    "NaN wav": _samples("nan.wav", _not_finite(np.nan, 25_000), subtype="FLOAT"),
    "infinite wav": _samples("inf.wav", _not_finite(np.inf, 49_999), subtype="FLOAT"),
    "headerless raw": _raw("sound.raw", noise(1000).tobytes()),
}

#: Recordings that can be read and not be used: they are refused when they are rendered.
UNSUITABLE_RECORDINGS: dict[str, Builder] = {
    "too short wav": _samples("short.wav", noise(200)),
    "22 kHz wav": _samples("slow.wav", noise(22_050), 22_050),
}

#: Images, and folders of them, that cannot be read at all.
BAD_IMAGES: dict[str, Builder] = {
    "missing png": _missing("missing.png"),
    "empty png": _raw("empty.png", b""),
    "text as png": _raw("text.png", b"no image at all\n" * 100),
    "truncated png": _cut_png,
    "corrupt png": _flipped_png,
    "huge png": _bomb_png,
    "zero-size bmp": _zero_size_bmp,
    "text as tiff": _raw("text.tif", b"no image at all\n" * 100),
    "truncated tiff": _tiff("cut.tif", grey(), share=0.5),
    "truncated deflated tiff": _tiff("cutz.tif", grey(), share=0.5, compression="zlib"),
    "NaN tiff": _tiff("nan.tif", np.full((8, 8), np.nan, np.float32)),
    "object npy": _array("object.npy", np.array([{"a": 1}], dtype=object)),
    "text npy": _array("words.npy", np.array([["a", "b"], ["c", "d"]])),
    "1-D npy": _array("line.npy", np.zeros(100, np.float32)),
    "5-D npy": _array("five.npy", np.zeros((2, 2, 2, 2, 2), np.float32)),
    "complex npy": _array("complex.npy", np.ones((8, 8), complex)),
    "NaN npy": _array("nan.npy", np.full((8, 8), np.nan)),
    "empty npy": _array("empty.npy", np.zeros((0, 8, 8), np.float32)),
    "zero-width npy": _array("narrow.npy", np.zeros((8, 0), np.float32)),
    "text as npy": _raw("text.npy", b"no numbers at all\n" * 100),
    "unknown suffix": _raw("image.xyz", b"no image"),
    "empty folder": _empty_folder,
    "folder without images": _folder_without_images,
    "folder of damaged images": _folder_of_damaged_images,
}

#: All of them.
BAD_INPUTS: dict[str, Builder] = {**BAD_RECORDINGS, **UNSUITABLE_RECORDINGS, **BAD_IMAGES}
