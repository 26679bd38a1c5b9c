"""Groups from folders of results: who is who, and what is written of it."""

from __future__ import annotations

import csv
from xml.etree import ElementTree

import pandas as pd
import pytest
from kept import recording_in, result_of
from synthetic_groups import project

from napari_squeakout.cli.running import run_command
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.groups.comparing import compare_groups
from napari_squeakout.core.groups.settings import GroupSettings
from napari_squeakout.core.measures.summary import summarised
from napari_squeakout.io.tasks.grouping import write_groups


def command(*words):
    return run_command([str(word) for word in words])


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Folders of results of four recordings, of two animals in each of two groups."""
    folder = tmp_path_factory.mktemp("lab")
    names = ("m1_KO", "m2_KO", "m3_WT", "m4_WT")
    sounds = [recording_in(folder / "sounds", f"{name}.wav") for name in names]
    return [result_of(path, folder / "out", masks=True) for path in sounds]


def test_the_command_writes_what_python_gives_and_says_it_with_the_number_of_animals(
    results, tmp_path, capsys
):
    files = {name: tmp_path / name for name in ("out.csv", "animals.csv", "plot.svg")}
    code = command(
        "groups", *results, "--output", files["out.csv"], "--animals", files["animals.csv"],
        "--plot", files["plot.svg"], "--names", "{subject}_{group}", "--compared", "calls_per_min",
        "--compared", "mean_principal_hz", "--reference", "WT",
    )  # fmt: skip
    said = " ".join(capsys.readouterr().out.split())
    assert code == 0
    assert "(n = 2) and KO" in said
    assert "no difference between them, however large, could be told" in said
    rows = pd.read_csv(files["out.csv"])
    assert rows["measure"].tolist() == ["calls_per_min", "mean_principal_hz"]
    assert rows[["group", "other"]].iloc[0].tolist() == ["WT", "KO"]
    assert pd.read_csv(files["animals.csv"])["animal"].tolist() == ["m1", "m2", "m3", "m4"]
    sheet = ElementTree.parse(files["plot.svg"]).getroot()
    assert len(list(sheet.iter("{http://www.w3.org/2000/svg}circle"))) == 8


def test_who_is_who_has_to_be_said_and_nothing_that_is_there_is_replaced(results, tmp_path, capsys):
    mine = tmp_path / "mine.csv"
    assert command("groups", *results, "--output", mine) == 2
    mine.write_text("mine")
    names = ("--names", "{subject}_{group}")
    assert command("groups", *results, "--output", mine, *names) == 1
    assert command("groups", *results, "--output", "a", "--animals", "a", *names) == 2
    assert mine.read_text() == "mine"
    assert "says --subjects or --names" in capsys.readouterr().err


def comparison(recordings, **settings):
    return compare_groups(summarised(recordings).recordings, GroupSettings(**settings))


def test_a_small_p_or_share_is_no_0_in_the_table(tmp_path):
    many = project(animals=30, rate=6)
    compared = comparison(many, resamples=99_999, compared=("calls_per_min", "vocal_share"))
    write_groups(compared, tmp_path / "out.csv")
    rows = pd.read_csv(tmp_path / "out.csv")
    assert rows["p"].tolist() == [1e-5, 1e-5]
    assert rows["mean_group"].tolist() == pytest.approx(
        compared.differences["mean_group"].tolist(), rel=1e-5
    )


def test_names_like_formulas_stay_text_in_every_table(tmp_path):
    evil = "=cmd|' /C calc'!A0"
    recordings = project()
    for one in recordings:
        one.about["group"] = evil if one.about["group"] == "A" else "@B"
        one.about["subject"] = f"-{one.about['subject']}"
    files = [tmp_path / name for name in ("out.csv", "animals.csv", "plot.svg")]
    write_groups(comparison(recordings), files[0], animals=files[1], plot=files[2])
    for file in files[:2]:
        with file.open(newline="", encoding="utf-8") as lines:
            cells = [cell for row in csv.reader(lines) for cell in row]
        assert f"'{evil}" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "@", "-m"))]
    words = ElementTree.parse(files[2]).getroot().itertext()
    assert any(word.startswith("=cmd|' /C") for word in words)


def test_a_file_in_the_way_leaves_nothing_half_written(tmp_path):
    (tmp_path / "plot.svg").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        write_groups(comparison(project()), tmp_path / "out.csv", plot=tmp_path / "plot.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["plot.svg"]
