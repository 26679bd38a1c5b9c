"""Makes the short silent films of the guide: three gestures in the real window.

    python docs/films.py                       # all of docs/films
    python docs/films.py threshold add_call    # some of them

Needs what `pictures.py` needs. Each film is an animated GIF that repeats; the pointer is painted
in, for pictures of a window show none.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from driver import Window, use_fresh_settings
from pictures import EPOCHS, SMALL, TALL, draw_lab, make_recording
from PIL import Image, ImageDraw

FILMS = Path(__file__).parent / "films"
#: Width of the films in pixels, and how many colours they have.
WIDTH, COLOURS = 960, 96
#: How long a frame stays, and the last one, in ms.
FRAME_MS, STEP_MS, END_MS = 90, 700, 2500
#: Where the threshold is dragged to, one after the other.
THRESHOLDS = (0.51, 0.92, 0.2, 0.51)
_STEPS = 7
_ARROW = ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (13, 12))
Point = tuple[float, float]


@dataclass
class Film:
    """Frames with their times, written as one animated picture."""

    width: int | None = WIDTH
    frames: list[Image.Image] = field(default_factory=list)
    times_ms: list[int] = field(default_factory=list)

    def add(self, picture: Image.Image, pointer: Point | None, ms: int = FRAME_MS) -> None:
        """A picture, with the pointer at a place given as parts of its width and height."""
        if self.width is not None:
            height = round(picture.height * self.width / picture.width)
            picture = picture.resize((self.width, height), Image.Resampling.LANCZOS)
        self.frames.append(picture if pointer is None else pointed(picture, pointer))
        self.times_ms.append(ms)

    def save(self, path: Path) -> None:
        """Write it, all frames in the colours of its first, middle and last one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        some = [self.frames[0], self.frames[len(self.frames) // 2], self.frames[-1]]
        sheet = Image.fromarray(np.concatenate([np.asarray(one) for one in some]))
        # Other methods average rare colours away, and those are the calls.
        palette = sheet.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)
        flat = [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in self.frames]
        flat[0].save(
            path, save_all=True, append_images=flat[1:], duration=self.times_ms, loop=0,
            optimize=False, disposal=1,
        )  # fmt: skip
        print(f"{path}: {len(flat)} frames, {path.stat().st_size / 1e3:.0f} kB")


def pointed(picture: Image.Image, at: Point) -> Image.Image:
    """A picture with a pointer on it."""
    picture = picture.copy()
    x, y = at[0] * picture.width, at[1] * picture.height
    arrow = [(x + dx, y + dy) for dx, dy in _ARROW]
    ImageDraw.Draw(picture).polygon(arrow, fill="white", outline="black")
    return picture


def between(start: Point, end: Point, steps: int = _STEPS) -> list[Point]:
    """Places on the way of a hand, slower at both ends."""
    parts = (1 - np.cos(np.linspace(0, np.pi, steps))) / 2
    return [(start[0] + p * (end[0] - start[0]), start[1] + p * (end[1] - start[1])) for p in parts]


def seen(window: Window) -> Image.Image:
    """The whole window as it is."""
    window.rest()
    shot = window.viewer.screenshot(canvas_only=False, flash=False)
    return Image.fromarray(np.asarray(shot)[..., :3])


def place_of(widget: Any, part: float = 0.5) -> Point:
    """Where a control lies in its window, so far from its left edge, in parts of the window."""
    from qtpy.QtCore import QPoint

    top = widget.window()
    at = widget.mapTo(top, QPoint(round(part * widget.width()), widget.height() // 2))
    return at.x() / top.width(), at.y() / top.height()


def changed_place(before: Image.Image, after: Image.Image, right: float) -> Point:
    """The middle of what differs between two pictures, left of a part of their width."""
    differs = (np.asarray(before) != np.asarray(after)).any(axis=2)
    differs[:, round(right * differs.shape[1]) :] = False
    rows, columns = np.nonzero(differs)
    return float(np.median(columns)) / before.width, float(np.median(rows)) / before.height


def film_of_threshold(window: Window, path: Path) -> None:
    """The threshold is dragged up and down, and the outlines on the page follow."""
    window.fold("open_section", "segment_section")
    window.unfold("clean_section")
    slider = window.child("clean_threshold_slider")
    top = slider.maximum()
    film = Film()
    film.add(seen(window), place_of(slider, slider.value() / top), STEP_MS)
    slider.setSliderDown(True)
    for start, end in itertools.pairwise(THRESHOLDS):
        for part, _ in between((start, 0.0), (end, 0.0)):
            slider.setValue(round(part * top))
            film.add(seen(window), place_of(slider, slider.value() / top), FRAME_MS)
        film.times_ms[-1] = STEP_MS
    slider.setSliderDown(False)
    film.times_ms[-1] = END_MS
    film.save(path)
    window.press("clean_reset")
    window.wait(window.dock.is_idle, "the calls of all pages")


def film_of_adding(window: Window, path: Path) -> None:
    """A call that was missed is added by one click on it."""
    window.fold("open_section", "segment_section", "clean_section")
    window.unfold("tools_section")
    window.erase_largest_call()
    missed = seen(window)
    window.press("tools_add")
    in_hand = seen(window)
    window.click_where_it_was()
    added = seen(window)
    call = changed_place(in_hand, added, place_of(window.dock, 0.0)[0])
    tool = place_of(window.child("tools_add"))
    film = Film()
    film.add(missed, call, 2 * STEP_MS)
    for at in between(call, tool):
        film.add(missed, at)
    film.add(in_hand, tool, STEP_MS)
    for at in between(tool, call):
        film.add(in_hand, at)
    film.add(added, call, END_MS)
    film.save(path)
    window.dock.tools_panel.escape()
    window.dock.tools_panel.escape()
    window.calls().undo()


def film_of_fine_tuning(folder: Path, path: Path) -> None:
    """A model is taught, epoch by epoch, up to the verdict."""
    from napari_squeakout.core.training_settings import FineTuneSettings

    images, masks = draw_lab(folder)
    window = Window(TALL, "dark")
    window.fold("open_section", "segment_section", "clean_section", "tools_section")
    window.fold("review_section")
    window.unfold("fine_tune_section")
    setup = window.dock.fine_tune_panel.setup
    setup.form.change_to(FineTuneSettings(epochs=EPOCHS, forgetting_test_pages=4))
    setup.sources.add_folders(images, masks)
    window.wait(lambda: window.child("train_run").isEnabled(), "pages to learn from")
    pictures = [window.picture_of("train_setup")]
    window.press("train_run")
    for epoch in range(1, EPOCHS + 1):
        window.wait(lambda: window.epochs_learned() >= epoch or _judged(window), "an epoch")  # noqa: B023
        if _judged(window):
            break
        pictures.append(window.picture_of("train_progress"))
    window.wait(lambda: _judged(window), "the verdict")
    pictures.append(window.picture_of("train_report"))
    window.close()
    film_of_parts(pictures, path)


def _judged(window: Window) -> bool:
    return bool(window.text("train_sentence"))


def film_of_parts(pictures: list[Image.Image], path: Path, gap: int = 12) -> None:
    """Pictures of parts of the dock, one after the other on a ground of one size."""
    width = max(picture.width for picture in pictures) + 2 * gap
    height = max(picture.height for picture in pictures) + 2 * gap
    ground = pictures[0].getpixel((0, pictures[0].height - 1))
    film = Film(width=None)
    for picture in pictures:
        sheet = Image.new("RGB", (width, height), ground)
        sheet.paste(picture, (gap, gap))
        film.add(sheet, None, STEP_MS)
    film.times_ms[0], film.times_ms[-1] = END_MS, 2 * END_MS
    film.save(path)


#: Those that are made in a window with a recording that is segmented.
IN_WINDOW: dict[str, Callable[[Window, Path], None]] = {
    "threshold": film_of_threshold,
    "add_call": film_of_adding,
}
NAMES = (*IN_WINDOW, "fine_tune")


def main() -> int:
    """Make those that are named, by default all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="by default all")
    wanted = parser.parse_args().names or NAMES
    use_fresh_settings()
    with tempfile.TemporaryDirectory() as folder:
        if set(wanted) & set(IN_WINDOW):
            window = Window(SMALL, "dark")
            window.open(make_recording(Path(folder) / "sample"))
            window.segment()
            window.show_busiest_page()
            for name in (name for name in IN_WINDOW if name in wanted):
                IN_WINDOW[name](window, FILMS / f"{name}.gif")
            window.close()
        if "fine_tune" in wanted:
            film_of_fine_tuning(Path(folder) / "lab", FILMS / "fine_tune.gif")
    return 0


if __name__ == "__main__":
    sys.exit(main())
