"""What is known of recordings: subject, group, litter, from a table or from their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from napari_squeakout.core.errors import InputError

#: What a summary has columns for, in their order; others that a table has come after them.
ABOUT = ("subject", "group", "litter", "sex", "age", "condition", "date")
_KEY = "recording"


def about_from_names(names: Iterable[str], pattern: str) -> dict[str, dict[str, object]]:
    """What the names of recordings say.

    Parameters
    ----------
    names : iterable of str
        Names of recordings.
    pattern : str
        With what is known in braces: `{subject}_{group}_{date}` reads `m12_KO_2026-05-01`. Each
        stands for text without the sign that follows it.

    Raises
    ------
    InputError
        If the pattern names nothing, something twice, or does not fit a name.
    """
    reader = _reader(pattern)
    about: dict[str, dict[str, object]] = {}
    for name in names:
        found = reader.fullmatch(name)
        if found is None:
            msg = f"{name}: does not fit the pattern {pattern}: state another, or a table"
            raise InputError(msg)
        about[name] = dict(found.groupdict())
    return about


def _reader(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", pattern)
    fields = parts[1::2]
    if not fields or len(set(fields)) < len(fields) or not all(f.isidentifier() for f in fields):
        msg = (
            f"the pattern {pattern} has to name what is known in braces, each once: "
            "{subject}_{group}"
        )
        raise InputError(msg)
    text = re.escape(parts[0])
    for what, after in zip(fields, parts[2::2], strict=True):
        value = f"[^{re.escape(after[0])}]+" if after else ".+"
        text += f"(?P<{what}>{value}){re.escape(after)}"
    return re.compile(text)


def about_from_table(
    table: pd.DataFrame, names: Iterable[str], *, called: str = "the table"
) -> dict[str, dict[str, object]]:
    """What a table with a column `recording` says, a row a recording.

    Raises
    ------
    InputError
        If it has no such column, two of one name, no row of a recording, or two; a recording
        without a group would be left out of a comparison without a word.
    """
    if _KEY not in table:
        msg = f"{called}: has no column {_KEY}: give it one, with the names of the recordings"
        raise InputError(msg)
    columns = [str(name) for name in table.columns]
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        msg = f"{called}: has {columns.count(twice)} columns {twice}: leave one of them"
        raise InputError(msg)
    keys = table[_KEY].astype(str).str.strip()
    about: dict[str, dict[str, object]] = {}
    for name in names:
        rows = table[keys == name]
        if len(rows) != 1:
            what = "no row" if rows.empty else f"{len(rows)} rows"
            msg = f"{called}: has {what} of {name}: give each recording one"
            raise InputError(msg)
        known = rows.iloc[0].drop(_KEY).to_dict()
        about[name] = {str(what): value for what, value in known.items()}
    return about


def ordered(about: Mapping[str, object]) -> dict[str, object]:
    """The same, what summaries usually have first."""
    usual = {name: about[name] for name in ABOUT if name in about}
    return usual | {name: value for name, value in about.items() if name not in usual}
