"""Tools that correct the calls of the page in view; one Ctrl+Z takes one use back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QGridLayout, QInputDialog, QPushButton, QVBoxLayout, QWidget

from napari_squeakout.gui.layers.highlight import Highlight
from napari_squeakout.gui.layers.sight import why_not_in_view
from napari_squeakout.gui.picture.clicks import Clicks, pixel_at
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.keyboard import bind_key

from .removing import Removing
from .tool_buttons import CLICKED, HINTS, KEYS, ON_CALL, ON_PAGE, TAKES_BACK, explained, tool_button
from .tools import Correcting

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtGui import QShortcut

    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.state import SourceState

# napari's ways to draw on a layer of labels.
_DRAWING = {"paint", "fill", "polygon"}


class Tools(QWidget):
    """Buttons that act on the calls of the page in view.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    smallest_px : callable
        Gives the area below which segments are small.
    last_numbers : callable
        Gives the highest number in use on each page, where that is known already.
    """

    #: What a tool did, or why not.
    said = Signal(str)

    def __init__(
        self,
        viewer: Viewer,
        smallest_px: Callable[[], int],
        last_numbers: Callable[[], Any],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._correcting = Correcting(smallest_px, last_numbers, self._ask_number)
        self._labels: Any = None
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None
        self._mode = ""
        viewer.mouse_drag_callbacks.append(self._on_press)
        self._clicks = Clicks(viewer)
        self._removing = Removing(viewer, self._remove_at, self)
        self._highlight = Highlight()
        self._buttons: dict[str, QPushButton] = {}
        self._why = message_label("tools_why")
        self._said = message_label("tools_message")
        self._escape: QShortcut | None = None
        # Events of a layer come in bursts, and before its data are settled.
        self._soon = later(self, 0, self.refresh)
        self._lay_out()
        self.refresh()

    def bind_keys(self, dock: QWidget) -> None:
        """Take keys while the dock is shown."""
        for key, name in KEYS.items():
            button = self._buttons[name]
            act = partial(self._take_up, name) if name in HINTS else button.click
            bind_key(dock, key, act, button.toolTip().removesuffix(TAKES_BACK))
        self._escape = bind_key(dock, "Esc", self.escape, "Put the tool away")
        self._escape.setEnabled(False)

    def watch_canvas(self) -> None:
        """Hear of keys over the picture; only once the dock is in its window."""
        self._removing.watch_canvas(self.window())

    def set_source(self, source: SourceLayers | None, state: SourceState | None, page: int) -> None:
        """Act on a page of a source's calls; None for none."""
        self._source, self._state = source, state
        labels = None if source is None else source.calls
        if labels != self._labels:
            self._choose("")
            self._highlight.clear()
            self.disconnect_layer()
            self._labels = labels
            self._correcting.is_picked = False
            if labels is not None:
                labels.events.selected_label.connect(self._on_selected)
                labels.events.set_data.connect(self._on_layer)
                labels.events.paint.connect(self._on_layer)
                labels.events.mode.connect(self._on_mode)
        self._correcting.set_source(source, page)
        self._soon.start()

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        if page != self._correcting.page:
            self._correcting.page = page
            self._correcting.begin()
            self._correcting.take_fresh_number()
        self._soon.start()

    def pick(self, call: int, page: int | None = None) -> None:
        """Let a call stand out, on the page in view or the one to come, and the tools act on it."""
        if self._labels is None:
            return
        self._correcting.is_picked = True
        self._labels.selected_label = call
        if page is not None and page != self._correcting.page:
            self._highlight.show(self._labels, call, page, is_coming=True)
        self._soon.start()

    def picked(self) -> int:
        """Number of the call in hand that lies on the page in view; 0 for none."""
        page = self._correcting.calls
        if page is None or not self._correcting.is_picked:
            return 0
        call = int(self._labels.selected_label)
        return call if call > 0 and (page == call).any() else 0

    def forget_pick(self) -> None:
        """All calls have new numbers: that of the picked one may be another's now."""
        self._correcting.is_picked = False
        self._soon.start()

    def end(self) -> None:
        """Leave the calls in their own colours: the dock goes."""
        self._highlight.clear()

    def disconnect_layer(self) -> None:
        """Stop listening to the layer and to clicks."""
        self._clicks.listen(None)
        if self._labels is not None:
            self._labels.events.selected_label.disconnect(self._on_selected)
            self._labels.events.set_data.disconnect(self._on_layer)
            self._labels.events.paint.disconnect(self._on_layer)
            self._labels.events.mode.disconnect(self._on_mode)
            self._labels = None

    def disconnect_viewer(self) -> None:
        """Stop listening to the window."""
        self.disconnect_layer()
        self._removing.disconnect_viewer()
        if self._on_press in self._viewer.mouse_drag_callbacks:
            self._viewer.mouse_drag_callbacks.remove(self._on_press)

    def _on_press(self, _viewer: Any, _event: Any) -> None:
        """A stroke begins: napari asks the window first, so the number can still be changed."""
        layer = self._labels
        if layer is None or layer != self._viewer.layers.selection.active:
            return
        unseen = why_not_in_view(self._viewer, self._source)
        if unseen and str(layer.mode) in {*_DRAWING, "erase"}:
            layer.mode = "pan_zoom"  # or the stroke would change pages that nobody sees
            self._say(unseen)
        elif str(layer.mode) in _DRAWING:
            self._correcting.take_fresh_number()

    def use(self, name: str, _checked: bool = False) -> None:
        """Correct the page with one tool that needs no click."""
        if self._correcting.calls is not None and not self._is_out_of_view():
            self._after(self._correcting.use(name))

    def escape(self) -> None:
        """Put the tool away; what was done with it stays, for Ctrl+Z takes back."""
        self._choose("")

    def refresh(self) -> None:
        """Enable what can be used, and say why the rest cannot."""
        page = self._correcting.calls
        is_there = page is not None
        unseen = why_not_in_view(self._viewer, self._source)
        editable = is_there and bool(self._labels.editable) and not unseen
        has_calls = page is not None and bool(page.any())
        call = int(self._labels.selected_label) if is_there else 0
        has_call = has_calls and self._correcting.is_picked and bool((page == call).any())
        has_call = has_call and call > 0
        self._highlight.show(self._labels, call if has_call else 0, self._correcting.page)
        for name, *_ in CLICKED:
            # A tool in hand stays so on empty pages: the next one may hold calls.
            stays = has_calls or name in {"tools_add", self._mode}
            self._buttons[name].setEnabled(editable and stays)
        for name, *_ in ON_CALL:
            self._buttons[name].setEnabled(editable and has_call)
        for name, *_ in ON_PAGE:
            self._buttons[name].setEnabled(editable and has_calls)
        # Who hides the calls for a moment goes on with the tool; clicks are refused until then.
        if self._mode and not unseen and not self._buttons[self._mode].isEnabled():
            self._choose("")
        told = explained(has_calls, has_call, call, self._mode, is_there)
        read_only = "" if self._state is None else self._state.read_only
        if read_only:
            told = f"This session {read_only}: it can be looked at only."
        self._why.setText((is_there and unseen) or told)
        self._why.show()

    def _on_click(self, position: Any) -> None:
        """Use the tool that waits for a click."""
        if self._correcting.calls is None or not self._mode or self._is_out_of_view():
            return
        if (pixel := pixel_at(self._labels, position)) is not None:
            self._after(self._correcting.click(self._mode, pixel))

    def _remove_at(self, position: Any) -> None:
        """Remove the call at a place of the picture, whichever tool is in hand."""
        if self._correcting.calls is None or self._is_out_of_view():
            return
        if not self._labels.editable:
            self.refresh()
            return
        pixel = pixel_at(self._labels, position)
        if pixel is not None:
            self._after(self._correcting.remove(pixel))

    def _is_out_of_view(self) -> bool:
        """Whether nobody can see what a tool would do; says why."""
        unseen = why_not_in_view(self._viewer, self._source)
        if unseen:
            self._say(unseen)
        return bool(unseen)

    def _after(self, text: str) -> None:
        self._say(text)
        self.refresh()

    def _on_mode(self, _event: Any = None) -> None:
        """Who takes napari's brush has put our tool away."""
        if self._mode and self._labels is not None and self._labels.mode != "pan_zoom":
            self._choose("")

    def _ask_number(self, call: int) -> int | None:
        asked = QInputDialog.getInt(self, "Number of this call", "Number", call, 1, 2**31 - 1)
        return int(asked[0]) if asked[1] else None

    def _choose(self, name: str) -> None:
        """Take up a tool that waits for clicks, or put it away."""
        self._mode = name
        self._correcting.begin()
        for other, *_ in CLICKED:
            self._buttons[other].setChecked(other == name)
        if name and self._labels is not None:
            self._labels.mode = "pan_zoom"  # or the click would paint as well
        self._clicks.listen(self._on_click if name else None)
        if self._escape is not None:
            self._escape.setEnabled(bool(name))
        self._say("")
        self._soon.start()

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self.said.emit(text)

    def _on_layer(self, _event: Any = None) -> None:
        self._soon.start()

    def _on_selected(self, _event: Any = None) -> None:
        """Who chooses a number in napari's own controls has picked that call."""
        if self._highlight.is_at_work:
            return
        self._correcting.is_picked = True
        self._soon.start()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        for index, (name, words, key, tooltip) in enumerate((*CLICKED, *ON_CALL, *ON_PAGE)):
            button = tool_button(name, words, key, tooltip)
            act = partial(self._on_tool if name in HINTS else self.use, name)
            button.clicked.connect(act)
            grid.addWidget(button, index // 2, index % 2)
            self._buttons[name] = button
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._why)
        layout.addLayout(grid)
        layout.addWidget(self._said)

    def _on_tool(self, name: str) -> None:
        """Taken up or put away by a click: PySide does not tell a partial which."""
        self._choose(name if self._buttons[name].isChecked() else "")

    def _take_up(self, name: str) -> None:
        """By its key: pressed again, it stays in hand; Esc puts it away."""
        if self._buttons[name].isEnabled():
            self._choose(name)
