from __future__ import annotations

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_squeakout.gui.qt.elided import ElidedButton
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.section import Section


def test_lines_that_wrap_are_seen_whole_beside_a_button_with_a_long_name(qtbot):
    section, window = Section("Segment", "part"), QWidget()
    lines = [
        message_label(f"line_{n}", "SqueakOut trained on synthetic calls " * 3) for n in (1, 2)
    ]
    for widget in (*lines, ElidedButton("a-long-name-of-a-model" * 5, objectName="back")):
        section.addWidget(widget)
    column = QVBoxLayout(window)
    column.addWidget(section)
    column.addStretch(1)
    qtbot.addWidget(window)
    window.resize(280, 600)
    window.show()
    qtbot.wait(10)
    for line in lines:
        assert line.height() >= line.heightForWidth(line.width())
