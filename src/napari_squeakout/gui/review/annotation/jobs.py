"""Work with a table that goes on beside the window: reading it, comparing it with the masks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.scoring.annotation import Annotation, in_real_time
from napari_squeakout.core.settings import RecordingSettings
from napari_squeakout.core.stacks import MaskStack, SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps

if TYPE_CHECKING:
    from napari_squeakout.core.detection.call_spans import PageSpans, TimedCalls
    from napari_squeakout.core.scoring.comparison import Comparison


@dataclass(frozen=True)
class Table:
    """A table, and how long the recording is beside which it was opened."""

    annotation: Annotation
    duration_s: float


@dataclass(frozen=True, eq=False)
class Compared:
    """Found calls beside those of a table, and what is needed to compare them again.

    Parameters
    ----------
    comparison : Comparison
        Of each call what came of it.
    found : TimedCalls
        Those in the masks.
    spans : mapping
        Page -> the calls on it, from `finding_spans`.
    """

    comparison: Comparison
    found: TimedCalls
    spans: Mapping[int, PageSpans]


def reading(path: Path, stack: SpectrogramStack) -> Steps[Table]:
    """Read the calls of a recording from a table."""
    from napari_squeakout.io.tables.annotations import read_annotation

    yield Progress(0, 1, "tables")
    files = stack.origin.files if stack.origin is not None else ()
    name = files[0] if len(files) == 1 else stack.layout.source
    duration_s, time_expansion = _time(stack)
    return Table(in_real_time(read_annotation(path, of=name), time_expansion), duration_s)


def comparing(
    annotation: Annotation,
    masks: MaskStack,
    before: Compared | None,
    pages: Collection[int],
) -> Steps[Compared]:
    """Set noted calls beside those in the masks; since `before` only these pages may be others."""
    from napari_squeakout.core.detection.call_spans import finding_spans, timed_calls
    from napari_squeakout.core.scoring.comparison import compare_calls

    known = {} if before is None else before.spans
    spans = yield from finding_spans(masks.labels, known, pages)
    if before is not None and all(spans[page] is known.get(page) for page in pages):
        return before  # what was looked at was as it had been
    found = timed_calls(spans, masks.layout, masks.settings)
    yield Progress(1, 1, "comparisons")
    return Compared(compare_calls(annotation.intervals_s, found.intervals_s), found, spans)


def _time(stack: SpectrogramStack) -> tuple[float, float]:
    """How long a recording is, whose last page may reach beyond its end, and how much slowed."""
    from napari_squeakout.io.sources.audio import read_recording

    layout, origin = stack.layout, stack.origin
    if origin is not None and origin.kind == "recording":
        settings = RecordingSettings.model_validate(origin.settings.get("recording", {}))
        try:
            recording = read_recording(origin.files[0], settings)
            return recording.duration_s, recording.time_expansion
        except SqueakOutError:
            pass  # the file went away; its pages are still here
    assert layout.starts_s is not None and layout.grid is not None  # noqa: S101, PT018 - checked by who asks
    return float(layout.starts_s[-1] + PAGE_PX * layout.grid.seconds_per_column), 1.0
