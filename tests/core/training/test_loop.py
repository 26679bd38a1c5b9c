"""Training: most tests run a small network, because what they prove is the loop around it."""

from __future__ import annotations

import copy
import errno
import io
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.steps import run
from napari_squeakout.core.training import batches as cropping
from napari_squeakout.core.training import loop as training
from napari_squeakout.core.training.batches import TrainingPages
from napari_squeakout.core.training.loop import teaching
from napari_squeakout.core.training_settings import TrainSettings
from napari_squeakout.io.drafts import Draft
from napari_squeakout.io.models.training_state import StateFile

QUICK = TrainSettings(epochs=2, batch_size=4, crop_px=64, validation_fraction=0.25, seed=5)
SCHEDULES = ["plateau", "one-cycle", "hold"]


class Small(nn.Module):
    """A network in SqueakOut's place where what counts is the loop around it."""

    def __init__(self):
        super().__init__()
        self.conv_first = nn.Conv2d(1, 8, 5, padding=2)
        self.norm = nn.BatchNorm2d(8)
        self.conv_last = nn.Conv2d(8, 3, 5, padding=2)
        self.conv_score = nn.Conv2d(3, 1, 1)

    def forward(self, x):
        return self.conv_score(
            torch.relu(self.conv_last(torch.relu(self.norm(self.conv_first(x)))))
        )


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(training, "SqueakOut", Small)


def bars(n=8, side=128):
    """Dark pages, each with a bright bar elsewhere, and the bars as masks."""
    rng = np.random.default_rng(0)
    masks = np.zeros((n, side, side), bool)
    for mask in masks:
        top, left = rng.integers(8, side - 40, 2)
        mask[top : top + 16, left : left + 32] = True
    pages = rng.normal(60, 8, masks.shape) + 130 * masks
    return TrainingPages(np.clip(pages, 0, 255).astype(np.uint8), masks)


def changed(settings=QUICK, **update):
    return settings.model_copy(update=update)


def weights(result):
    return {name: value.clone() for name, value in result.network.state_dict().items()}


def assert_same(first, second):
    assert first.keys() == second.keys()
    for name, value in first.items():
        torch.testing.assert_close(value, second[name], rtol=0, atol=0)


def batches_until(steps, done):
    """Take steps up to this one, and stop."""
    for progress in steps:
        if progress.done == done:
            break
    steps.close()


@pytest.fixture
def scripted(monkeypatch):
    """Training whose validation says what it is told; gives the weights it saw, by epoch."""

    def script(dice):
        seen = []

        def validate(model, *_):
            seen.append({k: v.clone() for k, v in model.state_dict().items()})
            return dice[len(seen) - 1], 0.5

        monkeypatch.setattr(training, "_validate", validate)
        return seen

    return script


# --- learning -------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_simple_task_is_learned(schedule):
    settings = changed(epochs=5, batch_size=4, learning_rate=3e-3, schedule=schedule, augment=False)
    history = run(teaching(bars(10), settings)).history
    assert [epoch.number for epoch in history] == list(range(5))
    assert history[-1].loss < 0.9 * history[0].loss


def test_pages_of_full_size_are_trained_on_in_crops_and_validated_whole():
    result = run(teaching(bars(6, side=512), changed(epochs=1)))
    assert np.isfinite(result.history[0].loss)
    assert 0 <= result.history[0].validation_dice <= 1


def test_the_result_is_ready_to_use_on_the_cpu():
    network = run(teaching(bars(4), changed(epochs=1))).network
    assert not network.training
    assert {p.device.type for p in network.parameters()} == {"cpu"}
    with torch.inference_mode():
        logits = network(torch.rand(1, 1, 64, 64))
    assert torch.isfinite(logits).all()


@pytest.mark.usefixtures("small")
def test_progress_counts_every_batch_to_the_end():
    counts = [(p.done, p.total) for p in teaching(bars(8), QUICK)]  # six pages to learn from
    assert counts == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_new_network_expects_as_many_call_pixels_as_there_are():
    scratch = training.from_scratch(0.01)
    assert torch.sigmoid(scratch.conv_score.bias).item() == pytest.approx(0.01, rel=1e-4)
    assert np.isfinite(training.from_scratch(0.0).conv_score.bias.item())


def test_training_from_a_network_starts_there_and_leaves_it_as_it_was():
    given = SqueakOut().eval()
    before = copy.deepcopy(given.state_dict())
    barely = changed(epochs=1, learning_rate=1e-9)
    after = dict(run(teaching(bars(4), barely, network=given)).network.named_parameters())
    assert_same(given.state_dict(), before)
    assert not given.training
    for name, value in given.named_parameters():
        torch.testing.assert_close(after[name], value, rtol=0, atol=1e-7)


