"""The gallery's examples run as printed, and leave the picture that the guide shows of them."""

from __future__ import annotations

import importlib.util
import shutil
import sys

import pytest
from PIL import Image

matplotlib = pytest.importorskip("matplotlib", reason="the examples plot with it")


@pytest.fixture(scope="module")
def gallery(root):
    """The module that makes the pictures of the guide, and names the examples."""
    spec = importlib.util.spec_from_file_location("gallery", root / "docs" / "gallery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(gallery, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery") / "data"
    folder.mkdir()
    gallery.make_data(folder, seconds=0.9, animals=2, study_s=0.5)
    return folder


@pytest.fixture
def lab(made, tmp_path, monkeypatch):
    """A folder with all that the examples name, and no window to plot into."""
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    matplotlib.use("Agg")  # where Qt is installed it would be chosen, and there may be no display
    shutil.copytree(made, tmp_path / "lab")
    monkeypatch.chdir(tmp_path / "lab")
    yield tmp_path / "lab"
    sys.modules["matplotlib.pyplot"].close("all")


def test_the_gallery_shows_each_example_with_its_picture(root, gallery):
    files = {path.stem for path in (root / "docs" / "examples").glob("*.py")}
    assert files == set(gallery.NAMES)
    page = (root / "docs" / "gallery.md").read_text(encoding="utf-8")
    for name in gallery.NAMES:
        assert f'--8<-- "docs/examples/{name}.py"' in page
        assert f"pictures/example_{name}.png" in page
        assert (root / "docs" / "pictures" / f"example_{name}.png").exists()


@pytest.mark.parametrize(
    "name",
    [
        "segment_and_look",
        "threshold_curve",
        "compare_with_noted",
        "measure_and_plot",
        "compare_groups",
        "export_calls",
    ],
)
def test_an_example_runs_as_printed_and_leaves_its_picture(lab, root, name):
    code = (root / "docs" / "examples" / f"{name}.py").read_text(encoding="utf-8")
    exec(compile(code, f"{name}.py", "exec"), {"__name__": "__main__"})
    with Image.open(lab / f"{name}.png") as picture:
        drawn = picture.convert("L")
    low, high = drawn.getextrema()
    assert (low < 64, high > 192) == (True, True)  # something was drawn, and not everywhere
