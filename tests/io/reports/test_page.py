"""A report as one page: what it says of groups, and that names are text in it."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from synthetic_groups import project

from napari_squeakout.core.groups.comparing import compare_groups
from napari_squeakout.core.groups.settings import GroupSettings
from napari_squeakout.core.measures.summary import RecordedCalls, summarised
from napari_squeakout.core.settings import (
    CleanSettings,
    MeasureSettings,
    RenderSettings,
    SummarySettings,
)
from napari_squeakout.io.reports.methods import citations, methods
from napari_squeakout.io.reports.page import page_of
from napari_squeakout.io.reports.report import HowMade, Report, ReportedRecording

EVIL = "=cmd|' /C calc'!A0.wav"
SETTINGS = {"clean": CleanSettings().model_dump(), "render": RenderSettings().model_dump()}


def made(model="mine", **others):
    return HowMade(model=model, fingerprint="f" * 64, settings=SETTINGS, **others)


def reported(
    recordings, *, ways=None, grouped=True, summing=None, measures=None, groups=None, **others
):
    summing = summing or SummarySettings()
    summary = summarised(recordings, summing)
    ways = ways or [made()] * len(recordings)
    return Report(
        title="Ultrasonic calls",
        summary=summary,
        recordings=[
            ReportedRecording(name=one.name, made=way, pages=10, **others)
            for one, way in zip(recordings, ways, strict=True)
        ],
        measures=measures or MeasureSettings(),
        summing=summing,
        comparison=compare_groups(summary.recordings, groups) if grouped else None,
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


def test_the_methods_say_how_many_pages_were_approved_while_names_were_hidden():
    blind = reported(project(), approved=2, blind=1)
    assert "Reviewed blind: 12 of 24 approved pages were approved while names were hidden." in (
        methods(blind)
    )
    assert "2 approved (1 of them while names were hidden)" in words_of(page_of(blind))
    assert "blind" not in methods(reported(project(), approved=2))


def test_the_methods_name_model_threshold_versions_and_how_groups_were_compared():
    said = methods(reported(project(), approved=2, corrected=1))
    for words in (
        "12 recordings (60.0 min, 3000 calls)", "model mine (fingerprint ffffffffffff)",
        "probability above 0.51", "napari-squeakout 0.1.0", "numpy 2.0",
        "Of 120 pages a person approved 24, as they were or after correcting them, and ",
        " corrected 12 more; the others are as proposed", "n counts animals",
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
    named = re.findall(r"([A-Z]\w+)(?: and \w+)?,? (?:\()?(\d{4})", methods(report))
    assert "Santana" in cited
    assert ("Hedges" in cited) == grouped
    assert {"Chung", "Hesterberg", "Janssen"} <= set(dict(named)) or not grouped
    assert not [(name, year) for name, year in named if f"({year})" not in cited]
    assert not [name for name, _ in named if name not in cited]


def settings_in(page):
    """Name -> value of each row of the tables of settings."""
    found = re.findall(r"<tr><td>([a-z]+\.[a-z_]+)</td><td>(.*?)</td></tr>", page)
    return {name: unescape(value) for name, value in found}


def test_the_page_holds_every_setting_that_a_number_of_it_rests_on():
    given = {
        "measure": MeasureSettings(jump_hz=9_000, fm_hz=8_000, short_s=0.025),
        "summary": SummarySettings(bin_s=30, bout_gap_s=0.4),
        "groups": GroupSettings(resamples=1_234, seed=5, reference="B"),
    }
    page = page_of(
        reported(
            project(), measures=given["measure"], summing=given["summary"], groups=given["groups"]
        )
    )
    shown = settings_in(page)
    for kind, settings in given.items():
        for name, value in settings.model_dump(mode="json").items():
            assert json.loads(shown[f"{kind}.{name}"]) == value
    assert "groups.seed" not in settings_in(page_of(reported(project(), grouped=False)))


def test_a_silence_fitted_to_the_intervals_is_told_from_one_that_was_set():
    summing = SummarySettings(bout_cut="intervals")
    recordings = [in_bouts(seed) for seed in range(2)]
    report = reported(recordings, summing=summing, grouped=False)
    fitted = f"{report.summary.bout_gap_s:.3g} s"
    assert f"a silence of {fitted}, fitted to the intervals between calls, ends a bout" in methods(
        report
    )
    assert settings_in(page_of(report))["summary.bout_gap_s"].endswith(
        f"(not used: {fitted} was fitted to the intervals)"
    )
    assert "fitted" not in methods(reported(recordings, grouped=False))


def in_bouts(seed):
    """Bouts of ten calls 50 ms apart, half a minute between two."""
    rng = np.random.default_rng(seed)
    silence_s = np.where(np.arange(200) % 10, 0.05, 20) * rng.lognormal(0, 0.3, 200)
    start_s = np.cumsum(silence_s + 0.03)
    calls = pd.DataFrame({"start_s": start_s, "end_s": start_s + 0.03, "duration_s": 0.03})
    return RecordedCalls(name=f"rec{seed}", duration_s=start_s[-1] + 1, calls=calls)
