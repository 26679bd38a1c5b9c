"""Packages that only some work needs, and what to install where they are missing."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from .errors import SqueakOutError


def needed(package: str, extra: str, what: str) -> ModuleType:
    """Import a package of one of our extras.

    Parameters
    ----------
    package : str
        Its import name.
    extra : str
        Which brings it.
    what : str
        What it is needed for, for the message.

    Raises
    ------
    SqueakOutError
        If it, or something that it needs itself, is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        missing = error.name or package
        msg = f'{what} needs {missing}: install it with `pip install "napari-squeakout[{extra}]"`'
        raise SqueakOutError(msg) from error
