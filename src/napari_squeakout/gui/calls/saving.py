"""The rows that are shown, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QWidget

from napari_squeakout.core.measures.edited import LAST_PAGE, PAINTED
from napari_squeakout.core.numerals import counted
from napari_squeakout.gui.source.contents import file_to_write
from napari_squeakout.io.tables.calls import write_calls

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_squeakout.core.stacks import CallTable
    from napari_squeakout.gui.layers.layer_kinds import LabelsLayer

_SUFFIX = ".csv"


def asked_path(parent: QWidget, name: str) -> str:
    """Where a person wants the table; empty where nowhere."""
    path, _ = QFileDialog.getSaveFileName(
        parent, "Save the calls shown", f"{name} calls{_SUFFIX}", f"Table (*{_SUFFIX})"
    )
    return str(path)


def save_rows(
    calls: CallTable, rows: NDArray[np.intp], path: str | Path, *, layer: LabelsLayer
) -> str:
    """Write calls in the order given, with the columns and units of `calls.csv`; say so.

    Raises
    ------
    SqueakOutError
        If the name ends otherwise, is that of a file that the calls were found in, or of one that
        was not asked about, or it cannot be written.
    """
    file = file_to_write(path, (_SUFFIX,), "a table of calls", metadata=layer.metadata)
    write_calls(calls.drop(columns=[PAINTED, LAST_PAGE]).iloc[rows], file)
    return f"Saved {counted(len(rows), 'call')} to {file}."
