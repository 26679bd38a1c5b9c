from __future__ import annotations

import pytest

from napari_squeakout.core.setting import Settings, setting
from napari_squeakout.io.preferences import keep_preferences, read_preferences


class Taste(Settings):
    bright: bool = setting(True, "Whether it is bright.")
    size: int = setting(3, "How large it is.", ge=1, le=9)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path))
    return tmp_path


def test_what_one_prefers_is_there_again():
    assert read_preferences(Taste, "taste") == Taste()
    keep_preferences(Taste(bright=False, size=5), "taste")
    assert read_preferences(Taste, "taste") == Taste(bright=False, size=5)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"size": 99}', '{"size": "x"}', "\xff", " " * 70_000]
)
def test_a_spoilt_file_is_as_none(home, text):
    (home / "taste.json").write_text(text, encoding="latin-1")
    assert read_preferences(Taste, "taste") == Taste()


def test_a_preference_that_only_another_version_knows_spoils_no_other(home):
    (home / "taste.json").write_text('{"size": 5, "colour": "red"}', encoding="utf-8")
    assert read_preferences(Taste, "taste") == Taste(size=5)


def test_a_folder_that_cannot_be_written_keeps_nobody_from_work(home, monkeypatch):
    (home / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(home / "file"))
    keep_preferences(Taste(size=5), "taste")
    assert read_preferences(Taste, "taste") == Taste()
