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
from napari_squeakout.core.groups.comparing import GroupComparison, compare_groups
from napari_squeakout.core.groups.settings import GroupSettings
from napari_squeakout.core.measures.measuring import measuring
from napari_squeakout.core.measures.summary import RecordedCalls, Summary, summarised
from napari_squeakout.core.review.review import PageState
from napari_squeakout.core.review.uncertainty import page_uncertainty
from napari_squeakout.core.settings import CleanSettings, MeasureSettings, SummarySettings
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.reports.page import page_of
from napari_squeakout.io.reports.report import HowMade, Report, ReportedRecording
from napari_squeakout.io.results.kept_calls import KeptCalls, kept_calls
from napari_squeakout.io.results.picture import outline
from napari_squeakout.io.results.run_record import made_with
from napari_squeakout.io.tables.calls import read_calls

from .measuring import check_free, known_of_recordings

_QUALITY = 85


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
        Folders of results and sessions, each of one recording.
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
        If one cannot be measured, or is not in the table or does not fit the pattern.
    """
    found, shown = [], []
    for folder in folders:
        with kept_calls(folder) as kept:
            duration_s = kept.duration_s()
            measured = yield from measuring(kept.stack, kept.masks, kept.probabilities, measures)
            found.append(RecordedCalls(name=kept.name, duration_s=duration_s, calls=measured.calls))
            shown.append((yield from _showing(folder, kept, pages)))
    about = known_of_recordings([one.name for one in found], subjects, names)
    summary = summarised([replace(one, about=about.get(one.name, {})) for one in found], settings)
    comparison, why = _compared(summary, groups)
    made = made_with()
    return Report(
        title=title,
        summary=summary,
        recordings=tuple(shown),
        measures=measures or MeasureSettings(),
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


def _compared(summary: Summary, groups: GroupSettings | None) -> tuple[GroupComparison | None, str]:
    """The comparison of groups; or why there is none although groups are known."""
    if "group" not in summary.recordings:
        return None, ""
    try:
        return compare_groups(summary.recordings, groups), ""
    except InputError as error:
        return None, one_line(error)


def _showing(folder: Path, kept: KeptCalls, n_pages: int) -> Steps[ReportedRecording]:
    review, layout = kept.review, kept.stack.layout
    doubts, chosen_by = yield from _doubting(folder, kept)
    worst = sorted(doubts, key=lambda page: -doubts[page])[:n_pages]
    known = kept.known.get("review") or {}
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
        pictures=tuple((_caption(kept, page), _jpeg(kept, page)) for page in worst),
        doubt=chosen_by,
    )


def _doubting(folder: Path, kept: KeptCalls) -> Steps[tuple[dict[int, float], str]]:
    """How doubtful each page is that nobody has worked on; those without doubt are left out."""
    doubts: dict[int, float] = {}
    if kept.probabilities is None:
        calls = read_calls(folder / "calls.csv")
        if "mean_probability" not in calls:
            return doubts, "its probabilities are not kept, so no page is shown"
        least = calls.groupby("page")["mean_probability"].min()
        pages = least.index.to_numpy(int).tolist()
        doubts = dict(zip(pages, (1 - least.to_numpy(float)).tolist(), strict=True))
        return doubts, "shown are pages with the calls of the lowest mean probability"
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
