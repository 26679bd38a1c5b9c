from __future__ import annotations

import time

import numpy as np
import pytest
from napari.components import ViewerModel
from windows import MODEL, child, click, install_fake_model, text

from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.presets import PRESETS
from napari_squeakout.core.review.proposals import CleanReport
from napari_squeakout.core.settings import CleanSettings, RenderSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import Progress, run
from napari_squeakout.gui.clean.jobs import report_texts
from napari_squeakout.gui.clean.panel import CleanPanel
from napari_squeakout.gui.layers.contrast import CLEAR, NETWORK, PER_PAGE, WHOLE
from napari_squeakout.gui.layers.label_pages import write_page
from napari_squeakout.gui.layers.layers import open_stack, show_probabilities, source_of
from napari_squeakout.gui.open.panel import OpenPanel
from napari_squeakout.gui.segment import models_box
from napari_squeakout.gui.segment.models_box import _reported
from napari_squeakout.gui.segment.panel import SegmentPanel
from napari_squeakout.gui.source.registry import begin_registry, registry_in
from napari_squeakout.io.models.entry import ModelEntry


@pytest.fixture
def viewer(make_napari_viewer_proxy):
    return make_napari_viewer_proxy()


@pytest.fixture
def source(viewer):
    """Three pages in a row; certain calls on the first, a doubtful one on the second."""
    layout = Layout(
        source="rec", n_pages=3, grid=STANDARD_GRID, starts_s=np.arange(3) * 0.22, contiguous=True
    )
    pages = np.random.default_rng(0).random(layout.shape, np.float32)
    image = open_stack(viewer, SpectrogramStack(pages=pages, layout=layout))
    values = np.zeros(layout.shape, np.uint8)
    values[0, 100:130, 40:100] = 250
    values[0, 300:330, 200:300] = 250
    values[0, 310:320, 220:240] = 100
    values[1, 100:130, 40:100] = 150
    show_probabilities(viewer, image, values, "f" * 64)
    return source_of(viewer, image)


@pytest.fixture
def panel(qtbot, viewer, source):
    panel = CleanPanel(viewer, begin_registry(viewer))
    qtbot.addWidget(panel)
    panel.show()
    act_on(viewer, panel, source)
    apply(qtbot, viewer, panel)
    yield panel
    qtbot.waitUntil(lambda: not panel.bar.job.is_active, timeout=10_000)
    panel.disconnect_viewer()


def second_source(viewer, grid=STANDARD_GRID):
    """One page with a call that is doubtful."""
    layout = Layout(source="other", n_pages=1, grid=grid)
    image = open_stack(
        viewer, SpectrogramStack(pages=np.zeros(layout.shape, np.float32), layout=layout)
    )
    values = np.zeros(layout.shape, np.uint8)
    values[0, 100:130, 40:100] = 160
    show_probabilities(viewer, image, values, "f" * 64)
    return image


def act_on(viewer, panel, source):
    sources = registry_in(viewer) or begin_registry(viewer)
    panel.set_source(source, sources.take_in(source))


def apply(qtbot, viewer, panel):
    panel.apply()
    qtbot.waitUntil(lambda: not panel.bar.job.is_active, timeout=10_000)
    act_on(viewer, panel, source_of(viewer, viewer.layers["rec"]))


def clear(viewer):
    write_page(viewer.layers["rec calls"], 0, np.zeros((512, 512), np.int32), undoable=True)


def calls(viewer):
    return viewer.layers["rec calls"].data


def test_a_new_threshold_redraws_the_page_in_view_at_once(qtbot, viewer, panel):
    panel.set_page(1)
    assert calls(viewer)[1].any()
    child(panel, "clean_threshold").setValue(0.8)
    qtbot.waitUntil(lambda: not calls(viewer)[1].any())
    assert text(panel, "clean_changes") == "This page: 0 calls (1 when you came here)"


def test_all_pages_follow_when_the_change_has_settled(qtbot, viewer, panel):
    child(panel, "clean_threshold").setValue(0.8)
    qtbot.waitUntil(lambda: not calls(viewer)[1].any(), timeout=5000)
    assert calls(viewer)[0].any()
    qtbot.waitUntil(lambda: text(panel, "clean_message") == "rec: 2 calls.")


