"""Before the button is pressed: what is learned from, how, and what the result is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_squeakout.core.presets import CUSTOM, THOROUGHNESS, thoroughness_of, with_thoroughness
from napari_squeakout.core.setting import Settings, setting
from napari_squeakout.core.training_settings import FineTuneSettings
from napari_squeakout.gui.forms.choice import ChoiceEditor
from napari_squeakout.gui.forms.form import SettingsForm, make_widget, rows_in
from napari_squeakout.gui.names.shown import NAMES
from napari_squeakout.gui.qt.access.spoken import spoken
from napari_squeakout.gui.qt.buttons import button, named
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.job_bar import JobBar, copy_text, message_label
from napari_squeakout.gui.qt.section import Section
from napari_squeakout.gui.qt.wording import sentences

from .doubtful import doubtful_button
from .model_name import ModelName
from .preparation import (
    Memory,
    Prepared,
    agreement_text,
    pages_text,
    preparing,
    split_text,
    time_text,
)
from .sources import TrainingSources

if TYPE_CHECKING:
    from napari_squeakout.io.training_runs.order import TrainingOrder

_WAIT_MS = 300
_LOOKING = "Looking at the approved pages…"
_NO_PAGES = "Approve pages in Review first, or add a session or folders."


class CurveSettings(Settings):
    """What is done beside the fine-tuning itself."""

    learning_curve: bool = setting(
        False,
        "Learns from a quarter and half of the pages too, and says what more pages are likely to "
        "bring.",
    )


class TrainingSetup(QWidget):
    """Chooses what a fine-tuning learns from and how, and orders it."""

    #: A TrainingOrder: the button was pressed.
    ordered = Signal(object)
    #: The pages are about to be looked at: what is not written yet should be.
    looks = Signal()
    #: Pages that teach more are to be shown.
    doubtful_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_setup")
        self.prepared: Prepared | None = None
        self._is_on = False
        self._hindrance = ""
        self._memory = Memory()
        self.bar = JobBar("train_look")
        self.sources = TrainingSources()
        self._base = ChoiceEditor("train_base", (), "Base model")
        self._base.set_tooltip(
            "The model to begin with. Begin with the bundled one and all approved pages: a model "
            "taught again and again forgets."
        )
        self._thoroughness = ChoiceEditor("train_thoroughness", tuple(THOROUGHNESS), "Thoroughness")
        self._thoroughness.set_value(thoroughness_of(FineTuneSettings()))
        self._thoroughness.set_tooltip(
            "How long it goes on: quick for a first look, thorough for forty pages and more"
        )
        others = [name for name in FineTuneSettings.model_fields if name != "freeze_encoder"]
        self.form = SettingsForm(
            FineTuneSettings, "train", fields=("freeze_encoder", *others), advanced=others
        )
        curve = make_widget("learning_curve", CurveSettings.model_fields["learning_curve"], "train")
        self._curve: QCheckBox = curve.native
        self._curve.setText("Learning curve (takes about twice as long)")
        self._name = spoken(ModelName("train_name"), "Name of the result")
        self._pages, self._split = message_label("train_pages"), message_label("train_split")
        self._time, self._why = message_label("train_time"), message_label("train_why")
        self._run = named(QPushButton("Fine-tune"), "train_run")
        self._copy = button(
            "Copy command", "train_copy_command",
            "The same training as a command, for instance for a cluster",
        )  # fmt: skip
        self._doubtful = doubtful_button("train_doubtful")
        self._doubtful.clicked.connect(self.doubtful_asked)
        self._look_soon = later(self, _WAIT_MS, self.look)
        self._connect()
        self._lay_out()
        self._show()

    def set_session(self, folder: Path | None, why_not: str) -> None:
        """Follow the session of the dock's source; without one, say why there is none."""
        self.sources.set_session(folder, why_not)

    def switch(self, is_on: bool) -> None:
        """Look at the pages from now on, or leave them alone while nobody sees this."""
        if is_on and not self._is_on:
            self._is_on = True
            self.look()
        self._is_on = is_on

    def look_soon(self) -> None:
        """Look again: something has changed."""
        if self._is_on:
            self._look_soon.start()

    def look(self) -> None:
        """Find out beside the window what there is to learn from."""
        self._look_soon.stop()
        self.looks.emit()
        sources, near, settings = self.sources.chosen, self.sources.near, self.form.value()

        def begin() -> None:
            steps = preparing(sources, near, settings, self._memory)
            self.bar.start(steps, done=self._take)

        self.bar.job.restart(begin)
        self._show()

    def order(self) -> TrainingOrder:
        """What is asked for."""
        from napari_squeakout.io.training_runs.order import TrainingOrder

        chosen, base = self.sources.chosen, self._base.value()
        models = () if self.prepared is None else self.prepared.models
        is_bundled = any(m.name == base and m.kind == "bundled" for m in models)
        return TrainingOrder(
            name=self._name.value(),
            sessions=tuple(source for source in chosen if isinstance(source, Path)),
            folders=tuple(source for source in chosen if isinstance(source, tuple)),
            near=self.sources.near,
            base=None if is_bundled else base,
            settings=self.form.value(),
            learning_curve=self._curve.isChecked(),
        )

    def hinder(self, why: str) -> None:
        """Begin nothing for as long as there is a reason not to."""
        self._hindrance = why
        self._show()

    def _take(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.sources.set_counted(prepared.counted)
        usable = [model for model in prepared.models if model.installed]
        bundled = next((m.name for m in usable if m.kind == "bundled"), None)
        chosen = self._base.value()
        self._base.blockSignals(True)
        self._base.clear()
        for model in usable:
            self._base.addItem(f"{model.name} ({model.kind})", model.name)
        self._base.blockSignals(False)
        self._base.set_value(chosen if chosen in {m.name for m in usable} else bundled)
        first = next(iter(prepared.survey.names.values()), "")
        self._name.suggest(NAMES.called(first), [model.name for model in prepared.models])
        self._show()

    def _why_not(self) -> str:
        """Why nothing can be begun, in a sentence; empty where it can."""
        if self._hindrance:
            return self._hindrance
        if not self.sources.chosen:
            return _NO_PAGES
        if self.prepared is None or self.prepared.counted.keys() != set(self.sources.chosen):
            return _LOOKING
        if self.prepared.why_not:
            return self.prepared.why_not
        if not self.form.is_valid():
            return "Correct the settings first."
        return self._name.why_not([model.name for model in self.prepared.models])

    def _show(self) -> None:
        why, prepared = self._why_not(), self.prepared
        known = prepared is not None and bool(self.sources.chosen)
        texts, agrees = ["", "", ""], ""
        if known and prepared is not None:
            time = time_text(prepared, self.form.value(), curve=self._curve.isChecked())
            survey = prepared.survey
            agrees = agreement_text(survey)
            pages = (pages_text(survey), agrees, sentences(survey.notes))
            texts = [" ".join(filter(None, pages)), split_text(prepared), time]
        for label, text in zip((self._pages, self._split, self._time), texts, strict=True):
            label.setText(text)
            label.setVisible(bool(text))
        self._doubtful.setVisible(bool(agrees))
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self._run.setEnabled(not why)
        self._run.setToolTip(why or "Fine-tune on these pages, also while napari is closed")
        self._copy.setEnabled(not why or bool(self._hindrance))

    def _on_run(self) -> None:
        if not self._why_not():
            self._name.give()
            self.ordered.emit(self.order())

    def _on_thoroughness(self) -> None:
        name = self._thoroughness.value()
        if name in THOROUGHNESS:
            self.form.change_to(with_thoroughness(self.form.value(), name))

    def _on_settings(self, settings: FineTuneSettings) -> None:
        name = thoroughness_of(settings)
        index = self._thoroughness.findData(CUSTOM)
        if name == CUSTOM and index < 0:
            self._thoroughness.addItem(CUSTOM, CUSTOM)
        elif name != CUSTOM and index >= 0:
            self._thoroughness.removeItem(index)
        self._thoroughness.set_value(name)
        self._show()

    def _copy_command(self) -> None:
        copy_text(self.order().command_line())
        self.bar.say("Copied: paste it into a terminal, here or on a cluster.")

    def _connect(self) -> None:
        self.sources.changed.connect(self._show)
        self.sources.changed.connect(self.look_soon)
        self.form.value_changed.connect(self._on_settings)
        self.form.settled.connect(lambda _settings: self.look_soon())
        self._thoroughness.changed.connect(self._on_thoroughness)
        self._curve.toggled.connect(lambda _checked: self._show())
        self._name.textEdited.connect(lambda _text: self._show())
        self._run.clicked.connect(self._on_run)
        self._copy.clicked.connect(self._copy_command)

    def _lay_out(self) -> None:
        chosen = QWidget()
        rows = rows_in(chosen)
        rows.addRow("Base model", self._base)
        rows.addRow("Thoroughness", self._thoroughness)
        rows.addRow("Name of the result", self._name)
        more = self.form.findChild(Section, "train_more")
        more.addWidget(self._curve)
        buttons = QHBoxLayout()
        buttons.addWidget(self._run, stretch=2)
        buttons.addWidget(self._copy, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sources)
        for widget in (self._pages, self._doubtful, self._split):
            layout.addWidget(widget)
        for widget in (chosen, self.form, self._time, self._why):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.addWidget(self.bar)
