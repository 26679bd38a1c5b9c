from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.column import Column


def test_what_is_beside_makes_room_for_the_widest_line_of_the_content(qtbot):
    line, content, window = QLabel("short"), QWidget(), QWidget()
    QVBoxLayout(content).addWidget(line)
    column = Column(content)
    row = QHBoxLayout(window)
    row.addWidget(column)
    row.addWidget(QWidget(), stretch=1)
    qtbot.addWidget(window)
    window.resize(700, 300)
    window.show()
    assert column.viewport().width() >= content.minimumSizeHint().width()
    line.setText("9008 of 10000 steps of a kind of work with a long name, 10 s left")
    line.setMinimumHeight(900)  # now the bar takes some of the width
    qtbot.waitUntil(lambda: column.verticalScrollBar().isVisible(), timeout=5000)
    assert content.minimumSizeHint().width() > 300
    assert column.viewport().width() >= content.minimumSizeHint().width()
