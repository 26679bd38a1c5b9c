"""Real recordings are fetched by address and hash; a loopback server stands in for the net."""

from __future__ import annotations

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pooch
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.samples import recordings as amvoc

CONTENT = b"not really a recording"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


@pytest.fixture
def address(tmp_path, monkeypatch):
    """Address of a server that has recording 1, with the hash that is known of it."""
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    monkeypatch.setitem(amvoc.RECORDINGS, 1, ("abc", sha256))
    served = tmp_path / "served"
    file = served / "abc/data/vocalizations_evaluation/1/rec_1.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(served)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_recording_is_fetched_once(address, tmp_path):
    path = amvoc.fetch_amvoc(1, address=address, folder=tmp_path / "kept")
    assert path.read_bytes() == CONTENT
    again = amvoc.fetch_amvoc(1, address="http://127.0.0.1:1", folder=tmp_path / "kept")
    assert again == path


def test_another_file_than_the_one_meant_is_refused(address, tmp_path, monkeypatch):
    monkeypatch.setitem(amvoc.RECORDINGS, 1, ("abc", "0" * 64))
    with pytest.raises(InputError, match="is not the recording it was"):
        amvoc.fetch_amvoc(1, address=address, folder=tmp_path / "kept")
    assert not list((tmp_path / "kept").glob("*.wav"))


def test_a_missing_file_is_told(address, tmp_path):
    with pytest.raises(InputError, match="could not be downloaded"):
        amvoc.fetch_amvoc(2, address=address, folder=tmp_path / "kept")


def test_without_a_net_the_remedy_is_told(tmp_path):
    with pytest.raises(InputError, match="connect to the internet, or open the synthetic"):
        amvoc.fetch_amvoc(1, address="http://127.0.0.1:1", folder=tmp_path)


def test_a_folder_that_cannot_be_made_is_told(address, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be stored"):
        amvoc.fetch_amvoc(1, address=address, folder=tmp_path / "file" / "kept")


def test_the_hashes_are_those_of_the_recordings(shared):
    for number, (_, sha256) in amvoc.RECORDINGS.items():
        file = shared / f"data/amvoc/{number}/rec_{number}.wav"
        assert hashlib.sha256(file.read_bytes()).hexdigest() == sha256


def test_what_pooch_says_of_others_downloads_stays_as_it_was(address, tmp_path):
    before = pooch.get_logger().level
    amvoc.fetch_amvoc(1, address=address, folder=tmp_path / "kept")
    assert pooch.get_logger().level == before
