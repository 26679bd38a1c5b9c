from __future__ import annotations

import pytest
import torch

from napari_squeakout.core.model.network import SqueakOut

#: Some of the names and shapes in the authors' checkpoint, from their model.py.
SHAPES = {
    "backbone.features.0.0.weight": (32, 1, 3, 3),
    "backbone.features.1.conv.0.weight": (32, 1, 3, 3),
    "backbone.features.1.conv.3.weight": (16, 32, 1, 1),
    "backbone.features.2.conv.0.weight": (96, 16, 1, 1),
    "backbone.features.2.conv.1.running_var": (96,),
    "backbone.features.2.conv.7.bias": (24,),
    "backbone.features.17.conv.6.weight": (320, 960, 1, 1),
    "backbone.features.18.0.weight": (1280, 320, 1, 1),
    "dconv1.weight": (1280, 96, 4, 4),
    "dconv2.bias": (32,),
    "dconv4.weight": (24, 16, 4, 4),
    "invres1.conv.0.weight": (1152, 192, 1, 1),
    "invres4.conv.6.weight": (16, 192, 1, 1),
    "conv_last.weight": (3, 16, 1, 1),
    "conv_score.weight": (1, 3, 1, 1),
    "conv_score.bias": (1,),
}
PARTS = {
    "backbone",
    *(f"dconv{stage}" for stage in range(1, 5)),
    *(f"invres{stage}" for stage in range(1, 5)),
    "conv_last",
    "conv_score",
}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return SqueakOut().eval()


def test_there_are_as_many_parameters_as_in_the_paper(network):
    assert sum(parameter.numel() for parameter in network.parameters()) == 4_682_319


def test_the_parts_are_named_as_in_the_authors_checkpoint(network):
    names = list(network.state_dict())
    assert {name.split(".")[0] for name in names} == PARTS
    backbone = [name for name in names if name.startswith("backbone.")]
    assert all(name.startswith("backbone.features.") for name in backbone)
    assert {int(name.split(".")[2]) for name in backbone} == set(range(19))


@pytest.mark.parametrize(("name", "shape"), list(SHAPES.items()))
def test_weights_have_the_shape_of_those_in_the_authors_checkpoint(network, name, shape):
    assert tuple(network.state_dict()[name].shape) == shape


def test_saved_weights_load_strictly_and_give_the_same_logits(network, tmp_path):
    torch.save(network.state_dict(), tmp_path / "weights.pt")
    copy = SqueakOut().eval()
    copy.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True), strict=True)
    page = torch.rand(1, 1, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(copy(page), network(page), rtol=0, atol=0)


@pytest.mark.parametrize("size", [(1, 1, 512, 512), (2, 1, 64, 96), (1, 1, 32, 32)])
def test_logits_have_the_size_of_the_page(network, size):
    with torch.inference_mode():
        logits = network(torch.rand(size))
    assert logits.shape == size
    assert logits.isfinite().all()


@pytest.mark.parametrize(
    ("height", "width", "fit"), [(227, 227, "256 x 256"), (512, 100, "512 x 128")]
)
def test_sides_that_cannot_be_halved_five_times_are_refused_with_the_remedy(
    network, height, width, fit
):
    with pytest.raises(ValueError, match=f"got {height} x {width}: pad to {fit}"):
        network(torch.rand(1, 1, height, width))


def test_every_weight_takes_part_in_learning():
    network = SqueakOut()
    network(torch.rand(2, 1, 64, 64)).square().mean().backward()
    idle = [name for name, weight in network.named_parameters() if weight.grad is None]
    assert idle == []


def test_the_same_seed_draws_the_same_weights():
    first, second = (torch.manual_seed(1) and SqueakOut() for _ in range(2))
    weights = zip(first.parameters(), second.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in weights)
