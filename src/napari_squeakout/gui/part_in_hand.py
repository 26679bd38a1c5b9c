"""The part that is worked in is seen whole: where not all parts fit, the others fold by themselves.

Those longest out of hand fold first, and come back once there is room. What a person has folded or
unfolded is known apart from what was folded for want of room.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, QPoint
from qtpy.QtGui import QCursor
from qtpy.QtWidgets import QApplication, QProgressBar, QScrollArea, QWidget

from napari_squeakout.gui.qt.button_in_hand import ButtonInHand
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.section import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qtpy.QtWidgets import QAbstractButton, QScrollBar

#: Layouts have settled by then; a mouse that has not moved for so long rests.
_REVEAL_MS, _STILL_MS = 30, 1000


class PartInHand(QObject):
    """Folds and unfolds the parts of a column.

    Parameters
    ----------
    column : QWidget
        What is scrolled; its sections are told by `add`.
    """

    def __init__(self, column: QWidget) -> None:
        super().__init__(column)
        self._column = column
        #: Last in hand first.
        self._parts: list[Section] = []
        #: Unfolded where there is room.
        self._wanted: dict[Section, bool] = {}
        #: Unfolded only because something is at work in them.
        self._held: set[Section] = set()
        self._is_fitting = self._is_sure = self._is_due = False
        #: Whether somebody has asked to see the part in hand, by a click.
        self._is_reveal_sure = False
        self._button = ButtonInHand(column)
        self._cursor: QPoint | None = None
        #: Of what shows the parts, and of the window it is in.
        self._height = self._window_height = 0
        self._viewport: QWidget | None = None
        # A second click must find what the first one found: nothing moves until it may have come.
        self._after_click = later(self, QApplication.doubleClickInterval(), self._fit_surely)
        self._soon, self._still = later(self, 0, self._fit), later(self, _STILL_MS, self._fit)
        self._room_soon = later(self, 0, self._fit_surely)
        self._grow_soon = later(self, _REVEAL_MS, self._unfold_what_fits)
        self._reveal_soon = later(self, _REVEAL_MS, self._reveal)
        self._button.left.connect(self._soon.start)
        column.installEventFilter(self)

    def add(self, section: Section) -> None:
        """Take a part in, and the sections within it."""
        self._parts.append(section)
        self._wanted[section] = section.isExpanded()
        section.toggled.connect(partial(self._on_toggled, section))
        for one in (section, *section.findChildren(Section)):
            one.turned_by_hand.connect(partial(self._on_hand, section))

    def take(self, *names: str) -> None:
        """Go on in these parts, as soon as the mouse rests or is elsewhere."""
        for name in reversed(names):
            for part in [part for part in self._parts if part.objectName() == name]:
                self._put_first(part)
        self._is_due = True
        self._soon.start()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Hear of the room there is, and of the mouse that leaves."""
        kind = QEvent.Type.None_ if event is None else event.type()
        if watched is self._column and kind == QEvent.Type.Show:
            self._watch_room()
        if watched is self._viewport and kind == QEvent.Type.Resize:
            self._on_room()
        if watched is self._column and kind == QEvent.Type.Leave and self._is_due:
            self._soon.start()
        if watched is self._column and kind == QEvent.Type.LayoutRequest and not self._is_fitting:
            self._grow_soon.start()
        return False

    def _watch_room(self) -> None:
        viewport = self._column.parentWidget()
        if viewport is not None and viewport is not self._viewport:
            self._viewport = viewport
            viewport.installEventFilter(self)
        self._on_room()

    def _on_room(self) -> None:
        height = 0 if self._viewport is None else self._viewport.height()
        window = self._column.window()
        whole = 0 if window is None else window.height()
        if height != self._height and whole != self._window_height:
            self._room_soon.start()
        elif height != self._height:  # a message stands above the parts, or is gone
            self._is_due = True
            self._soon.start()
        self._height, self._window_height = height, whole

    def _on_toggled(self, section: Section, is_open: bool) -> None:
        """Whoever folds or unfolds a part wants it so, but for this."""
        if self._is_fitting:
            return
        self._wanted[section] = is_open
        if is_open:
            self._put_first(section)

    def _on_hand(self, section: Section, _name: str, is_open: bool) -> None:
        if is_open:
            self._put_first(section)
        self._after_click.start()

    def _put_first(self, section: Section) -> None:
        self._parts.remove(section)
        self._parts.insert(0, section)

    # --- what fits ------------------------------------------------------------------------------

    def _fit_surely(self) -> None:
        """Somebody has asked for it, by a click or by giving the window another size."""
        self._is_sure = True
        self._fit()
        self._is_sure = False

    def _is_in_use(self) -> bool:
        """Whether the mouse moves among the parts: it would click what comes under it."""
        before, self._cursor = self._cursor, QCursor.pos()
        if self._is_sure or not self._column.underMouse() or self._cursor == before:
            self._cursor = None
            return False
        self._still.start()
        return True

    def _fit(self) -> None:
        """Unfold those last in hand, as many as fit; the first also where it does not."""
        if not self._may_fit() or self._is_in_use():
            return
        fits = self._fits()
        if self._moves_button(fits):
            return
        self._is_due = False
        self._show(fits)
        self._is_reveal_sure = self._is_sure
        self._reveal_soon.start()

    def _moves_button(self, parts: dict[Section, bool]) -> bool:
        """Whether to fold and unfold parts moves the button under the mouse; then it waits."""
        button = None if self._is_sure else self._button.find()
        turned = [part for part, is_open in parts.items() if is_open is not part.isExpanded()]
        if button is None or not turned:
            return False
        top, bar = self._button.top_of(button), self._scroll_bar()
        is_scrolled = bar is not None and bar.value() > 0
        moves = is_scrolled or any(part.y() < top for part in turned)
        return moves and self._await(button)

    def _await(self, button: QAbstractButton) -> bool:
        """Go on when the mouse has left a button."""
        self._is_due = True
        self._button.wait(button)
        return True

    def _unfold_what_fits(self) -> None:
        """A part needs less room than it did: those that fit beside it come back.

        None folds for one that needs more, a line of a message for instance: it may go again. Only
        those fold in which something was at work, and has ended.
        """
        if not self._may_fit():
            return
        fits, held = self._fits(), self._held
        turning = {p: is_open for p, is_open in fits.items() if is_open or p in held}
        is_turning = any(is_open is not p.isExpanded() for p, is_open in turning.items())
        if not is_turning or not (self._is_in_use() or self._moves_button(turning)):
            self._show(turning)

    def _may_fit(self) -> bool:
        is_shown = self._column.isVisible() and self._viewport is not None
        return is_shown and not self._after_click.isActive()

    def _fits(self, *, holds: bool = True) -> dict[Section, bool]:
        """Of those that are to be unfolded, which there is room for; what is at work is held."""
        room = (0 if self._viewport is None else self._viewport.height()) - self._folded_height()
        parts = [part for part in self._parts if self._wanted[part] and not part.isHidden()]
        at_work = {part for part in parts if holds and _is_at_work(part)}
        room -= sum(_inside_height(part) for part in at_work)
        found = {}
        for part in parts:
            room -= 0 if part in at_work else _inside_height(part)
            found[part] = part is parts[0] or part in at_work or room >= 0
        return found

    def _show(self, parts: dict[Section, bool]) -> None:
        with self._fitting():
            for part, is_open in parts.items():
                if is_open is not part.isExpanded():
                    (part.expand if is_open else part.collapse)(animate=False)
        fits = self._fits(holds=False)
        self._held = {part for part in parts if _is_at_work(part) and not fits[part]}

    @contextmanager
    def _fitting(self) -> Iterator[None]:
        self._is_fitting = True
        try:
            yield
        finally:
            self._is_fitting = False

    def _folded_height(self) -> int:
        """How high the column is with all parts folded."""
        inside = sum(_inside_height(part) for part in self._parts if part.isExpanded())
        layout = self._column.layout()
        if layout is None:  # never, but for types
            return 0
        width = self._column.width()
        whole = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else -1
        return (whole if whole >= 0 else layout.totalSizeHint().height()) - inside

    def _scroll_bar(self) -> QScrollBar | None:
        area = None if self._viewport is None else self._viewport.parentWidget()
        return area.verticalScrollBar() if isinstance(area, QScrollArea) else None

    def _reveal(self) -> None:
        """Scroll to the part in hand: whole, or from its title on where it is too high for that."""
        part = next((one for one in self._parts if self._wanted[one] and one.isVisible()), None)
        bar = self._scroll_bar()
        if part is None or bar is None or self._viewport is None:
            return
        top, bottom = part.y(), part.y() + part.height()
        wanted = min(max(bar.value(), bottom - self._viewport.height()), top, bar.maximum())
        button = None if self._is_reveal_sure else self._button.find()
        if wanted != bar.value() and button is not None:
            self._await(button)
        else:
            bar.setValue(wanted)


def _is_at_work(part: Section) -> bool:
    """Whether it shows how far something is: folded away, nobody could cancel that."""
    return part.isExpanded() and any(
        bar.isVisibleTo(part) for bar in part.findChildren(QProgressBar)
    )


def _inside_height(part: Section) -> int:
    """How high what a part holds is, also while it is folded away."""
    layout, width = part.content().layout(), part.width()
    if layout is None:  # never, but for types
        return 0
    if layout.hasHeightForWidth():
        return int(layout.totalHeightForWidth(width))
    return int(layout.totalSizeHint().height())
