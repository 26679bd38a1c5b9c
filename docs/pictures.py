"""Remakes the pictures of the guide from the real window and a synthetic recording.

    python docs/pictures.py                                  # all of docs/pictures
    python docs/pictures.py --look folder                    # every stage, size and theme
    python docs/pictures.py --demo recording.wav             # opens it, segmented, and stays
    python docs/pictures.py --demo recording.wav --output window.png   # a screenshot instead

Needs napari and a Qt binding, and a display or `xvfb-run -s "-screen 0 1920x1200x24"`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from driver import Window, use_fresh_settings
from PIL import Image

if TYPE_CHECKING:
    from napari_squeakout.core.listening.sound import AudibleSound

PICTURES = Path(__file__).parent / "pictures"
SMALL, LARGE, TALL = (1280, 720), (1920, 1080), (1280, 1180)
SECONDS = 8.0
_NONE = Image.Dither.NONE
#: Pages approved in the picture of the review.
REVIEWED = 7
#: The threshold is dragged to here in the picture of the clean-up.
CAREFUL = 0.85
#: Pages that a model is taught, and epochs of that: the picture shows it half-way, and its end.
LEARNED, EPOCHS = 40, 12
PICTURES_OF_WINDOW = (
    "window.png", "clean_up.png", "window_light.png", "review.png", "correct.png", "listen.png",
    "plots.png", "fine_tune.png",
)  # fmt: skip


def main() -> int:
    """Read the command line and make what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--demo", type=Path, metavar="RECORDING", help="open and segment this one")
    parser.add_argument("--look", type=Path, metavar="FOLDER", help="pictures to look through")
    parser.add_argument("--output", type=Path, metavar="PNG", help="leave a picture, do not stay")
    parser.add_argument("--size", default=SMALL, type=_size, metavar="WxH", help="of the window")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    given = parser.parse_args()
    try:
        if given.demo is not None:
            demo(given.demo, given.output, size=given.size, theme=given.theme)
        elif given.look is not None:
            make_looks(given.look)
        else:
            remake_all()
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
    shrink(output)
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
        window.fold("segment_section")
        window.set("clean_threshold", CAREFUL)
        window.save(PICTURES / "clean_up.png")
        window.press("clean_reset")
        window.wait_for_calls()
        show_review(window)
        show_listening(window)
        show_plots(window)
        window.unfold("open_section", "segment_section", "clean_section")
        window.dress(LARGE, "light")
        window.save(PICTURES / "window_light.png")
        window.close()
        show_fine_tuning(Path(folder) / "lab")
    for name in PICTURES_OF_WINDOW:
        shrink(PICTURES / name)


def show_review(window: Window) -> None:
    """Pictures of a recording half reviewed, and of a call being added."""
    window.fold("open_section", "segment_section", "clean_section")
    window.viewer.dims.set_current_step(0, 0)
    for _ in range(REVIEWED):
        window.press("review_approve")
        window.rest()
    window.show_busiest_page()
    window.save(PICTURES / "review.png")
    window.show_whole_calls()
    window.fold("review_section")
    window.unfold("tools_section")
    window.erase_largest_call()
    window.press("tools_add")
    window.click_where_it_was()
    window.save(PICTURES / "correct.png")
    window.fold("tools_section")
    window.unfold("review_section")
    window.dock.tools_panel.escape()
    window.dock.tools_panel.escape()
    window.calls().undo()


def show_listening(window: Window) -> None:
    """Picture of a page being heard, half-way; who makes it need have no sound device."""
    folded = ("tools_section", "review_section", "results_section")
    panel = window.dock.listen_panel
    device, panel.player.speaker = panel.player.speaker, HalfWay()
    window.fold(*folded)
    window.unfold("listen_section")
    window.rest()
    panel.refresh()
    window.press("listen_play_page")
    window.rest()
    window.save(PICTURES / "listen.png")
    panel.stop()
    panel.player.speaker = device
    window.fold("listen_section")
    window.unfold(*folded)


def show_plots(window: Window) -> None:
    """Picture of the plots under the picture, in a window as large as a desk's."""
    window.dress(LARGE, "dark")
    window.dock.plots.switch.setChecked(True)
    window.wait(window.dock.is_idle, "the measures of all calls")
    window.show_busiest_page()
    form = window.dock.plots.box.form
    form.change_to(form.value().model_copy(update={"plot": "frequency by duration"}))
    window.wait(window.dock.is_idle, "the plot")
    window.save(PICTURES / "plots.png")
    window.dock.plots.switch.setChecked(False)
    window.dress(SMALL, "dark")


class HalfWay:
    """A speaker without a sound that has played half of everything."""

    def why_not(self) -> str:
        """It always can."""
        return ""

    def start(self, sound: AudibleSound) -> None:
        """Take what is to be played."""
        self._played_s = sound.duration_s / 2

    def stop(self) -> None:
        """It is silent anyway."""

    def played_s(self) -> float:
        """Half of it."""
        return self._played_s


