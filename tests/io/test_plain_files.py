import os
import sys
from pathlib import Path

import pytest

from napari_squeakout.io.plain_files import finite_json, plain_bytes, plain_text

needs_pipes = pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")


def test_the_content_of_a_plain_file_comes_back(tmp_path):
    (tmp_path / "a.json").write_bytes("½".encode())
    assert plain_bytes(tmp_path / "a.json") == "½".encode()
    assert plain_text(tmp_path / "a.json") == "½"


@needs_pipes
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(OSError, match="is no plain file"):
        plain_bytes(tmp_path / "a.json")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device")
def test_a_device_is_not_read(tmp_path):
    (tmp_path / "a.json").symlink_to("/dev/zero")
    with pytest.raises(OSError, match="is no plain file"):
        plain_bytes(tmp_path / "a.json")


def test_what_is_longer_than_any_such_file_is_not_read(tmp_path):
    (tmp_path / "a.json").write_bytes(bytes(100))
    assert len(plain_bytes(tmp_path / "a.json", most_bytes=100)) == 100
    with pytest.raises(OSError, match=r"[Tt]oo large"):
        plain_bytes(tmp_path / "a.json", most_bytes=99)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e400"])
def test_a_number_that_is_not_finite_is_none_of_a_record(number):
    assert finite_json('{"a": [1.5]}') == {"a": [1.5]}
    with pytest.raises(ValueError, match="is no number that a record holds"):
        finite_json(f'{{"a": [{number}]}}')


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        plain_bytes(tmp_path / "a.json")
