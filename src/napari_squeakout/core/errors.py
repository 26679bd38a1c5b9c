"""What a user can mend: each error is one sentence that names the thing and the remedy."""

from __future__ import annotations

import errno


class SqueakOutError(Exception):
    """A failure whose text is meant for the user, complete in one sentence."""


class InputError(SqueakOutError):
    """A recording or image that cannot be used as it is."""


class ModelError(SqueakOutError):
    """A model that cannot be found, fetched or loaded."""


class NameTakenError(ModelError):
    """A model that cannot be written because another has its name."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory was wanting, of whatever device; torch may not be imported for it."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    # torch has no class for that of the CPU.
    text = str(error)
    return isinstance(error, RuntimeError) and (
        "DefaultCPUAllocator" in text or "not enough memory" in text
    )


def is_disk_full(error: BaseException) -> bool:
    """Whether room on a disk was wanting."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def one_line(error: BaseException) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
