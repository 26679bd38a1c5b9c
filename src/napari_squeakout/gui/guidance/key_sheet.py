"""The keys as a sheet to print or to read: text with headings, HTML, and PDF."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtGui import QPageSize, QPdfWriter, QTextDocument

from napari_squeakout.gui.qt.keyboard import Key, keys_of
from napari_squeakout.io.files import atomic_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtCore import QObject

#: What the mouse does over the picture.
GESTURES = (
    Key("Ctrl+click", "Remove the call under the mouse from this page"),
    Key("Delete", "The same, without a click"),
    Key("Drag", "Move the picture"),
    Key("Wheel", "Make the picture larger or smaller"),
    Key("Space + drag", "Move the picture while a brush is in hand"),
)
#: What it does to the strip of the whole recording, and what keys do there.
ON_STRIPS = (
    Key("← and →", "The page before, and the next one"),
    Key("Home and End", "The first page, and the last one"),
    Key("+ and -", "Zoom the whole recording around the page in view"),
)
#: What PyQt6 calls drawing a text on pages, and PySide6.
_PRINTS = ("print", "print_")
TITLE = "Keys of SqueakOut in napari"
#: A heading and its keys, one after the other.
Parts = tuple[tuple[str, "Sequence[Key]"], ...]


def parts_of(dock: QObject) -> Parts:
    """What stands on the sheet: gestures, then all keys of a dock that do something."""
    return (
        ("Over the picture", GESTURES),
        ("On the strips of pages", ON_STRIPS),
        ("Keys", [key for key in keys_of(dock) if key.does]),
    )


def as_markdown(parts: Parts) -> str:
    """The sheet as a page of the guide."""
    lines = [
        f"# {TITLE}", "",
        "The same stands on the card that the key `?` opens in the window; its button saves it",
        "to print.",
    ]  # fmt: skip
    for heading, keys in parts:
        lines += ["", f"## {heading}", "", "| key | what it does |", "|---|---|"]
        lines += [f"| `{key.key}` | {key.does} |" for key in keys]
    return "\n".join(lines) + "\n"


def as_html(parts: Parts) -> str:
    """The sheet as a page that any browser prints."""
    tables = "".join(
        f"<h2>{escape(heading)}</h2><table cellspacing='0' cellpadding='3'>"
        + "".join(
            f"<tr><td><b>{escape(key.key)}</b></td><td>{escape(key.does)}</td></tr>" for key in keys
        )
        + "</table>"
        for heading, keys in parts
    )
    return (
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>"
        f"<title>{TITLE}</title></head><body><h1>{TITLE}</h1>{tables}</body></html>"
    )


def write_sheet(parts: Parts, path: Path) -> None:
    """Write the sheet, as PDF or HTML by the ending of its name.

    Raises
    ------
    SqueakOutError
        If the file cannot be written; what was there stays.
    """
    with atomic_file(path) as draft:
        if path.suffix.lower() == ".pdf":
            _write_pdf(parts, draft)
        else:
            draft.write_text(as_html(parts), encoding="utf-8")


def _write_pdf(parts: Parts, path: Path) -> None:
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setTitle(TITLE)
    document = QTextDocument()
    document.setHtml(as_html(parts))
    for name in _PRINTS:
        if hasattr(document, name):
            getattr(document, name)(writer)
            return
