"""Which sessions and folders are learned from: a list that a person adds to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.setting import Settings, setting
from napari_squeakout.gui.forms.dialogs import Folder, ask
from napari_squeakout.gui.names.shown import NAMES
from napari_squeakout.gui.qt.access.spoken import spoken
from napari_squeakout.gui.qt.buttons import button, named
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.source.hiding import hide_as_kept
from napari_squeakout.gui.source.session_dialogs import ask_for_files, ask_for_session
from napari_squeakout.io.sessions.record import RECORD, SUFFIX

if TYPE_CHECKING:
    from napari_squeakout.io.training_pages.survey import Survey

    from .preparation import Source

_SOURCE = Qt.ItemDataRole.UserRole
_ROW_PX, _MOST_ROWS = 22, 6


class PageFolders(Settings):
    """Pages to learn from that lie in folders."""

    images: Folder = setting(None, "Folder of the spectrogram images.")
    masks: Folder = setting(None, "Folder of their masks: files of the same names.")


class TrainingSources(QWidget):
    """The session of the source in view, and what else is learned from."""

    #: Others are chosen.
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.near: tuple[Path, ...] = ()
        self._session: Path | None = None
        self._why_no_session = ""
        self._without_session = False
        self._added: dict[Source, bool] = {}
        self._counted: Mapping[Source, Survey | str] = {}
        self._list = spoken(named(QListWidget(), "train_sources"), "What is learned from")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.itemChanged.connect(self._on_ticked)
        self._list.currentRowChanged.connect(lambda _row: self._offer())
        self._why = message_label("train_session_why")
        self._add_session = button(
            "Add session…", "train_add_session",
            "Also use the approved pages of another session, or of all sessions in a folder",
        )  # fmt: skip
        self._add_folders = button(
            "Add folders…", "train_add_folders",
            "Also use a folder of spectrogram images with a folder of their masks",
        )  # fmt: skip
        self._remove = button(
            "Remove", "train_remove", "Remove the selected line from this list; no file is deleted"
        )
        self._find = button(
            "Where are its files now…", "train_find",
            "Choose the folder that holds a recording which has moved",
        )  # fmt: skip
        self._connect()
        NAMES.changed.connect(self._show)
        self._lay_out()
        self._show()

    @property
    def chosen(self) -> tuple[Source, ...]:
        """What is learned from."""
        added = (source for source, ticked in self._added.items() if ticked)
        if self._session is None or self._without_session:
            return tuple(source for source in added if source != self._session)
        return (self._session, *(source for source in added if source != self._session))

    def set_session(self, folder: Path | None, why_not: str) -> None:
        """Follow the session of the dock's source; without one, say why there is none."""
        if folder == self._session and why_not == self._why_no_session:
            return
        self._session, self._why_no_session = folder, why_not
        self._show()
        self.changed.emit()

    def set_counted(self, found: Mapping[Source, Survey | str]) -> None:
        """Show how many approved pages there are in each, or that it cannot be used."""
        self._counted = found
        self._show()

    def add_session(self, folder: Path) -> None:
        """Add a session; of a folder that is none, all sessions in it."""
        is_one = (folder / RECORD).is_file()
        inside = [] if is_one else sorted(folder.glob(f"*{SUFFIX}"))
        self._add(*(inside or [folder]))

    def add_folders(self, images: Path, masks: Path) -> None:
        """Add images with their masks."""
        self._add((images, masks))

    def _add(self, *sources: Source) -> None:
        for source in sources:
            if isinstance(source, Path):
                hide_as_kept(source)
            if source == self._session:
                self._without_session = False
            else:
                self._added[source] = True
        self._show()
        self.changed.emit()

    def _on_remove(self) -> None:
        item = self._list.currentItem()
        if item is not None and self._added.pop(item.data(_SOURCE), None) is not None:
            self._show()
            self.changed.emit()

    def _ask_for_session(self) -> None:
        folder = ask_for_session(self, f"A session (a folder {SUFFIX}), or a folder of several")
        if folder is not None:
            self.add_session(folder)

    def _ask_for_folders(self) -> None:
        def add(asked: PageFolders) -> None:
            assert asked.images is not None and asked.masks is not None  # noqa: S101, PT018 - nothing is accepted without them
            self.add_folders(asked.images, asked.masks)

        ask(
            self, PageFolders(), "folders",
            title="Learn from images",
            words="A mask has the name of its image, in a folder of its own.",
            accept="Add", done=add,
        )  # fmt: skip

    def _ask_where(self) -> None:
        folder = ask_for_files(self)
        if folder is not None:
            self.near = (*self.near, folder)
            self.changed.emit()

    def _on_ticked(self, item: QListWidgetItem) -> None:
        ticked, source = item.checkState() == Qt.CheckState.Checked, item.data(_SOURCE)
        if source == self._session:
            self._without_session = not ticked
        else:
            self._added[source] = ticked
        self.changed.emit()

    def _show(self) -> None:
        row = self._list.currentRow()
        with QSignalBlocker(self._list):
            self._list.clear()
            if self._session is not None:
                self._add_row(self._session, not self._without_session)
            for source, ticked in self._added.items():
                if source != self._session:
                    self._add_row(source, ticked)
            self._list.setCurrentRow(row)
        n_rows = self._list.count()
        self._list.setFixedHeight(_ROW_PX * min(max(n_rows, 1), _MOST_ROWS) + 6)
        self._list.setVisible(n_rows > 0)
        self._why.setText(self._why_no_session)
        self._why.setVisible(self._session is None and bool(self._why_no_session))
        self._find.setVisible(any(isinstance(known, str) for known in self._counted.values()))
        self._offer()

    def _add_row(self, source: Source, ticked: bool) -> None:
        name, where = _named(source)
        if source == self._session:
            name = f"This session, {name}"
        known = self._counted.get(source)
        if isinstance(known, str):
            name, where = f"⚠ {name}", f"{where}\n{NAMES.veiled(known)}"
        elif known is not None:
            name = f"{name}: {counted(known.n_pages, 'page')}"
        item = QListWidgetItem(name, self._list)
        item.setData(_SOURCE, source)
        item.setToolTip(where)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def _offer(self) -> None:
        item = self._list.currentItem()
        self._remove.setEnabled(item is not None and item.data(_SOURCE) in self._added)

    def _connect(self) -> None:
        self._add_session.clicked.connect(self._ask_for_session)
        self._add_folders.clicked.connect(self._ask_for_folders)
        self._remove.clicked.connect(self._on_remove)
        self._find.clicked.connect(self._ask_where)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for adding in (self._add_session, self._add_folders):
            buttons.addWidget(adding, stretch=3)
        buttons.addWidget(self._remove, stretch=2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._why)
        layout.addWidget(self._list)
        layout.addLayout(buttons)
        layout.addWidget(self._find)


def _named(source: Source) -> tuple[str, str]:
    """What a source is called, and where it lies."""
    if isinstance(source, Path):
        name, where = NAMES.called(source.name).removesuffix(SUFFIX), str(source)
    else:
        images, masks = source
        name = f"{NAMES.called(images.name)} with {NAMES.called(masks.name)}"
        where = f"{images}\n{masks}"
    return name, NAMES.veiled(where)
