"""Makes the short silent films of the guide: gestures in the real window.

    python docs/films.py                       # all of docs/films
    python docs/films.py add_call              # some of them

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
from pictures import SMALL
from PIL import Image, ImageDraw

FILMS = Path(__file__).parent / "films"
#: Width of the films in pixels; their most frequent colours, and further ones for what is rare.
WIDTH, FREQUENT, RARE = 880, 96, 32
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

    frames: list[Image.Image] = field(default_factory=list)
    times_ms: list[int] = field(default_factory=list)

    def add(self, picture: Image.Image, pointer: Point | None, ms: int = FRAME_MS) -> None:
        """A picture, with the pointer at a place given as parts of its width and height."""
        height = round(picture.height * WIDTH / picture.width)
        picture = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
        self.frames.append(picture if pointer is None else pointed(picture, pointer))
        self.times_ms.append(ms)

    def save(self, path: Path) -> None:
        """Write it, all frames in the colours of its first, middle and last one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        some = [self.frames[0], self.frames[len(self.frames) // 2], self.frames[-1]]
        palette = palette_of(Image.fromarray(np.concatenate([np.asarray(one) for one in some])))
        flat = [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in self.frames]
        flat[0].save(
            path, save_all=True, append_images=flat[1:], duration=self.times_ms, loop=0,
            optimize=False, disposal=1,
        )  # fmt: skip
        print(f"{path}: {len(flat)} frames, {path.stat().st_size / 1e3:.0f} kB")


def palette_of(sheet: Image.Image) -> Image.Image:
    """The colours that fill most of a picture, as they are, and the most unlike of all others.

    The first are the window's own, the others are the calls, which averages would take away.
    """
    pixels = np.asarray(sheet).reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    frequent = colours[np.argsort(-counts)[:FREQUENT]].ravel().tolist()
    unlike = sheet.quantize(RARE, method=Image.Quantize.MAXCOVERAGE).getpalette()
    palette = Image.new("P", (1, 1))
    palette.putpalette(frequent + (unlike or [])[: 3 * RARE])
    return palette


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


def show_page(window: Window, worth: Callable[[Window, int], int]) -> None:
    """Go to the page that is worth most to be looked at."""
    pages = range(len(window.calls().data))
    best = max(pages, key=lambda page: worth(window, page))
    window.viewer.dims.set_current_step(0, best)
    window.rest()


def calls_on(window: Window, page: int) -> int:
    """How many calls are on a page."""
    return len(np.unique(window.calls().data[page])) - 1


def doubtful_pixels(window: Window, page: int) -> int:
    """Pixels of a page that the thresholds of the film part."""
    layers = window.viewer.layers
    sure = next(layer for layer in layers if layer.name.endswith(" probabilities")).data[page]
    return int(((sure > 255 * min(THRESHOLDS)) & (sure < 255 * max(THRESHOLDS))).sum())


def make_mouse(folder: Path) -> Path:
    """The first mouse of the tutorial."""
    from napari_squeakout.core.steps import run
    from napari_squeakout.core.training_settings import SynthesisSettings
    from napari_squeakout.io.samples.study import writing_study

    run(writing_study(folder, animals=1, seconds=2, settings=SynthesisSettings(seed=11)))
    return folder / "m1_WT.wav"


def film_of_threshold(window: Window, path: Path) -> None:
    """The threshold is dragged up and down, and the outlines on the page follow."""
    window.fold("open_section", "segment_section")
    window.unfold("clean_section")
    show_page(window, doubtful_pixels)
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
    show_page(window, calls_on)
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


#: All of them; each is made in a window with a recording that is segmented.
FILMED: dict[str, Callable[[Window, Path], None]] = {
    "threshold": film_of_threshold,
    "add_call": film_of_adding,
}


def main() -> int:
    """Make those that are named, by default all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*FILMED, []], help="by default all")
    wanted = parser.parse_args().names or list(FILMED)
    use_fresh_settings()
    with tempfile.TemporaryDirectory() as folder:
        window = Window(SMALL, "dark")
        window.open(make_mouse(Path(folder) / "study"))
        window.segment()
        for name in wanted:
            FILMED[name](window, FILMS / f"{name}.gif")
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
