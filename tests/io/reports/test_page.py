"""A report as one page: what it says of groups, and that names are text in it."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from synthetic_groups import project

from napari_squeakout.core.groups.comparing import compare_groups
from napari_squeakout.core.measures.summary import summarised
from napari_squeakout.core.settings import CleanSettings, MeasureSettings, RenderSettings
from napari_squeakout.io.reports.methods import citations, methods
from napari_squeakout.io.reports.page import page_of
from napari_squeakout.io.reports.report import HowMade, Report, ReportedRecording

EVIL = "=cmd|' /C calc'!A0.wav"
SETTINGS = {"clean": CleanSettings().model_dump(), "render": RenderSettings().model_dump()}


def made(model="mine", **others):
    return HowMade(model=model, fingerprint="f" * 64, settings=SETTINGS, **others)


def reported(recordings, *, ways=None, grouped=True, **others):
    summary = summarised(recordings)
    ways = ways or [made()] * len(recordings)
    return Report(
        title="Ultrasonic calls",
        summary=summary,
        recordings=[
            ReportedRecording(name=one.name, made=way, pages=10, **others)
            for one, way in zip(recordings, ways, strict=True)
        ],
        measures=MeasureSettings(),
        comparison=compare_groups(summary.recordings) if grouped else None,
        versions={"napari-squeakout": "0.1.0", "numpy": "2.0"},
        finished="2026-05-01T12:00:00+00:00",
    )


def words_of(page):
    return " ".join(unescape(re.sub("<[^>]*>", " ", page)).split())


class Cells(HTMLParser):
    """What a reader of tables finds in the cells, and every tag there is."""

    def __init__(self):
        super().__init__()
        self.cells, self.tags, self._open = [], set(), False

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self._open = tag in {"td", "th"}

    def handle_data(self, data):
        if self._open:
            self.cells.append(data)
            self._open = False


def test_a_known_difference_is_said_with_the_number_of_animals():
    said = words_of(page_of(reported(project())))
    assert "calls a minute: A 40 (n = 6) and B 60 (n = 6): +20, 1.50 times" in said
    assert re.search(r"principal frequency \(kHz\): .{60,200}: they differ", said)
    assert said.count("they differ") == 3  # bouts go with calls
    assert "no difference is shown" in said


def test_shuffled_groups_are_said_not_to_differ():
    said = words_of(page_of(reported(project(shuffled=True))))
    assert "they differ" not in said
    assert said.count("no difference is shown") == 6


def test_the_page_needs_nothing_beside_it_and_runs_nothing():
    page = page_of(reported(project()))
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "<script" not in page
    assert page.count('src="data:image/svg+xml;base64,') == 12 + 6


def test_names_and_notes_are_neither_markup_nor_formulas():
    recordings = project()
    recordings[0] = type(recordings[0])(
        name=EVIL,
        duration_s=300,
        calls=recordings[0].calls,
        about={"subject": "=1+1", "group": "<script>alert(1)</script>"},
    )
    recordings[1].about["group"] = "<script>alert(1)</script>"
    pictures = (("=note <img src=x onerror=alert(1)>", b"jpeg"),)
    page = page_of(reported(recordings, pictures=pictures, ways=[made("<b>m</b>")] * 12))
    found = Cells()
    found.feed(page)
    assert f"'{EVIL}" in found.cells
    assert not [cell for cell in found.cells if cell.startswith(("=", "@"))]
    assert not found.tags & {"script", "b"}
    assert "onerror=alert(1)>" not in page
    assert "'=note" in words_of(page)


def test_the_methods_name_model_threshold_versions_and_how_groups_were_compared():
    said = methods(reported(project(), approved=2, corrected=1))
    for words in (
        "12 recordings (60.0 min, 3000 calls)", "model mine (fingerprint ffffffffffff)",
        "probability above 0.51", "napari-squeakout 0.1.0", "numpy 2.0",
        "Of 120 pages a person approved 24", "corrected 12 more", "n counts animals",
        "corrected for 6 comparisons (Holm 1979)",
    ):  # fmt: skip
        assert words in said
    assert "Phipson" not in said


def test_recordings_that_were_made_otherwise_are_named():
    recordings = project()
    ways = [made()] * 10 + [made("other"), HowMade()]
    said = methods(reported(recordings, ways=ways, grouped=False))
    assert "In 10 of them" in said
    assert "In 1 of them (rec10) the SqueakOut network" in said
    assert "model other" in said
    assert "In 1 of them (rec11) no model is recorded" in said
    assert "What turned probabilities into calls is not recorded" in said
    assert "No page was reviewed by a person" in said


@pytest.mark.parametrize("grouped", [True, False])
def test_what_the_methods_name_is_cited(grouped):
    report = reported(project(), grouped=grouped)
    cited = " ".join(citations(report))
    named = re.findall(r"(\w+)(?: and \w+)?,? (?:\()?(\d{4})", methods(report))
    assert "Santana" in cited
    assert ("Hedges" in cited) == grouped
    assert all(f"({year})" in cited for name, year in named if name in {"Holm", "Hedges"})
