"""What blocks of a recording come to: each made once, those not asked for lately dropped."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# Threads that want different blocks seldom wait for each other.
_LOCKS = 16


class KeptBlocks(Generic[T]):
    """Values by block, made when they are asked for.

    A thread that asks for a block which another is making waits for that one's.

    Parameters
    ----------
    make : callable
        Block -> value; always the same for a block.
    most : int
        How many are kept, 1 or more.
    """

    def __init__(self, make: Callable[[int], T], most: int) -> None:
        self._make, self._most = make, most
        self._kept: OrderedDict[int, T] = OrderedDict()
        self._order, self._making = Lock(), [Lock() for _ in range(_LOCKS)]

    def __getitem__(self, block: int) -> T:
        with self._making[block % _LOCKS]:
            with self._order:
                if block in self._kept:
                    self._kept.move_to_end(block)
                    return self._kept[block]
            value = self._make(block)
            with self._order:
                self._kept[block] = value
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            return value

    def __contains__(self, block: int) -> bool:
        return block in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copied to another process it begins empty: locks stay where they are."""
        return type(self), (self._make, self._most)
