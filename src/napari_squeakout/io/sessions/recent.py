"""Which sessions were worked on last, wherever they lie."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.home import home_folder

from .record import RECORD

#: More would be no list of the last ones.
MOST = 10
# So many paths take far less.
_LARGEST_BYTES = 2**20


@dataclass(frozen=True)
class Recent:
    """A session that was worked on.

    Parameters
    ----------
    folder : Path
        Where it was.
    is_there : bool
        Whether it still is; its drive may be away.
    """

    folder: Path
    is_there: bool


def recent_sessions() -> list[Recent]:
    """Those worked on last, the last first; none where nothing was, or the list is spoilt."""
    return [Recent(folder, (folder / RECORD).is_file()) for folder in _folders()]


def note_session(folder: Path) -> None:
    """Take down that a session is worked on.

    Never complains: whoever works must not be kept from it by a list that cannot be written.
    """
    place = folder.absolute()
    folders = [place, *(other for other in _folders() if other != place)][:MOST]
    text = json.dumps({"sessions": [str(one) for one in folders]}, indent=1)
    with suppress(SqueakOutError, OSError, UnicodeError), atomic_file(_file()) as draft:
        draft.write_text(text + "\n", encoding="utf-8")


def _folders() -> list[Path]:
    try:
        if _file().stat().st_size > _LARGEST_BYTES:
            return []
        names = json.loads(_file().read_text(encoding="utf-8"))["sessions"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return []
    texts = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return [Path(name) for name in texts if name and "\0" not in name][:MOST]


def _file() -> Path:
    return home_folder() / "recent_sessions.json"
