"""What a person names becomes inputs, and what their results are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_squeakout.io.sources.inputs import Input, plan_inputs


def touch(*files):
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    return files


def names(*paths):
    return [planned.name for planned in plan_inputs(paths)]


def test_results_are_called_after_the_stem_of_a_file_and_the_name_of_a_folder(tmp_path):
    wav, png = touch(tmp_path / "rec 1.v2.wav", tmp_path / "pictures.2" / "a.png")
    assert names(wav, png.parent) == ["rec 1.v2", "pictures.2"]


def test_equal_stems_get_their_parents_name_in_front(tmp_path):
    one, two, other = touch(
        tmp_path / "mon" / "rec.wav", tmp_path / "tue" / "rec.wav", tmp_path / "tue" / "b.wav"
    )
    assert names(one, two, other) == ["mon_rec", "tue_rec", "b"]


def test_parents_of_one_name_get_theirs_in_front(tmp_path):
    files = touch(tmp_path / "m1" / "day" / "rec.wav", tmp_path / "m2" / "day" / "rec.wav")
    assert names(*files) == ["m1_day_rec", "m2_day_rec"]


def test_names_that_differ_in_capitals_only_count_as_equal(tmp_path):
    one, two = touch(tmp_path / "x" / "Rec.wav", tmp_path / "y" / "rec.wav")
    assert names(one, two) == ["x_Rec", "y_rec"]


def test_a_recording_in_two_formats_in_one_folder_gets_two_results(tmp_path):
    found = names(*touch(tmp_path / "rec.wav", tmp_path / "rec.flac"))
    assert len({name.casefold() for name in found}) == 2
    assert all("rec" in name for name in found)


def test_a_name_made_longer_never_meets_one_that_is_there(tmp_path):
    files = touch(
        tmp_path / "x" / "a.wav",
        tmp_path / "y" / "a.wav",
        tmp_path / "z" / "x_a.wav",
        tmp_path / "z" / "y_a.wav",
    )
    found = names(*files)
    assert len({name.casefold() for name in found}) == 4


def test_a_numbered_name_never_meets_one_that_is_there(tmp_path):
    above = "_".join(tmp_path.resolve().parts[1:][-3:])
    files = touch(tmp_path / "a.wav", tmp_path / "a.flac", tmp_path / "z" / f"{above}_a_2.wav")
    assert len({name.casefold() for name in names(*files)}) == 3


def test_a_folder_of_recordings_is_its_recordings_in_order(tmp_path):
    touch(*(tmp_path / "day" / name for name in ("b.wav", "a.FLAC", ".hidden.wav", "notes.txt")))
    planned = plan_inputs([tmp_path / "day"])
    assert [(one.path.name, one.name) for one in planned] == [("a.FLAC", "a"), ("b.wav", "b")]


def test_a_folder_of_images_is_one_input(tmp_path):
    touch(tmp_path / "day" / "b.png", tmp_path / "day" / "a.png")
    assert plan_inputs([tmp_path / "day"]) == [Input(tmp_path / "day", "day")]


def test_a_folder_of_both_is_its_images_and_each_recording(tmp_path):
    touch(tmp_path / "day" / "a.png", tmp_path / "day" / "b.wav")
    assert [planned.path for planned in plan_inputs([tmp_path / "day"])] == [
        tmp_path / "day",
        tmp_path / "day" / "b.wav",
    ]


def test_an_input_named_twice_is_done_once(tmp_path):
    (wav,) = touch(tmp_path / "day" / "rec.wav")
    assert plan_inputs([wav, str(wav), wav.parent]) == [Input(wav, "rec")]


def test_the_current_folder_has_the_name_of_that_folder(tmp_path, monkeypatch):
    touch(tmp_path / "mouse7" / "a.png")
    monkeypatch.chdir(tmp_path / "mouse7")
    assert names(".") == ["mouse7"]


def test_an_input_named_by_two_ways_is_done_once(tmp_path, monkeypatch):
    touch(tmp_path / "day" / "rec.wav")
    monkeypatch.chdir(tmp_path)
    assert names("day/rec.wav", tmp_path / "day" / "rec.wav", "./day/../day/rec.wav") == ["rec"]


def test_a_link_is_called_as_itself_and_not_as_what_it_leads_to(tmp_path):
    (stored,) = touch(tmp_path / "store" / "MD5E-s100--0123.wav")
    link = tmp_path / "mouse7.wav"
    try:
        link.symlink_to(stored)
    except OSError:
        pytest.skip("this system makes no links")
    assert names(link) == ["mouse7"]


def test_a_file_that_is_not_there_is_planned_too(tmp_path):
    assert names(tmp_path / "gone.wav") == ["gone"]


def test_a_folder_in_which_nothing_may_be_looked_at_is_left_to_be_told_by_its_reading(
    tmp_path, monkeypatch
):
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked" / "a.wav").touch()

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    assert names(tmp_path / "locked", "b.wav") == ["locked", "b"]
