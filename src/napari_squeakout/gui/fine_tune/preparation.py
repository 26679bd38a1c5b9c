"""What a fine-tuning would learn from, and how: found out beside the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.fine_tuning.splits import Split, split_places
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.gui.names.shown import NAMES
from napari_squeakout.gui.qt.wording import duration_text, sentence

if TYPE_CHECKING:
    from napari_squeakout.core.fine_tuning.duration import Pace
    from napari_squeakout.core.training_settings import FineTuneSettings
    from napari_squeakout.io.models.entry import ModelEntry
    from napari_squeakout.io.training_pages.survey import Survey

#: A session, or a folder of images with that of its masks.
Source = Path | tuple[Path, Path]

_MANY_NAMES = 4
#: Of fewer pages nobody can say how right a model is; from this fraction on it learns little.
_FEW_PAGES, _AGREES = 10, 0.9


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """All that is to be said before the button is pressed.

    Parameters
    ----------
    counted : mapping
        Source -> its survey, or why it cannot be used.
    survey : Survey
        All of them together.
    split : Split or None
        What is learned from and what is held out; None where that cannot be.
    why_not : str
        Why nothing can be learned from them; empty where it can.
    models : tuple of ModelEntry
        Those that can be named.
    pace : Pace
        Of this machine.
    """

    counted: Mapping[Source, Survey | str]
    survey: Survey
    split: Split | None
    why_not: str
    models: tuple[ModelEntry, ...]
    pace: Pace


@dataclass
class Memory:
    """What need not be found out again; used by one job at a time."""

    surveys: dict[Any, Survey] = field(default_factory=dict)
    pace: Pace | None = None


def preparing(
    sources: tuple[Source, ...],
    near: tuple[Path, ...],
    settings: FineTuneSettings,
    memory: Memory,
) -> Steps[Prepared]:
    """Count the pages of the sources, split them, look at the models and the machine."""
    yield Progress(0, 1, "sessions")
    from napari_squeakout.core.fine_tuning.duration import measure_pace
    from napari_squeakout.io.models.registry import list_models
    from napari_squeakout.io.training_pages.survey import Survey, together

    found: dict[Source, Survey | str] = {}
    for source in sources:
        found[source] = yield from _surveying(source, near, memory)
    memory.pace = memory.pace or measure_pace()
    survey = together([known for known in found.values() if isinstance(known, Survey)])
    why_not = next((known for known in found.values() if isinstance(known, str)), "")
    split = None
    if not why_not:
        try:
            split = split_places(
                survey.places,
                survey.with_calls,
                held_out_fraction=settings.held_out_fraction,
                seed=settings.seed,
            )
        except SqueakOutError as error:
            why_not = sentence(str(error))
    return Prepared(
        counted=found,
        survey=survey,
        split=split,
        why_not=why_not,
        models=tuple(list_models()),
        pace=memory.pace,
    )


def _surveying(source: Source, near: tuple[Path, ...], memory: Memory) -> Steps[Survey | str]:
    """Survey of one source, or why there is none; of one that has not changed as it was."""
    from napari_squeakout.io.training_pages.survey import surveying_folders, surveying_session

    key = (source, near, _stamp(source))
    if key not in memory.surveys:
        steps = (
            surveying_session(source, near)
            if isinstance(source, Path)
            else surveying_folders(*source)
        )
        try:
            memory.surveys[key] = yield from steps
        except (SqueakOutError, OSError) as error:
            # Not kept: what is missing may come back, and the session not change by that.
            return sentence(str(error))
    return memory.surveys[key]


def _stamp(source: Source) -> tuple[int, ...]:
    """Something that changes with a source: a session is written whenever its review changes."""
    if isinstance(source, tuple):
        files = [file for folder in source if folder.is_dir() for file in folder.iterdir()]
    else:
        files = [source / "session.json"]
    return tuple(sorted(file.stat().st_mtime_ns for file in files if file.exists()))


def pages_text(survey: Survey) -> str:
    """How much there is, in a sentence."""
    if not survey.n_pages:
        return "No page is approved yet."
    with_calls = int(survey.with_calls.sum())
    n_calls = counted(survey.n_calls, "call")
    parts = [f"{with_calls} with {n_calls}", f"{survey.n_pages - with_calls} empty"]
    return f"{counted(survey.n_pages, 'approved page')}: {', '.join(parts)}."


def agreement_text(survey: Survey) -> str:
    """Say so where the model had nearly all of it right: it would learn little new."""
    right = survey.n_pages - int(survey.corrected.sum())
    if survey.n_pages < _FEW_PAGES or right < _AGREES * survey.n_pages:
        return ""
    return (
        f"The model had {right} of them right already: pages that it got wrong teach more, and are "
        "found among those on which it is least sure."
    )


def split_text(prepared: Prepared) -> str:
    """What is learned from, and what is held out."""
    split = prepared.split
    if split is None:
        return ""
    held_out = f"{len(split.held_out)} held out to judge by ({held_out_text(prepared)})"
    between = len(split.between)
    unused = f"; {between} beside them used for neither" if between else ""
    return f"Learns from {len(split.learn)} of them; {held_out}{unused}."


def held_out_text(prepared: Prepared) -> str:
    """Which pages are held out: recordings by name, or a stretch of time."""
    survey, split = prepared.survey, prepared.split
    assert split is not None  # noqa: S101 - only asked where there is one
    places = [survey.places[index] for index in split.held_out]
    groups = list(dict.fromkeys(place.group for place in places))
    names = [NAMES.called(survey.names.get(group, group)) for group in groups]
    if split.by == "recordings":
        more = f" and {len(names) - _MANY_NAMES} more" if len(names) > _MANY_NAMES else ""
        return f"all of {', '.join(names[:_MANY_NAMES])}{more}"
    first, last = places[0], places[-1]
    one, other = place_name(first.name), place_name(last.name)
    return one if first == last else f"{one} to {other}"


def place_name(name: str) -> str:
    """What a page is called on the screen: `rec_2 page 3`, or as its image."""
    source, page, number = name.rpartition(" page ")
    return f"{NAMES.called(source)}{page}{number}" if page else NAMES.called(name)


def time_text(prepared: Prepared, settings: FineTuneSettings, *, curve: bool) -> str:
    """About how long it takes on what."""
    from napari_squeakout.core.fine_tuning.duration import expected_seconds

    if prepared.split is None:
        return ""
    # A quarter and half of the pages, judged in each epoch by all that are held out.
    split, times = prepared.split, 2 if curve else 1
    low, high = expected_seconds(prepared.pace, len(split.learn), len(split.held_out), settings)
    device = prepared.pace.device.split(":")[0]
    short, long = duration_text(times * low), duration_text(times * high)
    if short.split()[1:] == long.split()[1:]:
        short = short.split()[0]  # 4 to 9 min
    span = long if short in long.split(" ")[:1] else f"{short} to {long}"
    return f"Takes about {span} on this {device}; it stops when it learns no more."
