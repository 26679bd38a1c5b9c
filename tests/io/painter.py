"""Paints strokes into a session and saves it, again and again, telling each one that is finished.

Run by test_sessions.py, which kills it.
"""

# ruff: noqa: T201 - it speaks to the test

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from napari_squeakout.core.review import approve, worked_on
from napari_squeakout.io.sessions import open_session

session = open_session(Path(sys.argv[1]))
rng = np.random.default_rng(int(sys.argv[2]))
review = session.record.review
n_pages = session.record.n_pages
print("ready", flush=True)
for number in range(int(sys.argv[3]), 1_000_000):
    page, row, column = (int(v) for v in rng.integers(0, [n_pages, 500, 500]))
    session.labels[page, row : row + 12, column : column + 12] = number
    print(f"stroke {number} {page} {row} {column}", flush=True)
    if number % 3 == 0:
        review = worked_on(review, page, seconds=1.5, pixels_changed=144)
        review = approve(review, page, session.labels[page])
        session.save(session.record.with_review(review))
        print(f"saved {page}", flush=True)