def test_a_page_corrected_by_hand_is_kept_until_it_is_proposed_again(qtbot, viewer, panel):
    clear(viewer)
    qtbot.waitUntil(lambda: "Corrected by hand" in text(panel, "clean_corrected"))
    child(panel, "clean_threshold").setValue(0.3)
    qtbot.waitUntil(
        lambda: "1 page corrected or approved, left" in text(panel, "clean_message"), timeout=5000
    )
    assert not calls(viewer)[0].any()
    click(panel, "clean_redo_page")
    assert calls(viewer)[0].any()
    assert not text(panel, "clean_corrected")


def test_settings_can_be_used_for_all_sources_and_corrections_stay(qtbot, viewer, panel, source):
    other = second_source(viewer)
    act_on(viewer, panel, source_of(viewer, source.image))
    clear(viewer)
    panel.form.set_value(CleanSettings(threshold=0.3))
    click(panel, "clean_use_for_all")
    qtbot.waitUntil(lambda: not panel.bar.job.is_active, timeout=10_000)
    assert panel.bar.text == "rec and other: 2 calls. 1 page corrected or approved, left as it is."
    assert not calls(viewer)[0].any()
    assert viewer.layers["other calls"].data[0].any()
    assert source_of(viewer, other).calls.data[0].max() == 1


def test_there_is_nothing_to_use_for_all_with_one_source_and_it_is_said(viewer, panel, source):
    assert not child(panel, "clean_use_for_all").isEnabled()
    assert text(panel, "clean_use_for_all_why") == "So far only rec is segmented."
    second_source(viewer)
    act_on(viewer, panel, source_of(viewer, source.image))
    assert child(panel, "clean_use_for_all").isEnabled()
    assert not text(panel, "clean_use_for_all_why")


def test_what_was_ordered_for_all_is_done_though_one_source_is_changed_meanwhile(
    qtbot, viewer, panel, source
):
    second_source(viewer)
    act_on(viewer, panel, source_of(viewer, source.image))
    panel.form.set_value(CleanSettings(threshold=0.3))
    panel.use_for_all()
    panel.form.set_value(CleanSettings(threshold=0.8))
    panel.apply()
    qtbot.waitUntil(lambda: not panel.bar.job.is_active, timeout=10_000)
    assert panel.bar.text == "rec and other: 3 calls."
    assert viewer.layers["other calls"].data[0].any()


def test_a_source_that_cannot_be_cleaned_does_not_keep_the_others_from_it(qtbot, viewer, panel):
    second_source(viewer, grid=None)
    panel.form.set_value(CleanSettings(keep_low_hz=50_000))
    panel.use_for_all()
    qtbot.waitUntil(lambda: not panel.bar.job.is_active, timeout=10_000)
    assert "rec: 3 calls" in panel.bar.text
    assert "other: a band in Hz needs images of known scale" in panel.bar.text


@pytest.mark.parametrize("name", list(PRESETS))
def test_presets_set_the_whole_form_and_reset_takes_it_back(panel, name):
    child(panel, "clean_preset").setCurrentText(name)
    assert panel.form.value() == PRESETS[name]
    click(panel, "clean_reset")
    assert panel.form.value() == CleanSettings()
    assert child(panel, "clean_preset").currentText() == "Paper's default"


def test_a_setting_of_ones_own_is_called_custom(panel):
    child(panel, "clean_threshold").setValue(0.77)
    assert child(panel, "clean_preset").currentText() == "Custom"


def test_the_histogram_counts_the_page_in_view(panel):
    histogram = child(panel, "clean_histogram")
    assert histogram.counts.sum() == 512 * 512
    assert histogram.counts[-2:].sum() == 30 * 60 + 30 * 100 - 10 * 20
    child(panel, "clean_threshold").setValue(0.8)
    assert histogram.threshold == 0.8


def test_a_labels_layer_of_another_shape_is_refused_in_a_sentence(qtbot, viewer, panel):
    viewer.layers["rec calls"].data = np.zeros((3, 64, 64), np.int32)
    panel.apply()
    assert "remove this layer" in text(panel, "clean_message")


