from __future__ import annotations

import inspect

import pytest
from pydantic import Field
from qtpy.QtWidgets import QAbstractButton, QComboBox, QLabel, QSlider, QWidget

from napari_squeakout.core import settings as segmenting
from napari_squeakout.core import training_settings as learning
from napari_squeakout.core.setting import Settings, setting
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    RenderSettings,
    SegmentSettings,
)
from napari_squeakout.gui.forms.form import SettingsForm, make_widget

CLASSES = [
    item
    for module in (segmenting, learning)
    for _, item in inspect.getmembers(module, inspect.isclass)
    if issubclass(item, Settings) and item is not Settings
]


@pytest.fixture
def form_of(qtbot):
    def make(settings_class, **options):
        form = SettingsForm(settings_class, "trial", **options)
        qtbot.addWidget(form)
        form.show()
        return form

    return make


@pytest.mark.parametrize("settings_class", CLASSES, ids=lambda c: c.__name__)
def test_every_settings_class_has_a_form_that_gives_its_defaults_back(form_of, settings_class):
    form = form_of(settings_class)
    assert form.value() == settings_class()
    for name in settings_class.model_fields:
        assert form.findChild(QWidget, f"trial_{name}").toolTip()


@pytest.mark.parametrize("settings_class", CLASSES, ids=lambda c: c.__name__)
def test_touching_one_setting_leaves_the_others_exactly_as_they_were(form_of, settings_class):
    form = form_of(settings_class)
    for name in settings_class.model_fields:
        form.set_value(settings_class())
        editor = form.findChild(QWidget, f"trial_{name}")
        if hasattr(editor, "setValue"):
            if editor.isEnabled():
                editor.stepBy(1)
        elif isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.count() - 1)
        others = {k: v for k, v in form.value().model_dump().items() if k != name}
        assert others == {k: v for k, v in settings_class().model_dump().items() if k != name}


def test_a_change_carries_the_whole_settings(form_of, qtbot):
    form = form_of(CleanSettings)
    with qtbot.waitSignal(form.value_changed) as changed:
        form.findChild(QWidget, "trial_threshold").setValue(0.7)
    assert changed.args == [CleanSettings(threshold=0.7)]


def test_a_change_settles_once_nothing_moves(form_of, qtbot):
    form = form_of(CleanSettings)
    with qtbot.waitSignal(form.settled, timeout=2000) as settled:
        for value in (0.6, 0.7, 0.8):
            form.findChild(QWidget, "trial_threshold").setValue(value)
    assert settled.args == [CleanSettings(threshold=0.8)]


def test_a_slider_that_is_held_settles_only_when_let_go(form_of, qtbot):
    form = form_of(CleanSettings)
    slider = form.findChild(QSlider, "trial_threshold_slider")
    settled = []
    form.settled.connect(settled.append)
    slider.setSliderDown(True)
    slider.setSliderPosition(30)
    qtbot.wait(700)
    assert not settled
    slider.setSliderDown(False)
    qtbot.waitUntil(lambda: bool(settled))
    assert form.value().threshold == pytest.approx(0.3, abs=0.02)


def test_short_times_are_shown_in_milliseconds_and_frequencies_in_kilohertz(form_of):
    form = form_of(CleanSettings)
    gap = form.findChild(QWidget, "trial_join_gap_s")
    assert gap.text() == "24 ms"
    gap.setValue(20.0)
    assert form.value().join_gap_s == 0.02
    render = form_of(RenderSettings)
    assert render.findChild(QWidget, "trial_low_hz").text() == "45 kHz"


def test_bounds_are_those_of_the_setting(form_of):
    form = form_of(CleanSettings)
    threshold = form.findChild(QWidget, "trial_threshold")
    threshold.setValue(7.0)
    assert form.value().threshold == 0.99
    area = form.findChild(QWidget, "trial_min_area_px")
    area.setValue(10**6)
    assert form.value().min_area_px == 20_000


def test_a_wide_range_gives_small_values_room_on_the_slider(form_of):
    form = form_of(CleanSettings)
    slider = form.findChild(QSlider, "trial_min_area_px_slider")
    assert slider.value() > 0.1 * slider.maximum()


def test_an_optional_number_is_none_until_its_box_is_ticked(form_of):
    form = form_of(CleanSettings)
    assert form.value().keep_low_hz is None
    form.findChild(QAbstractButton, "trial_keep_low_hz_on").setChecked(True)
    form.findChild(QWidget, "trial_keep_low_hz").setValue(50)
    assert form.value().keep_low_hz == 50_000
    form.findChild(QAbstractButton, "trial_keep_low_hz_on").setChecked(False)
    assert form.value().keep_low_hz is None


def test_a_contradiction_is_said_and_not_passed_on(form_of):
    form = form_of(ImageSettings)
    form.findChild(QAbstractButton, "trial_image_span_s_on").setChecked(True)
    problem = form.findChild(QLabel, "trial_problem")
    assert problem.isVisible()
    assert "takes all three" in problem.text()
    assert not form.is_valid()
    assert form.value() == ImageSettings()


def test_choices_are_those_of_the_setting(form_of):
    form = form_of(SegmentSettings)
    windows = form.findChild(QComboBox, "trial_windows_per_page")
    windows.setCurrentText("4")
    assert form.value().windows_per_page == 4


def test_some_fields_can_be_shown_and_some_folded_away(form_of):
    form = form_of(
        CleanSettings, fields=("threshold", "erosion_iterations"), advanced=("erosion_iterations",)
    )
    assert form.findChild(QWidget, "trial_min_peak_probability") is None
    assert form.findChild(QWidget, "trial_threshold").isVisible()
    erosion = form.findChild(QWidget, "trial_erosion_iterations")
    assert not erosion.isVisible()
    form.findChild(QAbstractButton, "trial_more_header").click()
    assert erosion.isVisible()


def test_reset_goes_back_to_the_defaults_and_tells(form_of, qtbot):
    form = form_of(CleanSettings)
    form.set_value(CleanSettings(threshold=0.9, keep_high_hz=90_000))
    with qtbot.waitSignal(form.value_changed):
        form.reset()
    assert form.value() == CleanSettings()


def test_what_cannot_be_edited_is_refused():
    class Odd(Settings):
        pairs: dict[str, int] = Field(default_factory=dict)

    with pytest.raises(ValueError, match="No widget found"):
        make_widget("pairs", Odd.model_fields["pairs"], "odd")


def test_text_is_edited_in_a_line(form_of):
    class Named(Settings):
        name: str = setting("mouse", "What it is called.")

    form = form_of(Named)
    line = form.findChild(QWidget, "trial_name")
    line.setText("rat")
    line.editingFinished.emit()
    assert form.value().name == "rat"
