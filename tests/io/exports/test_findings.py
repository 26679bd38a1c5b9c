"""Results and sessions are found where they lie, and called apart."""

from __future__ import annotations

import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.exports.findings import expanded, names_of


def result_at(folder):
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    return folder


def test_a_folder_of_results_and_sessions_stands_for_them(tmp_path):
    one, other = result_at(tmp_path / "a"), result_at(tmp_path / "b")
    session = tmp_path / "c.squeakout"
    session.mkdir()
    (tmp_path / "notes").mkdir()
    assert expanded([tmp_path, one]) == [one, other, session]


def test_what_is_given_by_several_ways_comes_once(tmp_path):
    folder = result_at(tmp_path / "lab" / "a")
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "lab of ours").symlink_to(tmp_path / "lab")
    ways = [folder, tmp_path / "link", tmp_path / "lab of ours", tmp_path / "lab" / ".." / "link"]
    assert expanded(ways) == [folder]


def test_a_folder_that_holds_neither_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no result and no session, and holds none"):
        expanded([tmp_path])


def test_equal_names_get_their_folders_in_front_whatever_their_capitals(tmp_path):
    places = [tmp_path / "d1" / "m1", tmp_path / "d2" / "M1.squeakout", tmp_path / "m2"]
    assert names_of(places) == ["d1_m1", "d2_M1", "m2"]


def test_a_result_and_a_session_of_one_name_in_one_folder_are_two(tmp_path):
    names = names_of([tmp_path / "m1", tmp_path / "m1.squeakout"])
    assert len({name.casefold() for name in names}) == 2
