"""How notes and durations are put into words."""

from __future__ import annotations

from collections.abc import Iterable


def sentence(text: str) -> str:
    """A note as a sentence: with a capital and a full stop; nothing of nothing."""
    end = "" if text.endswith((".", "…")) else "."
    return f"{text[:1].upper()}{text[1:]}{end}" if text else ""


def sentences(notes: Iterable[str]) -> str:
    """Notes as sentences, one after the other."""
    return " ".join(map(sentence, notes))


def duration_text(seconds: float) -> str:
    """A duration for people: 8 s, 3 min, 2 h 5 min."""
    if seconds < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004
