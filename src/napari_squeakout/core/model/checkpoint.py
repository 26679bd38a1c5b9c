"""Weight files of any origin, read without running anything that they contain."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from napari_squeakout.core.errors import ModelError

from .network import SqueakOut
from .published import file_identity, is_published
from .unpickling import InertUnpickler, StoredTensor

LARGEST_BYTES = 2 * 1024**3
# Weights that somebody has packed again shrink by a tenth.
_MOST_PACKED = 10
_PREFIXES = ("state_dict.", "model.", "module.")
# The classifier of the original MobileNetV2: in the authors' file, not in their forward pass.
_DEAD = {"backbone.classifier.1.weight", "backbone.classifier.1.bias"}
#: What reading a damaged archive or pickle can raise; a hostile one can choose among them.
DAMAGED = (
    pickle.UnpicklingError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, ArithmeticError,
    AssertionError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Checkpoint:
    """Weights read from a file, and what is known of the file.

    Parameters
    ----------
    weights : mapping of str to Tensor
        float32 on the CPU (counters int64), by the names of SqueakOut's `state_dict`.
    sha256, git_blob_id : str
        Of the file's bytes, hexadecimal.
    size : int
        Of the file, in bytes.
    known : str, optional
        What the file is, where it is recognised byte for byte.
    ignored_classes : tuple of str
        Classes that the file mentions; they were neither imported nor run.
    """

    weights: Mapping[str, Tensor] = field(repr=False)
    sha256: str
    git_blob_id: str
    size: int
    known: str | None = None
    ignored_classes: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """What the file is, in one sentence for the user."""
        if self.known:
            return f"this is {self.known}"
        return (
            f"not byte for byte the published checkpoint: sha256 {self.sha256}, {self.size:,} bytes"
        )


def checkpoint_in(data: bytes, path: Path) -> Checkpoint:
    """Weights in a safetensors file, a Lightning checkpoint or a saved `state_dict`.

    Pickled files are read by an unpickler that imports nothing: it rebuilds tensors and plain
    containers, turns known companions of a checkpoint (optimiser, callbacks, hyper-parameters)
    into inert stand-ins, and refuses everything else.

    Parameters
    ----------
    data : bytes
        Content of a .safetensors, .ckpt, .pt or .pth file; what it is, is told by itself.
    path : Path
        The file's name.

    Raises
    ------
    ModelError
        If it is damaged, is not SqueakOut's, or asks to run something.
    """
    ignored: tuple[str, ...] = ()
    if data.startswith(b"PK\x03\x04"):
        weights, ignored = _read_archive(data, path)
    elif path.suffix.lower() == ".safetensors":
        weights = _read_safetensors(data, path)
    else:
        msg = (
            f"{path}: not a checkpoint that can be read safely (safetensors, or torch's format "
            "since 1.6): save it again as one of these, or download it again"
        )
        raise ModelError(msg)
    sha256, blob = file_identity(data)
    known = "the authors' published checkpoint" if is_published(sha256, blob) else None
    return Checkpoint(
        weights=weights,
        sha256=sha256,
        git_blob_id=blob,
        size=len(data),
        known=known,
        ignored_classes=ignored,
    )


def check_shapes(shapes: Mapping[str, tuple[int, ...]], source: str) -> None:
    """Refuse weights whose names or shapes are not SqueakOut's, naming up to three."""
    expected = network_shapes()
    faults = {
        "lacks": [name for name in expected if name not in shapes],
        "has a foreign": [name for name in shapes if name not in expected],
        "has another shape for": [n for n in expected if n in shapes and shapes[n] != expected[n]],
    }
    for fault, names in faults.items():
        if names:
            shown = ", ".join(name[:80] for name in names[:3]) + (", ..." if len(names) > 3 else "")  # noqa: PLR2004
            msg = (
                f"{source}: not SqueakOut's weights, it {fault} {shown} ({len(names)} such; "
                f"SqueakOut has {len(expected)} names): choose a SqueakOut checkpoint"
            )
            raise ModelError(msg)


