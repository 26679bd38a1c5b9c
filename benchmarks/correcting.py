"""What it takes to correct a recording of faint calls, by brush and with the tools of one gesture.

The bundled model's proposals for all pages of a recording are brought to its hand-made masks
(`real_masks.py`) twice in the real window, by events of the mouse sent to its canvas: with napari's
brush, eraser and bucket, as there was nothing else before the tools; and with the tools. Both do
the same to the same calls: a call that was missed is added, one where there is none is removed, two
that are one are joined, one that is two is parted; every page is approved. Borders are left as they
come. Keys are pressed as the buttons that they stand for.

Counted are gestures (a key, a click, a stroke), and the seconds that the program worked for them.
What a hand takes is estimated from the gestures by the keystroke-level model (Card, Moran & Newell
1980): 0.28 s a key, 1.1 s to point at something, 0.2 s a click, and 1.1 s more to draw a stroke to
its end. Finding out what is wrong is the same both ways, and not in it. Without a display:
`xvfb-run -a python benchmarks/correcting.py DATA`, DATA as `real_masks.py` has it.

    python benchmarks/correcting.py DATA [--recording 8]
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from real_masks import load
from stalls import run_events

from napari_squeakout.core.detection.clean import number_columns
from napari_squeakout.core.settings import CleanSettings

Labels = NDArray[np.int32]
Pixel = tuple[int, int]
KEY_S, POINT_S, CLICK_S, DRAW_S = 0.28, 1.1, 0.2, 1.1
#: What a person takes for the gestures, the page's turn aside.
HAND_S = {"key": KEY_S, "click": POINT_S + CLICK_S, "stroke": POINT_S + CLICK_S + DRAW_S}
#: Two lie on each other where they share so much of the shorter.
_SHARED = 0.25
#: A brush serves until the next call is so much thicker or thinner.
_OTHER_SIZE = 1.5
_EVERY_PX = 8


@dataclass(frozen=True)
class Fault:
    """What is wrong on a page: what is to be done, and at which pixels."""

    do: str
    at: tuple[Pixel, ...]
    mask: NDArray[np.bool_] = field(repr=False)


def faults_of(page: Any, proposed: Labels, wanted: Labels) -> list[Fault]:
    """What a person would do to a page of proposals, calls only; borders are left."""
    ours, theirs = spans(proposed), spans(wanted)
    on = [(a, b) for a in ours for b in theirs if shared(ours[a], theirs[b]) >= _SHARED]
    found = [
        Fault("remove", (pixel_in(proposed == a, page),), proposed == a)
        for a in ours
        if a not in {one for one, _ in on}
    ]
    for a in ours:
        parts = sorted((theirs[b], b) for one, b in on if one == a)
        for (before, _), (after, number) in pairwise(parts):
            column = (before[1] + after[0]) // 2
            rest = (proposed == a) & (np.arange(proposed.shape[1]) >= column)
            found.append(Fault("part", (nearest(proposed == a, column),), rest & (number > 0)))
    for b in theirs:
        parts = sorted(a for a, one in on if one == b)
        pixels = tuple(pixel_in(proposed == a, page) for a in parts)
        found += [
            Fault("join", (pixels[0], other), proposed == a)
            for a, other in zip(parts[1:], pixels[1:], strict=True)
        ]
        if not parts:
            found.append(Fault("add", (pixel_in(wanted == b, page),), wanted == b))
    return found


def spans(labels: Labels) -> dict[int, tuple[int, int]]:
    """First and last column of each call of a page."""
    columns = {int(n): np.flatnonzero((labels == n).any(axis=0)) for n in np.unique(labels) if n}
    return {number: (int(at[0]), int(at[-1]) + 1) for number, at in columns.items()}


def shared(one: tuple[int, int], other: tuple[int, int]) -> float:
    """What two spans share of the shorter."""
    both = min(one[1], other[1]) - max(one[0], other[0])
    return both / min(one[1] - one[0], other[1] - other[0])


def pixel_in(mask: NDArray[np.bool_], page: Any) -> Pixel:
    """The brightest pixel of a mask, where one would click."""
    row, column = np.unravel_index(np.argmax(np.where(mask, page, -1)), mask.shape)
    return int(row), int(column)


def nearest(mask: NDArray[np.bool_], column: int) -> Pixel:
    """A pixel of a mask in a column, or as near to it as there is one."""
    rows, columns = np.nonzero(mask)
    at = int(np.argmin(np.abs(columns - column)))
    return int(rows[at]), int(columns[at])


class Hand:
    """Sends gestures to the window, counts them, and the time until they are drawn."""

    def __init__(self, dock: Any) -> None:
        self.dock, self.canvas = dock, dock.picture.fitted.canvas
        self.counts: Counter[str] = Counter()
        self.program_s, self.now, self._size = 0.0, "", 0

    @property
    def labels(self) -> Any:
        """The layer of the calls."""
        return self.dock.source.calls

    def key(self, press: Callable[[], object], now: str = "") -> None:
        """Press a key, unless what it takes up is in hand already."""
        if not now or now != self.now:
            self._timed("key", press)
        self.now = now or self.now

    def click(self, pixel: Pixel, *, control: bool = False) -> None:
        """Click on a pixel of the page."""
        self._timed("click", lambda: self._mouse([pixel], control=control))

    def stroke(self, mask: NDArray[np.bool_]) -> None:
        """Draw along a mask with a brush as thick, changed where another would be chosen."""
        columns = np.flatnonzero(mask.any(axis=0))
        high, wide = self.dock.picture.place().pixel_px()
        size = max(1, int(np.median(mask[:, columns].sum(axis=0)) * max(1.0, high / wide)))
        if not self._size or max(size / self._size, self._size / size) > _OTHER_SIZE:
            self._timed("click", lambda: setattr(self.labels, "brush_size", size))
            self._size = size
        path = [(int(np.median(np.flatnonzero(mask[:, c]))), int(c)) for c in columns[::_EVERY_PX]]
        self._timed("stroke", lambda: self._mouse(path))

    def _timed(self, what: str, do: Callable[[], object]) -> None:
        from qtpy.QtWidgets import QApplication

        began = time.thread_time()
        do()
        QApplication.processEvents()
        run_events(lambda: False, 0.05)  # what is due a moment later is part of it
        self.program_s += time.thread_time() - began
        self.counts[what] += 1

    def _mouse(self, path: list[Pixel], *, control: bool = False) -> None:
        from qtpy.QtCore import QEvent, QPointF, Qt
        from qtpy.QtGui import QMouseEvent
        from qtpy.QtWidgets import QApplication

        place, left, none = self.dock.picture.place(), Qt.MouseButton.LeftButton, Qt.MouseButton(0)
        keys = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        kinds = QEvent.Type
        steps = [
            (kinds.MouseMove, path[0], none, none),
            (kinds.MouseButtonPress, path[0], left, left),
        ]
        steps += [(kinds.MouseMove, at, none, left) for at in path[1:]]
        steps += [(kinds.MouseButtonRelease, path[-1], left, none)]
        for kind, (row, column), button, held in steps:
            at = QPointF(place.x(column + 0.5), place.y(row + 0.5))
            there = QPointF(self.canvas.mapToGlobal(at.toPoint()))
            QApplication.sendEvent(self.canvas, QMouseEvent(kind, at, there, button, held, keys))
            QApplication.processEvents()


def by_brush(hand: Hand, fault: Fault) -> None:
    """With what napari brings: brush, eraser, picker and bucket."""
    layer = hand.labels

    def take(mode: str) -> None:
        hand.key(lambda: setattr(layer, "mode", mode), mode)

    def fresh() -> None:
        hand.key(lambda: setattr(layer, "selected_label", int(np.max(layer.data)) + 1))

    if fault.do == "add":
        take("paint")
        fresh()
        hand.stroke(fault.mask)
    elif fault.do == "remove":
        take("erase")
        hand.stroke(fault.mask)
    elif fault.do == "join":
        take("pick")
        hand.click(fault.at[0])
        take("fill")
        hand.click(fault.at[1])
    else:
        take("paint")
        fresh()
        hand.stroke(fault.mask)


def by_tools(hand: Hand, fault: Fault) -> None:
    """With a gesture each."""
    if fault.do == "remove":
        hand.click(fault.at[0], control=True)
        return
    tool = {"add": "tools_add", "join": "tools_merge", "part": "tools_split_time"}[fault.do]
    hand.key(lambda: press(hand.dock, tool), tool)
    for pixel in fault.at:
        hand.click(pixel)


def press(dock: Any, name: str) -> None:
    """Press a button of the dock."""
    from qtpy.QtWidgets import QWidget

    dock.findChild(QWidget, name).click()


def main() -> None:
    """Print both ways."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--recording", type=int, default=8)
    args = parser.parse_args()
    path = args.data / str(args.recording) / f"rec_{args.recording}.wav"
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["NAPARI_SQUEAKOUT_HOME"] = str(Path(scratch) / "home")
        os.environ["NAPARI_SQUEAKOUT_COMPUTE_WITH"] = "torch"
        made = session_of(path, Path(scratch))
        for name, way in (("brush and eraser", by_brush), ("tools", by_tools)):
            folder = made.with_name(f"{name.split()[0]}.squeakout")
            shutil.copytree(made, folder)
            told(name, corrected(folder, way, args.recording))


