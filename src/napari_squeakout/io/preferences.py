"""How a person likes a window, kept from one day to the next; it says nothing of any recording."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.setting import Settings

from .files import atomic_file
from .home import home_folder

if TYPE_CHECKING:
    from pathlib import Path

Kind = TypeVar("Kind", bound=Settings)
# So few settings take far less.
_LARGEST_BYTES = 2**16


def read_preferences(kind: type[Kind], name: str) -> Kind:
    """Settings as they were kept under a name; the defaults where none were, or they are spoilt."""
    try:
        if _file(name).stat().st_size > _LARGEST_BYTES:
            return kind()
        values = json.loads(_file(name).read_text(encoding="utf-8"))
        known = {key: value for key, value in values.items() if key in kind.model_fields}
        return kind(**known)  # pydantic's error is a ValueError
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return kind()


def keep_preferences(settings: Settings, name: str) -> None:
    """Keep settings under a name.

    Never complains: whoever works must not be kept from it by a file that cannot be written.
    """
    text = json.dumps(settings.model_dump(), indent=1)
    with suppress(SqueakOutError, OSError, UnicodeError), atomic_file(_file(name)) as draft:
        draft.write_text(text + "\n", encoding="utf-8")


def _file(name: str) -> Path:
    return home_folder() / f"{name}.json"
