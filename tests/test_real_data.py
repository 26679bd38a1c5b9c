"""Real data are fetched where that is asked for; a loopback server stands in for the net."""

from __future__ import annotations

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from real_data import ASKED, SETS, NotHereError, RealSet, digest_of, real_data


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


@pytest.fixture
def wanted(tmp_path):
    """A set of two files of two commits, on a server."""
    served = tmp_path / "served"
    for commit, name, content in (("late", "1/rec_1.wav", b"sound"), ("early", "a.csv", b"table")):
        file = served / commit / "data" / name
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(served)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield RealSet(
        folder="amvoc",
        address=f"http://127.0.0.1:{server.server_port}/{{commit}}/data",
        commits={"late": ["1/rec_1.wav"], "early": ["a.csv"]},
        sha256=hashlib.sha256(b"soundtable").hexdigest(),
    )
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def nowhere(tmp_path):
    """Where nothing lies beside the checkout."""
    return tmp_path / "shared"


def refused(nowhere, wanted, tmp_path):
    with pytest.raises(NotHereError) as told:
        real_data(nowhere, [wanted], tmp_path / "kept")
    assert not list((tmp_path / "kept").glob("data/amvoc"))
    return str(told.value)


def test_what_is_asked_for_is_fetched_once_and_lies_as_beside_the_checkout(
    nowhere, wanted, tmp_path, monkeypatch
):
    monkeypatch.setenv(ASKED, "fetch")
    folder = real_data(nowhere, [wanted], tmp_path / "kept")
    assert (folder / "data/amvoc/1/rec_1.wav").read_bytes() == b"sound"
    assert [path.name for path in (folder / "data").iterdir()] == ["amvoc"]
    (folder / "data/amvoc/a.csv").write_bytes(b"as it was")
    real_data(nowhere, [wanted], tmp_path / "kept")
    assert (folder / "data/amvoc/a.csv").read_bytes() == b"as it was"


@pytest.mark.parametrize("asked", [None, "", "no"])
def test_unless_it_is_asked_for_nothing_is_fetched(nowhere, wanted, tmp_path, monkeypatch, asked):
    monkeypatch.delenv(ASKED, raising=False)
    if asked is not None:
        monkeypatch.setenv(ASKED, asked)
    assert f"or {ASKED}=fetch" in refused(nowhere, wanted, tmp_path)


def test_other_files_than_those_meant_are_refused(nowhere, wanted, tmp_path, monkeypatch):
    monkeypatch.setenv(ASKED, "fetch")
    other = RealSet(**{**vars(wanted), "sha256": "0" * 64})
    with pytest.raises(ValueError, match="not the files that are meant"):
        real_data(nowhere, [other], tmp_path / "kept")
    assert not (tmp_path / "kept" / "data" / "amvoc").exists()


def test_a_file_that_cannot_be_fetched_is_told_by_its_name(nowhere, wanted, tmp_path, monkeypatch):
    monkeypatch.setenv(ASKED, "fetch")
    missing = RealSet(**{**vars(wanted), "commits": {"late": ["2/rec_2.wav"]}})
    assert "rec_2.wav of amvoc could not be downloaded" in refused(nowhere, missing, tmp_path)


@pytest.mark.parametrize("known", SETS, ids=lambda known: known.folder)
def test_the_hashes_are_those_of_the_files_beside_the_checkout(root, known):
    folder = root.parent / "shared" / "data" / known.folder
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    assert digest_of(known, folder) == known.sha256
