"""The `squeakout` command: what the window does, without a window.

Flags are the settings classes of core, not restated here. Exit codes: 0 success,
1 failure of an input or of the work, 2 wrong use, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys

from cyclopts import CycloptsError
from pydantic import ValidationError

from napari_squeakout.core.errors import SqueakOutError

from .commands import app
from .console import STOPPED, complain, err, misuse


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code; every failure is one line on stderr."""
    try:
        code = app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        code = misuse(_usage(error))
    except ValidationError as error:  # settings that are wrong together, as with a model's own
        code = misuse(_fault(error))
    except SqueakOutError as error:
        code = complain(str(error))
    except KeyboardInterrupt:
        err.print("stopped: finished inputs are complete, the one in work left nothing behind")
        code = STOPPED
    sys.exit(code if isinstance(code, int) else 0)


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
