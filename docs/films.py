"""Makes the short silent films of the guide from the real window: what one drags and clicks.

    python docs/films.py                    # all of them, into docs/pictures
    python docs/films.py threshold add      # only these; the third is fine_tune
    python docs/films.py --frames folder    # and each frame as a PNG, to be looked at

Needs what docs/pictures.py needs. A film plays twice and then stays on its last frame.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from driver import Window, use_fresh_settings
from pictures import PICTURES, SMALL, draw_lab, make_recording, prepare_lab
from PIL import Image, ImageDraw, ImageFont

#: Long enough for a page with several calls: a film shows one page.
SECONDS = 2.2
#: In pixels; text of the dock can still be read at three quarters of its size.
FILM_PX = (960, 540)
#: Of lossy WebP, 0 to 100: no film is to be larger than 600 kB.
QUALITY = 70
STEP_MS, LOOK_MS, END_MS = 160, 1400, 3000
#: Where the threshold is dragged to, there and back.
DRAGGED = (0.3, 0.15, 0.05, 0.15, 0.51, 0.8, 0.95, 0.99, 0.95, 0.8, 0.51)
#: Tip, left foot, notch, stem and right foot of an arrow that points up and left.
ARROW = ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12))
#: Pages that a model is taught, and epochs: as few as a film has patience for.
TAUGHT, EPOCHS = 16, 6
#: Steps of the mouse on its way.
WAY = 6


class Film:
    """Frames of a window with the mouse drawn on them, for a screenshot has none.

    Parameters
    ----------
    window : Window
        What is filmed.
    at : (int, int)
        Where the mouse begins, in pixels of the window.
    """

    def __init__(self, window: Window, at: tuple[int, int]) -> None:
        self.window = window
        self.at = at
        self.frames: list[Image.Image] = []
        self.lasting_ms: list[int] = []

    def shoot(self, lasting_ms: int, *, pressed: bool = False, key: str = "") -> None:
        """Add what is seen now, with what is held down: the mouse's button, or a key."""
        seen = self.window.viewer.screenshot(canvas_only=False, flash=False)
        frame = Image.fromarray(np.asarray(seen)[..., :3].copy())
        draw = ImageDraw.Draw(frame)
        x, y = self.at
        if pressed:
            draw.ellipse((x - 11, y - 11, x + 11, y + 11), outline="#ffd400", width=3)
        draw.polygon([(x + a, y + b) for a, b in ARROW], fill="#ffffff", outline="#000000")
        if key:
            _draw_key(draw, key, (x + 22, y + 14))
        self.frames.append(frame.resize(FILM_PX, Image.Resampling.LANCZOS))
        self.lasting_ms.append(lasting_ms)

    def move_to(self, place: tuple[int, int]) -> None:
        """Let the mouse go somewhere, as fast as a hand does."""
        (x0, y0), (x1, y1) = self.at, place
        for step in range(1, WAY + 1):
            part = step / WAY
            self.at = (round(x0 + (x1 - x0) * part), round(y0 + (y1 - y0) * part))
            self.shoot(STEP_MS // 2)

    def save(self, name: str, frames: Path | None = None) -> None:
        """Write the film, and its frames where they are asked for."""
        path = PICTURES / f"{name}.webp"
        first, *others = self.frames
        first.save(
            path, save_all=True, append_images=others, duration=self.lasting_ms, loop=2,
            quality=QUALITY, method=6,
        )  # fmt: skip
        print(f"{path.name}: {len(self.frames)} frames, {path.stat().st_size / 1000:.0f} kB")
        if frames is not None:
            frames.mkdir(parents=True, exist_ok=True)
            for number, frame in enumerate(self.frames):
                frame.save(frames / f"{name}_{number:02}.png")


def _draw_key(draw: ImageDraw.ImageDraw, key: str, corner: tuple[int, int]) -> None:
    """A key as it lies on the keyboard, for a screenshot has no hands either."""
    (x, y), side = corner, 34
    box = (x, y, x + side, y + side)
    draw.rounded_rectangle(box, 6, fill="#f4f4f4", outline="#ffd400", width=3)
    middle = (x + side / 2, y + side / 2)
    draw.text(middle, key, fill="#202020", font=ImageFont.load_default(22), anchor="mm")


def main() -> None:
    """Make the films that are named, by default all."""
    films = {"threshold": drag_threshold, "add": add_call, "fine_tune": fine_tune}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*films, []], help="by default all")
    parser.add_argument("--frames", type=Path, metavar="FOLDER", help="keep each frame as well")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in given.names or films:
            use_fresh_settings()  # or the second film would be offered the work of the first
            films[name](Path(folder)).save(f"film_{name}", given.frames)


