"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from napari_squeakout.core.steps import run
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.samples.synthetic import writing_samples


@pytest.fixture
def folder_with_a_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = SynthesisSettings(seed=5, min_snr_db=25, empty_fraction=0)
    run(writing_samples(tmp_path / "sample", seconds=2, images=0, settings=settings))
    (tmp_path / "sample" / "synthetic.wav").rename(tmp_path / "recording.wav")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_example_finds_the_calls_of_a_recording(
    folder_with_a_recording: Path, root: Path
) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)
    assert len(names["calls"]) > 0
    assert {"start_s", "end_s", "low_hz", "high_hz"} <= set(names["calls"].columns)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_every_file_that_is_linked_exists(page: str, root: Path) -> None:
    here = root / page
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", here.read_text(encoding="utf-8"))
    missing = [link for link in links if not (here.parent / link).exists()]
    assert not missing


def test_on_the_page_of_the_package_every_link_and_picture_has_a_whole_address(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    hook = project["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    text = (root / "README.md").read_text(encoding="utf-8")
    for one in hook["substitutions"]:
        text = re.sub(one["pattern"], one["replacement"], text)
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) > 15
    assert [link for link in links if not link.startswith("https://")] == []
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    assert all("raw.githubusercontent.com" in picture for picture in pictures)
