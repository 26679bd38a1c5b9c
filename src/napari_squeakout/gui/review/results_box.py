"""Save results: what the command line writes of a recording, of the calls as they are now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QHBoxLayout, QMessageBox, QPushButton, QVBoxLayout, QWidget

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.setting import setting
from napari_squeakout.core.settings import ResultSettings
from napari_squeakout.gui.forms.dialogs import Folder, ask
from napari_squeakout.gui.layers.layers import source_of
from napari_squeakout.gui.layers.roles import role_of
from napari_squeakout.gui.names.shown import NAMES
from napari_squeakout.gui.qt.buttons import named
from napari_squeakout.gui.qt.job_bar import JobBar, message_label
from napari_squeakout.gui.source.contents import mask_stack, probability_stack
from napari_squeakout.io.preferences import keep_preferences, read_preferences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.registry import SourceRegistry
    from napari_squeakout.gui.source.state import SourceState
    from napari_squeakout.io.results.work_results import Saved, Work

#: Masks and picture always come; chosen are the measures, and how large masks of images are.
_ALL, _CHOSEN = ResultSettings(masks=True, picture=True), ("measures", "mask_size")
_MOST_NAMED = 3
_WORDS = "Each recording gets a folder of its name in the one you choose."
#: Under this name it is kept where results went last.
_KEPT_AS = "saving"


class SavingSettings(ResultSettings):
    """Where results go, and what they are."""

    folder: Folder = setting(None, _WORDS)


class ResultsBox(QWidget):
    """Buttons that write a folder of results: table, masks, picture, and how they came about.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    sources : SourceRegistry
        The states of its sources, of which several may be saved.
    """

    def __init__(
        self, viewer: Viewer, sources: SourceRegistry, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._sources = sources
        self._source: SourceLayers | None = None
        self._hindrance = ""
        self.bar = JobBar("results")
        self._save = named(QPushButton("Save results…"), "results_save")
        self._save.setToolTip(
            "Write the table of calls, the masks and a picture of this recording into a folder"
        )
        self._save_all = named(QPushButton("Save all…"), "results_save_all")
        self._save_all.setToolTip("The same for every recording here that has calls")
        self._why = message_label("results_why")
        self._save.clicked.connect(lambda _checked: self._ask_for_folder(self._acted_on()))
        self._save_all.clicked.connect(lambda _checked: self._ask_for_folder(self._with_calls()))
        self.bar.activity_changed.connect(lambda _is_active: self._refresh())
        self._lay_out()
        self._refresh()

    def set_source(self, source: SourceLayers | None) -> None:
        """Follow the dock's source."""
        self._source = source
        self._refresh()

    def hinder(self, why: str) -> None:
        """Save nothing for as long as there is a reason not to."""
        self._hindrance = why
        self._refresh()

    def save(
        self, sources: Sequence[SourceLayers], folder: Path, chosen: Mapping[str, Any]
    ) -> None:
        """Write the results of sources into a folder, beside the window."""
        with self.bar.attempt():
            works = self._works(sources, folder)
            there = [name for name in works if (folder / name).exists()]
            if there and not self._may_replace(folder, there):
                self.bar.say("Nothing was saved.")
                return
            from napari_squeakout.io.results.work_results import saving_works

            wanted = _ALL.model_copy(update={"overwrite": bool(there), **chosen})
            read = tuple(file for one in self._open() for file in _files_of(one))
            self.bar.start(saving_works(works, folder, wanted=wanted, inputs=read), done=self._tell)

    def _works(self, sources: Sequence[SourceLayers], folder: Path) -> Mapping[str, Work]:
        """What to save, by name; named among all that are open, so that names stay."""
        from napari_squeakout.io.results.work_results import result_names

        opened = self._open()
        names = result_names([one.stack for one in opened], folder)
        wanted = [one.image for one in sources]
        return {
            name: work_of(one, self._sources.take_in(one))
            for name, one in zip(names, opened, strict=True)
            if one.image in wanted
        }

    def _ask_for_folder(self, sources: Sequence[SourceLayers]) -> None:
        """Where to, from the folder of the last time, and with what; images also how large."""
        if not sources:
            return
        last = read_preferences(SavingSettings, _KEPT_AS)
        is_telling = NAMES.veiled(str(last.folder)) != str(last.folder)
        if last.folder is not None and (is_telling or not last.folder.is_dir()):
            last = last.model_copy(update={"folder": None})
        are_images = any(not one.stack.layout.contiguous for one in sources)
        title = "Save all results" if len(sources) > 1 else "Save results"

        def begin(asked: SavingSettings) -> None:
            keep_preferences(asked, _KEPT_AS)
            assert asked.folder is not None  # noqa: S101 - nothing is accepted without one
            self.save(sources, asked.folder, asked.model_dump(include=set(_CHOSEN)))

        shown = [name for name in ("folder", *_CHOSEN) if name != "mask_size" or are_images]
        ask(
            self, last, "results", title=title, words=_WORDS, accept="Save", done=begin,
            fields=shown,
        )  # fmt: skip

    def _may_replace(self, folder: Path, there: Sequence[str]) -> bool:
        """Ask before anything is replaced; what is no result of ours stays whatever is said."""
        named = ", ".join(map(NAMES.called, there[:_MOST_NAMED]))
        more = f" and {len(there) - _MOST_NAMED} more" if len(there) > _MOST_NAMED else ""
        place = NAMES.veiled(str(folder))
        words = f"{named}{more} in {place}: there already. Replace the results in it?"
        yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
        return QMessageBox.question(self, "Save results", words, yes | no, no) == yes

    def _tell(self, saved: Saved) -> None:
        calls = sum(n_calls for _, n_calls in saved.written)
        said = []
        if len(saved.written) == 1:
            said.append(f"Saved {counted(calls, 'call')} in {saved.written[0][0]}.")
        elif saved.written:
            where = saved.written[0][0].parent
            of = counted(len(saved.written), "source")
            said.append(f"Saved {counted(calls, 'call')} of {of} in {where}.")
        said += [f"Not saved: {why}." for why in saved.refused]
        said += [f"{note}." for note in saved.notes]
        self.bar.say(" ".join(said))

    def _open(self) -> list[SourceLayers]:
        """Every source of the window, each once."""
        found: dict[int, SourceLayers] = {}
        for layer in self._viewer.layers:
            role = role_of(layer)
            if role is not None and id(role.stack) not in found:
                source = source_of(self._viewer, layer)
                if source is not None:
                    found[id(role.stack)] = source
        return list(found.values())

    def _with_calls(self) -> list[SourceLayers]:
        return [source for source in self._open() if source.calls is not None]

    def _acted_on(self) -> list[SourceLayers]:
        source = self._source
        return [] if source is None or source.calls is None else [source]

    def _refresh(self) -> None:
        n_ready = len(self._with_calls())
        why = self._hindrance
        if not self._acted_on():
            why = "Segment first: there are no calls to save."
        free = not self.bar.job.is_active
        self._save.setEnabled(free and not why)
        self._save_all.setEnabled(free and not self._hindrance and n_ready > 0)
        self._save_all.setVisible(n_ready > 1)
        self._why.setText(why)
        self._why.setVisible(bool(why) and free)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._save, stretch=2)
        buttons.addWidget(self._save_all, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(buttons)
        layout.addWidget(self._why)
        layout.addWidget(self.bar)


def work_of(source: SourceLayers, state: SourceState) -> Work:
    """A source with calls, as it is now, for saving."""
    from napari_squeakout.io.results.work_results import Work

    masks = mask_stack(source)
    assert masks is not None  # noqa: S101 - only sources with calls are saved
    session = state.session
    return Work(
        stack=source.stack,
        masks=masks,
        probabilities=probability_stack(source),
        review=state.review,
        stages=state.stages,
        model=state.model_name,
        known=() if session is None else session.record.sources,
        classes=state.classes.kept,
    )


def _files_of(source: SourceLayers) -> tuple[Path, ...]:
    origin = source.stack.origin
    return () if origin is None else origin.files