@cache
def network_shapes() -> Mapping[str, tuple[int, ...]]:
    """Names and shapes of SqueakOut's `state_dict`."""
    with torch.device("meta"):  # no memory, and no random numbers drawn
        return {name: tuple(value.shape) for name, value in SqueakOut().state_dict().items()}


def own_copy(tensor: Tensor) -> Tensor:
    """A copy on the CPU that shares nothing: float32, or int64 for counters."""
    dtype = torch.float32 if tensor.is_floating_point() else torch.int64
    return tensor.detach().to("cpu", dtype, copy=True).contiguous()


def _read_safetensors(data: bytes, path: Path) -> dict[str, Tensor]:
    try:
        tensors: dict[str, Tensor] = _rename(safetensors.torch.load(data))
    except (safetensors.SafetensorError, *DAMAGED) as error:
        raise ModelError(_damaged(path)) from error
    check_shapes({name: tuple(value.shape) for name, value in tensors.items()}, str(path))
    return {name: own_copy(value) for name, value in tensors.items()}


def _read_archive(data: bytes, path: Path) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Read torch's zip format: `data.pkl` describes tensors, `data/<key>` holds their values."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_unpacks_to_little_more(archive, len(data), path)
            folder = _archive_folder(archive, path)
            unpickler = InertUnpickler(archive.read(f"{folder}data.pkl"), path)
            stored = _state_dict(unpickler.load(), path)
            check_shapes({name: tuple(value.size) for name, value in stored.items()}, str(path))
            read = cache(lambda key: bytearray(archive.read(f"{folder}data/{key}")))
            weights = {name: _materialise(value, read) for name, value in stored.items()}
    except DAMAGED as error:
        raise ModelError(_damaged(path)) from error
    return weights, tuple(unpickler.ignored)


def _check_unpacks_to_little_more(archive: zipfile.ZipFile, n_bytes: int, path: Path) -> None:
    """Refuse an archive that is made to fill the memory: torch does not pack what it writes."""
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _MOST_PACKED * n_bytes:
        msg = (
            f"{path}: unpacks to {unpacked:,} bytes, more than {_MOST_PACKED} times what it has, "
            "as no checkpoint does: choose a file that you trust"
        )
        raise ModelError(msg)


def _archive_folder(archive: zipfile.ZipFile, path: Path) -> str:
    names = archive.namelist()
    folders = [n.removesuffix("data.pkl") for n in names if n.endswith("/data.pkl")]
    script = any(name.endswith("/constants.pkl") for name in names)
    if len(folders) != 1 or script or sum(i.file_size for i in archive.infolist()) > LARGEST_BYTES:
        what = "a TorchScript program" if script else "a zip file"
        msg = (
            f"{path}: {what}, not a checkpoint: choose a .ckpt, .pt, .pth or .safetensors file "
            "with SqueakOut's weights"
        )
        raise ModelError(msg)
    order = f"{folders[0]}byteorder"
    if order in names and archive.read(order) != b"little":
        msg = (
            f"{path}: saved on a big-endian machine, which cannot be read here: save it as "
            "safetensors there"
        )
        raise ModelError(msg)
    return folders[0]


def _state_dict(content: object, path: Path) -> dict[str, StoredTensor]:
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict):
        msg = f"{path}: holds no state_dict: save the network's `state_dict()`, not the network"
        raise ModelError(msg)
    return _rename({name: t for name, t in content.items() if isinstance(t, StoredTensor)})


def _rename(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Upstream's own names: wrappers' prefixes stripped, the dead classifier dropped."""
    return {name: value for key, value in weights.items() if (name := _bare(str(key))) not in _DEAD}


def _bare(name: str) -> str:
    while name.startswith(_PREFIXES):
        name = name.partition(".")[2]
    return name


def _materialise(stored: StoredTensor, read: Callable[[str], bytearray]) -> Tensor:
    _kind, storage, key, *_ = stored.storage
    flat = torch.frombuffer(read(key), dtype=storage.dtype)
    # as_strided refuses what lies outside the storage.
    return own_copy(flat.as_strided(stored.size, stored.stride, stored.offset))


def _damaged(path: Path) -> str:
    return (
        f"{path}: damaged or cut short, it cannot be read as a checkpoint: copy or download it "
        "again"
    )
