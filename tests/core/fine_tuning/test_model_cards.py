from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
import torch

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.fine_tuning.model_cards import trained_model
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.training.state import Epoch, TrainResult
from napari_squeakout.core.training_settings import TrainSettings


@pytest.fixture(scope="module")
def result():
    history = tuple(
        Epoch(number=k, loss=1.0 - 0.1 * k, validation_dice=dice, learning_rate=1e-4)
        for k, dice in enumerate((0.3, 0.8, 0.6))
    )
    return TrainResult(SqueakOut().eval(), history, best_epoch=1)


def test_the_card_says_what_the_model_learned_from_and_how_well(result):
    recipe = {"train": TrainSettings(epochs=3).model_dump()}
    card = trained_model("ours", result, "40 pages of our own", recipe).card
    assert card.name == "ours"
    assert card.data == "40 pages of our own"
    assert card.recipe == recipe
    assert card.metrics == {"validation_dice": 0.8, "epochs": 3.0}
    assert abs((datetime.now(UTC) - datetime.fromisoformat(f"{card.date}T00:00Z")).days) <= 1


def test_the_card_says_what_it_went_on_from_and_what_kind_of_pages_it_saw(result):
    base = trained_model("base", result, "pages", {})
    card = base.card.model_copy(update={"licence": "MIT", "reference": "doi:1"})
    pages = np.random.default_rng(0).integers(0, 255, (900, 8, 8), np.uint8)
    ours = trained_model(
        "ours", result, "more", {}, pages=pages, base=Model("base", base.weights, card)
    ).card
    assert (ours.parent, ours.licence, ours.reference) == (base.fingerprint, "MIT", "doi:1")
    assert ours.domain.pages == 450


def test_the_model_computes_what_the_trained_network_does(result):
    model = trained_model("ours", result, "pages", {})
    page = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(model.network()(page), result.network(page))


def test_training_on_does_not_change_the_model(result):
    model = trained_model("ours", result, "pages", {})
    before = model.weights["conv_score.bias"].clone()
    with torch.no_grad():
        result.network.conv_score.bias += 1
    assert torch.equal(model.weights["conv_score.bias"], before)


@pytest.mark.parametrize("name", ["", "two words", "../elsewhere", ".hidden"])
def test_a_name_no_file_can_have_is_refused(result, name):
    with pytest.raises(ModelError, match="cannot be a model's name"):
        trained_model(name, result, "pages", {})


def test_a_training_that_ran_away_is_refused_with_the_remedy(result):
    broken = SqueakOut().eval()
    with torch.no_grad():
        broken.conv_score.bias.fill_(float("nan"))
    with pytest.raises(ModelError, match="lower learning rate"):
        trained_model("ours", TrainResult(broken, result.history, 1), "pages", {})


def test_a_model_says_what_grey_means_to_it(result):
    first = trained_model("first", result, "pages", {})
    assert first.card.rendering.levels == "noise"
    other = trained_model("other", result, "pages", {}, rendering=RenderSettings(levels="page"))
    assert other.card.rendering.levels == "page"
    assert trained_model("on", result, "pages", {}, base=other).card.rendering.levels == "page"
    pages = np.random.default_rng(0).integers(0, 255, (3, 64, 64)).astype(np.uint8)
    dark = trained_model("dark", result, "", {}, pages=pages // 4, base=other)
    bright = trained_model(
        "bright", result, "", {}, pages=pages, base=dark, rendering=RenderSettings()
    )
    assert bright.card.domain.pages == 3
