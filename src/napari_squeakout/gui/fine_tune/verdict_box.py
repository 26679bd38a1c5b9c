"""What came of a fine-tuning: whether the new model is better, by how much, and on which pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.access.inks import inks_of, thinned
from napari_squeakout.gui.qt.buttons import named
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.section import Section
from napari_squeakout.gui.qt.wording import sentence

from .page_pair_view import PagePairView
from .preparation import place_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_squeakout.io.training_runs.events import LearningCurveEvent, VerdictEvent

    from .page_pairs import PagePair
    from .watch import Sight

# Which ink the frame has, and its ground the same faint; told apart also by the word.
_LOOKS = {
    "Better": "better",
    "Not better": "worse",
    "Cannot tell": "unsure",
}
_FAINT = 45
_STYLE = """
#train_verdict {{ background: {1}; border: none; border-left: 4px solid {0}; }}
#train_verdict QLabel {{ background: transparent; }}
"""
# Figure of the verdict -> what people call it, decimals.
_ROWS = {
    "dice": ("Dice", 3),
    "precision": ("Precision", 2),
    "recall": ("Recall", 2),
    "false_calls_per_minute": ("False calls/min", 1),
}
_MEANS = {
    "dice": "How well masks match those you approved: 1 is perfect",
    "precision": "Share of the calls found that are true",
    "recall": "Share of the true calls that are found",
    "false_calls_per_minute": "Found where there is no call",
}
_NONE = "–"  # noqa: RUF001 - a dash stands for no number in tables


class VerdictBox(QWidget):
    """The sentence, what can be done about it, a table, the pages that changed most."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = named(QFrame(), "train_verdict")
        self._word = named(QLabel(), "train_verdict_word")
        self._word.setStyleSheet("font-weight: bold")
        self._sentence = message_label("train_sentence")
        self._table = QGridLayout()
        self._cells: list[QLabel] = []
        self._curve = message_label("train_curve_told")
        self._held_out = message_label("train_held_out")
        self._changed = Section("Pages that changed most", "train_changes")
        self._pairs = [PagePairView(f"train_change_{index}") for index in range(3)]
        self._names = [message_label(f"train_change_name_{index}") for index in range(3)]
        self._shown: tuple[Path, bool, tuple[PagePair, ...]] | None = None
        #: Filled by whoever knows what can be done.
        self.choices = QVBoxLayout()
        self._lay_out()

    def show_sight(self, sight: Sight) -> None:
        """Show the verdict of a run that has one."""
        account = sight.account
        shown = (sight.folder, account.learning_curve is None, sight.changes)
        if account.verdict is None or shown == self._shown:
            return
        self._shown = shown
        verdict = account.verdict
        word = verdict_word(verdict)
        self._word.setText(word)
        colour = getattr(inks_of(self), _LOOKS[word])
        faint = thinned(colour, _FAINT).name(QColor.NameFormat.HexArgb)
        self._frame.setStyleSheet(_STYLE.format(colour, faint))
        self._sentence.setText(sentence(verdict.sentence.removeprefix(f"{word.lower()}: ")))
        self._sentence.setVisible(True)
        self._fill_table(verdict)
        self._show_curve(account.learning_curve)
        names = account.plan.held_out_names if account.plan else ()
        self._held_out.setText(f"Judged on pages held out: {named_pages(names)}.")
        self._held_out.setVisible(bool(names))
        self._show_changes(sight.changes)

    def _fill_table(self, verdict: VerdictEvent) -> None:
        for cell in self._cells:
            cell.deleteLater()
        self._cells = []
        for column, title in enumerate(("", "Before", "After", "Gain, 95 %")):
            self._put(
                0,
                column,
                title,
                "With other pages like these the gain is in this span 95 times of 100",
            )
        for row, (name, (title, places)) in enumerate(_ROWS.items(), start=1):
            before, after = (getattr(side, name) for side in (verdict.before, verdict.after))
            span = verdict.gains.get(name)
            values = (_shown(before, places), _shown(after, places), _span(span, min(places, 2)))
            for column, text in enumerate((title, *values)):
                self._put(row, column, text, _MEANS[name])
        for row, (title, pair, means) in enumerate(_forgetting(verdict), start=len(_ROWS) + 1):
            for column, text in enumerate((title, *(_shown(value, 3) for value in pair))):
                self._put(row, column, text, means)

    def _put(self, row: int, column: int, text: str, tooltip: str) -> None:
        cell = QLabel(text)
        cell.setToolTip(tooltip)
        side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        cell.setAlignment(side | Qt.AlignmentFlag.AlignTop)
        if not row:
            cell.setStyleSheet("font-weight: bold")
        self._table.addWidget(cell, row, column)
        self._cells.append(cell)

    def _show_curve(self, curve: LearningCurveEvent | None) -> None:
        self._curve.setVisible(curve is not None and bool(curve.points))
        if curve is None:
            return
        told = "; ".join(f"{point.pages} pages: {_shown(point.dice, 3)}" for point in curve.points)
        self._curve.setText(f"Dice by pages learned from: {told}. {sentence(curve.expected)}")

    def _show_changes(self, changes: tuple[PagePair, ...]) -> None:
        self._changed.setVisible(bool(changes))
        for index, (view, name) in enumerate(zip(self._pairs, self._names, strict=True)):
            is_there = index < len(changes)
            view.setVisible(is_there)
            name.setVisible(is_there)
            if is_there:
                name.setText(place_name(changes[index].name))
                view.set_pair(changes[index], ("Before", "After"))

    def _lay_out(self) -> None:
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(10, 6, 8, 8)
        inside.addWidget(self._word)
        inside.addWidget(self._sentence)
        self._table.setHorizontalSpacing(6)
        self._table.setVerticalSpacing(2)
        self._table.setColumnStretch(0, 1)
        for name, view in zip(self._names, self._pairs, strict=True):
            view.setToolTip("Orange what the model marks, outlined in blue what you approved")
            self._changed.addWidget(name)
            self._changed.addWidget(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._frame)
        layout.addLayout(self.choices)
        layout.addLayout(self._table)
        for widget in (self._curve, self._held_out, self._changed):
            layout.addWidget(widget)


