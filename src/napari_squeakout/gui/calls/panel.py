"""The table of calls in the window: linked with the page both ways, its parts connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QCheckBox

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.measures.edited import PAINTED
from napari_squeakout.core.numerals import counted
from napari_squeakout.gui.forms.form import make_widget
from napari_squeakout.gui.layers.sight import why_not_in_view
from napari_squeakout.gui.names.shown import NAMES, shown_name
from napari_squeakout.gui.picture.clicks import Clicks, call_at, pixel_at
from napari_squeakout.gui.under_picture import WITH_CALLS, UnderPicture
from napari_squeakout.io.preferences import keep_preferences, read_preferences

from .box import CallsBox
from .choice import CallsChoice
from .columns import without_names
from .edits.approving import Approving
from .edits.choosing import MEASURED_AGAIN, Choosing
from .edits.class_watch import ClassWatch
from .edits.classing import Classing
from .edits.editing import Editing
from .edits.under_mouse import call_under_mouse
from .edits.verbs import Verbs
from .features import LayerFeatures, features_of
from .following import FollowedCalls
from .model import CallsModel
from .places import call_on, centre_of
from .rows import conditions_of
from .saving import asked_path, save_rows
from .saying import Saying
from .settings import KEPT_AS, CallTableSettings
from .table import CallsTable

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_squeakout.core.stacks import CallTable
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.state import SourceState

#: With more pages still to be measured, the layer's features wait for the end.
_MOST_DUE = 64


class CallsUnderPicture(QObject):
    """The table of the calls acted on.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    parent : QObject
        The dock.
    """

    #: A person has gone to a row: its page, and the number of the call there.
    chosen = Signal(int, int)

    def __init__(self, viewer: Viewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self.model = CallsModel()
        self.table = CallsTable(self.model)
        self.box = CallsBox(self.table)
        self.model.setParent(self.box)  # it goes when the table goes
        self._under = UnderPicture(viewer, self.box, "Calls", self, place=WITH_CALLS)
        self.followed = FollowedCalls(self)
        #: What others than the table are told of it.
        self.choice = CallsChoice(self.table, self.model, self.followed, self._words, self)
        self._is_needed = False
        self._clicks = Clicks(viewer)
        shown = make_widget("shown", CallTableSettings.model_fields["shown"], "calls")
        self.switch: QCheckBox = shown.native
        self.switch.setText("Table of calls under the picture")
        self.switch.setChecked(read_preferences(CallTableSettings, KEPT_AS).shown)
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None
        self._page = 0
        self._shown: CallTable | None = None
        self._features = LayerFeatures()
        self.saying = Saying(self)
        choosing = Choosing(viewer, self.table, self.followed, self.saying)
        self.choosing = choosing
        self.editing = Editing(choosing, self.saying, self._call_under_mouse, self)
        self.approving = Approving(choosing, self)
        self.class_watch = ClassWatch(self.followed, self.saying, self)
        self.classing = Classing(choosing, self.saying, self)
        self.verbs = Verbs(self.table, self.editing, self.approving, self.classing, self)
        self._connect()

    def set_source(self, source: SourceLayers | None, state: SourceState | None, page: int) -> None:
        """Follow the dock's source; without calls there is no table."""
        if state is not self._state:
            self.saying.forget()
        self._source, self._state, self._page = source, state, page
        self.choosing.set_source(source, state)
        self.followed.set_source(source, page)
        self.class_watch.set_source(source, state)
        self._place()

    def bind_keys(self, dock: QWidget) -> None:
        """Take the keys of what is done to chosen calls while the dock is shown."""
        self.verbs.bind_keys(dock)

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        self._page = page
        self.followed.set_page(page)

    def chosen_times(self) -> list[tuple[float, float]]:
        """Onset and offset of the chosen calls in seconds, by time; none of images."""
        self.followed.look()
        calls, chosen = self.followed.calls, self.table.chosen_calls()
        if calls is None or not self.followed.is_on or "start_s" not in calls or not len(chosen):
            return []
        if self.followed.outdated()[chosen].any():
            raise InputError(MEASURED_AGAIN.rstrip("."))
        rows = calls.iloc[chosen]
        return sorted(zip(rows["start_s"].tolist(), rows["end_s"].tolist(), strict=True))

    def need(self, is_needed: bool) -> None:
        """Measure calls though the table is away, for somebody else looks at them."""
        self._is_needed = is_needed
        self._place()

    def save_shown(self) -> None:
        """Ask for a file, and write the rows that are shown."""
        self.followed.look()
        calls, layer, source = self.followed.calls, self.followed.layer, self._source
        if calls is None or layer is None or source is None:
            return
        if self.followed.n_due or self.followed.why_not:
            self.saying.say("Calls are still being measured: save them when that has ended.")
            return
        rows = self.model.rows.copy()  # as asked for, whatever is clicked meanwhile
        path = asked_path(self.box, shown_name(source.stack))
        if path:
            try:
                self.saying.say(save_rows(calls, rows, path, layer=layer))
            except (SqueakOutError, OSError) as error:
                self.saying.say(f"{error}.")

    def end(self) -> None:
        """Leave the window."""
        self._features.show(None, None)
        self._under.end()

    def disconnect_viewer(self) -> None:
        """Stop listening to the window."""
        self._clicks.listen(None)
        self.followed.disconnect_layer()

    # --- its place ------------------------------------------------------------------------------

    def _place(self) -> None:
        """Be under the picture where there are calls, unless nobody wants it."""
        has_calls = self.followed.layer is not None
        is_followed = has_calls and (self.switch.isChecked() or self._is_needed)
        self._under.place(has_calls and self.switch.isChecked())
        self.followed.switch(is_followed)
        self._clicks.listen(self._on_click if is_followed else None)

    def _on_switched(self, is_on: bool) -> None:
        known = read_preferences(CallTableSettings, KEPT_AS)
        keep_preferences(known.model_copy(update={"shown": is_on}), KEPT_AS)
        self._place()

    # --- its rows -------------------------------------------------------------------------------

    def _on_names(self) -> None:
        """What images are called is shown, or not any more."""
        self._shown = None
        self._on_told()

    def _on_told(self) -> None:
        calls = self.followed.calls
        if calls is not self._shown:
            self._shown, columns = calls, self.model.columns
            if calls is None:
                self.model.clear()
            else:
                self.model.set_calls(without_names(calls, self._source))
            if self.model.columns != columns and self.box.conditions.text():
                self._on_conditions()
        outdated = self.followed.outdated()
        if calls is not None:
            self.model.set_outdated(outdated)
        known = calls if self.followed.is_on else None
        features = None
        # Of thousands of calls they take a tenth of a second: not at each step of a long measuring.
        if known is not None and self.followed.n_due <= _MOST_DUE:
            features = features_of(without_names(known[~outdated], self._source))
        self._features.show(self.followed.layer, features)
        self._tell()
        self.choice.told.emit()

    def _words(self) -> str:
        """How many calls are shown and chosen, and what is still to come."""
        shown, n_calls = self.model.rowCount(), self.model.n_calls
        parts = [counted(n_calls, "call") if shown == n_calls else f"{shown} of {n_calls} calls"]
        n_chosen = len(self.table.chosen_calls())
        if n_chosen > 1:
            parts.append(f"{n_chosen} chosen")
        if self.followed.why_not:
            parts = [self.followed.why_not]
        elif self.followed.n_due:
            parts.append(f"{counted(self.followed.n_due, 'page')} still to be measured…")
        return ", ".join(parts)

    def _tell(self) -> None:
        """Say so, and let be done what can be."""
        self.box.say(" ".join(filter(None, (self.saying.text, self._words()))))
        self.box.delete.setEnabled(len(self.table.chosen_calls()) > 0)
        self.box.save.setEnabled(self.model.n_calls > 0)

    def _on_conditions(self) -> None:
        """Show what fulfils the conditions; where they say nothing, the rows stay as they are."""
        try:
            conditions = conditions_of(self.box.conditions.text(), self.model.columns)
        except SqueakOutError as error:
            self.saying.say(f"{error}.")
            return
        self.model.set_conditions(conditions)
        self.saying.say("")
        self.choice.told.emit()

    def _on_typed(self, text: str) -> None:
        if not text:  # by the cross in the field
            self._on_conditions()

    # --- links ----------------------------------------------------------------------------------

    def _on_chosen(self, call: int) -> None:
        """A row was gone to."""
        calls = self.followed.calls
        if calls is not None:
            self.saying.forget()
            page, number = (int(calls[name].to_numpy()[call]) for name in ("page", PAINTED))
            self.chosen.emit(page, number)

    def centre_of(self, page: int, number: int) -> tuple[float, float] | None:
        """Row and column of the middle of a call on a page; None where it is not there."""
        layer = self.followed.layer
        if layer is None or page >= len(layer.data):
            return None
        return centre_of(np.asarray(layer.data[page]), number)

    def _on_click(self, position: Any) -> None:
        """Choose the row of the call that was clicked on."""
        layer = self.followed.layer
        if layer is None or why_not_in_view(self._viewer, self._source):
            return
        pixel = pixel_at(layer, position)
        number = 0 if pixel is None else call_at(np.asarray(layer.data[self._page]), pixel)
        if number:
            self.choose(self._page, number)

    def _call_under_mouse(self) -> tuple[int, int] | None:
        return call_under_mouse(self._viewer, self.followed, self.box.window())

    def choose(self, page: int, number: int) -> None:
        """Choose the row of a call that lies on a page, be it from the page before."""
        calls = self.followed.calls
        call = None if calls is None else call_on(calls, page, number)
        if call is not None:
            self.table.choose(call)

    def _connect(self) -> None:
        NAMES.changed.connect(self._on_names)
        self._under.toggled.connect(self.switch.setChecked)
        self.switch.toggled.connect(self._on_switched)
        self.followed.told.connect(self._on_told)
        self.saying.changed.connect(self._tell)
        self.followed.failed.connect(self.saying.say)
        self.table.chosen.connect(self._on_chosen)
        self.table.delete_asked.connect(self.editing.delete)
        self.box.delete.clicked.connect(self.editing.delete)
        self.box.save.clicked.connect(self.save_shown)
        self.box.conditions.editingFinished.connect(self._on_conditions)
        self.box.conditions.textChanged.connect(self._on_typed)
        self.choice.choice_changed.connect(self._tell)
