"""Downloads are told by us: pooch's own log lines stay off the terminal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pooch


@contextmanager
def quiet_pooch() -> Iterator[None]:
    """Keep pooch's log lines off the terminal; they are as they were afterwards."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