@pytest.mark.parametrize("freeze", [True, False])
def test_batch_norms_stay_as_they_are_where_asked(freeze):
    given = SqueakOut().eval()
    after = run(teaching(bars(4), changed(epochs=1, freeze_norms=freeze), network=given)).network
    stayed = [
        torch.equal(value, after.state_dict()[name])
        for name, value in given.state_dict().items()
        if name.endswith("running_var")
    ]
    assert stayed
    assert set(stayed) == {freeze}


@pytest.mark.usefixtures("small")
def test_validation_pages_are_never_trained_on(monkeypatch):
    learned, checked = set(), set()
    crop, validate = cropping.crop, training._validate

    def cropped(data, index, *rest):
        learned.add(index)
        return crop(data, index, *rest)

    def validated(network, fabric, data, pages, *rest):
        checked.update(int(i) for i in pages)
        return validate(network, fabric, data, pages, *rest)

    monkeypatch.setattr(cropping, "crop", cropped)
    monkeypatch.setattr(training, "_validate", validated)
    run(teaching(bars(8), changed(epochs=3)))
    assert len(checked) == 2
    assert learned == set(range(8)) - checked


@pytest.mark.parametrize(
    ("n_pages", "share", "n_checked"), [(2, 0.9, 1), (10, 0.1, 1), (10, 0.01, 1), (40, 0.25, 10)]
)
def test_a_share_of_the_pages_is_kept_for_validation(n_pages, share, n_checked):
    learn, check = cropping.split_pages(n_pages, changed(validation_fraction=share))
    assert len(check) == n_checked
    assert sorted([*learn, *check]) == list(range(n_pages))


def test_pages_that_are_to_stay_as_they_are_are_not_varied():
    data, settings = bars(8, side=64), changed(augment=True)
    left = np.array([1, 4, 6])
    crops = cropping.batches_of_crops(data, np.arange(8), settings, 0, as_they_are=left)
    seen = np.concatenate([np.rint(255 * pages[:, 0].numpy()) for pages, _ in crops])
    same = [number for number in range(8) if (seen == data.pages[number]).all((1, 2)).any()]
    assert set(left) <= set(same)
    assert len(same) < 8


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_crops_lie_on_calls_as_often_as_asked(share):
    masks = np.zeros((2, 512, 512), bool)
    masks[:, 500:504, 3:9] = True
    data = TrainingPages(masks.astype(np.uint8), masks)
    rng = np.random.default_rng(0)
    settings = changed(call_crop_fraction=share)
    crops = [cropping.crop(data, 0, settings, rng) for _ in range(100)]
    assert {mask.shape for _, mask in crops} == {(64, 64)}
    assert all(np.array_equal(page.astype(bool), mask) for page, mask in crops)
    on_call = np.mean([mask.any() for _, mask in crops])
    assert on_call == 1 if share else on_call < 0.2


@pytest.mark.parametrize(
    ("pages", "masks"),
    [((1, 64, 64), (1, 64, 64)), ((3, 64, 64), (2, 64, 64)), ((3, 64), (3, 64)), ((0,), (0,))],
    ids=["one page", "a mask too few", "no pages", "nothing"],
)
def test_pages_that_cannot_be_learned_from_are_refused(pages, masks):
    with pytest.raises(InputError, match="two or more pages and as many masks"):
        TrainingPages(np.zeros(pages, np.uint8), np.zeros(masks, bool))


# --- randomness -----------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("augment", [False, True])
def test_the_same_seed_gives_the_same_weights_and_another_does_not(augment):
    settings = changed(augment=augment, epochs=1)
    first, second, other = (
        weights(run(teaching(bars(), s))) for s in (settings, settings, changed(settings, seed=6))
    )
    assert_same(first, second)
    assert not torch.equal(first["conv_last.weight"], other["conv_last.weight"])


@pytest.mark.usefixtures("small")
def test_the_callers_random_numbers_are_neither_used_nor_changed():
    expected = weights(run(teaching(bars(), QUICK)))
    torch.default_generator.manual_seed(11)
    untouched = torch.get_rng_state()

    def draw(_progress):
        """A caller who draws between two batches."""
        nonlocal untouched
        assert torch.equal(torch.get_rng_state(), untouched)
        torch.rand(100)
        untouched = torch.get_rng_state()

    result = run(teaching(bars(), QUICK), draw)
    assert torch.equal(torch.get_rng_state(), untouched)
    assert_same(weights(result), expected)


