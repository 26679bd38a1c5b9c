"""How long the window stands still with forty recordings on its list, and with one of an hour.

Copies of recordings are dropped, segmented in a row while pages are turned, reviewed in part, left
and opened again; then an hour of sound is opened and walked through. What is said of stalls is as
in `window.py`. Without a display: `xvfb-run -a python benchmarks/litter.py DATA`.

    python benchmarks/litter.py DATA [--count 40] [--hours 1] [--seconds S]

With `--seconds` only the beginning of each is taken, for machines that are busy or slow.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 250_000


def copies(data: Path, folder: Path, count: int, seconds: float | None = None) -> Path:
    """A folder of copies of all recordings below another one, each with a sound of its own."""
    folder.mkdir()
    recordings = sorted(data.rglob("*.wav"))
    for number in range(count):
        samples, rate = soundfile.read(recordings[number % len(recordings)], dtype="int16")
        samples = samples[: None if seconds is None else round(seconds * rate)]
        # A copy would be known as the same recording.
        samples[0] = number
        soundfile.write(folder / f"pup_{number:02}.wav", samples, rate, subtype="PCM_16")
    return folder


def hours_of_noise(path: Path, hours: float) -> Path:
    """A recording that holds nothing, minute by minute."""
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", RATE_HZ, 1, "PCM_16") as file:
        minute = rng.normal(0, 200, 60 * RATE_HZ).astype(np.int16)
        for _ in range(max(1, round(hours * 60))):
            file.write(np.roll(minute, rng.integers(len(minute))))
    return path


def main() -> None:
    """Print what stood still, and the most memory that was taken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--seconds", type=float)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["NAPARI_SQUEAKOUT_HOME"] = str(Path(scratch) / "home")
        if args.count:
            folder = copies(args.data, Path(scratch) / "litter", args.count, args.seconds)
            rows = drop_and_review(folder)
            again = reopened(folder)
            assert again == rows, f"the list is another one: {rows} then, {again} now"
            print(f"the list is as it was: {len(rows)} recordings")
            shutil.rmtree(folder)
        if args.hours:
            walk(hours_of_noise(Path(scratch) / "hour.wav", args.hours))
        print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")


def window():
    """A window of 1280 x 720 with the dock, once models are listed."""
    import napari
    from stalls import Stalls, run_events

    from napari_squeakout.gui.docks import dock_in

    viewer = napari.Viewer(show=True)
    viewer.window.resize(1280, 720)
    dock = dock_in(viewer)
    run_events(lambda: not dock.segment_panel.models.looking.job.is_active)
    return viewer, dock, Stalls()


def rest(dock, timeout_s: float = 3600) -> None:
    """Until nothing is at work."""
    from stalls import run_events

    run_events(lambda: False, 0.3)
    run_events(dock.is_idle, timeout_s)
    run_events(lambda: False, 0.3)


def known(dock) -> list[tuple[str, int, int | None, int]]:
    """What the list says."""
    rows = dock.recordings_panel.table.rows
    return [(row.path.name, row.n_segmented, row.n_calls, row.n_approved) for row in rows]


def turn(dock, pages) -> list[tuple[float, float]]:
    """Go from page to page; gives the ms until each is drawn, and those at work of them."""
    from qtpy.QtWidgets import QApplication

    took = []
    for page in pages:
        began, ran = time.perf_counter(), time.thread_time()
        dock.review_panel.reviewing.go(int(page))
        QApplication.processEvents()
        times = (time.perf_counter() - began, time.thread_time() - ran)
        took.append((1e3 * times[0], 1e3 * times[1]))
    return took


def told(what: str, took: list[tuple[float, float]]) -> None:
    """Print how long pages took."""
    for name, times in zip(("by the clock", "at work"), np.transpose(took), strict=True):
        print(f"{what}, {name}: median {np.median(times):.0f}, most {max(times):.0f} ms")


def drop_and_review(folder: Path) -> list[tuple[str, int, int | None, int]]:
    """A folder is dropped, segmented in a row and reviewed in part."""
    from qtpy.QtWidgets import QApplication
    from stalls import run_events

    viewer, dock, stalls = window()
    panel = dock.recordings_panel
    with stalls.measured(f"{len(list(folder.iterdir()))} recordings are dropped"):
        viewer.open(folder, plugin="napari-squeakout")
        rest(dock)
    with stalls.measured("the first is segmented in part 2"):
        dock.segment_panel.findChild(object, "segment_run").click()
        rest(dock)
    turned: list[tuple[float, float]] = []
    with stalls.measured("the others in a row, while pages are turned"):
        panel.segment()
        while panel.bar.job.is_active:
            turned += turn(dock, range(dock.state.review.n_pages))
            run_events(lambda: False, 2.0)
        rest(dock)
    told("pages turned meanwhile", turned)
    with stalls.measured("five are opened one after another, pages approved"):
        for _ in range(5):
            panel.buttons.next.click()
            rest(dock)
            for _page in range(3):
                dock.review_panel.reviewing.approve()
                QApplication.processEvents()
            run_events(lambda: False, 1.5)
    panel.look_soon()
    run_events(lambda: False, 3.0)
    rest(dock)
    rows = known(dock)
    viewer.close()
    run_events(lambda: False, 1.0)
    return rows


def reopened(folder: Path) -> list[tuple[str, int, int | None, int]]:
    """What the list says in a new window."""
    viewer, dock, stalls = window()
    with stalls.measured("the project is opened again"):
        dock.recordings_panel.add([folder])
        rest(dock)
    rows = known(dock)
    viewer.close()
    return rows


def walk(path: Path) -> None:
    """The overview of a long recording, and pages far apart."""
    from stalls import run_events

    viewer, dock, stalls = window()
    with stalls.measured("an hour is opened" if "hour" in path.name else "opened"):
        viewer.open(path, plugin="napari-squeakout")
        run_events(lambda: dock.source is not None)
        run_events(lambda: False, 0.5)
    with stalls.measured("its overview comes"):
        run_events(dock.is_idle, 600)
    n_pages = dock.state.review.n_pages
    middle = n_pages // 2
    told("pages one after another", turn(dock, range(middle, middle + 60)))
    told("pages far apart", turn(dock, np.linspace(0, n_pages - 1, 60).astype(int)))
    viewer.close()


if __name__ == "__main__":
    main()
