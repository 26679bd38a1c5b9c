"""A part of the dock that folds away."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QIcon, QPixmap
from qtpy.QtWidgets import QLayout, QSizePolicy, QWidget
from superqt import QCollapsible

_UNLIMITED = 16_777_215  # Qt's QWIDGETSIZE_MAX
# In greys that show on the dark and on the light theme; a checked button would be bright blue.
_HEADER = """
QPushButton, QPushButton:checked, QPushButton:pressed {
    text-align: left; border: none; border-bottom: 1px solid rgba(128, 128, 128, 120);
    border-radius: 0px; background: transparent; padding: 4px 2px; font-weight: %s;
}
QPushButton:hover, QPushButton:checked:hover { background: rgba(128, 128, 128, 50); }
"""


class Section(QCollapsible):
    """A collapsible whose content may grow by itself, for instance when a text wraps.

    Parameters
    ----------
    title : str
        What the header says.
    name : str
        Object name; the header button gets `<name>_header`.
    open_ : bool
        Whether it begins unfolded.
    main : bool
        Whether it is a step of the work, not a part of one.
    """

    #: Somebody has clicked the header: object name, whether it is unfolded now.
    turned_by_hand = Signal(str, bool)

    def __init__(
        self,
        title: str,
        name: str,
        *,
        open_: bool = True,
        main: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        # The icons of QCollapsible are painted before the theme's colours are known: an arrow in
        # the text always has the text's colour.
        super().__init__(title, parent, _no_icon(), _no_icon())
        self._title = title
        self.setObjectName(name)
        self.toggleButton().setObjectName(f"{name}_header")
        self.toggleButton().setAccessibleName(" ".join(title.split()))
        self.toggleButton().setStyleSheet(_HEADER % ("bold" if main else "normal"))
        self.setDuration(0)
        layout = _layout_of(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        # Aligned, it would get no more height than its hint, which knows no line that wraps.
        layout.setAlignment(Qt.AlignmentFlag(0))
        _layout_of(self.content()).setContentsMargins(2, 6, 2, 8)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.toggled.connect(self._after_toggle)
        self._by_hand = False
        self.toggleButton().clicked.connect(self._on_click)
        self._after_toggle(False)
        if open_:
            self.expand(animate=False)

    def addWidget(self, widget: QWidget) -> None:  # noqa: N802 - Qt's name
        """Add a widget; its height is followed by the layout, not by QCollapsible's filter."""
        _layout_of(self.content()).addWidget(widget)

    def tuck_away(self) -> None:
        """Fold to make room, unless somebody has folded or unfolded it, or has the mouse on it."""
        if not self._by_hand and not self.underMouse():
            self.collapse(animate=False)

    def _on_click(self, _checked: bool) -> None:
        self._by_hand = True
        self.turned_by_hand.emit(self.objectName(), self.isExpanded())

    def _after_toggle(self, is_open: bool) -> None:
        self.toggleButton().setIcon(QIcon())
        self.setText(f"{'▾' if is_open else '▸'}  {self._title}")
        self.content().setMaximumHeight(_UNLIMITED if is_open else 0)
        self.content().setVisible(is_open)


def _layout_of(widget: QWidget) -> QLayout:
    layout = widget.layout()
    assert layout is not None  # noqa: S101 - QCollapsible lays out itself and its content
    return layout


def _no_icon() -> QIcon:
    """Nothing to see, but not null: that counts as no icon given, and would not be stored."""
    pixmap = QPixmap(1, 1)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)
