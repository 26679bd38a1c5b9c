"""The paper's data by address: fetched once, known again, and told how to bring by hand."""

from __future__ import annotations

import io
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.io.tasks.paper.osf import ADDRESSES, fetch_osf


def archive(text="one"):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("masks/a.txt", text)
        file.writestr("../outside.txt", "no")
    return content.getvalue()


@pytest.fixture
def server():
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = archive()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}/data.zip", asked
        serving.shutdown()


def test_it_is_fetched_once_unpacked_and_known_again(server, tmp_path):
    url, asked = server
    [first] = fetch_osf(tmp_path / "data", {"data.zip": url})
    assert first.is_first
    assert (first.folder / "masks" / "a.txt").read_text() == "one"
    assert not (tmp_path / "outside.txt").exists()
    assert not (tmp_path / "data" / "outside.txt").exists()
    [again] = fetch_osf(tmp_path / "data", {"data.zip": url})
    assert not again.is_first
    assert again.sha256 == first.sha256
    assert len(asked) == 1


def test_another_file_of_that_name_is_refused(server, tmp_path):
    url, _ = server
    [first] = fetch_osf(tmp_path, {"data.zip": url})
    first.path.write_bytes(archive("another"))
    with pytest.raises(InputError, match="not the file that was here first"):
        fetch_osf(tmp_path, {"data.zip": url})


def test_a_file_brought_by_hand_needs_no_connection(tmp_path):
    (tmp_path / "data.zip").write_bytes(archive())
    [one] = fetch_osf(tmp_path, {"data.zip": "http://127.0.0.1:1/data.zip"})
    assert one.is_first
    assert (one.folder / "masks" / "a.txt").exists()


def test_offline_it_says_what_to_download_and_where_to_put_it(tmp_path, monkeypatch):
    monkeypatch.setattr("napari_squeakout.io.models.resuming.time.sleep", lambda _: None)
    with pytest.raises(SqueakOutError) as told:
        fetch_osf(tmp_path, {"data.zip": "http://127.0.0.1:1/data.zip"})
    assert "download http://127.0.0.1:1/data.zip on another machine" in str(told.value)
    assert str(tmp_path / "data.zip") in str(told.value)


def test_what_is_no_archive_is_said(tmp_path):
    (tmp_path / "data.zip").write_bytes(b"a page that asks to log in")
    with pytest.raises(InputError, match="no archive that can be unpacked"):
        fetch_osf(tmp_path, {"data.zip": "http://127.0.0.1:1/data.zip"})


def test_both_projects_are_asked_for():
    assert [name.removesuffix(".zip") for name in ADDRESSES] == ["f9sbt", "bk2uj"]
