"""Model and device -> a function on pages."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from napari_squeakout.core.detection import devices
from napari_squeakout.core.detection.devices import DeviceError
from napari_squeakout.core.detection.engine import Engine, fold_batch_norm
from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.settings import SegmentSettings

CPU_FP32 = SegmentSettings(device="cpu", precision="fp32")


@pytest.fixture(scope="module")
def model():
    """Random weights, batch norms far from doing nothing, probabilities of all sizes."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = SqueakOut()
        for norm in (module for module in network.modules() if isinstance(module, nn.BatchNorm2d)):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias, std=0.3)
            nn.init.normal_(norm.running_mean, std=0.3)
            nn.init.uniform_(norm.running_var, 0.5, 2.0)
        network.eval()
        with torch.no_grad():
            logits = network(torch.from_numpy(pages(2))[:, None])
            network.conv_score.weight.mul_(3 / logits.std())
            network.conv_score.bias.copy_(-(3 * logits / logits.std()).median())
    return Model("lab", network.state_dict(), ModelCard(name="lab"))


def pages(count, side=64):
    return np.random.default_rng(1).uniform(0, 1, (count, side, side)).astype(np.float32)


def plain(model, images):
    """The network as it is, without an engine: logits."""
    with torch.no_grad():
        return model.network()(torch.from_numpy(images)[:, None])[:, 0]


@pytest.fixture
def crowded(monkeypatch):
    """Let devices run out of memory: `crowded(fits)` gives what was computed, and where."""
    forward = Engine._forward
    computed = []

    def make(fits):
        def limited(self, batch):
            if not fits(len(batch), self.device.type):
                raise torch.OutOfMemoryError("CUDA out of memory")
            computed.append((len(batch), self.device.type))
            device, self.device = self.device, torch.device("cpu")
            values = forward(self, batch)
            self.device = device
            return values

        monkeypatch.setattr(Engine, "_forward", limited)
        return computed

    return make


def on_a_gpu(model, batch_size):
    """An engine that believes to be on a GPU."""
    engine = Engine(model, CPU_FP32.model_copy(update={"batch_size": batch_size}))
    engine.device = torch.device("cuda")
    return engine


def test_folding_batch_norms_changes_no_logit(model):
    images = pages(2)
    network = model.network()
    folded = fold_batch_norm(network)
    with torch.no_grad():
        answers = folded(torch.from_numpy(images)[:, None])[:, 0]
    expected = plain(model, images)
    assert expected.std() > 1
    assert (answers - expected).abs().max() < 1e-4
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())


def test_folding_leaves_the_network_it_was_given_alone(model):
    network = model.network().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fold_batch_norm(network)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_probabilities_are_the_sigmoid_of_the_network_in_255_steps(model):
    images = pages(3)
    values = Engine(model, CPU_FP32)(images)
    expected = torch.sigmoid(plain(model, images)).numpy()
    assert values.dtype == np.uint8
    assert np.abs(values / 255 - expected).max() <= 1 / 255
    assert values.min() < 20
    assert values.max() > 235


def test_bf16_gives_the_masks_of_fp32_on_nearly_all_pixels(model):
    images = pages(3)
    single, half = (
        Engine(model, SegmentSettings(device="cpu", precision=precision))(images) / 255
        for precision in ("fp32", "bf16")
    )
    masks = single > 0.51, half > 0.51
    # Noise through random weights leaves many pixels undecided, which a trained network does not.
    decided = np.abs(single - 0.51) > 0.2
    assert decided.mean() > 0.5
    assert 0.2 < masks[0].mean() < 0.8
    assert (masks[0] == masks[1]).mean() > 0.9
    assert (masks[0] == masks[1])[decided].mean() > 0.99


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_any_number_of_pages_gets_as_many_answers(model, count):
    values = Engine(model, CPU_FP32.model_copy(update={"batch_size": 2}))(pages(count))
    assert (values.shape, values.dtype) == ((count, 64, 64), np.uint8)


