from __future__ import annotations

import random

import pytest

from napari_squeakout.core.review.hidden_names import (
    HiddenName,
    code_alone,
    code_number,
    new_codes,
    veil,
)

FEMALE = HiddenName(
    code="R07",
    names=("KO_female_07.wav", "KO_female_07", "KO_female_07.squeakout"),
    places=("/data/treated/KO_female_07.wav",),
    folders=("/data/treated",),
)
NUMBERED = HiddenName(
    code="R03", names=("0012.wav", "0012"), places=("/data/treated/0012.wav",),
    folders=("/data/treated",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/data/treated/KO_female_07.wav: is damaged", "R07: is damaged"),
        ("Saved 3 calls in /out/treated/KO_female_07.", "Saved 3 calls in /out/…/R07."),
        ("ko_female_07_raven.csv: 3 calls", "R07_raven.csv: 3 calls"),
        ("Kept in KO_female_07.squeakout", "Kept in R07"),
        ("Kept in /data/treated", "Kept in …"),
        ("0012: has no calls on 0012 pages", "R03: has no calls on 0012 pages"),
        ("/out/0012/calls.csv, 0012.flac, 0012.", "/out/R03/calls.csv, R03.flac, 0012."),
        ("Pages of untreated mice", "Pages of untreated mice"),
    ],
)
def test_codes_take_the_place_of_names_paths_and_folders(text, shown):
    assert veil([FEMALE, NUMBERED])(text) == shown


def test_nothing_is_changed_where_nothing_is_hidden():
    assert veil([])("KO_female_07 {x} \\1") == "KO_female_07 {x} \\1"


def test_names_that_hold_signs_of_patterns_are_taken_out():
    odd = HiddenName(code="R01", names=("{a}(1).*", "{a}(1).*.wav"))
    assert veil([odd])("Open {a}(1).*.wav or {a}(1).*") == "Open R01 or R01"


def test_a_number_at_the_end_of_a_name_is_not_the_beginning_of_another():
    pup = HiddenName(code="R12", names=("pup1", "pup1.wav"))
    assert veil([pup])("pup10.wav beside pup1_raven.csv") == "pup10.wav beside R12_raven.csv"


def test_a_name_that_two_recordings_have_is_taken_for_neither():
    one, other = HiddenName(code="R01", names=("day1.wav",)), HiddenName(
        code="R02", names=("day1.wav",)
    )  # fmt: skip
    assert veil([one, other])("day1.wav: is damaged") == "…: is damaged"


def test_codes_of_a_list_are_drawn_and_none_is_given_twice():
    drawn = [new_codes(12, rng=random.Random(seed)) for seed in (1, 2)]
    assert sorted(drawn[0]) == sorted(drawn[1]) == [f"R{n:02d}" for n in range(1, 13)]
    assert drawn[0] != drawn[1]
    assert set(new_codes(3, drawn[0])) == {"R13", "R14", "R15"}
    assert sorted(new_codes(100), key=code_number)[-1] == "R100"


def test_a_code_by_itself_is_none_of_those_that_are_taken():
    taken = [f"R{n}" for n in range(100, 1000) if n != 512]
    assert code_alone(taken) == "R512"


def test_on_a_long_list_each_name_gets_its_own_code():
    listed = [
        HiddenName(
            code=f"R{n}",
            names=(f"KO_{n:04}.wav", f"KO_{n:04}", f"KO_{n:04}.squeakout"),
            places=(f"/data/day {n}/KO_{n:04}.wav", f"/data/study/KO_{n:04}.squeakout"),
            folders=(f"/data/day {n}", "/data"),
        )
        for n in range(1000)
    ]
    veiled = veil(listed)
    said = [veiled(f"30 of 60 pages segmented: KO_{n:04}.") for n in (0, 99, 512, 999)]
    assert said == [f"30 of 60 pages segmented: R{n}." for n in (0, 99, 512, 999)]
