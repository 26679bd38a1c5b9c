"""What is known of a model: cards of today and of before."""

from __future__ import annotations

import json

import pytest

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.model.card import ModelCard, card_from_json
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.settings import CleanSettings

# As the first version wrote it for a fine-tuned model; it must open for ever.
OF_BEFORE = {
    "schema_version": 1,
    "name": "our-box",
    "title": "SqueakOut trained on synthetic calls, fine-tuned on 8 pages",
    "parent": "ab" * 32,
    "recipe": {"fine_tune": {"epochs": 40}, "base": "squeakout-synthetic"},
    "fine_tuning": {
        "sources": [{"name": "rec_1", "pages": 11}],
        "held_out": ["rec_1, page 7"],
        "held_out_by": "page",
        "pages": {"learned": 8, "held_out": 3, "between": 0, "replayed": 3},
        "best_epoch": 12,
        "verdict": {"is_better": True, "before": {"dice": 0.7}, "after": {"dice": 0.9}},
        "software": {"torch": "2.13.0"},
    },
    "metrics": {"dice_before": 0.7, "dice_after": 0.9, "threshold": 0.35, "epochs": 40.0},
    "rendering": {
        "page_length_s": 0.220672,
        "low_hz": 45000.0,
        "high_hz": 125000.0,
        "floor_below_median_db": 65.0,
    },
}


def test_a_card_of_before_opens_and_its_threshold_is_what_calls_are_found_with():
    card = card_from_json(json.dumps(OF_BEFORE), "our-box.json")
    assert card.cleaning == CleanSettings(threshold=0.35)
    assert "threshold" not in card.metrics
    assert card.fine_tuning.pages.learned == 8
    assert card.fine_tuning.verdict["is_better"]
    assert card.rendering.levels == "page"


def test_a_card_of_before_without_a_fine_tuning_opens():
    card = card_from_json(json.dumps({"name": "a", "fine_tuning": {}, "metrics": {}}), "a.json")
    assert (card.fine_tuning, card.cleaning) == (None, None)


def test_a_card_is_read_back_as_it_was_written():
    card = card_from_json(json.dumps(OF_BEFORE), "our-box.json")
    assert card_from_json(card.model_dump_json(), "again") == card


@pytest.mark.parametrize("threshold", [1.5, "high", None, [1]])
def test_a_threshold_that_is_none_is_a_sentence(threshold):
    text = json.dumps({"name": "a", "metrics": {"threshold": threshold}})
    with pytest.raises(ModelError, match=r"a\.json: not a model card"):
        card_from_json(text, "a.json")


def test_what_is_stated_goes_before_what_a_model_was_judged_with():
    card = ModelCard(name="lab", cleaning=CleanSettings(threshold=0.3, min_area_px=40))
    model = Model("lab", SqueakOut().state_dict(), card)
    assert model.cleaning(CleanSettings()) == CleanSettings(threshold=0.3, min_area_px=40)
    stated = model.cleaning(CleanSettings(threshold=0.51))
    assert (stated.threshold, stated.min_area_px) == (0.51, 40)


def test_a_higher_threshold_is_exceeded_by_every_calls_surest_pixel():
    assert CleanSettings().at_threshold(0.8).min_peak_probability == 0.8
    assert (
        CleanSettings().at_threshold(0.2).min_peak_probability
        == CleanSettings().min_peak_probability
    )
