"""Text from anywhere, of which nothing acts on who shows it."""

from __future__ import annotations

import re

# What moves the cursor, colours or turns the text of a terminal, or cannot be written at all.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The same with control signs spelt out."""
    return _UNSEEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)
