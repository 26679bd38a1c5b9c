"""A report -> one page of HTML; what anybody wrote in names and notes is text in it.

Nothing is fetched and nothing runs. Names that a spreadsheet would take for formulas get an
apostrophe in front, for spreadsheets open tables of HTML too.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from napari_squeakout.core.groups.comparing import GroupComparison
from napari_squeakout.core.groups.dots import dots_of, text
from napari_squeakout.core.groups.wording import difference_text, shown_as
from napari_squeakout.core.numerals import counted
from napari_squeakout.io.tables.safe_text import harmless

from .bars import bars_of, not_drawn
from .methods import citations, makings, methods
from .report import Report, ReportedRecording

_STYLE = (
    "body{font:15px/1.5 sans-serif;color:#1c1e21;max-width:72rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;font-size:13px;margin:1rem 0}"
    "th,td{border:1px solid #ddd;padding:.2rem .6rem;text-align:right}"
    "th:first-child,td:first-child{text-align:left}figure{display:inline-block;margin:.4rem}"
    "figcaption{font-size:12px;max-width:320px}.wide{overflow-x:auto}"
    "img{max-width:320px}"  # three pages side by side
    "blockquote{background:#f4f5f7;margin:1rem 0;padding:.8rem 1.2rem}"
    # On paper nothing can be scrolled.
    "@media print{body{margin:0}img,figcaption{max-width:180px}table{font-size:8px}"
    "th,td{padding:.1rem .25rem}tr,figure{break-inside:avoid}h2,h3{break-after:avoid}}"
)
# Nothing of the page may run or be fetched, whatever finds its way into it.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
# What the table of recordings shows; all the rest is in the summary itself.
_FIRST = (
    "recording", "subject", "group", "litter", "sex", "age", "condition", "date", "duration_s",
    "calls", "calls_per_min", "latency_s", "vocal_share", "bouts_per_min", "mean_duration_s",
    "mean_principal_hz",
)  # fmt: skip
_SETTINGS = ("recording", "render", "segment", "clean")
_MEASURED = _FIRST[8:]


def page_of(report: Report) -> str:
    """The whole page."""
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{_words(report.title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_words(report.title)}</h1>",
        *_recordings(report),
        _list(report.summary.notes),
        *_groups(report),
        *_doubts(report),
        "<h2>Methods</h2><p>Ready to paste; check it before you do.</p>",
        f"<blockquote>{_words(methods(report))}</blockquote>",
        _list(citations(report), "ol"),
        *_settings(report),
        f"<p>Made {_words(report.finished)}.</p></body></html>\n",
    ]
    return "\n".join(parts)


def _words(words: object) -> str:
    return text(harmless(str(words)))


def _list(items: Iterable[str], kind: str = "ul") -> str:
    rows = "".join(f"<li>{_words(item)}</li>" for item in items)
    return f"<{kind}>{rows}</{kind}>" if rows else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of text, wider than the page where it has to be."""
    top = "".join(f"<th>{_words(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>" for cells in rows
    )
    return f'<div class="wide"><table><tr>{top}</tr>{body}</table></div>'


def _image(data: bytes, kind: str, caption: str) -> str:
    code = base64.b64encode(data).decode("ascii")
    return (
        f'<figure><img alt="{_words(caption)}" src="data:image/{kind};base64,{code}">'
        f"<figcaption>{_words(caption)}</figcaption></figure>"
    )


def _recordings(report: Report) -> list[str]:
    table, bins = report.summary.recordings, report.summary.bins
    columns = [name for name in _FIRST if name in table]
    rows = [[_cell(name, row[name]) for name in columns] for row in table.to_dict("records")]
    heads = [shown_as(name).label if name in _MEASURED else name for name in columns]
    bars = [
        _image(bars_of(rows).encode(), "svg+xml", _over_time(str(name), rows))
        for name, rows in bins.groupby("recording", sort=False)
    ]
    count = counted(len(table), "recording")
    calls = counted(int(table["calls"].sum()), "call")
    return ["<h2>Recordings</h2>", f"<p>{count}, {calls}.</p>", _table(heads, rows), *bars]


def _over_time(name: str, bins: pd.DataFrame) -> str:
    left_out = not_drawn(bins)
    return f"{name}: calls a minute over time" + f"; {left_out}" * bool(left_out)


def _cell(name: str, value: Any) -> str:
    if name in _MEASURED and isinstance(value, int | float):
        return shown_as(name).number(value)
    return "" if pd.isna(value) else _words(value)


def _groups(report: Report) -> list[str]:
    if report.comparison is None:
        told = f"<p>Not compared: {_words(report.no_groups)}.</p>" if report.no_groups else ""
        return ["<h2>Groups</h2>", told] if told else []
    found = report.comparison
    said = [difference_text(row) for row in found.differences.to_dict("records")]
    plots = [
        _image(dots_of(found, measure).encode(), "svg+xml", f"{shown_as(measure).label}: a dot "
               f"each {found.settings.unit}, the line is the mean of the group")
        for measure in found.settings.compared
    ]  # fmt: skip
    return ["<h2>Groups</h2>", _list(said), _list(found.notes), *plots, _units(found)]


def _units(found: GroupComparison) -> str:
    columns = list(found.units.columns)
    measured = set(found.settings.compared)
    rows = [
        [
            shown_as(name).number(row[name]) if name in measured else _words(row[name])
            for name in columns
        ]
        for row in found.units.to_dict("records")
    ]
    heads = [shown_as(name).label if name in measured else name for name in columns]
    return _table(heads, rows)


def _doubts(report: Report) -> list[str]:
    parts = ["<h2>Pages in most doubt</h2>"]
    for one in report.recordings:
        parts += [f"<h3>{_words(one.name)}</h3>", f"<p>{_words(_reviewed(one))}</p>"]
        parts += [_image(picture, "jpeg", caption) for caption, picture in one.pictures]
    return parts


def _reviewed(one: ReportedRecording) -> str:
    blind = f" ({one.blind} of them while names were hidden)" * bool(one.blind)
    return (
        f"{counted(one.pages, 'page')}, {one.approved} approved{blind} and {one.corrected} more "
        f"corrected by a person; {one.doubt}"
    )


def _settings(report: Report) -> list[str]:
    parts = ["<h2>Settings</h2>"]
    for made, names in makings(report.recordings):
        known = {kind: made.settings.get(kind) or {} for kind in _SETTINGS}
        parts += [f"<h3>{_words(', '.join(names))}</h3>", _values(known)]
    known = {"measure": report.measures.model_dump(), "summary": report.summing.model_dump()}
    if report.comparison is not None:
        known["groups"] = report.comparison.settings.model_dump()
    said = {}
    if report.summing.bout_cut == "intervals":
        gap_s = report.summary.bout_gap_s
        said["summary.bout_gap_s"] = f"not used: {gap_s:.3g} s was fitted to the intervals"
    return [*parts, "<h3>Measures, summary and groups</h3>", _values(known, said)]


def _values(
    known: Mapping[str, Mapping[str, Any]], said: Mapping[str, str] = MappingProxyType({})
) -> str:
    """A table of settings, kind by kind, with what is to be said of some."""
    rows = []
    for kind, values in known.items():
        for name, value in values.items():
            shown = json.dumps(value, default=str)
            remark = said.get(f"{kind}.{name}")
            rows.append(
                [_words(f"{kind}.{name}"), text(f"{shown} ({remark})" if remark else shown)]
            )
    return _table(("setting", "value"), rows)
