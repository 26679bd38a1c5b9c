"""Names of files that every system takes, so that a folder can be carried from one to another."""

from __future__ import annotations

import re

# What Windows does not take in a name; "/" parts folders everywhere, ":" did so on macOS.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
# What Windows takes for a device, whatever ending comes after it ("Naming Files, Paths, and
# Namespaces" in Microsoft's documentation of Win32).
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(\.|$))", re.IGNORECASE)


def portable_name(name: str, otherwise: str) -> str:
    """A name of a file or folder that Windows, macOS and Linux take.

    Parameters
    ----------
    name : str
        What it is to be called; an ending may be added to what comes back.
    otherwise : str
        What it is called where nothing is left of that.
    """
    kept = former_name(name, otherwise)
    return _DEVICE.sub(r"\1_", kept, count=1) if _DEVICE.match(kept) else kept


def former_name(name: str, otherwise: str) -> str:
    """What earlier versions called it, by which it is found where they wrote it.

    Devices of Windows had their bare names: a folder `aux`, which Linux and macOS take.
    """
    return _FORBIDDEN.sub("_", name).strip(". ") or otherwise
