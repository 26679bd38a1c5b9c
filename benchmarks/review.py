"""How long a stroke and a change of page take in a session of 1,000 pages.

A recording of 221 s, a third of its pages approved and every page with calls, is opened from its
session in the window with the dock. The same is done in a bare napari window, without the dock and
with labels in memory: what is above that is ours. Without a display:
`xvfb-run -a python benchmarks/review.py`.

    python benchmarks/review.py [--pages 1000]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import napari
import numpy as np
import soundfile
from qtpy.QtWidgets import QApplication

from napari_squeakout.core.review.review import approve
from napari_squeakout.gui.dock import SqueakOutDock
from napari_squeakout.io.sessions.sources import begin_session
from napari_squeakout.io.sources.opening import open_recording

RATE_HZ = 250_000
STROKES, SAMPLES, CHANGES = 12, 10, 40


def session_of(folder: Path, pages: int) -> Path:
    """A session with calls on all pages."""
    rng = np.random.default_rng(0)
    path = folder / "long.wav"
    with soundfile.SoundFile(path, "w", RATE_HZ, 1, "PCM_16") as file:
        for _ in range(pages):
            file.write(0.01 * rng.standard_normal(55_168))
    session = begin_session(open_recording(path))
    review = session.record.review
    for page in range(len(session.labels)):
        row, column = rng.integers(50, 400, 2)
        session.labels[page, row : row + 14, column : column + 90] = page + 1
        session.probabilities[page, row : row + 14, column : column + 90] = 230
        if page % 3 == 0:
            review = approve(review, page, session.labels[page])
    session.save(session.record.with_review(review))
    session.close()
    return session.folder


def run_events(condition: Callable[[], bool], timeout_s: float = 120) -> None:
    """Run the window until something is so."""
    end = time.perf_counter() + timeout_s
    while not condition() and time.perf_counter() < end:
        QApplication.processEvents()
        time.sleep(0.001)


def timed_ms(work: Callable[[], object]) -> float:
    """How long something and all events it brings take."""
    began = time.perf_counter()
    work()
    QApplication.processEvents()
    return 1e3 * (time.perf_counter() - began)


def measured(viewer: napari.Viewer, labels: napari.layers.Labels) -> dict[str, list[float]]:
    """Times of stroke samples and of page changes."""
    rng = np.random.default_rng(1)
    labels.brush_size, labels.selected_label = 10, 5
    strokes, changes = [], []
    pages = rng.integers(0, len(labels.data), CHANGES)
    for page in pages:
        changes.append(timed_ms(lambda page=page: viewer.dims.set_current_step(0, int(page))))
        run_events(lambda: False, 0.15)
    for page in pages[:STROKES]:
        viewer.dims.set_current_step(0, int(page))
        run_events(lambda: False, 0.15)
        row, column = rng.integers(60, 400, 2)
        for sample in range(SAMPLES):
            place = (int(page), int(row), int(column + 3 * sample))
            strokes.append(timed_ms(lambda place=place: labels.paint(place, 5)))
        run_events(lambda: False, 0.3)
    return {"stroke sample": strokes, "change of page": changes}


def main() -> None:
    """Print both, with and without the dock."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=1000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["NAPARI_SQUEAKOUT_HOME"] = name
        folder = session_of(Path(name), wanted.pages)
        viewer = napari.Viewer(show=True)
        dock = SqueakOutDock(viewer)
        viewer.window.add_dock_widget(dock, name="SqueakOut")
        began = time.perf_counter()
        dock.session_box.open(folder)
        reviewing = dock.review_panel.reviewing
        run_events(lambda: reviewing.labels is not None)
        print(f"session of {wanted.pages} pages open after {time.perf_counter() - began:.1f} s")
        run_events(lambda: reviewing.measures is not None)
        print(f"pages in doubt known after {time.perf_counter() - began:.1f} s")
        ours = measured(viewer, next(x for x in viewer.layers if x.name.endswith(" calls")))
        saves = [timed_ms(reviewing.source_state.save) for _ in range(5)]
        image = viewer.layers["long"].data
        in_memory = np.array(reviewing.labels)
        viewer.close()
        bare = napari.Viewer(show=True)
        bare.add_image(image, contrast_limits=(0, 1))
        theirs = measured(bare, bare.add_labels(in_memory))
        bare.close()
    print(f"{'':16} {'median':>8} {'95 %':>8} {'most':>8}   bare napari, median")
    for what, times in ours.items():
        middle, high = np.percentile(times, [50, 95])
        other = np.median(theirs[what])
        print(
            f"{what:16} {middle:5.1f} ms {high:5.1f} ms {max(times):5.1f} ms   {other:5.1f} ms"
            f"   ({middle / other:.2f} x)"
        )
    print(f"session saved in {np.median(saves):.0f} ms")


if __name__ == "__main__":
    main()
