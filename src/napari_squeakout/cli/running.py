"""One call of the command, from its arguments to its exit code."""

from __future__ import annotations

import glob
import logging
import os
import sys
from collections.abc import Iterable

from cyclopts import CycloptsError
from pydantic import ValidationError

from napari_squeakout.core.errors import SqueakOutError, is_disk_full, is_out_of_memory, one_line
from napari_squeakout.io.home import log_file

from .commands import app
from .console import complain, misuse, out
from .log import kept_log

_DEBUG = "--debug"
# The shells of Windows hand names with * and ? on as they are.
_SHELL_LEAVES_PATTERNS = os.name == "nt"
_log = logging.getLogger(__name__)


def run_command(arguments: list[str] | None = None) -> int:
    """Run it; failures are told in one line each, and become the exit code."""
    words = sys.argv[1:] if arguments is None else [str(word) for word in arguments]
    debug = _DEBUG in words
    with kept_log(debug=debug):
        return _told(spelt_out(word for word in words if word != _DEBUG), debug=debug)


def spelt_out(words: Iterable[str]) -> list[str]:
    """Put the files that a pattern fits in its place, as the shells of Linux and macOS do.

    Parameters
    ----------
    words : iterable of str
        Arguments of the command. Flags, and patterns that nothing fits, stay as they are. Brackets
        are no pattern here: recordings are called `mouse [2].wav`.
    """
    if not _SHELL_LEAVES_PATTERNS:
        return list(words)
    return [file for word in words for file in _fitting(word)]


def _fitting(word: str) -> list[str]:
    if word.startswith("-") or not ("*" in word or "?" in word):
        return [word]
    # Path.glob takes no pattern that begins at a drive.
    return sorted(glob.glob(word.replace("[", "[[]"))) or [word]  # noqa: PTH207


def _told(words: list[str], *, debug: bool) -> int:
    try:
        code = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        return misuse(_usage(error))
    except ValidationError as error:  # settings that are wrong together, as with a model's own
        return misuse(_fault(error))
    except SqueakOutError as error:
        _log.debug("failed", exc_info=True)
        return complain(str(error))
    except Exception as error:
        _log.debug("failed", exc_info=True)
        known = _of_the_machine(error)
        if debug and not known:
            raise
        return complain(known or _of_our_own(error))
    if out.unheard:
        return complain(f"what was found could not be written to stdout ({out.unheard})")
    return code if isinstance(code, int) else 0


def _of_the_machine(error: Exception) -> str:
    """What the system refuses, where nobody has said it better; nothing for a mistake of ours."""
    if is_out_of_memory(error):
        return "it ran out of memory: close other programs, or choose a smaller --batch-size"
    if not isinstance(error, OSError):
        return ""
    place = f"{error.filename}: " if error.filename else ""
    if is_disk_full(error):
        return f"{place}the disk is full: free space and try again"
    return f"{place}{error.strerror or error}: check the path and what may be done there"


def _of_our_own(error: Exception) -> str:
    return (
        f"a mistake of this program, not yours: {type(error).__name__}: {one_line(error)}; please "
        f"report it with {log_file()}, or see it with {_DEBUG}"
    )


def _usage(error: CycloptsError) -> str:
    """What was wrong with the arguments, in one line, with the way to more."""
    cause = error.__cause__ or error.__context__
    text = _fault(cause) if isinstance(cause, ValidationError) else " ".join(str(error).split())
    return f"{text} (squeakout --help lists what there is)"


def _fault(error: ValidationError) -> str:
    """The first value that settings refuse, as the flag it is."""
    fault = error.errors()[0]
    place = "-".join(str(part) for part in fault["loc"]).replace("_", "-")
    return f"--{place} {fault['input']}: {fault['msg']}" if place else str(fault["msg"])