# --- going on -------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("stopped_at", [3, 4], ids=["inside epoch 1", "before its end"])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path, schedule, stopped_at):
    settings = changed(schedule=schedule, epochs=3)
    whole = run(teaching(bars(), settings))
    checkpoint = tmp_path / "state" / "last.ckpt"
    batches_until(teaching(bars(), settings, checkpoint=StateFile(checkpoint)), stopped_at)
    steps = teaching(bars(), settings, checkpoint=StateFile(checkpoint))
    first = next(steps)
    assert (first.done, first.total) == (3, 6)
    resumed = run(steps)
    assert resumed.history == whole.history
    assert resumed.best_epoch == whole.best_epoch
    assert_same(weights(resumed), weights(whole))


@pytest.mark.usefixtures("small")
def test_a_finished_training_is_not_trained_again(tmp_path):
    checkpoint = tmp_path / "last.ckpt"
    finished = run(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint)))
    again = teaching(bars(), QUICK, checkpoint=StateFile(checkpoint))
    with pytest.raises(StopIteration) as end:
        next(again)
    assert end.value.value.history == finished.history
    assert_same(weights(end.value.value), weights(finished))


@pytest.mark.usefixtures("small")
def test_a_training_with_a_falling_rate_may_be_given_more_epochs(tmp_path):
    whole = run(teaching(bars(), changed(epochs=3)))
    checkpoint = tmp_path / "last.ckpt"
    run(teaching(bars(), changed(epochs=1), checkpoint=StateFile(checkpoint)))
    longer = run(teaching(bars(), changed(epochs=3), checkpoint=StateFile(checkpoint)))
    assert_same(weights(longer), weights(whole))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("schedule", "update", "said"),
    [
        ("plateau", {"seed": 6}, "seed 5, not 6"),
        ("plateau", {"crop_px": 96}, "crop_px 64, not 96"),
        ("plateau", {"schedule": "one-cycle"}, "schedule plateau, not one-cycle"),
        ("one-cycle", {"epochs": 3}, "epochs 2, not 3"),
        ("hold", {"epochs": 3}, "epochs 2, not 3"),
    ],
)
def test_a_checkpoint_of_other_settings_is_refused(tmp_path, schedule, update, said):
    settings = changed(schedule=schedule)
    checkpoint = tmp_path / "last.ckpt"
    batches_until(teaching(bars(), settings, checkpoint=StateFile(checkpoint)), 3)
    before = checkpoint.read_bytes()
    with pytest.raises(InputError, match=rf"last\.ckpt.*{said}.*choose another file"):
        run(teaching(bars(), changed(settings, **update), checkpoint=StateFile(checkpoint)))
    assert checkpoint.read_bytes() == before


@pytest.mark.usefixtures("small")
def test_a_checkpoint_of_other_pages_is_refused(tmp_path):
    checkpoint = tmp_path / "last.ckpt"
    batches_until(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint)), 3)
    with pytest.raises(InputError, match="pages 8, not 9"):
        run(teaching(bars(9), QUICK, checkpoint=StateFile(checkpoint)))


@pytest.mark.usefixtures("small")
def test_a_checkpoint_of_corrected_masks_is_refused(tmp_path):
    checkpoint, corrected = tmp_path / "last.ckpt", bars()
    batches_until(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint)), 3)
    corrected.masks[3, :5, :5] ^= True
    with pytest.raises(InputError, match="content of pages and masks"):
        run(teaching(corrected, QUICK, checkpoint=StateFile(checkpoint)))


@pytest.mark.usefixtures("small")
def test_a_checkpoint_of_another_beginning_is_refused(tmp_path):
    checkpoint = tmp_path / "last.ckpt"
    batches_until(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint)), 3)
    with pytest.raises(InputError, match="weights it began with"):
        run(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint), network=SqueakOut()))


@pytest.mark.usefixtures("small")
def test_a_checkpoint_that_a_disk_has_spoilt_is_named(tmp_path):
    """torch says of what it cannot read whatever comes to its mind."""
    good, checkpoint = io.BytesIO(), tmp_path / "last.ckpt"
    torch.save({"identity": {"a": 1}, "network": {}}, good)
    with zipfile.ZipFile(good) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    spoilt = {"byteorder": b"li", ".format_version": b"\xff", ".storage_alignment": b"x"}
    for name in files:
        new = spoilt.get(name.partition("/")[2], b"\xff\x80")
        with zipfile.ZipFile(checkpoint, "w") as archive:
            for other, content in files.items():
                archive.writestr(other, new if other == name else content)
        with pytest.raises(
            InputError, match=r"is not the state of a training|is the checkpoint of another"
        ):
            run(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint)))
    # The end of an archive says that it goes on on another disk.
    end = good.getvalue().rindex(b"PK\6\6")
    checkpoint.write_bytes(good.getvalue()[: end + 76] + b"\2\0\0\0" + good.getvalue()[end + 80 :])
    with pytest.raises(
        InputError, match=r"is not the state of a training|is the checkpoint of another"
    ):
        run(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint)))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("content", [b"", b"anything", b"PK"])
