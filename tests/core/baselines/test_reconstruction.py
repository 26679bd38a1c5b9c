"""Learning to give pages back: it improves, and goes on after a kill as if there were none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from napari_squeakout.core.baselines.reconstruction import reconstructing
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.steps import run
from napari_squeakout.core.training_settings import TrainSettings

SETTINGS = TrainSettings(epochs=4, batch_size=2, learning_rate=0.05)
SPLIT = (np.arange(4), np.arange(4, 6))


class Kept:
    """A place for the state, in memory."""

    source = "memory"

    def __init__(self, content=None):
        self.content = content

    def read(self):
        return self.content

    def write(self, content):
        self.content = content


@pytest.fixture
def pages():
    return np.random.default_rng(0).integers(100, 200, (6, 64, 64), dtype=np.uint8)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.Conv2d(4, 1, 1))


def test_it_learns_to_give_pages_back(pages, network):
    done = run(reconstructing(pages, SPLIT, SETTINGS, network=network))
    assert len(done.history) == 4
    assert done.history[-1].loss < done.history[0].loss
    assert done.accuracy == max(one.accuracy for one in done.history)
    assert 0.8 < done.accuracy < 1


def test_killed_and_resumed_is_as_never_stopped(pages, network):
    whole = run(reconstructing(pages, SPLIT, SETTINGS, network=network))
    kept = Kept()
    steps = reconstructing(pages, SPLIT, SETTINGS, network=network, checkpoint=kept)
    for _ in range(5):  # in the third pass
        next(steps)
    steps.close()
    resumed = run(
        reconstructing(pages, SPLIT, SETTINGS, network=network, checkpoint=Kept(kept.content))
    )
    assert resumed.history == whole.history
    for one, other in zip(
        whole.network.state_dict().values(), resumed.network.state_dict().values(), strict=True
    ):
        assert torch.equal(one, other)


def test_the_state_of_another_training_is_refused(pages, network):
    kept = Kept()
    run(reconstructing(pages, SPLIT, SETTINGS, network=network, checkpoint=kept))
    with pytest.raises(InputError, match="other pages or settings"):
        run(reconstructing(pages + 1, SPLIT, SETTINGS, network=network, checkpoint=kept))
    with pytest.raises(InputError, match="not the state of a training"):
        run(reconstructing(pages, SPLIT, SETTINGS, network=network, checkpoint=Kept(b"nonsense")))
