"""The output folder over HTTP, asked by a real client."""

from __future__ import annotations

import http.client
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest

from aggregator import cli
from aggregator.errors import ConfigError
from aggregator.web.static import listening, serving
from tests.cli.desk import HEAD, Process

PAGE = "<h1>Città di Prova</h1>".encode()
FEED = b"<feed xmlns='http://www.w3.org/2005/Atom'/>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, body in {
        "index.html": PAGE,
        "404.html": b"<h1>Non trovata</h1>",
        "news/index.html": b"<h1>News</h1>",
        "feeds/news.atom": FEED,
        "feeds/news.rss": b"<rss/>",
        "feeds/news.json": b"{}",
        "feeds/events.ics": b"BEGIN:VCALENDAR",
        "feeds.opml": b"<opml/>",
        "assets/style.css": b"a{}",
        "assets/icon.svg": b"<svg/>",
        "entries/x/scheda.pdf": b"%PDF-1.4 0123456789",
        "entries/x/dati.bollettino": b"\x00",
        ".manifest.json": b"{}",
        "feeds/.segreto": b"x",
    }.items():
        place = tmp_path / "sito" / "public" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
    (tmp_path / "sito" / "feeds.yaml").write_text("segreto")
    return tmp_path / "sito" / "public"


class Client:
    """One connection, kept open."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc)

    def __call__(self, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, headers=named)
        answer = self._connection.getresponse()
        return answer, answer.read()

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def get(folder: Path) -> Iterator[Client]:
    with serving(folder, listening("127.0.0.1:0")) as address, closing(Client(address)) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/news/", "text/html; charset=utf-8"),
        ("/feeds/news.atom", "application/atom+xml"),
        ("/feeds/news.rss", "application/rss+xml"),
        ("/feeds/news.json", "application/feed+json"),
        ("/feeds/events.ics", "text/calendar; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/assets/style.css", "text/css; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
        ("/entries/x/scheda.pdf", "application/pdf"),
        ("/entries/x/dati.bollettino", "application/octet-stream"),
    ],
)
def test_each_file_has_its_media_type(get: Client, path: str, media_type: str) -> None:
    answer, _ = get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, media_type)


def test_a_folder_is_its_page_and_its_address_ends_in_a_slash(get: Client) -> None:
    assert get("/")[1] == PAGE
    assert get("/news/")[1] == b"<h1>News</h1>"
    moved, _ = get("/news?a=b")
    assert moved.status in (301, 307, 308)
    assert urlsplit(moved.headers["Location"])[2:4] == ("/news/", "a=b")


def test_who_has_it_is_told_so_with_the_etag_again(get: Client) -> None:
    first, _ = get("/feeds/news.atom")
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    for had in (etag, f'"x", {etag}', f"W/{etag}", "*"):
        again, body = get("/feeds/news.atom", If_None_Match=had)
        assert (again.status, again.headers["ETag"], body) == (304, etag, b"")
    assert get("/feeds/news.atom", If_None_Match='"x"')[0].status == 200
    assert get("/feeds/news.atom", If_Modified_Since=first.headers["Last-Modified"])[0].status == 304


def test_a_file_of_the_same_size_and_second_has_another_etag_and_the_same_bytes_the_same(
    get: Client, folder: Path
) -> None:
    file = folder / "feeds/news.rss"
    before, at = get("/feeds/news.rss")[0].headers["ETag"], file.stat()
    for body, same in ((b"<rsS/>", False), (b"<rss/>", True)):
        file.write_bytes(body)
        os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))
        assert (get("/feeds/news.rss")[0].headers["ETag"] == before) == same
    os.utime(file, (1, 1))
    assert get("/feeds/news.rss")[0].headers["ETag"] == before


def test_a_head_has_everything_but_the_body(get: Client) -> None:
    whole, _ = get("/entries/x/scheda.pdf")
    head, body = get("/entries/x/scheda.pdf", "HEAD", Range="bytes=0-1")
    assert (head.status, body) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Last-Modified", "Accept-Ranges"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    ("wanted", "status", "body", "place"),
    [
        ("bytes=0-3", 206, b"%PDF", "bytes 0-3/19"),
        ("bytes=9-", 206, b"0123456789", "bytes 9-18/19"),
        ("bytes=-2", 206, b"89", "bytes 17-18/19"),
        ("bytes=-99", 206, b"%PDF-1.4 0123456789", "bytes 0-18/19"),
        ("bytes=17-999999", 206, b"89", "bytes 17-18/19"),
        ("bytes=19-", 416, b"", "bytes */19"),
        ("bytes=-0", 416, b"", "bytes */19"),
        ("bytes=3-1", 200, b"%PDF-1.4 0123456789", None),
        ("bytes=0-0,2-2", 200, b"%PDF-1.4 0123456789", None),
        ("bytes=-", 200, b"%PDF-1.4 0123456789", None),
        ("lines=0-1", 200, b"%PDF-1.4 0123456789", None),
        (f"bytes={'9' * 5000}-", 200, b"%PDF-1.4 0123456789", None),
    ],
)
def test_a_part_can_be_asked_for(get: Client, wanted: str, status: int, body: bytes, place: str | None) -> None:
    answer, came = get("/entries/x/scheda.pdf", Range=wanted)
    assert (answer.status, came, answer.headers["Content-Range"]) == (status, body, place)


def test_a_part_of_what_was_replaced_is_the_whole(get: Client) -> None:
    etag = get("/entries/x/scheda.pdf")[0].headers["ETag"]
    assert get("/entries/x/scheda.pdf", Range="bytes=0-3", If_Range=etag)[0].status == 206
    assert get("/entries/x/scheda.pdf", Range="bytes=0-3", If_Range='"old"')[0].status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere", "/.manifest.json", "/feeds/.segreto", "/feeds/", "/assets", "/../feeds.yaml", "/%2e%2e/feeds.yaml",
        "/feeds/..%2f..%2ffeeds.yaml", "/..%5cfeeds.yaml", "/news/index.html/x", "/%00", "//feeds.yaml",
        "/" + "x" * 300,
    ],
)  # fmt: skip
def test_anything_else_is_the_sites_own_page_that_says_so(get: Client, path: str) -> None:
    answer, body = get(path)
    assert answer.status == 404
    assert body == b"<h1>Non trovata</h1>" or "%00" in path or len(path) > 300


def test_without_such_a_page_it_is_said_in_words(get: Client, folder: Path) -> None:
    (folder / "404.html").unlink()
    answer, body = get("/nowhere")
    assert (answer.status, body) == (404, b"404: there is nothing at this address\n")
    assert get("/.manifest.json")[0].status == 404


def test_a_link_out_of_the_folder_leads_nowhere(get: Client, folder: Path) -> None:
    (folder / "fuori.html").symlink_to(folder.parent / "feeds.yaml")
    assert get("/fuori.html")[0].status == 404


def test_only_reading_is_allowed(get: Client) -> None:
    answer, _ = get("/", "POST")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_feeds_may_be_read_by_pages_of_other_sites(get: Client) -> None:
    assert get("/feeds/news.atom")[0].headers["Access-Control-Allow-Origin"] == "*"
    assert get("/")[0].headers["Access-Control-Allow-Origin"] is None


def test_a_reader_gets_one_version_or_the_other_while_files_are_replaced(get: Client, folder: Path) -> None:
    file, fresh = folder / "feeds/news.atom", folder / "feeds/.fresh"
    versions = [bytes([65 + n]) * (10_000 * (n + 1)) for n in range(3)]
    stop = Event()

    def replace() -> None:
        for n in range(10**9):
            fresh.write_bytes(versions[n % 3])
            fresh.replace(file)
            if stop.is_set():
                return

    writer = Thread(target=replace)
    writer.start()
    try:
        seen = [get("/feeds/news.atom") for _ in range(30)]
    finally:
        stop.set()
        writer.join()
    assert all(answer.status == 200 for answer, _ in seen)
    assert {body for _, body in seen} <= {FEED, *versions}


@pytest.mark.parametrize("listen", ["8080", ":8080", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:70000", "127.0.0.1:-1"])
def test_an_address_that_is_none_is_refused(listen: str) -> None:
    with pytest.raises(ConfigError, match=r"expected HOST:PORT such as 127\.0\.0\.1:8080"):
        listening(listen)


def test_a_port_in_use_is_refused_or_another_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        at = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigError, match=f"--listen {at}: cannot be had .*already in use"):
            listening(at)
        with listening(at, or_any_port=True) as other:
            assert other.getsockname()[1] != taken.getsockname()[1]


def test_a_host_that_is_not_ours_is_refused() -> None:
    for host in ("192.0.2.1", "nowhere.invalid"):
        with pytest.raises(ConfigError, match="cannot be had"):
            listening(f"{host}:0")


def test_a_folder_that_is_not_there_yet_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match="write it with: aggregator publish"),
        serving(tmp_path / "x", listening("127.0.0.1:0")),
    ):
        pass


def test_the_command_says_where_it_is_and_ends_cleanly(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(f"{HEAD}announcements: a/\n", encoding="utf-8")
    (tmp_path / "a").mkdir()
    assert cli.run(["--config", str(tmp_path / "feeds.yaml"), "serve"]) == 2, "nothing was published yet"
    assert cli.run(["--config", str(tmp_path / "feeds.yaml"), "publish"]) == 0
    process = Process(tmp_path, "serve", "--listen", "127.0.0.1:0")
    assert process.running.stdout is not None
    words = process.running.stdout.readline().split()
    (address,) = [word for word in words if word.startswith("http://")]
    with closing(Client(address)) as client:
        assert b"Sportello di prova" in client("/")[1]
        process.terminate()
        ran = process.ended()
    assert (ran.code, ran.err) == (0, "")
