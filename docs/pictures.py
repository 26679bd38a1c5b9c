"""Drives the real window; remakes the pictures of the guide from a synthetic recording.

    python docs/pictures.py                                  # all of docs/pictures
    python docs/pictures.py --demo recording.wav             # opens it, segmented, and stays
    python docs/pictures.py --demo recording.wav --output window.png   # a screenshot instead

Needs napari and a Qt binding, and a display or `xvfb-run -s "-screen 0 1920x1200x24"`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

PICTURES = Path(__file__).parent / "pictures"
SMALL, LARGE = (1280, 720), (1920, 1080)
#: Patience for a job of the window, and for the window to come to rest.
MOST_S, REST_S = 900.0, 0.7
SECONDS = 8.0
_NONE = Image.Dither.NONE
#: Dragged to here in the picture of the clean-up.
CAREFUL = 0.85


def main() -> int:
    """Read the command line and make what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--demo", type=Path, metavar="RECORDING", help="open and segment this one")
    parser.add_argument("--output", type=Path, metavar="PNG", help="leave a picture, do not stay")
    parser.add_argument("--size", default=SMALL, type=_size, metavar="WxH", help="of the window")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    given = parser.parse_args()
    try:
        if given.demo is None:
            remake_all()
        else:
            demo(given.demo, given.output, size=given.size, theme=given.theme)
    except ImportError as error:
        print(f"The window needs napari and a Qt binding: {error}", file=sys.stderr)
        return 1
    except (RuntimeError, TimeoutError) as error:
        print(f"The window: {error}", file=sys.stderr)
        return 1
    return 0


def demo(
    recording: Path,
    output: Path | None = None,
    *,
    size: tuple[int, int] = SMALL,
    theme: str = "dark",
) -> None:
    """Open a recording in the window and segment it; stay, or leave a picture.

    Parameters
    ----------
    recording : Path
        What to open.
    output : Path, optional
        PNG to write; the window closes then. Without it the window stays open until it is closed.
    size : tuple of int
        Width and height of the window in pixels.
    theme : str
        One of napari's themes.
    """
    if output is not None:
        use_fresh_settings()
    window = Window(size, theme)
    window.open(recording)
    if output is None:
        import napari

        window.press("segment_run")
        napari.run()
        return
    window.segment()
    window.show_busiest_page()
    window.save(output)
    print(f"{output}: {window.calls_found()} calls in {recording.name}")
    window.close()


def remake_all() -> None:
    """Make every picture of the guide anew."""
    use_fresh_settings()
    with tempfile.TemporaryDirectory() as folder:
        recording = make_recording(Path(folder) / "sample")
        picture_of_result(recording, PICTURES / "result.png")
        window = Window(SMALL, "dark")
        window.open(recording)
        window.segment()
        window.show_busiest_page()
        window.save(PICTURES / "window.png")
        window.fold("open_section", "segment_section")
        window.set("clean_threshold", CAREFUL)
        window.save(PICTURES / "clean_up.png")
        window.press("clean_reset")
        window.unfold("open_section", "segment_section")
        window.dress(LARGE, "light")
        window.save(PICTURES / "window_light.png")
        window.close()


def use_fresh_settings() -> None:
    """Keep the napari settings of whoever runs this out of the pictures, and the other way round.

    Must come before napari is imported.
    """
    folder = tempfile.mkdtemp(prefix="napari-settings-")
    os.environ["NAPARI_CONFIG"] = str(Path(folder) / "settings.yaml")


def make_recording(folder: Path) -> Path:
    """Write the recording of all pictures: always the same."""
    from napari_squeakout.core.settings import SynthesisSettings
    from napari_squeakout.core.steps import run
    from napari_squeakout.io.samples import write_samples

    run(write_samples(folder, seconds=SECONDS, images=0, settings=SynthesisSettings(seed=0)))
    return folder / "synthetic.wav"


def picture_of_result(recording: Path, path: Path) -> None:
    """What `squeakout segment --picture` leaves, made without a window."""
    from napari_squeakout import (
        CleanSettings,
        Engine,
        clean,
        find_calls,
        load_model,
        read_recording,
        render,
        run,
        segment,
    )
    from napari_squeakout.io.pictures import write_picture

    pages = render(read_recording(recording))
    probabilities = run(segment(pages, Engine(load_model())))
    masks = run(clean(probabilities, CleanSettings()))
    write_picture(pages, masks, run(find_calls(masks, probabilities)), path)
    shrink_sheet(path)