def session_of(path: Path, folder: Path) -> Path:
    """A session with the bundled model's proposals."""
    from napari_squeakout.core.settings import SegmentSettings
    from napari_squeakout.core.steps import run
    from napari_squeakout.io.engines.making import make_engine
    from napari_squeakout.io.models.registry import load_model
    from napari_squeakout.io.tasks.into_sessions import IntoSessions

    engine = make_engine(load_model(None), SegmentSettings())
    ready = run(IntoSessions(engine=engine, folder=folder / "kept").segmenting(path))
    assert ready.session is not None, ready.failure
    return ready.session


def corrected(folder: Path, way: Callable[[Hand, Fault], None], recording: int) -> dict[str, Any]:
    """Correct all pages in one way; gives what it took, and how right the masks are."""
    import napari

    from napari_squeakout.gui.docks import dock_in

    viewer = napari.Viewer(show=True)
    viewer.window.resize(1280, 720)
    dock = dock_in(viewer)
    run_events(dock.is_idle)
    dock.session_box.open(folder)
    run_events(lambda: dock.source is not None and dock.source.calls is not None)
    run_events(dock.is_idle)
    hand, layout = Hand(dock), dock.source.stack.layout
    viewer.layers.selection.active = hand.labels
    proposed = np.array(hand.labels.data)
    wanted = wanted_calls(recording, layout)
    kinds: Counter[str] = Counter()
    turned, touched = [], 0
    for page in range(layout.n_pages):
        dock.review_panel.reviewing.go(page)
        run_events(dock.is_idle)
        faults = faults_of(dock.source.stack.page(page), proposed[page], wanted[page])
        kinds.update(fault.do for fault in faults)
        touched += bool(faults)
        for fault in faults:
            way(hand, fault)
        before = hand.program_s
        hand.key(lambda: press(dock, "review_approve"))
        turned.append(hand.program_s - before)
    after = np.array(hand.labels.data)
    pages = dock.source.stack
    left = [faults_of(pages.page(p), after[p], wanted[p]) for p in range(layout.n_pages)]
    viewer.close()
    run_events(lambda: False, 0.5)
    return {
        "kinds": kinds, "touched": touched, "pages": len(wanted), "counts": hand.counts,
        "program_s": hand.program_s, "turned": turned, "left": sum(map(len, left)),
        "dice": [dice(masks > 0, wanted > 0) for masks in (proposed, after)],
    }  # fmt: skip


