from __future__ import annotations

import pytest
from qtpy.QtCore import QEvent, QPoint
from qtpy.QtGui import QHelpEvent
from qtpy.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget

from napari_squeakout.gui.forms.choice import ChoiceEditor
from napari_squeakout.gui.qt.elided import ElidedButton

_NAME = "mouse-12-session-3-left-cage-tuned (fine-tuned)"


def combo():
    editor = ChoiceEditor("model", (_NAME,), "Model")
    editor.set_tooltip("The model that is asked")
    return editor


def button():
    made = ElidedButton(_NAME, objectName="back")
    made.setToolTip("The model that is asked")
    return made


@pytest.mark.parametrize("make", [combo, button])
def test_a_name_without_room_is_cut_in_its_middle_and_whole_under_the_mouse(qtbot, make):
    widget, around = make(), QWidget()
    QVBoxLayout(around).addWidget(widget)
    qtbot.addWidget(around)
    around.setFixedWidth(200)
    around.show()
    shown = widget.shown_text()
    assert len(shown) < len(_NAME)
    assert _NAME.startswith(shown.split("…")[0])
    assert _NAME.endswith(shown.split("…")[1])
    assert shown.endswith("tuned)")
    assert widget.fontMetrics().horizontalAdvance(shown) <= widget.width()
    assert around.layout().minimumSize().width() <= 120
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), QPoint(5, 5)))
    assert _NAME in QToolTip.text()
    assert "The model that is asked" in QToolTip.text()
    QToolTip.hideText()
    around.setFixedWidth(900)
    qtbot.waitUntil(lambda: widget.shown_text() == _NAME)
