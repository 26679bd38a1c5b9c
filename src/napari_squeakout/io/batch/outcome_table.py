"""The table that says of every input of a batch what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.tables.writing import write_frame

from .batch import Outcome

COLUMNS = ("input", "state", "calls", "pages", "result", "message")


@contextmanager
def outcome_table(path: Path | None) -> Iterator[Callable[[Outcome], object]]:
    """Write a row for every outcome that is told, also where the batch is stopped.

    Parameters
    ----------
    path : Path or None
        CSV to write; None for no table.

    Yields
    ------
    callable
        Takes an outcome.

    Raises
    ------
    InputError
        If there is such a file already: before anything is segmented.
    """
    if path is None:
        yield lambda _: None
        return
    _take(path)
    rows: list[tuple[object, ...]] = []
    try:
        yield lambda outcome: rows.append(row_of(outcome))
    finally:
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        write_frame(table.astype({"calls": "Int64", "pages": "Int64"}), path)


def _take(path: Path) -> None:
    """Take the name, so that another job of the same name is told and replaces nothing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(",".join(COLUMNS) + "\n")
    except FileExistsError as error:
        msg = f"{path}: exists already and stays: choose another --table"
        raise InputError(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}): choose another --table"
        raise InputError(msg) from error


def row_of(outcome: Outcome) -> tuple[object, ...]:
    """One row; `state` is done, kept (it was there), partly (not all images) or failed."""
    result = outcome.result
    message, source = "; ".join(outcome.failures), str(outcome.source.path)
    if result is None:
        return source, "failed", None, None, None, message
    state = "partly" if outcome.failures else "kept" if result.is_kept else "done"
    return source, state, len(result.calls), result.n_pages, str(result.folder), message
