"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.io import drafts, files
from napari_squeakout.io.files import atomic_file as written
from napari_squeakout.io.files import atomic_folder, check_readable, file_sha256


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_under_its_name_when_it_is_finished(tmp_path):
    target = tmp_path / "new" / "a.csv"
    with written(target) as draft:
        assert (draft.parent, draft.suffix) == (target.parent, ".csv")
        draft.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert _names(target.parent) == ["a.csv"]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, GeneratorExit])
def test_a_failure_leaves_the_file_that_was_there(tmp_path, failure):
    target = tmp_path / "a.csv"
    target.write_text("old")

    def write() -> None:
        with written(target) as draft:
            draft.write_text("half")
            raise failure

    with pytest.raises(failure):
        write()
    assert target.read_text() == "old"
    assert _names(tmp_path) == ["a.csv"]


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path):
    target = tmp_path / ("n" * 250 + ".csv")
    with written(target) as draft:
        draft.write_text("whole")
    assert target.read_text() == "whole"


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "a.csv"
    with (
        pytest.raises(SqueakOutError, match=r"a\.csv: cannot be written .*choose another folder"),
        written(target) as draft,
    ):
        draft.write_text("")


def test_a_folder_appears_under_its_name_when_it_is_finished(tmp_path):
    target = tmp_path / "deep" / "result"
    with atomic_folder(target) as draft:
        (draft / "a.txt").write_text("whole")
        assert not target.exists()
    assert _names(target) == ["a.txt"]
    assert _names(target.parent) == ["result"]


def test_an_empty_folder_may_be_there_already(tmp_path):
    (tmp_path / "result").mkdir()
    with atomic_folder(tmp_path / "result") as draft:
        (draft / "a.txt").write_text("whole")
    assert _names(tmp_path / "result") == ["a.txt"]


def test_a_folder_with_content_is_not_replaced_unasked(tmp_path):
    (tmp_path / "result").mkdir()
    (tmp_path / "result" / "old.txt").write_text("old")
    with (
        pytest.raises(SqueakOutError, match="result: exists already: choose another folder"),
        atomic_folder(tmp_path / "result"),
    ):
        pytest.fail("nothing is to be computed for a result that cannot be written")
    assert _names(tmp_path / "result") == ["old.txt"]


def test_a_folder_that_was_filled_meanwhile_is_not_replaced(tmp_path):
    def write() -> None:
        with atomic_folder(tmp_path / "result"):
            (tmp_path / "result").mkdir()
            (tmp_path / "result" / "other.txt").write_text("other")

    with pytest.raises(SqueakOutError, match="exists already"):
        write()
    assert _names(tmp_path) == ["result"]
    assert _names(tmp_path / "result") == ["other.txt"]


def all_in(folder: Path) -> list[str]:
    """Allow everything to be replaced."""
    return _names(folder)


@pytest.fixture(params=["in one step", "by two renames"])
def _either_way(request, monkeypatch):
    """Whether two names can change places at once on this file system."""
    if request.param == "by two renames":
        monkeypatch.setattr(drafts, "exchange", lambda *_: False)


@pytest.mark.usefixtures("_either_way")
def test_a_folder_is_replaced_when_that_is_allowed(tmp_path):
    (tmp_path / "result").mkdir()
    (tmp_path / "result" / "old.txt").write_text("old")
    with atomic_folder(tmp_path / "result", replaced=all_in) as draft:
        (draft / "new.txt").write_text("new")
        assert _names(tmp_path / "result") == ["old.txt"]
    assert _names(tmp_path / "result") == ["new.txt"]
    assert _names(tmp_path) == ["result"]


@pytest.mark.usefixtures("_either_way")
@pytest.mark.parametrize("when", [1, 2])
def test_what_comes_to_a_folder_that_is_being_replaced_is_not_lost(tmp_path, when):
    """Seen when the new folder is finished, or only when the old one is out of reach."""
    (tmp_path / "result").mkdir()
    (tmp_path / "result" / "old.txt").write_text("old")
    looks = []

    def guarded(folder: Path) -> list[str]:
        if len(looks) == when:
            (folder / "mine.txt").write_text("mine")
        looks.append(folder)
        if (folder / "mine.txt").exists():
            msg = "mine.txt: was not written here"
            raise SqueakOutError(msg)
        return all_in(folder)

    with (
        pytest.raises(SqueakOutError, match=r"mine\.txt|was changed just now"),
        atomic_folder(tmp_path / "result", replaced=guarded) as draft,
    ):
        (draft / "new.txt").write_text("new")
    assert _names(tmp_path / "result") == ["mine.txt", "old.txt"]
    assert _names(tmp_path) == ["result"]