def show_fine_tuning(folder: Path) -> None:
    """Picture of a model being taught a lab with humming apparatus, and of the verdict."""
    images, masks = draw_lab(folder)
    window = Window(TALL, "dark")
    prepare_lab(window, images, masks)
    pictures = [window.picture_of("train_setup")]
    window.press("train_run")
    window.wait(lambda: window.epochs_learned() > EPOCHS // 2, "half of the epochs")
    pictures.append(window.picture_of("train_progress"))
    window.wait(lambda: bool(window.text("train_sentence")), "the verdict")
    window.rest()
    pictures.append(window.picture_of("train_report"))
    window.close()
    side_by_side(pictures, PICTURES / "fine_tune.png")


def prepare_lab(window: Window, images: Path, masks: Path, epochs: int = EPOCHS) -> None:
    """Unfold Fine-tune, and name the pages of a lab in it."""
    from napari_squeakout.core.training_settings import FineTuneSettings

    window.fold("open_section", "segment_section", "clean_section", "tools_section")
    window.fold("review_section")
    window.unfold("fine_tune_section")
    setup = window.dock.fine_tune_panel.setup
    setup.form.change_to(FineTuneSettings(epochs=epochs, forgetting_test_pages=12))
    setup.sources.add_folders(images, masks)
    window.wait(lambda: window.child("train_run").isEnabled(), "pages to learn from")


def draw_lab(folder: Path, n_pages: int = LEARNED) -> tuple[Path, Path]:
    """Pages with lines that are no calls, as a fan or a screen makes them, and their masks."""
    from napari_squeakout.core.synthesis.pages import synthesise_pages
    from napari_squeakout.core.training_settings import SynthesisSettings

    rng = np.random.default_rng(5)
    places = folder / "box 2", folder / "box 2 masks"
    for place in places:
        place.mkdir(parents=True)
    pages = synthesise_pages(n_pages, SynthesisSettings(seed=5, empty_fraction=0.1, max_snr_db=25))
    for number, (page, mask) in enumerate(pages):
        hum = np.array(page)
        for row, column in rng.integers([40, 0], [470, 400], (6, 2)):
            hum[row : row + 4, column : column + int(rng.integers(60, 300))] += 0.45
        grey = np.rint(np.clip(hum, 0, 1) * 255).astype(np.uint8)
        for place, content in zip(places, (grey, mask * np.uint8(255)), strict=True):
            Image.fromarray(content).save(place / f"mouse {number:02}.png")
    return places


def side_by_side(pictures: list[Image.Image], path: Path, gap: int = 16) -> None:
    """Store pictures of parts of the window in one."""
    width = sum(picture.width + gap for picture in pictures) + gap
    height = max(picture.height for picture in pictures) + 2 * gap
    sheet = Image.new("RGB", (width, height), pictures[0].getpixel((0, pictures[0].height - 1)))
    left = gap
    for picture in pictures:
        sheet.paste(picture, (left, gap))
        left += picture.width + gap
    sheet.save(path)


def make_looks(folder: Path) -> None:
    """Make pictures of every stage of the work, to be looked at: both sizes, both themes."""
    use_fresh_settings()
    with tempfile.TemporaryDirectory() as sample:
        recording = make_recording(Path(sample) / "sample")
        window = Window(SMALL, "dark")
        save_all(window, folder, "1_empty")
        window.open(recording)
        save_all(window, folder, "2_opened")
        window.press("segment_run")
        window.wait(lambda: bool(window.text("segment_eta")), "the first page")
        window.save(folder / "3_segmenting.png")
        window.wait_for_calls()
        window.show_busiest_page()
        save_all(window, folder, "4_segmented")
        window.scroll_to("tools_clear")
        window.press("tools_clear")
        save_all(window, folder, "5_corrected")
        window.viewer.add_image(np.zeros((60, 60, 3), np.uint8), rgb=True, name="photo")
        save_all(window, folder, "6_refused")
        window.close()


def save_all(window: Window, folder: Path, name: str) -> None:
    """Save the window as it is in all sizes and themes."""
    for size in (SMALL, LARGE):
        for theme in ("dark", "light"):
            window.dress(size, theme)
            window.save(folder / f"{name}_{size[0]}_{theme}.png")


def make_recording(folder: Path, seconds: float = SECONDS) -> Path:
    """Write the recording of all pictures: always the same for as many seconds."""
    from napari_squeakout.core.steps import run
    from napari_squeakout.core.training_settings import SynthesisSettings
    from napari_squeakout.io.samples.synthetic import writing_samples

    run(writing_samples(folder, seconds=seconds, images=0, settings=SynthesisSettings(seed=0)))
    return folder / "synthetic.wav"


def picture_of_result(recording: Path, path: Path) -> None:
    """What `squeakout segment --picture` leaves, made without a window."""
    from napari_squeakout import CleanSettings, Engine, load_model, read_recording, render, run
    from napari_squeakout.core.detection.calls import finding_calls
    from napari_squeakout.core.detection.clean import cleaning_pages
    from napari_squeakout.core.detection.segment import segmenting_pages
    from napari_squeakout.io.models.default import BUNDLED_MODEL
    from napari_squeakout.io.results.picture import write_picture

    pages = render(read_recording(recording))
    probabilities = run(segmenting_pages(pages, Engine(load_model(BUNDLED_MODEL))))
    masks = run(cleaning_pages(probabilities, CleanSettings()))
    write_picture(pages, masks, run(finding_calls(masks, probabilities)), path)
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


def _size(text: str) -> tuple[int, int]:
    width, height = text.lower().split("x")
    return int(width), int(height)


if __name__ == "__main__":
    sys.exit(main())
