"""What napari has to wait for: done beside the window, which is drawn meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from napari.utils import progress
from qtpy.QtCore import QEventLoop
from qtpy.QtWidgets import QApplication

Result = TypeVar("Result")

#: No bar for what takes less than this.
_SHORT_S = 0.2
_DRAW_EVERY_S = 0.02


def awaited(work: Callable[[], Result], what: str) -> Result:
    """Do work that napari wants the result of at once, as readers and samples are called.

    Parameters
    ----------
    work : callable
        Runs in a thread; must not touch layers or widgets.
    what : str
        Said beside the bar in napari's activity list.

    Returns
    -------
    object
        Its result; what it raises is raised here.
    """
    with ThreadPoolExecutor(1, "awaited") as pool:
        future = pool.submit(work)
        wait([future], _SHORT_S)
        if not future.done():
            with progress(total=0, desc=what):
                while not future.done():
                    # Clicks are kept for later: whoever called is in the middle of opening.
                    QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
                    wait([future], _DRAW_EVERY_S)
        return future.result()
