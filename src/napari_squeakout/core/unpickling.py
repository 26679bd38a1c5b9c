"""Pickles read without importing or running anything that they name."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import torch

from .errors import ModelError

_REBUILD = {f"torch._utils._rebuild_{what}" for what in ("tensor", "tensor_v2")}
_STORAGES = {
    "HalfStorage": torch.float16, "BFloat16Storage": torch.bfloat16, "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64, "LongStorage": torch.int64, "IntStorage": torch.int32,
}  # fmt: skip
# Whose objects Lightning files hold beside the weights. Matched as text: none is imported.
_IGNORED_NAMESPACES = (
    "pytorch_lightning.", "lightning.", "lightning_fabric.", "lightning_utilities.",
    "torchmetrics.", "omegaconf.", "squeakout.", "pathlib.", "argparse.Namespace.",
    "torch.optim.", "torch.nn.", "torch.storage.", "torch._utils._rebuild_",
)  # fmt: skip
# Plain values that may lie beside the weights; not worth telling the user about.
_IGNORED_VALUES = {
    f"{module}.{name}"
    for modules, names in (
        ("builtins __builtin__", "set frozenset complex slice range bytearray object"),
        ("builtins __builtin__", "int float str bool list dict tuple bytes"),
        ("copyreg copy_reg", "_reconstructor"),
        ("_codecs", "encode"),
        ("collections", "defaultdict deque Counter"),
        ("datetime", "datetime date time timedelta timezone"),
        ("numpy", "dtype ndarray bool_ int32 int64 float16 float32 float64"),
        ("numpy.core.multiarray numpy._core.multiarray", "scalar _reconstruct"),
        ("torch", "Size device float16 bfloat16 float32 float64 int8 uint8 int16 int32 int64 bool"),
        ("torch", "ByteStorage CharStorage ShortStorage BoolStorage UntypedStorage Tensor"),
        ("torch.serialization", "_get_layout"),
    )
    for module in modules.split()
    for name in names.split()
}  # fmt: skip


class StoredTensor(NamedTuple):
    """Where a tensor lies in the archive; read only if it turns out to be a weight."""

    storage: Any
    offset: Any
    size: Any
    stride: Any


class _Inert:
    """Stands in for what is not imported: takes whatever a pickle does to it, and does nothing.

    A pickle may call it, set its state and fill it like a list, set or dict.
    """

    __slots__ = ()

    def __new__(cls, *_args: object, **_kwargs: object) -> _Inert:
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None: ...
    def __setitem__(self, key: object, value: object) -> None: ...
    def append(self, item: object) -> None: ...
    def extend(self, items: object) -> None: ...
    def add(self, item: object) -> None: ...


class _StorageType(_Inert):
    """A storage's element type. Made anew for each mention, so a file can only spoil its own."""

    __slots__ = ("dtype",)
    dtype: torch.dtype


class _Rebuild(_Inert):
    """Stands for torch's functions that rebuild tensors; stateless, so BUILD cannot alter it."""

    __slots__ = ()

    def __call__(
        self, storage: object, offset: object, size: object, stride: object, *_: object
    ) -> StoredTensor:
        return StoredTensor(storage, offset, size, stride)


class _RebuildParameter(_Inert):
    """Stands for torch's function that makes a parameter of a tensor: gives the tensor."""

    __slots__ = ()

    def __call__(self, tensor: object, *_: object) -> object:
        return tensor


class InertUnpickler(pickle.Unpickler):
    """Unpickles descriptions of tensors and plain containers; imports and runs nothing."""

    def __init__(self, data: bytes, path: Path) -> None:
        super().__init__(io.BytesIO(data), encoding="latin1")
        self.path = path
        self.ignored: dict[str, None] = {}

    def persistent_load(self, pid: object) -> object:
        """Tensors' storages stay descriptions: ("storage", type, key, device, length)."""
        return pid

    def find_class(self, module: str, name: str) -> Any:
        """Stand-ins by name; `OrderedDict` alone is the real thing (it cannot be altered)."""
        full = f"{module}.{name}"
        if full == "collections.OrderedDict":
            return OrderedDict
        if full in _REBUILD:
            return _Rebuild()
        if full == "torch._utils._rebuild_parameter":
            return _RebuildParameter()
        if module.startswith("torch") and name in _STORAGES:
            storage = _StorageType()
            storage.dtype = _STORAGES[name]
            return storage
        if full in _IGNORED_VALUES:
            return type(name, (_Inert,), {"__slots__": ()})
        if f"{full}.".startswith(_IGNORED_NAMESPACES):
            self.ignored[full] = None
            return type(name, (_Inert,), {"__slots__": ()})
        msg = (
            f"{self.path}: refused, the file asks to run `{full[:120]}`; nothing was run: get "
            "the weights as safetensors, or from the authors"
        )
        raise ModelError(msg)
