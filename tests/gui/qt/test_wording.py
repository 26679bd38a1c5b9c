"""How what is said is put into words."""

from __future__ import annotations

import pytest

from napari_squeakout.gui.qt.wording import sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("16 calls", "16 calls."),
        ("a note.", "A note."),
        ("10 pages still to be measured…", "10 pages still to be measured…"),
        ("", ""),
    ],
)
def test_a_note_becomes_a_sentence_with_one_end(text, said):
    assert sentence(text) == said
