"""Events of a fine-tuning, made from the lines that a run of 0.1.0 told: each has all its fields.

The lines are frozen: runs that were told so are still to be read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from napari_squeakout.io.training_runs.events import Event, event_of

LINES = (Path(__file__).parent / "told_0_1_0.jsonl").read_text().splitlines()
_FIRST = {told["kind"]: told for told in map(json.loads, reversed(LINES))}


def an_event(kind: str, **changes: Any) -> Event:
    """One of that kind, with these fields of its own."""
    event = event_of({**_FIRST[kind], **changes})
    assert event is not None, changes
    return event
