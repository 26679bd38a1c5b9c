"""A comparison of groups -> tables and a plot, each whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from napari_squeakout.core.groups.comparing import GroupComparison
from napari_squeakout.core.groups.dots import sheet_of
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.tables.calls import write_calls

from .measuring import check_free

_DIGITS = 6


def write_groups(
    comparison: GroupComparison,
    path: Path,
    *,
    animals: Path | None = None,
    plot: Path | None = None,
) -> None:
    """Write the differences, and where asked for the rows of the animals and a plot of them.

    Parameters
    ----------
    comparison : GroupComparison
        Its numbers are written with six digits.
    path : Path
        CSV, a row a measure and pair of groups.
    animals : Path, optional
        CSV, a row an animal or litter.
    plot : Path, optional
        SVG, a dot an animal or litter.

    Raises
    ------
    SqueakOutError
        If a file is there already, or cannot be written.
    """
    check_free([place for place in (path, animals, plot) if place is not None])
    write_calls(_in_digits(comparison.differences), path)
    if animals is not None:
        write_calls(_in_digits(comparison.units), animals)
    if plot is not None:
        with atomic_file(plot) as draft:
            draft.write_text(sheet_of(comparison), encoding="utf-8", newline="\n")


def _in_digits(table: pd.DataFrame) -> pd.DataFrame:
    """The same with numbers of so many digits: decimals would make a small p or share a 0."""
    rounded = table.copy()
    for name in table.columns:
        if table[name].dtype.kind == "f":
            cells = [None if pd.isna(v) else float(f"{v:.{_DIGITS}g}") for v in table[name]]
            rounded[name] = pd.Series(cells, index=table.index, dtype=object)
    return rounded
