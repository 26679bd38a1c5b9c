"""What stands beside each exported file: what it holds, and how that was made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from napari_squeakout.io.files import atomic_file, file_sha256
from napari_squeakout.io.results.result_folder import PROGRAM
from napari_squeakout.io.results.run_record import made_with

from .findings import Findings

#: How the name of one ends.
ENDING = ".provenance.json"


def write_sidecar(
    found: Findings, form: str, files: Sequence[Path], path: Path, notes: Sequence[str]
) -> None:
    """Write where exported calls come from.

    Parameters
    ----------
    found : Findings
        What was exported.
    form : str
        In which form.
    files : sequence of Path
        What was written, all of it in the folder of `path` or below.
    path : Path
        File to write.
    notes : sequence of str
        What the user should know of the export.
    """
    said: dict[str, Any] = {
        "program": PROGRAM,
        "form": form,
        "files": {
            file.relative_to(path.parent).as_posix(): file_sha256(file) for file in sorted(files)
        },
        "calls": len(found.calls),
        "approved_pages": found.n_approved,
        "notes": list(notes),
        "source": str(found.place.absolute()),
        "made": dict(found.known),
        "exported": made_with(),
    }
    with atomic_file(path) as draft:
        text = json.dumps(said, indent=2, allow_nan=False, default=str)
        draft.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
