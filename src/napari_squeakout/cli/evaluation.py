"""The `evaluate` command: how right masks, calls or a model are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.markup import escape
from rich.table import Table

from napari_squeakout.core.scoring.event_scores import JudgedRecording, score_events
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    RecordingSettings,
    RenderSettings,
    SegmentSettings,
)
from napari_squeakout.io.results.figures import check_figures_file, write_figures

from .console import Saying, err, figure_text, misuse, out, shown, told
from .models import tell_fallback

_flat = Parameter(name="*")
_NO_LIMIT = 10_000
_SOURCES = "--masks DIR, --images DIR, --calls TABLE..., --recordings FILE..."


def evaluate(
    *,
    truth: Annotated[
        tuple[Path, ...],
        Parameter(
            help="The reference: a folder of masks, or a table of calls for each --calls or "
            "--recordings, in the same order.",
            consume_multiple=True,
        ),
    ],
    masks: Annotated[
        Path | None, Parameter(help="Folder of masks to judge, matched by name.")
    ] = None,
    images: Annotated[Path | None, Parameter(help="Images to segment, matched by name.")] = None,
    calls: Annotated[
        tuple[Path, ...], Parameter(help="Tables of calls to judge.", consume_multiple=True)
    ] = (),
    recordings: Annotated[
        tuple[Path, ...],
        Parameter(
            help="Recordings to segment; an empty table says that nothing calls in one.",
            consume_multiple=True,
        ),
    ] = (),
    model: Annotated[str | None, Parameter(help="Model that segments: its name or file.")] = None,
    json_file: Annotated[
        Path | None, Parameter(name="--json", help="Also write the figures to this file.")
    ] = None,
    segmenting: Annotated[SegmentSettings, _flat] = SegmentSettings(),
    cleaning: Annotated[CleanSettings, _flat] = CleanSettings(),
    recording: Annotated[RecordingSettings, _flat] = RecordingSettings(),
    image: Annotated[ImageSettings, _flat] = ImageSettings(),
    rendering: Annotated[RenderSettings, _flat] = RenderSettings(),
) -> int:
    """Measure how well masks or calls agree with a reference made by hand.

    Give the reference, and what to judge: masks or tables of calls, or images or recordings, which
    a model segments first. Masks are compared pixel by pixel, calls by their onsets and offsets.
    """
    from napari_squeakout.io.engines.making import make_engine
    from napari_squeakout.io.models.registry import load_model
    from napari_squeakout.io.results import evaluation as judging
    from napari_squeakout.io.results.run_record import RunSettings

    timed = calls or recordings
    wrong = _wrong(truth, timed, n_kinds=sum(map(bool, (masks, images, calls, recordings))))
    if wrong:
        return misuse(f"evaluate: {wrong}")
    if json_file is not None:
        check_figures_file(json_file, [*truth, *timed, *filter(None, (masks, images))])
    if masks is not None:
        scores, n_without = judging.judge_masks(truth[0], masks)
        _tell_left_out(n_without, "found masks")
        return _tell({"": scores.as_dict()}, json_file)
    if calls:
        return _tell(_events(judging.judge_tables(truth, calls)), json_file)
    if model is None:
        tell_fallback()
    engine = make_engine(load_model(model), segmenting, told)
    settled = RunSettings(
        recording=recording, images=image, render=rendering, clean=cleaning
    ).for_model(engine.model)
    if images is not None:
        steps = judging.judging_images(truth[0], images, engine, settled)
        scores, honesty, n_without, notes = shown(steps, engine.model.name)
        for note in notes:
            err.print(escape(note))
        _tell_left_out(n_without, "images")
        figures = scores.as_dict() | {"calibration_error": honesty.error}
        bins = {name: value.tolist() for name, value in vars(honesty).items()}
        return _tell({"": figures}, json_file, reliability=bins)
    steps_of_calls = judging.judging_recordings(truth, recordings, engine, settled)
    return _tell(_events(shown(steps_of_calls, engine.model.name)), json_file)


def _wrong(truth: tuple[Path, ...], timed: tuple[Path, ...], n_kinds: int) -> str:
    """What does not go together; nothing where all does."""
    wanted = len(timed) or 1
    if n_kinds != 1:
        return f"give one of {_SOURCES} beside --truth"
    if len(truth) != wanted:
        return f"{wanted} to judge need as many --truth, not {len(truth)}"
    return "one file is given twice: judge it in two calls" if len(set(timed)) < len(timed) else ""


def _tell_left_out(n_without: int, what: str) -> None:
    """False calls where nothing is said to be true would go unnoticed."""
    if n_without:
        err.print(
            f"{n_without} {what} have no true mask and are not judged: where there is no call, add "
            "an empty one to --truth"
        )


def _events(judged: Mapping[str, JudgedRecording]) -> dict[str, dict[str, float]]:
    """Scores of each recording, and pooled where there are several; says what is to be known."""
    for note in (note for one in judged.values() for note in one.notes):
        err.print(escape(note))
    scores = {name: score_events([one]).as_dict() for name, one in judged.items()}
    pooled = {"pooled": score_events(list(judged.values())).as_dict()} if len(judged) > 1 else {}
    return scores | pooled


def _tell(columns: Mapping[str, Mapping[str, float]], json_file: Path | None, **more: Any) -> int:
    """Show the figures, a column for each thing judged, and write them where asked to."""
    table = Table("figure", *(escape(Path(name).name) or "value" for name in columns), box=None)
    for figure in next(iter(columns.values())):
        values = [scores[figure] for scores in columns.values()]
        table.add_row(figure.replace("_", " "), *map(figure_text, values))
    # Never cut to the width of a terminal: a figure that is not there is of no use.
    wide = Saying(file=out.file, width=_NO_LIMIT, highlight=False, soft_wrap=True)
    wide.print(table)
    out.unheard = out.unheard or wide.unheard
    if json_file is not None:
        write_figures({**columns.get("", columns), **more}, json_file)
    return 0
