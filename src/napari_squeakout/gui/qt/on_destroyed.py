"""What is done when Qt destroys an object."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject

#: Kept here until called: with Qt's reference alone Python may free a callback, as a part of the
#: garbage that its object has become, before Qt calls it; that ends the process.
_waiting: set[_Ending] = set()


class _Ending:
    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback = callback

    def __call__(self, *_: object) -> None:
        if self in _waiting:
            self._callback()
            _waiting.discard(self)


def when_destroyed(watched: QObject, callback: Callable[[], object]) -> None:
    """Call `callback` once when `watched` is destroyed; it must not use `watched`."""
    ending = _Ending(callback)
    _waiting.add(ending)
    watched.destroyed.connect(ending)