@pytest.mark.parametrize("batch_size", [2, 3, 8])
def test_the_batch_size_does_not_change_the_answers(model, batch_size):
    images = pages(5)
    one_by_one = Engine(model, CPU_FP32.model_copy(update={"batch_size": 1}))(images)
    batched = Engine(model, CPU_FP32.model_copy(update={"batch_size": batch_size}))(images)
    assert np.abs(batched.astype(int) - one_by_one).max() <= 1


def test_pages_need_not_be_contiguous_or_square(model):
    images = pages(2, 96)
    engine = Engine(model, CPU_FP32)
    slanted = engine(images[:, ::-1, 64::-2][:, :64, :32])
    straight = engine(np.ascontiguousarray(images[:, ::-1, 64::-2][:, :64, :32]))
    assert slanted.shape == (2, 64, 32)
    assert np.array_equal(slanted, straight)


def test_the_batch_size_asked_for_is_used_and_0_chooses_one(model):
    asked = Engine(model, CPU_FP32.model_copy(update={"batch_size": 5}))
    assert (asked.batch_size, Engine(model, CPU_FP32).batch_size >= 1) == (5, True)


@pytest.mark.parametrize("start", [8, 5])
def test_out_of_gpu_memory_the_batch_is_halved_and_nothing_is_lost(model, crowded, start):
    images = pages(7)
    expected = Engine(model, CPU_FP32)(images)
    computed = crowded(lambda count, device: count <= 2)
    engine = on_a_gpu(model, start)
    values = engine(images)
    assert np.abs(values.astype(int) - expected).max() <= 1
    assert computed == [(2, "cuda")] * 3 + [(1, "cuda")]
    assert engine.batch_size == 2
    assert (
        engine.notes
        == [f"out of cuda memory: going on with {n} at once" for n in (4, 2)][-len(engine.notes) :]
    )
    assert engine.notes


def test_out_of_gpu_memory_with_one_image_the_work_moves_to_the_cpu(model, crowded):
    images = pages(5)
    expected = Engine(model, CPU_FP32)(images)
    computed = crowded(lambda count, device: device == "cpu")
    engine = on_a_gpu(model, 4)
    values = engine(images)
    assert np.abs(values.astype(int) - expected).max() <= 1
    assert {device for _, device in computed} == {"cpu"}
    assert engine.device.type == "cpu"
    assert "ran out of memory" in engine.why
    assert [("going on with" in note, "on the CPU" in note) for note in engine.notes] == [
        (True, False),
        (True, False),
        (False, True),
    ]


def test_a_gpu_that_fills_up_midway_keeps_the_answers_it_gave(model, crowded):
    images = pages(6)
    expected = Engine(model, CPU_FP32)(images)
    gpu_batches = iter([True, True])
    computed = crowded(lambda count, device: device == "cpu" or next(gpu_batches, False))
    values = on_a_gpu(model, 2)(images)
    assert np.abs(values.astype(int) - expected).max() <= 1
    assert computed == [(2, "cuda"), (2, "cuda"), (1, "cpu"), (1, "cpu")]


def test_out_of_memory_on_the_cpu_is_not_hidden(model, crowded):
    crowded(lambda count, device: False)
    with pytest.raises(torch.OutOfMemoryError):
        Engine(model, CPU_FP32)(pages(1))


def test_cuda_asked_for_where_there_is_none_is_refused_with_the_reason(model, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(devices, "why_no_gpu", lambda: "the GPU is on holiday")
    with pytest.raises(DeviceError, match="cuda cannot be used: the GPU is on holiday"):
        Engine(model, SegmentSettings(device="cuda"))


def test_an_engine_says_what_it_computes_with(model):
    engine = Engine(model, CPU_FP32)
    assert (engine.device.type, engine.dtype) == ("cpu", torch.float32)
    assert "CPU" in engine.why


def test_answers_that_are_not_numbers_are_never_taken_for_no_call():
    with torch.random.fork_rng():
        state = SqueakOut().state_dict()
    name = next(name for name in state if name.endswith("running_var"))
    spoilt = Model("lab", state | {name: -state[name] - 1}, ModelCard(name="lab"))
    engine = Engine(spoilt, SegmentSettings(device="cpu", precision="fp32"))
    with pytest.raises(ModelError, match="lab: its answers are not numbers"):
        engine(np.zeros((1, 64, 64), np.float32))