def test_a_band_without_a_scale_is_refused_in_a_sentence(qtbot, viewer):
    layout = Layout(source="images", n_pages=1)
    image = open_stack(
        viewer, SpectrogramStack(pages=np.zeros(layout.shape, np.float32), layout=layout)
    )
    show_probabilities(viewer, image, np.full(layout.shape, 200, np.uint8), "f" * 64)
    panel = CleanPanel(viewer, begin_registry(viewer))
    qtbot.addWidget(panel)
    act_on(viewer, panel, source_of(viewer, image))
    panel.form.set_value(CleanSettings(keep_low_hz=50_000))
    panel.apply()
    qtbot.waitUntil(lambda: "images of known scale" in panel.bar.text, timeout=5000)
    panel.disconnect_viewer()


def test_contrast_never_changes_what_the_network_gets(qtbot, viewer, source):
    panel = OpenPanel(viewer)
    qtbot.addWidget(panel)
    act_on(viewer, panel, source)
    before = source.stack.page(0)
    for how in (PER_PAGE, WHOLE, CLEAR, NETWORK):
        child(panel, "open_contrast").setCurrentText(how)
    assert tuple(source.image.contrast_limits) == (0, 1)
    np.testing.assert_array_equal(source.stack.page(0), before)


def test_limits_that_somebody_has_set_by_hand_stay_when_another_page_comes(qtbot, viewer, source):
    panel = OpenPanel(viewer)
    qtbot.addWidget(panel)
    panel.set_source(source, None)
    source.image.contrast_limits = (0.2, 0.4)
    panel.set_page(1)
    panel.set_source(None, None)
    panel.set_source(source, None)
    assert tuple(source.image.contrast_limits) == (0.2, 0.4)
    child(panel, "open_contrast").setCurrentText(WHOLE)
    assert tuple(source.image.contrast_limits) != (0.2, 0.4)


def test_a_model_that_is_not_here_can_be_fetched_and_it_is_said(qtbot, viewer, source, monkeypatch):
    install_fake_model(monkeypatch)
    panel = SegmentPanel(viewer)
    qtbot.addWidget(panel)
    panel.show()
    act_on(viewer, panel, source)
    entry = ModelEntry(name="far", kind="published", installed=False, path=None, title="Far away")
    panel.models._show(([entry], "Computes on CPU"), None)
    assert "not on this machine yet" in text(panel, "segment_why")
    assert not child(panel, "segment_run").isEnabled()
    assert child(panel, "segment_fetch").isVisible()
    panel.disconnect_viewer()


def test_the_default_is_chosen_at_first_and_any_can_be_made_it_and_gone_back_from(
    qtbot, viewer, source, monkeypatch
):
    from napari_squeakout.io.models import registry as models

    def looking(_device):
        yield Progress(0, 1, "looks")
        return models.list_models(), "Computes on CPU"

    monkeypatch.setattr(models_box, "looking", looking)
    weights = SqueakOut().state_dict()
    for name in ("first", "second"):
        models.save_model(models.Model(name, weights, models.ModelCard(name=name)))
    models.set_default_model("second")
    panel = SegmentPanel(viewer)
    qtbot.addWidget(panel)
    panel.show()
    bars = (panel.bar, panel.models.looking)

    def idle():
        for _ in range(2):
            qtbot.waitUntil(lambda: not any(bar.job.is_active for bar in bars), timeout=30_000)
            qtbot.wait(20)

    panel.models.look()
    idle()
    combo = child(panel, "segment_model")
    assert (panel.models.chosen(), combo.currentText()) == ("second", "second (default)")
    assert not child(panel, "segment_use").isVisible()
    combo.setCurrentIndex(combo.findData("first"))
    click(panel, "segment_use")
    idle()
    assert models.default_model() == panel.models.chosen() == "first"
    assert child(panel, "segment_back").text() == "Back to second"
    click(panel, "segment_back")
    idle()
    assert models.default_model() == panel.models.chosen() == "second"
    panel.disconnect_viewer()


