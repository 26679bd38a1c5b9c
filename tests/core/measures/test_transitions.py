"""Which class follows which."""

from __future__ import annotations

import pytest

from napari_squeakout.core.measures.transitions import WARNING, transitions_of


def rows(*bouts):
    table = transitions_of(bouts)
    assert list(table) == ["recording", "from", "to", "count", "share"]
    return [tuple(row) for row in table.itertuples(index=False)]


def test_each_pair_is_counted_with_its_share_of_what_follows_the_first():
    got = rows(("a", ["flat", "short", "flat", "flat"]), ("a", ["flat", "short"]))
    assert got == [
        ("a", "short", "flat", 1, 1.0),
        ("a", "flat", "short", 2, pytest.approx(2 / 3)),
        ("a", "flat", "flat", 1, pytest.approx(1 / 3)),
    ]


def test_nothing_leads_from_one_bout_or_recording_to_the_next():
    assert rows(("a", ["flat"]), ("a", ["short"]), ("b", ["up_fm"])) == []


def test_calls_without_a_class_part_their_neighbours():
    assert rows(("a", ["flat", None, "short", "flat"])) == [("a", "short", "flat", 1, 1.0)]


def test_classes_of_fewer_than_one_in_a_hundred_calls_are_left_out():
    many = ["flat"] * 100
    assert rows(("a", [*many, "short", *many])) == [("a", "flat", "flat", 198, 1.0)]
    assert len(rows(("a", [*many[1:], "short"]))) == 2


def test_each_recording_has_its_own_rows_in_the_order_given():
    got = rows(("b", ["flat", "flat"]), ("a", ["flat", "short"]))
    assert [row[:3] for row in got] == [("b", "flat", "flat"), ("a", "flat", "short")]


def test_without_calls_there_is_an_empty_table():
    assert rows() == rows(("a", [])) == []


def test_the_docs_carry_the_warning(root):
    page = (root / "docs" / "measures.md").read_text(encoding="utf-8")
    assert WARNING in " ".join(page.replace("`", "").split())