def drag_threshold(folder: Path) -> Film:
    """The threshold is dragged down, and outlines widen, and up, and they shrink, and back."""
    window = _segmented(folder)
    window.fold("segment_section")
    window.scroll_to("clean_threshold")
    window.rest()
    film = Film(window, _middle(window, window.child("clean_histogram")))
    film.shoot(LOOK_MS)
    film.move_to(_at_knob(window))
    for value in DRAGGED:
        window.set("clean_threshold", value)
        film.at = _at_knob(window)
        film.shoot(LOOK_MS if value in (min(DRAGGED), max(DRAGGED)) else STEP_MS, pressed=True)
    film.shoot(END_MS)
    window.close()
    return film


def add_call(folder: Path) -> Film:
    """A call that was missed: the key G, a click on it, and it is outlined."""
    window = _segmented(folder)
    window.fold("open_section", "segment_section", "clean_section", "review_section")
    window.unfold("tools_section")
    window.show_whole_calls()
    window.erase_largest_call()
    window.scroll_to("tools_add")
    window.rest()
    place = _on_page(window, window.erased)
    film = Film(window, (place[0] + 90, place[1] + 110))
    film.shoot(LOOK_MS)
    window.press("tools_add")
    window.rest()
    film.shoot(LOOK_MS, key="G")
    film.move_to(place)
    film.shoot(LOOK_MS // 2, pressed=True)
    window.click_where_it_was()
    film.shoot(LOOK_MS)
    film.move_to((place[0] + 90, place[1] + 110))
    film.shoot(END_MS)
    window.close()
    return film


def fine_tune(folder: Path) -> Film:
    """A model is taught a lab's pages: one click, each epoch of the curve, and the verdict."""
    images, masks = draw_lab(folder / "lab", TAUGHT)
    window = Window(SMALL, "dark")
    first = sorted(images.iterdir())[0]
    window.open(first)
    prepare_lab(window, images, masks, EPOCHS)
    window.fold("results_section", "listen_section", "picture_section")
    window.scroll_to("train_run")
    window.rest()
    film = Film(window, _middle(window, window.dock.parts))
    film.shoot(LOOK_MS)
    film.move_to(_middle(window, window.child("train_run")))
    film.shoot(STEP_MS * 2, pressed=True)
    window.press("train_run")
    for epoch in range(EPOCHS):
        window.wait(lambda n=epoch: _has_come_to(window, n + 1), "the next epoch")
        window.scroll_to("train_progress")
        window.rest()
        film.shoot(STEP_MS * 3)
    window.wait(lambda: bool(window.text("train_sentence")), "the verdict")
    window.scroll_to("train_sentence")
    window.rest()
    film.shoot(2 * END_MS)
    window.close()
    return film


def _has_come_to(window: Window, epochs: int) -> bool:
    return window.epochs_learned() >= epochs or bool(window.text("train_sentence"))


def _segmented(folder: Path) -> Window:
    """A window with a short recording, its calls found, at its busiest page."""
    recording = folder / "sample" / "synthetic.wav"
    window = Window(SMALL, "dark")
    window.open(recording if recording.exists() else make_recording(recording.parent, SECONDS))
    window.segment()
    window.show_busiest_page()
    return window


def _at_knob(window: Window) -> tuple[int, int]:
    """Where the threshold is held."""
    slider = window.child("clean_threshold_slider")
    share = slider.value() / max(1, slider.maximum())
    return _of_window(
        window, slider, 6 + round(share * (slider.width() - 12)), slider.height() // 2
    )


def _on_page(window: Window, where: tuple[int, int, int]) -> tuple[int, int]:
    """Where page, row and column of the page in view are."""
    picture, (_, row, column) = window.dock.picture, where
    place = picture.place()
    return _of_window(
        window, picture.fitted.canvas, round(place.x(column + 0.5)), round(place.y(row + 0.5))
    )


def _middle(window: Window, control: Any) -> tuple[int, int]:
    return _of_window(window, control, control.width() // 2, control.height() // 2)


def _of_window(window: Window, widget: Any, x: int, y: int) -> tuple[int, int]:
    from qtpy.QtCore import QPoint

    place = widget.mapTo(window.dock.window(), QPoint(x, y))
    return place.x(), place.y()


if __name__ == "__main__":
    main()