def test_pages_that_a_model_was_not_made_for_are_told_and_no_error(qtbot, viewer, source):
    panel = SegmentPanel(viewer)
    qtbot.addWidget(panel)
    panel.show()
    act_on(viewer, panel, source)
    other = RenderSettings(page_length_s=0.5, low_hz=20_000, high_hz=100_000)
    entries = [
        ModelEntry(name="usual", kind="own", installed=True, path=None, title="As rendered"),
        ModelEntry(
            name="low",
            kind="own",
            installed=True,
            path=None,
            title="For low calls",
            rendering=other,
        ),
    ]
    panel.models._show((entries, "Computes on CPU"), "usual")
    assert not text(panel, "segment_rendering")
    child(panel, "segment_model").setCurrentIndex(1)
    said = text(panel, "segment_rendering")
    assert "low was made for pages of 500 ms and 20-100 kHz, these are 221 ms and 45-125" in said
    assert child(panel, "segment_run").isEnabled()
    panel.disconnect_viewer()


def test_a_download_speaks_in_steps_and_ends_when_it_is_cancelled():
    ended = []

    def download(tell):
        try:
            for done in range(5):
                tell(Progress(done, 5, "bytes"))
                time.sleep(0.02)
        except Exception as error:
            ended.append(type(error).__name__)
            raise
        return "model"

    assert run(_reported(download)) == "model"
    steps = _reported(download)
    next(steps)
    steps.close()
    assert ended == ["_StoppedError"]


def two_sources():
    """Two sources with probabilities in a viewer without a window."""
    viewer = ViewerModel()
    for name in ("one", "two"):
        stack = SpectrogramStack(
            pages=np.zeros((2, 512, 512), np.float32), layout=Layout(source=name, n_pages=2)
        )
        image = open_stack(viewer, stack)
        show_probabilities(viewer, image, np.full((2, 512, 512), 200, np.uint8), "a" * 64)
    return viewer, [source_of(viewer, viewer.layers[name]) for name in ("one", "two")]


def test_what_is_being_segmented_is_not_cleaned_beside_it_and_it_is_said(qtbot):
    viewer, (one, _) = two_sources()
    panel = CleanPanel(viewer, begin_registry(viewer), lambda image: image == one.image)
    qtbot.addWidget(panel)
    act_on(viewer, panel, one)
    panel.apply()
    assert "one is being segmented" in panel.bar.text
    panel.use_for_all()
    qtbot.waitUntil(lambda: "two calls" in viewer.layers, timeout=10_000)
    qtbot.waitUntil(lambda: not panel.bar.job.is_active, timeout=10_000)
    assert "one is being segmented" in panel.bar.text
    assert "one calls" not in viewer.layers


def test_only_the_recording_that_was_asked_about_is_segmented_anew(qtbot, monkeypatch):
    viewer, (one, two) = two_sources()
    install_fake_model(monkeypatch)
    panel = SegmentPanel(viewer)
    qtbot.addWidget(panel)
    act_on(viewer, panel, one)
    panel.run_all_with(MODEL)
    act_on(viewer, panel, two)
    qtbot.waitUntil(lambda: "one was not segmented" in panel.bar.text, timeout=10_000)
    assert not panel.is_working_on(two.image)


def test_what_a_model_was_judged_with_is_taken_unless_a_person_has_chosen_otherwise(panel):
    panel.follow_model("our-box", CleanSettings().at_threshold(0.35))
    assert panel.form.value().threshold == 0.35
    assert text(panel, "clean_judged").endswith("a threshold of 0.35, which is used.")
    child(panel, "clean_threshold").setValue(0.6)
    assert text(panel, "clean_judged").endswith("a threshold of 0.35; this is 0.6.")
    panel.follow_model("other-box", CleanSettings().at_threshold(0.4))
    assert panel.form.value().threshold == 0.6
    assert text(panel, "clean_judged") == (
        "other-box was judged with a threshold of 0.4; this is 0.6."
    )


def test_a_model_that_was_judged_as_usual_after_one_that_was_not_brings_the_usual_back(panel):
    panel.follow_model("our-box", CleanSettings().at_threshold(0.35))
    panel.follow_model("squeakout-synthetic", None)
    assert panel.form.value() == CleanSettings()
    assert text(panel, "clean_judged") == ""


def test_tones_that_are_left_out_are_said():
    told = CleanReport(n_calls=2, n_kept=0, settings=CleanSettings(), notes=("8 tones are out.",))
    assert report_texts([("rec", told)]) == ["rec: 2 calls.", "8 tones are out."]
