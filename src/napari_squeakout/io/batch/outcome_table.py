"""The table that says of every input of a batch what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.tables.writing import write_frame

from .batch import Outcome

COLUMNS = ("input", "state", "calls", "pages", "result", "message")
_HEADING = (",".join(COLUMNS) + "\n").encode()


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
    rows: list[tuple[object, ...]] = []
    lock = _taken(path)
    try:
        yield lambda outcome: rows.append(row_of(outcome))
    finally:
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        write_frame(table.astype({"calls": "Int64", "pages": "Int64"}), path)
        _let_go(lock)


def _taken(path: Path) -> FileLock:
    """Take the name, so that another job of the same name is told and replaces nothing.

    A job that is killed leaves the heading alone, and no lock: the same command goes on there.
    """
    lock = FileLock(path.with_name(f".{path.name}.lock"), thread_local=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(Timeout, RuntimeError, NotImplementedError):  # another's, or no locks here
            lock.acquire(timeout=0)
        if not (lock.is_locked and path.is_file() and path.read_bytes() == _HEADING):
            with path.open("xb") as file:
                file.write(_HEADING)
    except FileExistsError as error:
        _let_go(lock)
        msg = f"{path}: exists already and stays: choose another --table"
        raise InputError(msg) from error
    except OSError as error:
        _let_go(lock)
        msg = f"{path}: cannot be written ({error.strerror}): choose another --table"
        raise InputError(msg) from error
    return lock


def _let_go(lock: FileLock) -> None:
    if lock.is_locked:
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink()


def row_of(outcome: Outcome) -> tuple[object, ...]:
    """One row; `state` is done, kept (it was there), partly (not all images) or failed."""
    result = outcome.result
    message, source = "; ".join(outcome.failures), str(outcome.source.path)
    if result is None:
        return source, "failed", None, None, None, message
    state = "partly" if outcome.failures else "kept" if result.is_kept else "done"
    return source, state, len(result.calls), result.n_pages, str(result.folder), message
