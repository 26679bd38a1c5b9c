"""Who follows the tutorial to the letter, from an empty folder, gets what it promises."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from shown_commands import commands_of

from napari_squeakout.cli.running import run_command


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The folder in which all commands of the tutorial were run, one after the other."""
    place = tmp_path_factory.mktemp("empty") / "machine"
    place.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NAPARI_SQUEAKOUT_HOME", str(place.parent / "home"))
        patch.chdir(place)
        for words in commands_of("tutorial.md"):
            assert run_command(words) == 0, words
    return place


def test_each_mouse_has_a_row_and_each_group_four_mice(followed):
    summed = pd.read_csv(followed / "recordings.csv")
    assert list(summed["group"]) == 4 * ["WT"] + 4 * ["KO"]
    animals = pd.read_csv(followed / "animals.csv")
    assert sorted(animals["animal"]) == [f"m{n}" for n in range(1, 9)]


def test_the_groups_differ_in_how_often_they_call_by_as_much_as_is_shown(followed, root):
    table = pd.read_csv(followed / "groups.csv").set_index("measure")
    rate = table.loc["calls_per_min"]
    assert (rate["n_group"], rate["n_other"]) == (4, 4)
    assert rate["interval_low"] < rate["difference"] < rate["interval_high"] < 0
    text = " ".join((root / "docs" / "tutorial.md").read_text(encoding="utf-8").split())
    shown = re.search(
        r"calls a minute: WT ([\d.]+) \(n = 4\) and KO ([\d.]+) \(n = 4\):"
        r" (-[\d.]+), ([\d.]+) times"
        r" \(95 % interval (-[\d.]+) to (-[\d.]+), g = -[\d.]+\), p = ([\d.]+),",
        text,
    )
    found = [rate["mean_group"], rate["mean_other"], rate["difference"], rate["times"]]
    found += [rate["interval_low"], rate["interval_high"]]
    assert [float(number) for number in shown.groups()[:6]] == pytest.approx(found, rel=0.15)
    assert float(shown[7]) == pytest.approx(rate["p"], abs=0.001)


def test_the_mice_call_as_long_as_is_said(followed, root):
    text = (root / "docs" / "tutorial.md").read_text(encoding="utf-8")
    whole, silent_after = map(
        float,
        re.search(r"with ([\d.]+) s of each.*?silent after ([\d.]+) s", text, re.DOTALL).groups(),
    )
    recordings = pd.read_csv(followed / "recordings.csv")
    assert list(recordings["duration_s"]) == pytest.approx(8 * [whole])
    last = [
        pd.read_csv(path)["end_s"].max()
        for path in sorted((followed / "study" / "truth").iterdir())
    ]
    assert min(last[:4]) > silent_after
    assert max(last[4:]) <= silent_after


def test_what_is_to_be_looked_at_and_sent_is_there(followed):
    assert (followed / "groups.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "Methods" in (followed / "report.html").read_text(encoding="utf-8")
    assert len(list((followed / "for-raven").glob("*.selections.txt"))) == 8
