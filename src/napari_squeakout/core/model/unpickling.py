"""Pickles read without importing or running anything that they name."""

from __future__ import annotations

import io
import pickle
import pickletools
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from napari_squeakout.core.errors import ModelError

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


# That of the authors' file takes a tenth of it.
_LARGEST_BYTES = 2**21
_PUTS, _GETS = {"PUT", "BINPUT", "LONG_BINPUT"}, {"GET", "BINGET", "LONG_BINGET"}
# Values that are nested in one another, each counted as often as it is met on the way down: a
# hundred tuples of twice the one before are 2^100, and who asks for their hash waits for ever.
_MOST_NESTED = 10_000_000


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
        _check_is_modest(data, path)
        super().__init__(io.BytesIO(data), encoding="latin1")
        self.path = path
        self.ignored: dict[str, None] = {}
        self._stand_ins: dict[str, type] = {}

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
            return self._stand_in(full)
        if f"{full}.".startswith(_IGNORED_NAMESPACES):
            self.ignored[full] = None
            return self._stand_in(full)
        msg = (
            f"{self.path}: refused, the file asks to run `{full[:120]}`; nothing was run: get "
            "the weights as safetensors, or from the authors"
        )
        raise ModelError(msg)

    def _stand_in(self, full: str) -> type:
        """One class a name, for a class takes a thousand times the room of its mention."""
        if full not in self._stand_ins:
            self._stand_ins[full] = type(full, (_Inert,), {"__slots__": ()})
        return self._stand_ins[full]


def _check_is_modest(data: bytes, path: Path) -> None:
    """Refuse descriptions that are made to fill the memory, before any of it is taken."""
    if len(data) > _LARGEST_BYTES:
        msg = (
            f"{path}: describes itself in {len(data):,} bytes, more than a checkpoint of SqueakOut "
            f"does (limit {_LARGEST_BYTES:,}): save the network's `state_dict()` alone"
        )
        raise ModelError(msg)
    for opcode, number, _ in pickletools.genops(data):
        # The unpickler keeps a table as long as the highest number that something is put under.
        if opcode.name in _PUTS and isinstance(number, int) and number > len(data):
            msg = f"{path}: asks for a table of {number:,} entries: choose a file that you trust"
            raise ModelError(msg)
    if _most_nested(data) > _MOST_NESTED:
        msg = (
            f"{path}: nests more than {_MOST_NESTED:,} values in one another, as no checkpoint "
            "does: choose a file that you trust"
        )
        raise ModelError(msg)


def _most_nested(data: bytes) -> int:
    """How many values a walk through any one of those that a pickle makes would meet."""
    stack: list[int | None] = []  # how many each holds, and None for a mark
    memo: dict[Any, int | None] = {}
    most = 0
    for opcode, number, _ in pickletools.genops(data):
        if opcode.name in _PUTS or opcode.name == "MEMOIZE":
            memo[len(memo) if number is None else int(number)] = stack[-1] if stack else 1
            continue
        if opcode.name in _GETS:
            stack.append(memo.get(int(number or 0), 1))
            continue
        held = 1 + _taken(stack, opcode.stack_before)
        most = max(most, held)
        stack += [None if kind is pickletools.markobject else held for kind in opcode.stack_after]
    return most


def _taken(stack: list[int | None], before: Sequence[pickletools.StackObject]) -> int:
    """Take what an opcode takes from the stack; how many values that is in all."""
    n_single, held = len(before), 0
    if pickletools.markobject in before:
        n_single = before.index(pickletools.markobject)
        while stack and (one := stack.pop()) is not None:
            held += one
    for _ in range(min(n_single, len(stack))):
        held += stack.pop() or 0
    return held
