"""The package's public face, and the walls between its rooms."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys

import pytest

import napari_squeakout

HEAVY = ["torch", "napari", "qtpy", "PyQt5", "PyQt6", "PySide2", "PySide6", "scipy", "skimage"]
#: What a user's script may rely on.
PUBLIC = [
    "open_source",
    "segment_file",
    "segment_files",
    "segment",
    "clean",
    "find_calls",
    "write_calls",
    "read_recording",
    "read_images",
    "read_annotation",
    "read_session",
    "read_approved",
    "approved_pages",
    "fine_tune",
    "fine_tune_on",
    "train",
    "score_masks",
    "score_calls",
    "compare_calls",
    "export_calls",
    "list_models",
    "load_model",
    "save_model",
    "set_default_model",
    "CleanSettings",
    "RenderSettings",
    "SqueakOutError",
    "InputError",
    "ModelError",
]


def python(code, cwd):
    """Run code in a fresh interpreter that sees the package as this one does."""
    seen = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": seen}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_importing_the_package_imports_nothing_heavy(tmp_path):
    code = f"import sys, napari_squeakout; print([m for m in {HEAVY} if m in sys.modules])"
    answer = python(code, tmp_path)
    assert (answer.stdout.strip(), answer.stderr) == ("[]", "")


@pytest.mark.parametrize("name", sorted({*PUBLIC, *napari_squeakout.__all__}))
def test_every_public_name_is_there(name):
    assert name in napari_squeakout.__all__
    there = getattr(napari_squeakout, name)
    assert there.__name__ in {name, "Generator"}  # Steps is an alias of that


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = napari_squeakout.no_such_name


def test_the_version_is_that_of_the_installed_package():
    assert re.match(r"\d+(\.\d+)*", napari_squeakout.__version__)


@pytest.mark.skipif(
    importlib.util.find_spec("importlinter") is None, reason="import-linter is not installed"
)
def test_the_rooms_know_only_the_rooms_below_them(root):
    code = (
        "import sys; from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(cache_dir=None, no_cache=True))"
    )
    answer = python(code, root)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_plan_of_the_house_names_every_folder(root):
    plan = (root / "docs" / "house.md").read_text(encoding="utf-8")
    package = root / "src" / "napari_squeakout"
    folders = [path.parent for path in package.rglob("__init__.py") if path.parent != package]
    assert len(folders) > 20
    missing = [folder.name for folder in folders if f"{folder.name}/" not in plan]
    assert not missing


def test_no_folder_is_too_full_to_look_through(root):
    package = root / "src" / "napari_squeakout"
    for folder in {path.parent for path in package.rglob("*.py")}:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= 15, folder


def test_every_module_says_its_one_job_first(root):
    for path in (root / "src" / "napari_squeakout").rglob("*.py"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith('"""'), path
        assert len(first) > 20, path
