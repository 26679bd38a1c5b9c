from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from magicgui.backends import _qtpy as widgets
from magicgui.types import FileDialogMode
from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QApplication, QDialog, QLabel, QWidget
from windows import child, click

from napari_squeakout.core.setting import Settings, check_order, setting
from napari_squeakout.gui.forms.dialogs import Folder, ask

WORDS = {"title": "Copy", "words": "A copy.", "accept": "Copy it"}


class Copied(Settings):
    folder: Folder = setting(None, "Where it goes.")
    weights: Annotated[Path | None, FileDialogMode.EXISTING_FILE, "Weights (*.pt)"] = setting(
        None, "What goes there."
    )
    name: str = setting("mouse", "What it is called.")


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def answers(window):
    """What was accepted, of a dialog that is open."""
    accepted = []
    ask(
        window,
        Copied(),
        "trial",
        **WORDS,
        done=accepted.append,
    )
    return accepted


def test_it_is_accepted_once_every_path_is_chosen_and_gives_the_whole_settings(
    window, answers, tmp_path
):
    dialog = child(window, "trial_dialog")
    assert dialog.windowTitle() == "Copy"
    assert child(dialog, "trial_words").text() == "A copy."
    assert child(dialog, "trial_accept").text() == "Copy it"
    assert not child(dialog, "trial_accept").isEnabled()
    child(dialog, "trial_folder_line").setText(str(tmp_path))
    assert not child(dialog, "trial_accept").isEnabled()
    child(dialog, "trial_weights_line").setText(str(tmp_path / "a.pt"))
    click(dialog, "trial_accept")
    assert answers == [Copied(folder=tmp_path, weights=tmp_path / "a.pt")]
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window.findChild(QDialog) is None


def test_a_path_that_is_typed_means_what_it_means_in_a_terminal(
    window, answers, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    child(window, "trial_folder_line").setText("~/results")
    child(window, "trial_weights_line").setText("~/a.pt")
    click(window, "trial_accept")
    home = tmp_path / "home"
    assert answers == [Copied(folder=home / "results", weights=home / "a.pt")]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("~nobody-of-that-name/new", "nobody of that name has a home here"),
        ("results", "does not say in which folder it is"),
        (".", "does not say in which folder it is"),
        ("{there}/a.pt", "is a file, or in one"),
        ("{there}/a.pt/new", "is a file, or in one"),
        ("{there}/" + 300 * "n", "cannot be looked at"),
    ],
)
def test_a_place_that_cannot_be_meant_is_named_and_is_not_accepted(window, tmp_path, typed, why):
    (tmp_path / "a.pt").touch()
    started = Copied(folder=tmp_path, weights=tmp_path / "a.pt")
    ask(window, started, "trial", **WORDS, done=print)
    typed = typed.format(there=tmp_path)
    child(window, "trial_folder_line").setText(typed)
    assert not child(window, "trial_accept").isEnabled()
    assert child(window, "trial_problem").isVisible()
    assert why in child(window, "trial_problem").text()
    child(window, "trial_folder_line").setText(str(tmp_path / "new"))
    assert child(window, "trial_accept").isEnabled()
    assert not child(window, "trial_problem").isVisible()


@pytest.mark.parametrize("typed", ["", "  "])
def test_an_emptied_line_chooses_no_place(window, tmp_path, typed):
    started = Copied(folder=tmp_path, weights=tmp_path / "a.pt")
    ask(window, started, "trial", **WORDS, done=print)
    child(window, "trial_folder_line").setText(typed)
    assert not child(window, "trial_accept").isEnabled()


def test_enter_accepts_it_and_escape_leaves_everything_as_it_was(window, answers, qtbot, tmp_path):
    dialog = child(window, "trial_dialog")
    for name in ("folder", "weights"):
        child(dialog, f"trial_{name}_line").setText(str(tmp_path))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert answers == []
    ask(
        window,
        Copied(),
        "again",
        **WORDS,
        done=answers.append,
    )
    dialog = child(window, "again_dialog")
    for name in ("folder", "weights"):
        child(dialog, f"again_{name}_line").setText(str(tmp_path))
    qtbot.keyClick(child(dialog, "again_folder_line"), Qt.Key.Key_Return)
    assert len(answers) == 1


def test_a_file_and_a_folder_are_chosen_in_the_dialogs_that_they_ask_for(
    window, tmp_path, monkeypatch
):
    asked = []
    answers = {
        FileDialogMode.EXISTING_DIRECTORY: tmp_path, FileDialogMode.EXISTING_FILE: tmp_path / "b.pt"
    }  # fmt: skip

    def choose(mode, *, filter, **_options):  # noqa: A002 - magicgui's name
        asked.append((mode, filter))
        return str(answers[mode])

    monkeypatch.setattr(widgets, "show_file_dialog", choose)
    ask(
        window,
        Copied(),
        "trial",
        **WORDS,
        done=asked.append,
    )
    for name, chosen in (("folder", tmp_path), ("weights", tmp_path / "b.pt")):
        click(window, f"trial_{name}_choose")
        assert child(window, f"trial_{name}_line").text() == str(chosen)
    assert asked == [
        (FileDialogMode.EXISTING_DIRECTORY, None),
        (FileDialogMode.EXISTING_FILE, "Weights (*.pt)"),
    ]


def test_what_contradicts_cannot_be_accepted(window):
    class Band(Settings):
        low: float = setting(1.0, "Lower end.", ge=0, le=9)
        high: float = setting(2.0, "Upper end.", ge=0, le=9)

        def model_post_init(self, _context):
            check_order(self, "low", "high")

    ask(window, Band(), "band", **WORDS, done=print)
    assert child(window, "band_accept").isEnabled()
    child(window, "band_low").setValue(5.0)
    assert not child(window, "band_accept").isEnabled()
    assert child(window, "band_problem").isVisible()
    child(window, "band_high").setValue(6.0)
    assert child(window, "band_accept").isEnabled()


def test_only_those_asked_for_are_shown(window):
    accepted = []
    ask(
        window,
        Copied(name="rat"),
        "few",
        **WORDS,
        done=accepted.append,
        fields=("name",),
    )
    labels = [label.text() for label in child(window, "few_dialog").findChildren(QLabel)]
    assert "Name" in labels
    assert "Folder" not in labels
    click(window, "few_accept")  # a path that nobody is asked for hinders nobody
    assert accepted == [Copied(name="rat")]
