"""Widgets are found by their names."""

from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.buttons import button, named


def test_what_is_named_is_the_widget_itself_and_found_under_its_name(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    column, label = QVBoxLayout(window), QLabel("Pages")
    column.addWidget(named(label, "pages"))
    assert window.findChild(QLabel, "pages") is label


def test_a_button_says_what_it_does_under_the_mouse(qtbot):
    made = button("Run", "segment_run", "Find the calls")
    qtbot.addWidget(made)
    assert (made.text(), made.objectName(), made.toolTip()) == (
        "Run", "segment_run", "Find the calls",
    )  # fmt: skip
