"""How long the table and the plots of very many calls keep a person waiting.

Noise with as many painted calls as are asked for, ten a page; no network is asked. They are
measured once, which is told apart; after that, each of what a person does is done several times.
Times are until the window has drawn it, once, as after a click; beside them stands the time that
processors were at work for it, which tells the same where other programs share the machine.
Without a display: `xvfb-run -a python benchmarks/calls_window.py`.

    python benchmarks/calls_window.py [--calls 20000]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

PER_PAGE, HIGH_PX, LONG_PX, APART_PX = 10, 12, 24, 50
TIMES = 7


def window(n_pages: int):
    """A window of 1920 x 1080 with the calls, before any is measured."""
    import napari
    from stalls import run_events

    from napari_squeakout import CleanSettings, Recording, render
    from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ
    from napari_squeakout.gui.docks import dock_in
    from napari_squeakout.gui.layers.label_pages import new_labels
    from napari_squeakout.gui.layers.layers import open_stack, show_calls

    rng = np.random.default_rng(0)
    samples = rng.normal(0, 0.01, round(n_pages * 0.220672 * SAMPLE_RATE_HZ)).astype(np.float32)
    stack = render(Recording.from_array(samples, sample_rate_hz=SAMPLE_RATE_HZ, name="many"))
    labels = new_labels(stack.layout)
    number = 0
    for page in labels[:n_pages]:
        for first in np.arange(PER_PAGE) * APART_PX + 8:
            number += 1
            low = rng.integers(20, 480)
            page[low : low + HIGH_PX, first : first + LONG_PX] = number
    viewer = napari.Viewer(show=True)
    viewer.window.resize(1920, 1080)
    dock = dock_in(viewer)
    run_events(lambda: not dock.segment_panel.models.looking.job.is_active)
    image = open_stack(viewer, stack)
    show_calls(viewer, image, labels, CleanSettings(join_gap_s=0.005))
    viewer.layers.selection.active = image
    run_events(lambda: dock.source is not None)
    return viewer, dock


def told(what: str, does: Callable[[int], None], drawn: Callable[[], object]) -> None:
    """Do something several times, and print how long each took until it was drawn."""
    from qtpy.QtWidgets import QApplication

    took, worked = [], []
    for turn in range(TIMES):
        QApplication.processEvents()
        began, at_work = time.perf_counter(), time.process_time()
        does(turn)
        drawn()
        QApplication.processEvents()
        took.append(1e3 * (time.perf_counter() - began))
        worked.append(1e3 * (time.process_time() - at_work))
    times = f"median {np.median(took):6.0f}   most {max(took):6.0f} ms"
    print(f"{what:44} {times}   at work {np.median(worked):6.0f} ms", flush=True)


def main() -> None:
    """Print how long each of what a person does takes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=20_000)
    n_calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["NAPARI_SQUEAKOUT_HOME"] = str(Path(scratch) / "home")
        walk(n_calls)


def walk(n_calls: int) -> None:
    """Measure them, then do all that the table and the plots answer to."""
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QApplication
    from stalls import Stalls, run_events

    viewer, dock = window(-(-n_calls // PER_PAGE))
    calls, plots, stalls = dock.calls, dock.plots, Stalls()
    with stalls.measured(f"{n_calls} calls are measured"):
        calls.switch.setChecked(True)
        run_events(lambda: False, 0.5)
        run_events(lambda: dock.is_idle() and not calls.followed.n_due, 3600)
    table, model = calls.table, calls.model
    print(f"{model.n_calls} calls in the table")
    redraw = table.viewport().update  # repaint would have the whole window put together twice

    def both_open(_turn: int) -> None:
        for switch in (calls.switch, plots.switch):
            switch.setChecked(False)
        QApplication.processEvents()
        for switch in (calls.switch, plots.switch):
            switch.setChecked(True)
        run_events(lambda: model.n_calls > 0 and plots.plot is not None, 60)

    told("table and plots are closed and opened", both_open, redraw)

    def other_order(turn: int) -> None:
        up_or_down = Qt.SortOrder(turn % 2)
        table.sort_by((2 + turn) % len(model.columns), up_or_down)

    told("sorted by another column", other_order, redraw)
    told("a call is chosen", lambda turn: table.choose(turn * n_calls // TIMES), redraw)
    told("all are chosen", lambda _turn: table.selectAll(), redraw)
    told("one is chosen instead", lambda turn: table.choose(turn * 11), redraw)
    keys = model.keys

    def thousand(turn: int) -> None:
        plots.chosen.emit(keys[turn * 1000 : (turn + 1) * 1000])

    def to_page(turn: int) -> None:
        calls.choice.go_to(int(keys[(turn + 1) * n_calls // (TIMES + 2)]))

    told("a thousand are chosen in the plot", thousand, redraw)
    told("from a row to its page", to_page, redraw)
    # Without a graphics card the processor draws: that is no work of the table's.
    canvas = viewer.window._qt_viewer.canvas.native
    told("the same page drawn once more", lambda _turn: canvas.update(), redraw)

    def only(turn: int) -> None:
        calls.box.conditions.setText(f"page > {turn * 10}")
        calls._on_conditions()

    told("rows are filtered", only, redraw)
    viewer.close()


if __name__ == "__main__":
    main()
