"""The paper's table of a few images: its rows, what it is drawn from, and going on after a kill."""

from __future__ import annotations

import pandas as pd
import pytest
from PIL import Image

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.steps import run
from napari_squeakout.io.tasks.paper.benchmark import (
    NULL,
    SQUEAKOUT,
    UNET,
    VOCALMAT,
    Wanted,
    benchmarking,
)


@pytest.fixture
def wanted(tiny):
    def with_rows(*rows, **more):
        return Wanted(
            rows=rows, settings=tiny["benchmark"], unet=tiny["unet"], train=tiny["train"], **more
        )

    return with_rows


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "test.txt"
    path.write_text("flat_0\nflat/1.png\nnoise_dist_0\nnoise_dist/1.png\n\n")
    return path


def test_the_null_rows_dice_is_the_share_of_empty_test_images(windows, tmp_path, wanted, listed):
    done = run(benchmarking(*windows, tmp_path / "out", wanted(NULL, VOCALMAT), test=listed))
    null, vocalmat = (row.figures() for row in done.rows)
    assert (null["images"], null["empty_images"]) == (4, 2)
    assert null["dice"] == 0.5
    assert vocalmat["dice_non_empty"] > 0.5
    assert done.notes == ()


def test_table_chart_and_picture_are_written(windows, tmp_path, wanted):
    done = run(benchmarking(*windows, tmp_path / "out", wanted(NULL, VOCALMAT)))
    names = [path.name for path in done.files]
    assert names == ["table.md", "table.csv", "dice.svg", "compared.png"]
    table = pd.read_csv(tmp_path / "out" / "table.csv", keep_default_na=False)
    assert list(table["method"]) == [NULL, VOCALMAT]
    assert list(table["images"]) == [4, 4]
    with Image.open(tmp_path / "out" / "compared.png") as picture:
        # Image, truth and two methods beside each other; two images.
        assert picture.size == (4 * 208 + 8, 44 + 2 * 208)


def test_rows_that_learn_are_taught_once_and_go_on_after_a_kill(windows, tmp_path, wanted, listed):
    pytest.importorskip("monai")
    asked = wanted(UNET, SQUEAKOUT)
    whole = run(benchmarking(*windows, tmp_path / "whole", asked, test=listed))
    steps = benchmarking(*windows, tmp_path / "out", asked, test=listed)
    told = []
    for progress in steps:
        told.append(progress.what)
        if progress.what == f"batches of {SQUEAKOUT}":
            break  # the U-Net is there, SqueakOut in its first epoch
    steps.close()
    assert f"batches of {UNET}" in told
    again = []
    resumed = run(
        benchmarking(*windows, tmp_path / "out", asked, test=listed),
        lambda progress: again.append(progress.what),
    )
    assert f"batches of {UNET}" not in again
    assert [row.figures() for row in resumed.rows] == [row.figures() for row in whole.rows]


def test_a_model_that_is_not_there_is_told_before_anything_is_done(windows, tmp_path, wanted):
    asked = wanted(NULL, models=("nowhere",))
    with pytest.raises(SqueakOutError):
        next(benchmarking(*windows, tmp_path / "out", asked))
    assert not (tmp_path / "out").exists()


def test_a_list_that_names_what_is_not_there_is_refused(windows, tmp_path, wanted):
    path = tmp_path / "test.txt"
    path.write_text("flat_0\n0.png\n")  # two classes have a 0.png
    with pytest.raises(InputError, match=r"names 0\.png, which is no image with a usable mask"):
        run(benchmarking(*windows, tmp_path / "out", wanted(NULL), test=path))
    path.write_text("")
    with pytest.raises(InputError, match="names no image"):
        run(benchmarking(*windows, tmp_path / "out", wanted(NULL), test=path))


def test_too_few_images_to_learn_from_are_refused_before_anything_is_learned(
    windows, tmp_path, wanted
):
    path = tmp_path / "test.txt"
    names = [f"flat_{i}" for i in range(6)] + [f"noise_dist_{i}" for i in range(4)]
    path.write_text("\n".join(names))
    with pytest.raises(InputError, match="only 0 images beside the test images"):
        run(benchmarking(*windows, tmp_path / "out", wanted(NULL, SQUEAKOUT), test=path))
