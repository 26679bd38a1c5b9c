"""What other systems and disks refuse, refused here: nothing is lost, and the work goes on."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from napari_squeakout.io import drafts
from napari_squeakout.io.files import atomic_file, atomic_folder
from napari_squeakout.io.sessions.record import source_file


class Windows:
    """The module `os` as it says on Windows that it is; all else as here."""

    name = "nt"

    def __getattr__(self, name):
        return getattr(os, name)


def as_windows_replaces(monkeypatch):
    """No folder takes the place of another there, not even of an empty one."""
    replace = Path.replace

    def refusing(self, target):
        if Path(target).is_dir():
            raise PermissionError(errno.EACCES, "Access is denied", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refusing)
    monkeypatch.setattr(drafts, "os", Windows())


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_is_written_where_an_empty_one_is_on_windows(tmp_path, monkeypatch):
    as_windows_replaces(monkeypatch)
    target = tmp_path / "result"
    target.mkdir()
    with atomic_folder(target) as draft:
        (draft / "calls.csv").write_text("new")
    assert (target / "calls.csv").read_text() == "new"
    assert names(tmp_path) == ["result"]


def test_a_file_that_somebody_reads_on_windows_stays_and_the_error_says_why(tmp_path, monkeypatch):
    target = tmp_path / "calls.csv"
    target.write_text("old")

    def refusing(self, to):
        raise PermissionError(errno.EACCES, "The file is used by another process", str(to))

    monkeypatch.setattr(Path, "replace", refusing)
    with (
        pytest.raises(Exception, match=r"calls\.csv: cannot be written .*another process"),
        atomic_file(target) as draft,
    ):
        draft.write_text("new")
    assert target.read_text() == "old"
    assert names(tmp_path) == ["calls.csv"]


def test_a_disk_without_links_takes_a_free_name_and_no_other(tmp_path, monkeypatch):
    def refusing(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refusing)
    target = tmp_path / "calls.csv"
    for text, took in (("first", True), ("second", False)):
        with drafts.drafting(target) as draft:
            draft.path.write_text(text)
            assert draft.take_free_place() is took
    assert target.read_text() == "first"
    assert names(tmp_path) == ["calls.csv"]


@pytest.mark.parametrize("error", [OSError(errno.ENOTSUP, "no locks"), NotImplementedError("none")])
def test_a_disk_without_locks_is_written_all_the_same(tmp_path, monkeypatch, error):
    def refusing(*_args, **_options):
        raise error

    monkeypatch.setattr(drafts.FileLock, "acquire", refusing)
    with atomic_file(tmp_path / "calls.csv") as draft:
        draft.write_text("whole")
    assert (tmp_path / "calls.csv").read_text() == "whole"


def test_a_recording_on_another_drive_is_noted_by_its_whole_path(tmp_path, monkeypatch):
    recording = tmp_path / "mouse.wav"
    recording.write_bytes(b"sound")

    def refusing(path, start):
        msg = "path is on mount 'D:', start on mount 'C:'"
        raise ValueError(msg)

    assert source_file(recording, tmp_path / "kept").path == "../mouse.wav"
    monkeypatch.setattr(os.path, "relpath", refusing)
    noted = source_file(recording, tmp_path / "kept")
    assert noted.path == noted.absolute == recording.resolve().as_posix()


def test_the_page_on_other_systems_names_files_that_are_there(root):
    page = (root / "docs" / "other_systems.md").read_text(encoding="utf-8")
    tests = set(re.findall(r"`(tests/[\w/]+\.py)`", page))
    rooms = set(re.findall(r"`((?:io|gui|cli)/[\w/.]*)`", page))
    assert len(tests) > 10
    assert [name for name in tests if not (root / name).is_file()] == []
    package = root / "src" / "napari_squeakout"
    assert [name for name in rooms if not (package / name).exists()] == []