def wanted_calls(recording: int, layout: Any) -> Labels:
    """(n, 512, 512) the hand-made masks, numbered along time as the package does."""
    masks = {one.page: one.mask for one in load() if one.recording == recording}
    stack = np.stack([masks[page] for page in range(layout.n_pages)])
    numbers = number_columns(stack.any(axis=1), CleanSettings(), layout)
    return np.where(stack, numbers[:, None, :], 0).astype(np.int32)


def dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Of all pages together."""
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


def told(name: str, found: dict[str, Any]) -> None:
    """Print what a way took, and on the pages to correct what it took beside approving them."""
    counts, n_pages, touched = found["counts"], found["pages"], max(found["touched"], 1)
    hand_s = sum(HAND_S[what] * n for what, n in counts.items())
    kinds = ", ".join(f"{what} {n}" for what, n in sorted(found["kinds"].items()))
    each = ", ".join(f"{what} {n}" for what, n in sorted(counts.items()))
    n_gestures = sum(counts.values())
    print(f"{name}: {n_pages} pages, of them {found['touched']} to correct ({kinds})")
    print(
        f"    gestures {n_gestures} ({each}); on a page to correct, approving aside, "
        f"{(n_gestures - n_pages) / touched:.1f}"
    )
    print(
        f"    a hand {hand_s:.0f} s (estimated); on a page to correct, approving aside, "
        f"{(hand_s - n_pages * KEY_S) / touched:.1f} s"
    )
    approving_s = sum(found["turned"])
    print(
        f"    the program {found['program_s']:.1f} s; on a page to correct, approving aside, "
        f"{(found['program_s'] - approving_s) / touched:.2f} s; a page approved and the next one "
        f"shown in {1e3 * float(np.median(found['turned'])):.0f} ms (median)"
    )
    print(f"    calls that are still wrong: {found['left']}")
    print("    Dice with the hand-made masks {:.3f} before, {:.3f} after".format(*found["dice"]))


if __name__ == "__main__":
    main()
