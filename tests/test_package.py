"""The package's public face, and the walls between its rooms."""

from __future__ import annotations

import ast
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


def test_citation_changes_and_a_copy_without_history_speak_of_the_same_version(root):
    told = {
        "CITATION.cff": r"^version: (\S+)$",
        "CHANGELOG.md": r"^## \[?(\d[^] ]*)",
        "pyproject.toml": r'^fallback-version = "(.*)\.dev0"$',
    }
    texts = {name: (root / name).read_text(encoding="utf-8") for name in told}
    versions = {name: re.search(told[name], text, re.MULTILINE)[1] for name, text in texts.items()}
    assert len(set(versions.values())) == 1, versions


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
        assert len(list(folder.glob("*.py"))) <= 15, folder


def test_no_module_is_too_long_to_read(root):
    package = root / "src" / "napari_squeakout"
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in package.rglob("*.py")}
    assert [(path, n) for path, n in lines.items() if n > 300] == []


def test_every_module_says_its_one_job_first(root):
    for path in (root / "src" / "napari_squeakout").rglob("*.py"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith('"""'), path
        assert len(first) > 20, path


def functions_in(folder):
    """Each function of the modules in a folder, and where it stands."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(folder.parent)}:{node.lineno}", node


#: Inner ones of the window that are still called otherwise.
CALLED_OTHERWISE = {"_band_notes", "_placed", "_reported"}


@pytest.mark.parametrize("room", ["core", "io", "cli", "verbs", "gui"])
def test_what_gives_steps_is_called_after_what_is_being_done(root, room):
    steps = [
        (where, function.name)
        for where, function in functions_in(root / "src" / "napari_squeakout" / room)
        if function.returns is not None and ast.unparse(function.returns).startswith("Steps[")
    ]
    assert steps or room == "verbs"
    misnamed = [
        (where, name)
        for where, name in steps
        if not any(word.endswith("ing") for word in name.split("_"))
        and name not in CALLED_OTHERWISE
    ]
    assert not misnamed


def named_arguments_of_qt(path):
    """Calls of Qt's own classes in a module that name an argument."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qtpy")
        for name in node.names
    }
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in imported and node.keywords
    ]


def test_no_argument_of_qt_is_named_as_only_one_binding_names_it(root):
    """PyQt6 and PySide6 call some of them otherwise; while painting that ends the process."""
    modules = sorted((root / "src" / "napari_squeakout" / "gui").rglob("*.py"))
    named = {path: calls for path in modules if (calls := named_arguments_of_qt(path))}
    assert len(modules) > 50
    assert named == {}


#: Rooms whose wide dataclasses are still built by place.
BY_PLACE = ("gui", "core/synthesis")


def test_what_has_four_fields_or_more_is_built_by_their_names(root):
    package = root / "src" / "napari_squeakout"
    wide = {
        f"{path.relative_to(package).as_posix()}:{node.name}": ast.unparse(decorator)
        for path in sorted(package.rglob("*.py"))
        if not path.relative_to(package).as_posix().startswith(BY_PLACE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and sum(isinstance(line, ast.AnnAssign) for line in node.body) >= 4
        for decorator in node.decorator_list
        if ast.unparse(decorator).partition("(")[0] == "dataclass"
    }
    assert len(wide) > 40
    assert [name for name, how in wide.items() if "kw_only=True" not in how] == []
