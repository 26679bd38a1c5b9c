"""Goes from one call that is noted and found otherwise to the next, and says what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from napari_squeakout.core.scoring.comparison import Outcome
from napari_squeakout.core.scoring.differences import (
    Difference,
    Differences,
    WalkSettings,
    differences,
)
from napari_squeakout.gui.forms.form import SettingsForm
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.keyboard import bind_key

if TYPE_CHECKING:
    from napari_squeakout.core.layout import Layout
    from napari_squeakout.core.scoring.comparison import Comparison

    from .jobs import Compared

#: Free in napari and beside its other keys; with Shift it goes back.
_NEXT_KEY, _PREVIOUS_KEY = "Q", "Shift+Q"
_COUNTED = (Outcome.MATCHED, Outcome.MISSED, Outcome.EXTRA, Outcome.MERGED, Outcome.SPLIT)
_OUTDATED = "Calls were changed since: being compared again…"
_NOT_AGAIN = "Calls were changed since: press Compare with annotation."
_NONE_ANY = "There is no difference."
_WHAT = {
    Outcome.MATCHED: "Edge off",
    Outcome.MISSED: "Missed: nothing was found there",
    Outcome.EXTRA: "Extra: nobody noted it",
    Outcome.MERGED: "Merged: the found call there belongs to another one",
    Outcome.SPLIT: "Split: the noted call there has another piece",
}


class DifferenceWalk(QWidget):
    """Counts of what was compared, and two buttons that go from difference to difference."""

    #: A `Difference` to show.
    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compared: Compared | None = None
        self._layout_of_pages: Layout | None = None
        self._differences: Differences | None = None
        self._last: Difference | None = None
        self._page = 0
        self._counts = message_label("annotation_counts")
        self._counts.setToolTip(
            "Matched: noted and found. Missed: noted only. Extra: found only. Merged: noted calls "
            "under one found call that belongs to another. Split: further pieces of a noted call."
        )
        self._errors = message_label("annotation_errors")
        self._outdated = message_label("annotation_outdated", _OUTDATED)
        self._told = message_label("difference_told")
        self._previous = button(
            "◀ Previous difference", "difference_previous",
            "Go to the call before that is noted and found otherwise (key Shift+Q)",
        )  # fmt: skip
        self._next = button(
            "Next difference ▶", "difference_next",
            "Go to the next call that is noted and found otherwise (key Q)",
        )  # fmt: skip
        self._form = SettingsForm(WalkSettings, "difference")
        self._previous.clicked.connect(lambda _checked: self._step(-1))
        self._next.clicked.connect(lambda _checked: self._step(1))
        self._form.settled.connect(lambda _settings: self._find())
        self._lay_out()
        self.hide()

    def bind_keys(self, dock: QWidget) -> None:
        """Take keys while the dock is shown."""
        for key, arrow in ((_PREVIOUS_KEY, self._previous), (_NEXT_KEY, self._next)):
            bind_key(dock, key, arrow.click, arrow.toolTip())

    @property
    def differences(self) -> Differences | None:
        """Those of the last comparison; None where there is none."""
        return self._differences

    @property
    def marked_s(self) -> tuple[float, float] | None:
        """Times of the noted call that was gone to; None where none was, or nobody noted it."""
        return None if self._last is None else self._last.annotated_s

    def show_compared(
        self, compared: Compared | None, layout: Layout | None, *, is_outdated: bool, is_due: bool
    ) -> None:
        """Show what came of comparing, and whether it still holds.

        Parameters
        ----------
        compared : Compared or None
            None where nothing is compared.
        layout : Layout or None
            Where the pages lie in time.
        is_outdated, is_due : bool
            Whether calls were changed since, and whether they will be compared again by itself.
        """
        if compared is not self._compared:
            self._compared, self._layout_of_pages = compared, layout
            if compared is None:
                self._last = None
                self._told.hide()
            self._find()
        self._outdated.setText(_OUTDATED if is_due else _NOT_AGAIN)
        self._outdated.setVisible(is_outdated)
        self.setVisible(compared is not None)

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        self._page = page

    def _find(self) -> None:
        """Tell the differences anew; that which was gone to is known again."""
        compared, layout = self._compared, self._layout_of_pages
        self._differences = None
        if compared is not None and layout is not None:
            comparison = compared.comparison
            self._differences = differences(comparison, compared.found, layout, self._form.value())
            self._counts.setText(counts_text(comparison))
            self._counts.show()
            errors = errors_text(comparison)
            self._errors.setText(errors)
            self._errors.setVisible(bool(errors))
            self._tell_place()
        for arrow in (self._previous, self._next):
            arrow.setEnabled(bool(self._differences))

    def _tell_place(self) -> None:
        """Where the one gone to stands now, or that it is mended."""
        found, last = self._differences, self._last
        if found is None or last is None:
            if not found:
                self._say(_NONE_ANY)
            else:
                self._told.hide()
            return
        place = found.place_of(last)
        if place is None:
            left = f"{len(found)} left" if found else "none is left"
            self._say(f"This one is a difference no more: {left}.")
        else:
            self._say(difference_text(found[place], place, len(found)))

    def _step(self, step: int) -> None:
        found = self._differences
        if not found:
            return
        place = found.following(self._page, self._last, step)
        if place is None:
            self._say(f"There is none {'after' if step > 0 else 'before'}.")
            return
        self._last = found[place]
        self._say(difference_text(self._last, place, len(found)))
        self.chosen.emit(self._last)

    def _say(self, text: str) -> None:
        self._told.setText(text)
        self._told.show()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._previous, stretch=1)
        buttons.addWidget(self._next, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._counts)
        layout.addWidget(self._errors)
        layout.addWidget(self._outdated)
        layout.addWidget(self._form)
        layout.addLayout(buttons)
        layout.addWidget(self._told)


def counts_text(comparison: Comparison) -> str:
    """What came of all calls: `12 matched, 2 missed, 1 extra, 0 merged, 0 split`."""
    return ", ".join(f"{comparison.count(outcome)} {outcome}" for outcome in _COUNTED)


def errors_text(comparison: Comparison) -> str:
    """How far off the edges of matched calls usually are; empty where none is known."""
    figures = comparison.figures()
    onset_s, offset_s = figures["onset_error_s"], figures["offset_error_s"]
    if np.isnan(onset_s):
        return ""
    return f"Median error: onset {_error_text(onset_s)}, offset {_error_text(offset_s)}."


def difference_text(difference: Difference, place: int, n: int) -> str:
    """What differs, and where it stands among all."""
    parts = [f"{place + 1} of {n}, page {difference.page}. {_WHAT[difference.outcome]}."]
    if difference.annotated_s is not None:
        parts.append(f"Noted {_times_text(difference.annotated_s)}.")
    if difference.found_s is not None:
        parts.append(f"Found {_times_text(difference.found_s)}.")
    if not np.isnan(difference.onset_error_s):
        onset, offset = map(_error_text, (difference.onset_error_s, difference.offset_error_s))
        parts.append(f"Onset {onset}, offset {offset}.")
    return " ".join(parts)


def _times_text(times_s: tuple[float, float]) -> str:
    return f"{times_s[0]:.4f}-{times_s[1]:.4f} s"


def _error_text(error_s: float) -> str:
    """An error for people: above 0 is late."""
    shown = f"{abs(error_s) * 1e3:.1f}"
    if float(shown) == 0:
        return "right"
    return f"{shown} ms {'late' if error_s > 0 else 'early'}"
