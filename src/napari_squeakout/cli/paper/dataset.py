"""`squeakout dataset`: training masks made as the paper made them, and its data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators
from rich.markup import escape

from napari_squeakout.cli.console import bars, complain, err, out, shown
from napari_squeakout.core.baselines.settings import (
    DatasetSettings,
    UNetSettings,
    VocalMatSettings,
)
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.training_settings import SynthesisSettings, TrainSettings

_flat = Parameter(name="*")
_count = validators.Number(gte=0)

dataset_app = App(
    name="dataset", help="Make training masks of spectrograms as the paper did, and get its data."
)


@dataset_app.command
def build(
    images: Annotated[Path, Parameter(help="Images, or a folder of them for each class.")],
    output: Annotated[Path, Parameter(help="Folder for report, session and work.")],
    *,
    masks: Annotated[
        Path | None, Parameter(help="First masks, matched by name; else VocalMat's are made.")
    ] = None,
    truth: Annotated[
        Path | None, Parameter(help="True masks, to measure each step by; never learned from.")
    ] = None,
    classes: Annotated[Path | None, Parameter(help="CSV with the columns image and class.")] = None,
    steps: Annotated[
        str, Parameter(help="Which steps may be done: some of a,b,c,d,e,f,g.")
    ] = "a,b,c,d,e,f,g",
    making: Annotated[DatasetSettings, _flat] = DatasetSettings(),
    vocalmat: Annotated[VocalMatSettings, _flat] = VocalMatSettings(),
    unet: Annotated[UNetSettings, _flat] = UNetSettings(),
    learning: Annotated[TrainSettings, _flat] = TrainSettings(),
) -> int:
    """Make masks of spectrograms with calls and with noise, step by step.

    (a) first masks; (b) a U-Net learns to give images back, (c) the masks of calls, (d) that noise
    has none; (e) what it says takes the masks' place; (f) borders are thinned, and c to e come
    again; (g) the most doubtful pages become a session to correct in the window. The same command
    goes on where it was stopped.
    """
    from napari_squeakout.io.tasks.paper.building import Recipe
    from napari_squeakout.io.tasks.paper.dataset import building_dataset

    recipe = Recipe(dataset=making, vocalmat=vocalmat, unet=unet, train=learning)
    wanted = frozenset(step.strip() for step in steps.split(",") if step.strip())
    work = building_dataset(
        images, output, recipe, masks=masks, truth=truth, table=classes, steps=wanted
    )
    built = shown(work, output.name)
    _tell(built.notes)
    out.print(f"{escape(str(built.report))}: {counted(len(built.done), 'step')} over")
    if built.session is not None:
        out.print(f"{escape(str(built.session))}: open it in the window, correct and approve")
    return 0


@dataset_app.command
def write(
    built: Annotated[Path, Parameter(help="Folder that `dataset build` wrote to.")],
    output: Annotated[Path, Parameter(help="Folder to write: new or empty.")],
    *,
    with_unreviewed: Annotated[
        bool,
        Parameter(
            help="Also images that the session does not hold, with the masks that were learned; "
            "the provenance says which.",
            negative="",
        ),
    ] = False,
    licence: Annotated[str, Parameter(help="Under which the images may be passed on.")] = "",
    seed: Annotated[int, Parameter(help="Seed that the split is drawn with.")] = 0,
) -> int:
    """Write the approved pages as a data set: images, masks, COCO, split, licence, provenance."""
    from napari_squeakout.io.tasks.paper.release import releasing

    steps = releasing(built, output, with_unreviewed=with_unreviewed, licence=licence, seed=seed)
    done = shown(steps, output.name)
    _tell(done.notes)
    also = f", {done.not_looked_at} looked at by nobody" if done.not_looked_at else ""
    images = counted(done.approved, "approved image")
    out.print(f"{escape(str(done.folder))}: {images}{also}")
    return 0


@dataset_app.command
def synthetic(
    folder: Annotated[Path, Parameter(help="Folder to write: new or empty.")],
    *,
    calls: Annotated[int, Parameter(help="Images with calls.", validator=_count)] = 300,
    noise: Annotated[int, Parameter(help="Images of noise.", validator=_count)] = 100,
    seed: Annotated[int, Parameter(help="The same seed gives the same images.")] = 0,
) -> int:
    """Write synthetic images like VocalMat's, with exact masks, to try all of this on."""
    from napari_squeakout.io.samples.images import PUP_BOX, writing_images

    settings = SynthesisSettings.model_validate({**PUP_BOX.model_dump(), "seed": seed})
    shown(writing_images(folder, calls=calls, noise=noise, settings=settings), folder.name)
    images = counted(calls, "image")
    out.print(f"{escape(str(folder))}: {images} with calls, {noise} of noise, and their masks")
    return 0


@dataset_app.command
def fetch(
    what: Annotated[str, Parameter(help="osf: SqueakOut's data and VocalMat's, of osf.io.")],
    folder: Annotated[Path, Parameter(help="Folder to keep it in.")] = Path("paper_data"),
) -> int:
    """Download the paper's data; a download that was stopped goes on."""
    from napari_squeakout.core.steps import Progress
    from napari_squeakout.io.tasks.paper.osf import fetch_osf

    if what != "osf":
        return complain(f"dataset fetch: there is no {what}: ask for osf")
    with bars() as shown_bars:
        task = shown_bars.add_task("osf", total=None)

        def tell(progress: Progress) -> None:
            shown_bars.update(task, completed=progress.done, total=progress.total)

        fetched = fetch_osf(folder, on_progress=tell)
    for one in fetched:
        how = "noted now" if one.is_first else "as noted before"
        out.print(f"{escape(str(one.folder))}: sha256 of {one.path.name} {one.sha256}, {how}")
    return 0


def _tell(notes: tuple[str, ...]) -> None:
    for note in notes:
        err.print(escape(note))
