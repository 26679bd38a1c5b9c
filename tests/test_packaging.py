"""What the package claims to need is the same wherever it is written down."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

#: What conda calls otherwise.
CONDA = {"dask": "dask-core", "soundfile": "pysoundfile", "soxr": "soxr-python", "torch": "pytorch"}


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def needed(lines):
    """Name of each requirement and its bounds, those within the package itself left out."""
    wanted = [Requirement(line) for line in lines]
    return {one.name: one.specifier for one in wanted if one.name != "napari-squeakout"}


def test_the_oldest_versions_tried_are_the_lowest_claimed(root, project):
    text = (root / "constraints-oldest.txt").read_text(encoding="utf-8")
    tried = dict(re.findall(r"^([\w-]+)==(\S+)$", text, re.MULTILINE))
    claimed = needed(project["dependencies"])
    assert set(tried) == set(claimed)
    for name, bounds in claimed.items():
        [lowest] = [one.version for one in bounds if one.operator == ">="]
        version = tried[name]
        assert bounds.contains(version), name
        # 2024.6 may be tried as 2024.6.1, where there is no 2024.6.
        assert [*version.split(".")][: lowest.count(".") + 1] == lowest.split("."), name


def test_the_conda_recipe_asks_for_what_the_package_asks_for(root, project):
    text = (root / "packaging" / "recipe.yaml").read_text(encoding="utf-8")
    recipe = yaml.safe_load(text)
    asked = dict(line.split(" ", 1) for line in recipe["requirements"]["run"])
    python = asked.pop("python")
    assert set(python.split(",")) == set(project["requires-python"].split(","))
    every = needed([*project["dependencies"], *project["optional-dependencies"]["gui"]])
    assert {name: set(bounds.split(",")) for name, bounds in asked.items()} == {
        CONDA.get(name, name): set(str(bounds).split(",")) for name, bounds in every.items()
    }


def test_the_environment_of_pixi_installs_this_package_with_an_extra_that_is_there(root, project):
    pixi = tomllib.loads((root / "pixi.toml").read_text(encoding="utf-8"))
    asked = pixi["pypi-dependencies"]["napari-squeakout"]
    assert set(asked["extras"]) <= set(project["optional-dependencies"])
    assert (root / asked["path"] / "pyproject.toml").exists()


def test_every_extra_is_explained(root, project):
    table = (root / "docs" / "install.md").read_text(encoding="utf-8")
    assert [name for name in project["optional-dependencies"] if f"`[{name}]`" not in table] == []


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
@pytest.mark.parametrize(("binding", "package"), [("pyqt6", "PyQt6"), ("pyside6", "PySide6")])
def test_the_window_is_installed_with_the_binding_that_is_then_tried(root, binding, package):
    steps = subprocess.run(
        ["make", "--dry-run", "--always-make", "window", f"BINDING={binding}"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert f"import ctypes, pathlib, {package}.QtOpenGLWidgets as qt" in steps