def shrink(path: Path) -> None:
    """Store a picture of the window with fewer colours, so that the guide loads fast."""
    with Image.open(path) as picture:
        # Other methods average rare colours away, and those are the calls.
        small = picture.convert("RGB").quantize(method=Image.Quantize.MAXCOVERAGE, dither=_NONE)
    small.save(path, optimize=True)


def shrink_sheet(path: Path, width: int = 1200) -> None:
    """Store a sheet of pages smaller, in greys and in the colour of its outlines only."""
    greys = [(level, level, level) for level in range(20, 256, 9)]
    outlines = [(255 - 9 * k, 106 + 9 * k, 61 + 13 * k) for k in range(10)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for colour in (*greys, *outlines) for value in colour])
    with Image.open(path) as picture:
        size = (width, round(picture.height * width / picture.width))
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small.quantize(palette=palette, dither=_NONE).save(path, optimize=True)


class Window:
    """The real window with the dock open, driven by the names of its controls."""

    def __init__(self, size: tuple[int, int], theme: str) -> None:
        import napari

        self.viewer = napari.Viewer(title="napari", show=True)
        _, self.dock = self.viewer.window.add_plugin_dock_widget("napari-squeakout", "SqueakOut")
        self.dress(size, theme)

    def dress(self, size: tuple[int, int], theme: str) -> None:
        """Give the window a size and a theme."""
        self.viewer.theme = theme
        self.viewer.window.resize(*size)
        self.rest()
        self.viewer.reset_view()

    def open(self, recording: Path) -> None:
        """Open a recording, as File > Open does."""
        self.viewer.open(recording, plugin="napari-squeakout")
        self.wait(lambda: self.child("segment_run").isEnabled(), "a model and a recording")

    def segment(self) -> None:
        """Press Segment and wait for the calls of all pages."""
        self.press("segment_run")
        said = ("segment_message", "clean_message")
        self.wait(lambda: all(self.text(name) for name in said), "the calls")

    def show_busiest_page(self) -> None:
        """Go to the page that has most of calls on it."""
        sizes = [int((page > 0).sum()) for page in self.calls().data]
        self.viewer.dims.set_current_step(0, sizes.index(max(sizes)))
        self.rest()

    def calls(self) -> Any:
        """The layer of the calls."""
        return next(layer for layer in self.viewer.layers if layer.name.endswith(" calls"))

    def calls_found(self) -> int:
        """How many calls there are on all pages."""
        return max(int(page.max()) for page in self.calls().data)

    def set(self, name: str, value: float) -> None:
        """Set a number, and wait until all pages follow."""
        self.child("clean_message").setText("")
        self.child(name).setValue(value)
        self.wait(lambda: bool(self.text("clean_message")), f"{name} to take effect")

    def fold(self, *sections: str) -> None:
        """Fold sections of the dock away."""
        for name in sections:
            self.child(name).collapse(animate=False)

    def unfold(self, *sections: str) -> None:
        """Open sections of the dock."""
        for name in sections:
            self.child(name).expand(animate=False)

    def press(self, name: str) -> None:
        """Press a button."""
        self.child(name).click()

    def child(self, name: str) -> Any:
        """The control of that name."""
        from qtpy.QtWidgets import QWidget

        return self.dock.findChild(QWidget, name)

    def text(self, name: str) -> str:
        """What a line of the dock says; nothing while it is hidden."""
        line = self.child(name)
        return "" if line.isHidden() else str(line.text())

    def save(self, path: Path) -> None:
        """Write a picture of the whole window."""
        self.rest()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.viewer.screenshot(str(path), canvas_only=False, flash=False)
        shrink(path)

    def wait(self, is_done: Callable[[], bool], what: str) -> None:
        """Let the window live until something has come about."""
        give_up_at = time.monotonic() + MOST_S
        while not is_done():
            if time.monotonic() > give_up_at:
                said = self.text("segment_message") or self.text("segment_why")
                msg = f"waited {MOST_S:.0f} s in vain for {what}. {said}"
                raise TimeoutError(msg)
            _live()

    def rest(self) -> None:
        """Let the window draw what has changed."""
        until = time.monotonic() + REST_S
        while time.monotonic() < until:
            _live()

    def close(self) -> None:
        """Close the window."""
        self.viewer.close()
        _live()


def _live() -> None:
    from qtpy.QtWidgets import QApplication

    QApplication.processEvents()
    time.sleep(0.01)


def _size(text: str) -> tuple[int, int]:
    width, height = text.lower().split("x")
    return int(width), int(height)


if __name__ == "__main__":
    sys.exit(main())
