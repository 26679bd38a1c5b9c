"""From images to masks, a session and a data set: each step, killed and resumed too."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from paper_images import drawn, save, write_windows
from PIL import Image

from napari_squeakout.core.baselines.settings import DatasetSettings, UNetSettings
from napari_squeakout.core.baselines.vocalmat import vocalmat_mask
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import approve
from napari_squeakout.core.steps import run
from napari_squeakout.core.training_settings import TrainSettings
from napari_squeakout.io.results.masks import read_mask
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.tasks.paper.building import Recipe
from napari_squeakout.io.tasks.paper.dataset import building_dataset
from napari_squeakout.io.tasks.paper.progress_file import ProgressFile
from napari_squeakout.io.tasks.paper.release import NETWORK, PERSON, releasing
from napari_squeakout.io.tasks.paper.store import open_store

LABELS = ["a", "b", "c1", "d1", "e1", "f1", "c2", "d2", "e2"]


RECIPE = Recipe(
    dataset=DatasetSettings(
        reconstruct_epochs=2,
        call_epochs=3,
        noise_epochs=1,
        most_thinnings=1,
        # So small a network is sure of nothing: low enough that there is something to thin.
        learned_threshold=0.05,
        review_fraction=0.5,
    ),
    unet=UNetSettings(width=2, side_px=32),
    train=TrainSettings(batch_size=4, learning_rate=3e-2, crop_px=64),
)


@pytest.fixture
def recipe():
    return RECIPE


def masks_after(folder, label):
    masks = ProgressFile(folder / "work").masks(label)
    return np.array([masks[index] for index in range(len(masks))])


def test_first_masks_are_vocalmats_and_those_that_were_given(windows, tmp_path, recipe):
    images, masks = windows
    given = tmp_path / "given"
    save(given, "flat/1.png", drawn(1)[1].astype(np.uint8) * 255)
    steps = frozenset("a")
    built = run(
        building_dataset(images, tmp_path / "out", recipe, masks=given, truth=masks, steps=steps)
    )
    [first] = built.done
    found = masks_after(tmp_path / "out", "a")
    stored = open_store(tmp_path / "out" / "work")
    page = np.asarray(stored.pages[0], np.float32) / 255
    assert np.array_equal(found[0], vocalmat_mask(page))
    assert first.figures["given"] == 1
    assert 0.5 < first.figures["dice_calls"] < 1
    assert built.session is None


def test_steps_that_are_not_asked_for_are_not_skipped_over(windows, tmp_path, recipe):
    built = run(building_dataset(windows[0], tmp_path / "out", recipe, steps=frozenset("ac")))
    assert [one.label for one in built.done] == ["a"]
    with pytest.raises(InputError, match="x: no such step"):
        run(building_dataset(windows[0], tmp_path / "out", recipe, steps=frozenset("ax")))


def test_killed_in_each_step_and_resumed_is_as_never_stopped(windows, tmp_path, recipe):
    pytest.importorskip("monai")
    images, truth = windows
    whole = run(building_dataset(images, tmp_path / "whole", recipe, truth=truth))
    assert [one.label for one in whole.done] == LABELS
    kinds_killed = set()
    for _ in range(40):
        steps = building_dataset(images, tmp_path / "out", recipe, truth=truth)
        try:
            while (what := next(steps).what) in kinds_killed:
                pass
        except StopIteration as over:
            resumed = over.value
            break
        kinds_killed.add(what)
        steps.close()
    assert len(kinds_killed) >= len(LABELS)
    assert [one.figures for one in resumed.done] == [one.figures for one in whole.done]
    for label in ("a", "e1", "f1", "e2"):
        assert np.array_equal(
            masks_after(tmp_path / "out", label), masks_after(tmp_path / "whole", label)
        )


def test_true_masks_that_come_later_measure_what_is_over(windows, tmp_path, recipe):
    images, truth = windows
    asked = {"steps": frozenset("a")}
    run(building_dataset(images, tmp_path / "out", recipe, **asked))
    [first] = run(building_dataset(images, tmp_path / "out", recipe, truth=truth, **asked)).done
    assert 0.5 < first.figures["dice_calls"] < 1


def test_only_images_whose_truth_is_known_are_shown_beside_it(windows, tmp_path, recipe):
    images, truth = windows
    for index in range(1, 6):
        (truth / "flat" / f"{index}.png").unlink()
    run(building_dataset(images, tmp_path / "out", recipe, truth=truth, steps=frozenset("a")))
    with Image.open(tmp_path / "out" / "steps.png") as sheet:
        assert sheet.height == 44 + 3 * 208  # an image with a call, two of noise


def test_images_of_another_class_are_other_images(windows, tmp_path, recipe):
    table = tmp_path / "classes.csv"
    rows = "".join(f"flat/{i}.png,flat\n" for i in range(5))
    identities = []
    for kind in ("flat", "noise"):
        table.write_text(f"image,class\n{rows}flat/5.png,{kind}\n")
        asked = {"table": table, "steps": frozenset("a")}
        identities.append(
            run(building_dataset(windows[0], tmp_path / "out", recipe, **asked)).done[0]
        )
    assert identities[0].identity != identities[1].identity


def test_a_step_done_anew_takes_those_behind_it_along(built, built_once, tmp_path):
    other = RECIPE.vocalmat.model_copy(update={"larger_than_px": 61})
    recipe = Recipe(dataset=RECIPE.dataset, vocalmat=other, unet=RECIPE.unet, train=RECIPE.train)
    images = built_once / "images"
    run(building_dataset(images, tmp_path / "out", recipe, steps=frozenset("a")))
    assert [one.label for one in ProgressFile(tmp_path / "out" / "work").done()] == ["a"]
    # What stands in the session is written; masks that are no longer those of a chain are not.
    approve_first_two(built.session)
    with pytest.raises(InputError, match="not learned yet: build the data set again"):
        run(releasing(tmp_path / "out", tmp_path / "set", with_unreviewed=True))


def test_a_session_is_there_when_it_is_whole(built, built_once, tmp_path):
    shutil.rmtree(built.session)
    for progress in building_dataset(built_once / "images", tmp_path / "out", RECIPE):
        if progress.what == "images (g: session)":
            assert not built.session.exists()
    assert built.session.exists()
    session = open_session(built.session)
    assert session.record.model is not None
    session.close()


def test_an_image_changed_after_approval_is_not_written_with_the_old_mask(windows, tmp_path):
    pytest.importorskip("monai")
    images, _ = windows
    out = tmp_path / "out"
    session = run(building_dataset(images, out, RECIPE)).session
    [first, _] = approve_first_two(session)[:2]
    Image.fromarray(drawn(99)[0]).save(first)
    run(building_dataset(images, out, RECIPE, steps=frozenset("a")))
    with pytest.raises(InputError, match="is not the image that its page"):
        run(releasing(out, tmp_path / "set"))


@pytest.fixture(scope="module")
def built_once(tmp_path_factory):
    """A data set of windows, built once for all that only look at it or copy it."""
    pytest.importorskip("monai")
    folder = tmp_path_factory.mktemp("built")
    images, truth = write_windows(folder)
    run(building_dataset(images, folder / "out", RECIPE, truth=truth))
    return folder


@pytest.fixture
def built(built_once, tmp_path):
    """A copy of it: what a second call of the same finds."""
    shutil.copytree(built_once / "out", tmp_path / "out")
    images, truth = built_once / "images", built_once / "masks"
    return run(building_dataset(images, tmp_path / "out", RECIPE, truth=truth))


def test_report_and_pictures_tell_what_each_step_came_to(built, tmp_path):
    told = built.report.read_text("utf-8")
    assert "6 images with calls, 4 of noise" in told
    assert [line.split(" ")[1] for line in told.splitlines() if line[:3] in {
        "| a", "| b", "| c", "| d", "| e", "| f",
    }] == LABELS  # fmt: skip
    with Image.open(tmp_path / "out" / "steps.png") as sheet:
        assert sheet.width == (2 + 4) * 208 + 8
    noise = [one.figures["dice_noise"] for one in built.done if one.label == "f1"]
    assert noise == [1.0]


def test_the_session_holds_the_most_doubtful_half_with_masks_and_probabilities(built, tmp_path):
    session = open_session(built.session, read_only=True)
    stored = open_store(tmp_path / "out" / "work")
    values = np.load(tmp_path / "out" / "work" / "probabilities_e2.npy")
    masks = masks_after(tmp_path / "out", "e2")
    masks[stored.is_noise] = False
    assert session.record.n_pages == 5
    for page, source in enumerate(session.record.sources):
        index = [str(file) for file in stored.files].index(source.absolute)
        assert np.array_equal(session.labels[page] > 0, masks[index])
        assert np.array_equal(session.probabilities[page], values[index])
    assert set(session.stages) == {PageStage.CLEANED}
    numbers = [set(np.unique(page)) - {0} for page in session.labels]
    assert sum(map(len, numbers)) == len(set().union(*numbers))
    session.close()


def test_what_is_over_is_not_done_again_and_a_session_never_made_anew(built, built_once):
    first = built_once / "out" / "correct.squeakout" / "session.json"
    assert (built.session / "session.json").read_bytes() == first.read_bytes()
    assert "stays as it is" in built.notes[-1]
    steps = json.loads((built_once / "out" / "work" / "steps.json").read_text())
    assert [one.seconds for one in built.done] == [one["seconds"] for one in steps]


def approve_first_two(folder):
    session = open_session(folder)
    session.labels[0][300:310, 20:90] = 999
    review = session.record.review
    for page in (0, 1):
        review = approve(review, page, session.labels[page])
    session.save(session.record.with_review(review))
    sources = [source.absolute for source in session.record.sources]
    session.close()
    return sources


def test_only_approved_pages_are_written_and_the_others_only_if_asked_for(built, tmp_path):
    out, folder = tmp_path / "out", tmp_path / "set"
    with pytest.raises(InputError, match="no page is approved"):
        run(releasing(out, folder))
    sources = approve_first_two(built.session)
    done = run(releasing(out, folder, licence="CC BY 4.0"))
    assert (done.approved, done.not_looked_at) == (2, 0)
    assert "3 pages not approved yet left out" in done.notes
    known = pd.read_csv(folder / "provenance.csv")
    assert set(known["source"]) == set(sources[:2])
    assert set(known["mask"]) == {PERSON}
    name = known.loc[known["source"] == sources[0], "image"].item()
    assert read_mask(folder / "masks" / f"{name}.png")[305, 50]
    assert (folder / "LICENCE.txt").read_text() == "CC BY 4.0"
    coco = json.loads((folder / "annotations.json").read_text())
    assert len(coco["images"]) == 2

    both = run(releasing(out, tmp_path / "both", with_unreviewed=True))
    assert (both.approved, both.not_looked_at) == (2, 5)
    known = pd.read_csv(tmp_path / "both" / "provenance.csv")
    assert list(known["mask"]).count(NETWORK) == 5
    assert not set(sources[2:]) & set(known["source"])
    assert set(pd.read_csv(tmp_path / "both" / "split.csv")["split"]) <= {
        "train", "validation", "test",
    }  # fmt: skip


def test_a_page_changed_after_approval_is_not_written(built, tmp_path):
    approve_first_two(built.session)
    session = open_session(built.session)
    session.labels[1][0, 0] = 7
    session.close()
    done = run(releasing(tmp_path / "out", tmp_path / "set"))
    assert done.approved == 1
    assert any("changed after approval" in note for note in done.notes)


def test_a_folder_of_noise_alone_is_refused(windows, tmp_path, recipe):
    table = tmp_path / "classes.csv"
    table.write_text("image,class\nflat/1.png,noise\n")
    with pytest.raises(InputError, match="all images are noise"):
        run(building_dataset(windows[0], tmp_path / "out", recipe, table=table))
