"""Numbers with their nouns and verbs, as a person writes them."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 call, 2 calls."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def are(number: int) -> str:
    """The verb after a number: 1 of 3 pages is, 2 of 3 pages are."""
    return "is" if number == 1 else "are"
