"""Text in tables acts on nothing, and can be read as what it was."""

from __future__ import annotations

import re

import pytest

from napari_squeakout.io.tables.safe_text import before_it_was_harmless, harmless, harmless_in_line


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\uff1d1", "\uff0b1", "\uff0d1"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe_that_can_be_taken_off(text):
    assert harmless(text) == f"'{text}"
    assert before_it_was_harmless(harmless(text)) == text


@pytest.mark.parametrize("text", ["mouse", "'quoted'", "a=b", "", "'"])
def test_other_text_is_left_alone_both_ways(text):
    assert harmless(text) == before_it_was_harmless(text) == text


def test_in_a_line_no_tab_and_no_line_end_is_left():
    assert harmless_in_line("a\tb\nc\rd\uffff") == r"a\tb\nc\rd" + "\\uffff"
    assert harmless_in_line("\t=x") == r"'\t=x"


def test_what_is_no_text_is_left_alone():
    assert harmless(3.5) == harmless_in_line(3.5) == 3.5
    assert harmless_in_line(None) is None


def test_one_module_writes_tables_and_its_text_is_harmless(root):
    """What it writes is tried with names like formulas; another one would not be."""
    writes = re.compile(r"\.to_(csv|excel|html|markdown)\(|csv\.(writer|DictWriter)|Workbook\(")
    source = root / "src" / "napari_squeakout"
    found = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if writes.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"io/tables/writing.py"}
