"""The guide can be followed literally: what it names is there, in whatever shell."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from fakes import bright
from kept import recording_in

from napari_squeakout.cli import running
from napari_squeakout.cli.commands import app
from napari_squeakout.cli.running import run_command
from napari_squeakout.core.detection.engine import Engine

#: Of other programs, in lines that the guide shows.
OTHERS = {
    "--array",  # sbatch
    "--cpus-per-task",
    "--mem",
    "--time",
    "--wheel-dir",  # pip
    "--find-links",
    "--no-index",
    "--upgrade",
    "--torch-backend",  # uv
    "--with",  # napari
    "--strict",  # mypy
    "--data",
    "--without-network",
    "--noise-seed",
    "--rounds",
    "--small",  # benchmarks
    "--basetemp",  # pytest
}
EVERYWHERE = {"--help", "--version", "--debug"}


def _commands(of=app, path=()):
    """The flags of each command, by the words that call it."""
    found = {}
    for name in of:
        if not name.startswith("-"):
            command, words = of[name], (*path, name)
            found |= _commands(command, words)
            if command.default_command is not None:
                collection = command.assemble_argument_collection()
                found[words] = set(chain.from_iterable(argument.names for argument in collection))
    return found


def _pages(root):
    # The lab book keeps the commands of its time.
    pages = sorted((root / "docs").glob("*.md"))
    return [root / "README.md", *(page for page in pages if page.name != "model_history.md")]


def test_every_flag_that_the_guide_names_is_one(root):
    flags = set().union(*_commands().values()) | EVERYWHERE | OTHERS
    unknown = {
        (page.name, flag)
        for page in _pages(root)
        for flag in re.findall(r"(?<![\w-])--[a-z][a-z0-9.-]*\w", page.read_text(encoding="utf-8"))
        if flag not in flags
    }
    assert not unknown


def test_the_commands_for_models_are_those_that_the_page_lists(root):
    text = (root / "docs" / "command_line.md").read_text(encoding="utf-8")
    listing = text.split("## `squeakout models`")[1].split("\n\n")[1].split(".")[0]
    listed = set(re.findall(r"`([a-z]+)", listing))
    assert listed == {words[1] for words in _commands() if words[0] == "models"}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("mice/*.wav", ["m1", "m2 [left]"]), ("mice/m?.wav", ["m1"]), ("mice/m2 [*", ["m2 [left]"])],
)
def test_where_the_shell_hands_patterns_on_the_command_finds_the_files(
    pattern, found, tmp_path, monkeypatch
):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(Engine, "__call__", lambda self, pages: bright(pages))
    monkeypatch.setattr(running, "_SHELL_LEAVES_PATTERNS", True)
    monkeypatch.chdir(tmp_path)
    for name in ("m1.wav", "m2 [left].wav"):
        recording_in(tmp_path / "mice", name)
    assert run_command(["segment", pattern, "--output", "results"]) == 0
    assert sorted(p.name for p in (tmp_path / "results").iterdir()) == found


def test_a_pattern_that_nothing_fits_is_named_as_it_was_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(running, "_SHELL_LEAVES_PATTERNS", True)
    monkeypatch.chdir(tmp_path)
    assert run_command(["segment", "none/*.wav", "--output", "results"]) == 1
    assert "none/*.wav" in capsys.readouterr().err.replace("\\", "/")