def test_a_file_that_is_no_checkpoint_is_named(tmp_path, content):
    checkpoint = tmp_path / "last.ckpt"
    checkpoint.write_bytes(content)
    with pytest.raises(InputError, match="is not the state of a training"):
        run(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint)))


@pytest.mark.usefixtures("small")
def test_a_checkpoint_is_written_whole_or_not_at_all(tmp_path, monkeypatch, caplog):
    checkpoint = tmp_path / "last.ckpt"
    batches_until(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint)), 3)
    assert [path.name for path in tmp_path.iterdir()] == ["last.ckpt"]
    before = checkpoint.read_bytes()

    def full_disk(draft):
        assert draft.path.stat().st_size > 0
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patch:
        patch.setattr(Draft, "take_place", full_disk)
        run(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint)))
    assert [path.name for path in tmp_path.iterdir()] == ["last.ckpt"]
    assert "last.ckpt: cannot be written (the disk is full); an earlier state" in caplog.text
    assert checkpoint.read_bytes() == before
    assert len(run(teaching(bars(), QUICK, checkpoint=StateFile(checkpoint))).history) == 2


# --- schedules ------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_training_stops_15_epochs_after_the_best_and_keeps_that_one(scripted, tmp_path):
    dice = [0.2, 0.5, *[0.4] * 40]
    seen = scripted(dice)
    settings = changed(epochs=40, batch_size=8)
    result = run(teaching(bars(4), settings, checkpoint=StateFile(tmp_path / "last.ckpt")))
    assert [epoch.validation_dice for epoch in result.history] == dice[:17]
    assert result.best_epoch == 1
    assert_same(weights(result), seen[1])
    assert not torch.equal(seen[1]["conv_last.weight"], seen[16]["conv_last.weight"])
    # A training that has stopped by itself stays stopped.
    assert list(teaching(bars(4), settings, checkpoint=StateFile(tmp_path / "last.ckpt"))) == []


@pytest.mark.usefixtures("small")
def test_the_rate_falls_tenfold_after_5_epochs_without_improvement(scripted):
    scripted([0.2, 0.5, *[0.4] * 40])
    history = run(teaching(bars(4), changed(epochs=16, batch_size=8))).history
    rates = [epoch.learning_rate for epoch in history]
    np.testing.assert_allclose(rates[:8], 1e-4)
    np.testing.assert_allclose(rates[8:14], 1e-5)
    np.testing.assert_allclose(rates[14:], 1e-6)


@pytest.mark.usefixtures("small")
def test_one_cycle_rises_falls_and_keeps_the_last_epoch(scripted):
    seen = scripted([0.9, *[0.1] * 9])
    result = run(teaching(bars(4), changed(epochs=10, batch_size=1, schedule="one-cycle")))
    rates = [epoch.learning_rate for epoch in result.history]
    assert max(rates) == pytest.approx(1e-4, rel=0.1)
    assert np.argmax(rates) in {0, 1, 2}
    assert rates[-1] < 1e-6
    assert result.best_epoch == 9
    assert_same(weights(result), seen[9])


def test_training_on_keeps_as_much_of_the_model_it_began_with_as_asked():
    given = SqueakOut()
    far, near = (
        run(
            teaching(
                bars(), QUICK.model_copy(update={"weight_interpolation": share}), network=given
            )
        ).network
        for share in (1.0, 0.25)
    )
    for name, start in given.named_parameters():
        way, short = (dict(net.named_parameters())[name] - start for net in (far, near))
        torch.testing.assert_close(short, way / 4, rtol=1e-2, atol=1e-6)


def test_a_state_that_cannot_be_written_is_told_and_learning_goes_on(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    result = run(teaching(bars(), QUICK, checkpoint=StateFile(tmp_path / "file" / "last.ckpt")))
    assert len(result.history) == QUICK.epochs
    assert "last.ckpt: cannot be written" in caplog.text
    assert "learning goes on" in caplog.text


def test_a_state_takes_no_file_of_a_like_name(tmp_path):
    (tmp_path / "last.ckpt.part").write_text("mine")
    run(teaching(bars(), changed(epochs=1), checkpoint=StateFile(tmp_path / "last.ckpt")))
    assert (tmp_path / "last.ckpt.part").read_text() == "mine"


def test_a_folder_as_a_state_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(InputError, match="is not the state of a training"):
        run(teaching(bars(), QUICK, checkpoint=StateFile(tmp_path)))
