"""Folders of results and sessions -> a report of them all, as one file of HTML."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from napari_squeakout.core.errors import InputError, one_line
from napari_squeakout.core.groups.comparing import GroupComparison, check_asked, compare_groups
from napari_squeakout.core.groups.settings import GroupSettings
from napari_squeakout.core.measures.by_hand.classes import CLASS_BY, PERSON
from napari_squeakout.core.measures.measuring import measuring
from napari_squeakout.core.measures.summary import RecordedCalls, Summary, check_names, summarised
from napari_squeakout.core.review.review import PageState
from napari_squeakout.core.review.uncertainty import page_uncertainty
from napari_squeakout.core.settings import CleanSettings, MeasureSettings, SummarySettings
from napari_squeakout.core.stacks import CallTable
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.reports.page import page_of
from napari_squeakout.io.reports.report import HowMade, Report, ReportedRecording
from napari_squeakout.io.results.kept_calls import KeptCalls, kept_calls, kept_in, kept_name
from napari_squeakout.io.results.picture import outline
from napari_squeakout.io.results.run_record import made_with
from napari_squeakout.io.tables.calls import read_calls

from .measuring import check_free
from .subjects import known_of_recordings

_QUALITY = 85
_NO_GROUP = (
    "no column group is known of the recordings: call it group in the table of --subjects or in "
    "the pattern of --names"
)


def reporting(
    folders: Sequence[Path],
    settings: SummarySettings | None = None,
    *,
    measures: MeasureSettings | None = None,
    groups: GroupSettings | None = None,
    subjects: Path | None = None,
    names: str | None = None,
    title: str = "Ultrasonic calls",
    pages: int = 3,
) -> Steps[Report]:
    """Report on recordings; one that cannot be read fails all, or it would be missing.

    Parameters
    ----------
    folders : sequence of Path
        Folders of results and sessions, each of one recording, and folders of them.
    settings, measures, groups : optional
        Of the summary, the measures and the comparison of groups.
    subjects : Path, optional
        A CSV with a column `recording` and what is known of each.
    names : str, optional
        A pattern that reads it from their names.
    title : str
        Over the page.
    pages : int
        How many pages in doubt are shown of each.

    Raises
    ------
    InputError
        If one cannot be measured, or is not in the table or does not fit the pattern; or if
        measures are to be compared that the summary has not, or a reference is no group.
    """
    settings = settings or SummarySettings()
    folders = [place for given in folders for place in kept_in(given)]
    called = [kept_name(folder) for folder in folders]
    check_names(called)
    about = known_of_recordings(called, subjects, names)
    found, shown = [], []
    notes: list[str] = []
    for folder in folders:
        with kept_calls(folder) as kept:
            duration_s = kept.duration_s()
            measured = yield from measuring(
                kept.stack, kept.masks, kept.probabilities, measures, classes=kept.classes
            )
            notes += [f"{kept.name}: {note}" for note in measured.notes]
            found.append(
                RecordedCalls(
                    name=kept.name,
                    duration_s=duration_s,
                    calls=measured.calls,
                    about=about.get(kept.name, {}),
                )
            )
            one = yield from _showing(folder, kept, pages)
            n_by_hand = int((measured.calls[CLASS_BY] == PERSON).sum())
            shown.append(replace(one, classes_by_hand=n_by_hand))
    summary = replace(summarised(found, settings), notes=tuple(notes))
    wanted = subjects is not None or names is not None
    comparison, why = _compared(summary, groups or GroupSettings(), wanted=wanted)
    made = made_with()
    return Report(
        title=title,
        summary=summary,
        recordings=tuple(shown),
        measures=measures or MeasureSettings(),
        summing=settings,
        comparison=comparison,
        no_groups=why,
        versions=made["versions"],
        finished=made["finished"],
    )


def write_report(report: Report, path: Path) -> None:
    """Write it; SqueakOutError if the file is there already, or cannot be written."""
    check_free([path])
    with atomic_file(path) as draft:
        draft.write_text(page_of(report), encoding="utf-8", errors="backslashreplace", newline="\n")


def _compared(
    summary: Summary, groups: GroupSettings, *, wanted: bool
) -> tuple[GroupComparison | None, str]:
    """The comparison of groups; or why there is none although it is known who is who.

    What is asked for wrongly is raised: another name would mend it, other recordings would not.
    """
    wanted = wanted or groups != GroupSettings()
    if wanted:
        check_asked(summary.recordings, groups)
    if "group" not in summary.recordings:
        return None, _NO_GROUP if wanted else ""
    try:
        return compare_groups(summary.recordings, groups), ""
    except InputError as error:
        return None, one_line(error)


def _showing(folder: Path, kept: KeptCalls, n_pages: int) -> Steps[ReportedRecording]:
    review, layout = kept.review, kept.stack.layout
    doubts, chosen_by = yield from _doubting(folder, kept)
    worst = sorted(doubts, key=lambda page: -doubts[page])[:n_pages]
    known, known_blind = kept.known.get("review") or {}, kept.known.get("approved_blind")
    counts = {
        state: int(known.get(state.value) or 0) if review is None else review.count(state)
        for state in (PageState.APPROVED, PageState.CORRECTED)
    }
    return ReportedRecording(
        name=kept.name,
        made=_how_made(kept.known),
        pages=layout.n_pages,
        approved=counts[PageState.APPROVED],
        corrected=counts[PageState.CORRECTED],
        blind=int(known_blind or 0) if review is None else review.count_blind(),
        pictures=tuple((_caption(kept, page), _jpeg(kept, page)) for page in worst),
        doubt=chosen_by,
    )


def _doubting(folder: Path, kept: KeptCalls) -> Steps[tuple[dict[int, float], str]]:
    """How doubtful each page is that nobody has worked on; those without doubt are left out."""
    if kept.probabilities is None:
        return _doubts_of_table(read_calls(folder / "calls.csv"), kept.known)
    doubts: dict[int, float] = {}
    settings = kept.masks.settings or CleanSettings()
    total = kept.stack.layout.n_pages
    for page in range(total):
        untouched = kept.review is None or kept.review[page].state is PageState.UNREVIEWED
        if untouched and page not in kept.unknown:
            doubt = page_uncertainty(np.asarray(kept.probabilities.values[page]), settings)
            doubts |= {page: doubt} if doubt > 0 else {}
        yield Progress(page + 1, total, "doubtful pages")
    return doubts, (
        "shown are pages that nobody has worked on and that another threshold would change most"
        if doubts
        else "no page that nobody has worked on would change with another threshold"
    )


def _doubts_of_table(calls: CallTable, known: Mapping[str, Any]) -> tuple[dict[int, float], str]:
    """The same of a result, by the mean probabilities of its calls."""
    if not len(calls):
        return {}, "it has no calls, so no page is shown"
    if "mean_probability" not in calls or calls["mean_probability"].isna().all():
        return {}, "its probabilities are not kept, so no page is shown"
    worked_on = _worked_on(known)
    # Where the network saw nothing at all a person drew it.
    found = calls[(calls["mean_probability"] > 0) & ~calls["page"].isin(worked_on or ())]
    least = found.groupby("page")["mean_probability"].min()
    pages = least.index.to_numpy(int).tolist()
    doubts = dict(zip(pages, (1 - least.to_numpy(float)).tolist(), strict=True))
    if not doubts:
        return doubts, "no page that nobody has worked on has calls that the network found"
    if worked_on is None:
        return doubts, (
            "shown are pages with the calls of the lowest mean probability; which pages a person "
            "worked on is not recorded"
        )
    return doubts, (
        "shown are pages that nobody has worked on, with the calls of the lowest mean probability"
    )


def _worked_on(known: Mapping[str, Any]) -> set[int] | None:
    """Pages that a person approved or corrected; None where some were and no record says which."""
    said = known.get("reviewed_pages")
    if isinstance(said, dict) and all(isinstance(pages, list) for pages in said.values()):
        pages = [page for pages in said.values() for page in pages]
        if all(isinstance(page, int) for page in pages):
            return set(pages)
    counts = known.get("review") or {}
    worked = (PageState.APPROVED, PageState.CORRECTED)
    return None if any(counts.get(state.value) for state in worked) else set()


def _caption(kept: KeptCalls, page: int) -> str:
    starts = kept.stack.layout.starts_s
    where = f"page {page}" if starts is None else f"page {page}, from {float(starts[page]):.3f} s"
    note = "" if kept.review is None else kept.review[page].note
    return f"{where}: {note}" if note else where


def _jpeg(kept: KeptCalls, page: int) -> bytes:
    drawn = outline(kept.stack.page(page), np.asarray(kept.masks.labels[page]))
    file = io.BytesIO()
    Image.fromarray(drawn).save(file, "JPEG", quality=_QUALITY, subsampling=0)
    return file.getvalue()


def _how_made(known: Mapping[str, Any]) -> HowMade:
    """What a record says; what it does not is left empty."""
    model, device = known.get("model") or {}, known.get("device") or {}
    settings = known.get("settings") or {}
    return HowMade(
        model=str(model.get("name") or ""),
        fingerprint=str(model.get("fingerprint") or ""),
        again=str(known.get("proposed_again") or ""),
        settings={name: values for name, values in settings.items() if isinstance(values, dict)},
        versions=dict(known.get("versions") or {}),
        precision=str(device.get("precision") or ""),
    )
