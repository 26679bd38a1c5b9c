"""Tracebacks of what went wrong: in a file for whoever helps, and on the terminal with --debug."""

from __future__ import annotations

import logging
import logging.handlers
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from napari_squeakout.io.home import log_file

_PACKAGE = "napari_squeakout"
_LARGEST_BYTES = 2**20


class _Quiet(logging.handlers.RotatingFileHandler):
    """A log that cannot be written is no failure of the work."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say nothing."""


@contextmanager
def kept_log(*, debug: bool) -> Iterator[None]:
    """Keep what this package logs in a file; with `debug` on the terminal as well."""
    handlers: list[logging.Handler] = []
    with suppress(OSError):
        log_file().parent.mkdir(parents=True, exist_ok=True)
        # Opened at the first line, so that work without failures leaves no file.
        handlers.append(
            _Quiet(log_file(), maxBytes=_LARGEST_BYTES, backupCount=1, encoding="utf-8", delay=True)
        )
    if debug:
        handlers.append(logging.StreamHandler())
    form = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    logger, before = logging.getLogger(_PACKAGE), logging.getLogger(_PACKAGE).level
    for handler in handlers:
        handler.setFormatter(form)
        logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.setLevel(before)
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()
