"""The commands of the paper, as somebody types them."""

from __future__ import annotations

import pytest
from paper_images import drawn, save

from napari_squeakout import cli


@pytest.fixture
def squeakout(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return left.value.code or 0, out, err

    return call


@pytest.fixture
def windows(tmp_path):
    images, masks = tmp_path / "images", tmp_path / "masks"
    for index in range(4):
        save(images, f"flat/{index}.png", *drawn(index), masks=masks)
    save(images, "noise_dist/0.png", *drawn(9, call=False), masks=masks)
    return images, masks


def test_the_table_is_printed_and_files_that_do_not_fit_are_named(squeakout, windows, tmp_path):
    images, masks = windows
    (masks / "flat" / "3.png").unlink()
    (tmp_path / "test.txt").write_text("flat_0\nnoise_dist_0\n")
    code, out, err = squeakout(
        "benchmark", "--images", images, "--masks", masks, "--output", tmp_path / "out",
        "--test", tmp_path / "test.txt", "--rows", "1,2",
    )  # fmt: skip
    assert code == 0
    assert "| Null | " in out
    assert " | 50.00 ± 50.00 | 0.00 ± 0.00 |" in out
    # It takes the click on the image of noise for a call, and Null does not.
    assert "VocalMat < Null: not the order of the rows above" in out
    assert str(images / "flat" / "3.png") in err


def test_a_row_that_is_none_is_refused(squeakout, windows, tmp_path):
    images, masks = windows
    code, _, err = squeakout(
        "benchmark", "--images", images, "--masks", masks, "--output", tmp_path / "o", "--rows", "6"
    )
    assert code == 1
    assert "--rows 6: give some of 1,2,3,4,5" in err


def test_first_masks_are_made_and_the_report_is_named(squeakout, windows, tmp_path):
    images, masks = windows
    code, out, _ = squeakout(
        "dataset", "build", images, tmp_path / "out", "--truth", masks, "--steps", "a"
    )
    assert code == 0
    assert f"{tmp_path / 'out' / 'report.md'}: 1 step over" in out
    code, _, err = squeakout("dataset", "write", tmp_path / "out", tmp_path / "set")
    assert code == 1
    assert "correct.squeakout" in err


def test_synthetic_images_are_written(squeakout, tmp_path):
    code, out, _ = squeakout("dataset", "synthetic", tmp_path / "set", "--calls", 1, "--noise", 1)
    assert code == 0
    assert "1 image with calls, 1 of noise" in out
    assert (tmp_path / "set" / "masks" / "noise_dist" / "noise_dist_0000.png").exists()


def test_data_that_nobody_publishes_is_refused(squeakout, tmp_path):
    code, _, err = squeakout("dataset", "fetch", "elsewhere", tmp_path)
    assert code == 1
    assert "there is no elsewhere: ask for osf" in err
