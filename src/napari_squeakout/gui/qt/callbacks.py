"""What Qt calls back: after a while, and when it destroys an object."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject, QTimer

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


def later(parent: QObject, after_ms: int, callback: Callable[[], object]) -> QTimer:
    """A timer that calls once, a while after it was started last."""
    timer = every(parent, after_ms, callback)
    timer.setSingleShot(True)
    return timer


def every(parent: QObject, interval_ms: int, callback: Callable[[], object]) -> QTimer:
    """A timer that calls again and again, once it is started; it goes with its parent."""
    timer = QTimer(parent)
    timer.setInterval(interval_ms)
    timer.timeout.connect(callback)
    return timer
