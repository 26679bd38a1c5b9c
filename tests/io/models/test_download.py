import contextlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.model import published
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.io.models import download as downloads
from napari_squeakout.io.models import resuming
from napari_squeakout.io.models.download import fetch_published
from napari_squeakout.io.models.registry import list_models, load_model


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(resuming.time, "sleep", lambda seconds: None)
    return tmp_path / "home"


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "squeakout_weights.ckpt"
    state = {f"model.{name}": value for name, value in SqueakOut().state_dict().items()}
    torch.save({"state_dict": state}, path)
    return path.read_bytes()


@pytest.fixture
def recognised(content, monkeypatch):
    sha256, blob = published.file_identity(content)
    known = published.PublishedFile("http://127.0.0.1:9/x.ckpt", len(content), sha256, blob)
    monkeypatch.setattr(published, "PUBLISHED", known)


class Server(ThreadingHTTPServer):
    """Serves one file; cuts the first `cuts` answers short."""

    daemon_threads = True

    def __init__(self, content, *, cuts=0, ranges=True, status=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.cuts, self.ranges, self.status = content, cuts, ranges, status
        self.asked = []
        self.url = f"http://127.0.0.1:{self.server_port}/squeakout_weights.ckpt"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        server = self.server
        asked = self.headers.get("Range")
        server.asked.append(asked)
        if server.status:
            self.send_error(server.status)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and server.ranges else 0
        size = len(server.content)
        if start >= size:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - start))
        self.end_headers()
        body = server.content[start:]
        if server.cuts:
            server.cuts -= 1
            body = body[: len(body) // 2]
        with contextlib.suppress(ConnectionError):  # who asked may have given up
            self.wfile.write(body)


@pytest.fixture
def serve():
    with contextlib.ExitStack() as stack:

        def start(*args, **kwargs):
            server = stack.enter_context(Server(*args, **kwargs))
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return server

        yield start


def test_the_published_model_is_fetched_into_the_store(content, recognised, serve, home, capsys):
    seen = []
    model = fetch_published(url=serve(content).url, on_progress=seen.append)
    assert model.card.title == "SqueakOut as published"
    assert (model.card.licence, model.card.identity) == (
        "MIT",
        "this is the authors' published checkpoint",
    )
    assert "10.1101/2024.04.19.590368" in model.card.reference
    assert [e.installed for e in list_models() if e.name == "squeakout-published"] == [True]
    assert load_model("squeakout-published").fingerprint == model.fingerprint
    assert (seen[-1].done, seen[-1].total, seen[-1].what) == (len(content), len(content), "bytes")
    assert list((home / "downloads").iterdir()) == []
    assert capsys.readouterr() == ("", "")


def test_a_download_cut_once_resumes_where_it_stopped(content, recognised, serve):
    server = serve(content, cuts=1)
    seen = []
    fetch_published(url=server.url, on_progress=seen.append)
    first, second = server.asked
    stopped = int(second.removeprefix("bytes=").removesuffix("-"))
    assert first is None
    assert 0 <= len(content) // 2 - stopped < resuming.BLOCK  # all but the block that was cut
    assert [p.done for p in seen if p.done <= stopped][-1] == stopped
    assert (seen[-1].done, seen[-1].total) == (len(content), len(content))


def test_a_download_stopped_by_the_user_resumes_in_the_next_call(content, recognised, serve, home):
    server = serve(content)

    def stop(progress):
        if progress.fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_published(url=server.url, on_progress=stop)
    have = (home / "downloads" / "squeakout_weights.part").stat().st_size
    assert 0 < have < len(content)
    fetch_published(url=server.url)
    assert server.asked == [None, f"bytes={have}-"]


def test_a_server_without_ranges_makes_it_start_again(content, recognised, serve):
    server = serve(content, cuts=1, ranges=False)
    assert fetch_published(url=server.url).card.identity.startswith("this is")
    assert len(server.asked) == 2


@pytest.mark.parametrize("extra", [0, 10])
def test_a_part_that_is_whole_or_too_long_does_no_harm(extra, content, recognised, serve, home):
    (home / "downloads").mkdir(parents=True)
    (home / "downloads" / "squeakout_weights.part").write_bytes(content + b"x" * extra)
    assert fetch_published(url=serve(content).url).card.identity.startswith("this is")


def test_other_content_is_refused_and_deleted(content, serve, home):
    with pytest.raises(
        ModelError, match=r"not the published checkpoint, .* instead of 3bd430ca.*deleted"
    ):
        fetch_published(url=serve(content).url)
    assert list((home / "downloads").iterdir()) == []
    assert not any(entry.installed for entry in list_models() if entry.kind == "published")


def test_offline_it_says_what_to_download_and_where_to_put_it(content, recognised, home):
    url = "http://127.0.0.1:9/squeakout_weights.ckpt"
    with pytest.raises(ModelError) as caught:
        fetch_published(url=url)
    message = str(caught.value)
    for part in (
        url,
        f"{len(content):,} bytes",
        published.PUBLISHED.sha256,
        "`squeakout models import FILE --name squeakout-published`",
        str(home / "downloads" / "squeakout_weights.ckpt"),
    ):
        assert part in message


def test_a_file_put_by_hand_is_taken_without_a_connection(content, recognised, home):
    (home / "downloads").mkdir(parents=True)
    (home / "downloads" / "squeakout_weights.ckpt").write_bytes(content)
    assert fetch_published().name == "squeakout-published"


def test_a_refusal_is_not_asked_again_but_a_busy_server_is(content, serve):
    gone, busy = serve(content, status=404), serve(content, status=503)
    with pytest.raises(ModelError, match=r"127\.0\.0\.1 answered 404"):
        fetch_published(url=gone.url)
    with pytest.raises(ModelError, match="answered 503"):
        fetch_published(url=busy.url)
    assert (len(gone.asked), len(busy.asked)) == (1, 4)


def test_an_installed_model_is_not_fetched_again(content, recognised, serve):
    server = serve(content)
    fetch_published(url=server.url)
    fetch_published(url=server.url)
    assert len(server.asked) == 1


def test_a_body_that_does_not_end_is_given_up(content, recognised, serve, home, monkeypatch):
    short = published.PUBLISHED._replace(size=100)
    monkeypatch.setattr(published, "PUBLISHED", short)
    for module in (downloads, resuming):
        monkeypatch.setattr(module, "BLOCK", 1000)
    with pytest.raises(ModelError, match="sends another file, more than 1,200 bytes came"):
        fetch_published(url=serve(content).url)
    assert not (home / "downloads" / "squeakout_weights.part").exists()


@pytest.mark.usefixtures("recognised")
def test_an_address_that_is_none_is_a_sentence():
    with pytest.raises(ModelError, match="could not be downloaded"):
        fetch_published(url="http://[")


def test_a_file_put_by_hand_that_is_another_is_named_and_stays(recognised, home):
    file = home / "downloads" / "squeakout_weights.ckpt"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"mine")
    with pytest.raises(ModelError, match=r"not the published checkpoint.*move it away"):
        fetch_published()
    assert file.read_bytes() == b"mine"


def test_a_download_that_hardly_comes_is_given_up_and_goes_on_later(
    content, recognised, serve, home, monkeypatch
):
    minutes = iter(range(0, 10**9, 61))
    monkeypatch.setattr(resuming, "_now", lambda: next(minutes))
    server = serve(content)
    with pytest.raises(ModelError, match="sends fewer than 1,000 bytes a second over"):
        fetch_published(url=server.url)
    assert len(server.asked) == 1
    part = home / "downloads" / "squeakout_weights.part"
    assert content.startswith(part.read_bytes())
    assert 0 < part.stat().st_size < 1000


def test_a_refusal_of_the_system_without_a_reason_is_told_with_one(home, monkeypatch):
    def refuse(*_, **__):
        msg = "words of a library"
        raise PermissionError(msg)

    monkeypatch.setattr(downloads.pooch, "retrieve", refuse)
    with pytest.raises(ModelError, match=r"cannot be stored \(no permission\): make room"):
        fetch_published()