def verdict_word(verdict: VerdictEvent) -> str:
    """Better, Not better or Cannot tell."""
    from napari_squeakout.core.fine_tuning.verdict import MIN_UNITS

    if verdict.is_better:
        return "Better"
    return "Cannot tell" if verdict.units < MIN_UNITS else "Not better"


def named_pages(names: Sequence[str]) -> str:
    """Pages by name, those that follow each other as a span: `mouse 3 pages 13-17, b.png`."""
    parts: list[list[Any]] = []
    for name in names:
        source, _, number = str(name).rpartition(" page ")
        page = int(number) if source and number.isdigit() else None
        if page is not None and parts and parts[-1][:2] == [source, page - 1]:
            parts[-1][1] = page
        else:
            parts.append([source, page, page, name])
    spans = []
    for source, last, first, name in parts:
        spans.append(str(name) if first == last else f"{source} pages {first}-{last}")
    return ", ".join(spans)


def _forgetting(
    verdict: VerdictEvent,
) -> list[tuple[str, tuple[float | None, float | None], str]]:
    """Rows of what was forgotten."""
    pair = verdict.synthetic_dice
    means = "The same figure on synthetic pages, unlike yours: a fall means that some is forgotten"
    return [("Dice, synthetic", pair, means)] if pair else []


def _shown(value: float | None, places: int) -> str:
    return _NONE if value is None else f"{value:.{places}f}"


def _span(span: tuple[float | None, float | None] | None, places: int) -> str:
    if span is None or None in span:
        return ""
    return f"{span[0]:+.{places}f}…{span[1]:+.{places}f}"
