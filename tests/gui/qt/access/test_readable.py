"""Faint words are made stronger where they are seen, and nowhere twice."""

from __future__ import annotations

import pytest
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QMainWindow, QWidget

from napari_squeakout.gui.qt.access.readable import Readable

INK = QColor(171, 205, 239)


@pytest.fixture
def window(qtbot):
    main = QMainWindow()
    qtbot.addWidget(main)
    main.setStyleSheet(f"QWidget {{ color: {INK.name()}; }}")
    return main


def test_a_dock_that_is_closed_is_not_styled_once_more(window, qtbot):
    dock = QWidget()
    qtbot.addWidget(dock)
    Readable(dock, ink=INK)
    window.setCentralWidget(dock)
    window.show()
    qtbot.wait(50)
    styled = dock.styleSheet()
    assert "171, 205, 239" in styled
    dock.setParent(None)
    qtbot.wait(50)
    assert dock.styleSheet() == styled


def test_what_is_shown_later_has_the_ink_of_the_theme_from_the_start(window, qtbot):
    dock, table = QWidget(window), QWidget()
    qtbot.addWidget(table)
    Readable(dock, table, ink=INK)
    window.show()
    qtbot.wait(50)
    assert "171, 205, 239" in dock.styleSheet()
    table.show()
    assert "171, 205, 239" in table.styleSheet()


def test_another_theme_is_followed(window, qtbot):
    dock = QWidget(window)
    Readable(dock, ink=INK)
    window.show()
    qtbot.wait(50)
    window.setStyleSheet("QWidget { color: rgb(1, 2, 3); }")
    qtbot.waitUntil(lambda: "rgba(1, 2, 3" in dock.styleSheet())