def test_a_link_is_never_replaced_by_a_folder(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "result").symlink_to(tmp_path / "elsewhere")
    with (
        pytest.raises(SqueakOutError, match="is a link where a folder"),
        atomic_folder(tmp_path / "result", replaced=all_in),
    ):
        pytest.fail("refused beforehand")


def test_a_file_that_is_read_meanwhile_and_is_not_there_is_not_told_as_the_target(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match=r"input\.wav"),
        atomic_folder(tmp_path / "result"),
    ):
        (tmp_path / "input.wav").read_bytes()
    assert _names(tmp_path) == []


def test_a_file_is_never_replaced_by_a_folder(tmp_path):
    (tmp_path / "result").write_text("precious")
    with (
        pytest.raises(SqueakOutError, match="is a file where a folder"),
        atomic_folder(tmp_path / "result", replaced=all_in),
    ):
        pytest.fail("refused beforehand")
    assert (tmp_path / "result").read_text() == "precious"


def test_a_failure_leaves_the_folder_that_was_there(tmp_path):
    (tmp_path / "result").mkdir()
    (tmp_path / "result" / "old.txt").write_text("old")

    def write() -> None:
        with atomic_folder(tmp_path / "result", replaced=all_in) as draft:
            (draft / "new.txt").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert _names(tmp_path / "result") == ["old.txt"]
    assert _names(tmp_path) == ["result"]


def test_an_old_folder_is_put_back_when_the_swap_breaks_in_the_middle(tmp_path, monkeypatch):
    (tmp_path / "result").mkdir()
    (tmp_path / "result" / "old.txt").write_text("old")
    monkeypatch.setattr(drafts, "exchange", lambda *_: False)
    rename = files.Path.rename

    def breaking(self: Path, target: Path) -> Path:
        if target == tmp_path / "result" and any(path.name == "new.txt" for path in self.iterdir()):
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(files.Path, "rename", breaking)
    with (
        pytest.raises(KeyboardInterrupt),
        atomic_folder(tmp_path / "result", replaced=all_in) as draft,
    ):
        (draft / "new.txt").write_text("new")
    assert _names(tmp_path / "result") == ["old.txt"]
    assert _names(tmp_path) == ["result"]


def test_the_hash_of_a_file_is_its_sha256(tmp_path):
    (tmp_path / "a").write_bytes(b"squeak" * 1000)
    assert file_sha256(tmp_path / "a") == hashlib.sha256(b"squeak" * 1000).hexdigest()


def test_a_missing_file_has_no_hash(tmp_path):
    with pytest.raises(InputError, match="there is no such file: check the path"):
        file_sha256(tmp_path / "a")


def test_a_file_without_permission_is_named(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("secret")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.Path, "open", refuse)
    with pytest.raises(InputError, match=r"a: may not be read \(Permission denied\): ask for"):
        check_readable(tmp_path / "a")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(InputError, match=r"pipe\.wav: is no file but a pipe or a device"):
        check_readable(tmp_path / "pipe.wav")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_a_device_is_refused():
    with pytest.raises(InputError, match="/dev/zero: is no file but a pipe or a device"):
        check_readable(Path("/dev/zero"))


def test_a_name_that_no_file_can_have_is_refused_in_a_sentence(tmp_path):
    for name in ("n" * 300, "a\0b"):
        with pytest.raises(InputError, match="may not be read"):
            check_readable(tmp_path / name)


def test_a_file_of_a_folder_that_cannot_be_written_is_told_by_the_name_of_the_folder(tmp_path):
    target = tmp_path / "result"

    def write():
        with atomic_folder(target) as draft, written(draft / "calls.csv") as file:
            raise OSError(errno.ENOSPC, "No space left on device", str(file))

    with pytest.raises(SqueakOutError) as caught:
        write()
    wanted = f"{target}: cannot be written (No space left on device): free space or choose another"
    assert str(caught.value) == f"{wanted} folder"
    assert list(tmp_path.iterdir()) == []
