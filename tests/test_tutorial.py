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
    text = (root / "docs" / "tutorial.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^calls a minute: .*?\(n = 4\): ([-+][\d.]+)", text, re.MULTILINE)
    assert float(shown) == pytest.approx(rate["difference"], rel=0.15)


def test_what_is_to_be_looked_at_and_sent_is_there(followed):
    assert (followed / "groups.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "Methods" in (followed / "report.html").read_text(encoding="utf-8")
    assert len(list((followed / "for-raven").glob("*.selections.txt"))) == 8
