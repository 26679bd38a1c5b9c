"""`squeakout benchmark`: the paper's table of any images with true masks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.markup import escape

from napari_squeakout.cli.console import complain, err, out, shown
from napari_squeakout.core.baselines.settings import (
    BenchmarkSettings,
    UNetSettings,
    VocalMatSettings,
)
from napari_squeakout.core.training_settings import TrainSettings

_flat = Parameter(name="*")


def benchmark(
    *,
    images: Annotated[Path, Parameter(help="Images, or a folder of them for each class.")],
    masks: Annotated[
        Path, Parameter(help="Their true masks, matched by name; or the JSON of a COCO data set.")
    ],
    output: Annotated[Path, Parameter(help="Folder for table, chart, picture and networks.")],
    test: Annotated[
        Path | None,
        Parameter(
            help="Text file with the name of a test image a line; by default they are drawn."
        ),
    ] = None,
    classes: Annotated[Path | None, Parameter(help="CSV with the columns image and class.")] = None,
    model: Annotated[
        tuple[str, ...],
        Parameter(help="Further models to judge: names or files.", consume_multiple=True),
    ] = (),
    rows: Annotated[
        str, Parameter(help="Which rows of the paper's table: some of 1,2,3,4,5.")
    ] = "1,2,3,4,5",
    judging: Annotated[BenchmarkSettings, _flat] = BenchmarkSettings(),
    vocalmat: Annotated[VocalMatSettings, _flat] = VocalMatSettings(),
    unet: Annotated[UNetSettings, _flat] = UNetSettings(),
    learning: Annotated[TrainSettings, _flat] = TrainSettings(),
) -> int:
    """Make the paper's Table 1 of images with true masks, and put any model beside it.

    The rows are 1 Null, 2 VocalMat's segmentation, 3 U-Net, 4 SqueakOut without augmentation and 5
    SqueakOut; the last three are trained on the images that do not judge, by the paper's recipe.
    The same command goes on where it was stopped.
    """
    from napari_squeakout.core.baselines.table import as_markdown, order_text
    from napari_squeakout.io.tasks.paper.benchmark import ROWS, Wanted, benchmarking

    numbers = [part.strip() for part in rows.split(",") if part.strip()]
    known = {str(number): row for number, row in enumerate(ROWS, start=1)}
    unknown = [number for number in numbers if number not in known]
    if unknown or not (numbers or model):
        return complain(f"benchmark: --rows {rows}: give some of {','.join(known)}")
    wanted = Wanted(
        rows=tuple(known[number] for number in numbers),
        models=model,
        settings=judging,
        vocalmat=vocalmat,
        unet=unet,
        train=learning,
    )
    done = shown(benchmarking(images, masks, output, wanted, test=test, table=classes), output.name)
    for note in done.notes:
        err.print(escape(note))
    out.print(escape(as_markdown(done.rows)))
    out.print(escape(order_text(done.rows)))
    out.print(escape(", ".join(str(path) for path in done.files)))
    return 0
