"""nginx and Apache serve the demo's folder, by the settings that lie in it, as our own server does."""

from __future__ import annotations

import gzip
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.clients.desk import Served

pytestmark = [pytest.mark.clients, pytest.mark.timeout(120)]

NGINX = """daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{}}
http {{ access_log off; include /etc/nginx/mime.types; client_body_temp_path {folder}/body;
server {{ listen 127.0.0.1:{port}; root {folder}/public; index index.html; include {folder}/public/.nginx.conf; }} }}
"""
APACHE = """ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
User www-data
Group www-data
{modules}
TypesConfig /etc/mime.types
DirectoryIndex index.html
DocumentRoot {folder}/public
<Directory {folder}/public>
  AllowOverride All
  Require all granted
</Directory>
"""
MODULES = "mpm_prefork authz_core mime dir headers rewrite alias"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def ask(url: str, **headers: str) -> Answer:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as told:
            return Answer(told.status, {k.lower(): v for k, v in told.headers.items()}, told.read())
    except urllib.error.HTTPError as told:
        return Answer(told.code, {k.lower(): v for k, v in told.headers.items()}, told.read())


@contextmanager
def running(command: list[str], port: int) -> Iterator[str]:
    process = subprocess.Popen(command)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(params=["ours", "nginx", "apache2"])
def web(request: pytest.FixtureRequest, served: Served) -> Iterator[str]:
    if request.param == "ours":
        yield served.url
        return
    if not shutil.which(request.param):
        pytest.skip(f"no {request.param} here: apt-get install {request.param}")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to servers that run as somebody else
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(served.public, folder / "public")
        (folder / "public/.well-known").mkdir()
        (folder / "public/.well-known/proof").write_text("mine")
        modules = "\n".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so" for m in MODULES.split())
        written = {"nginx": NGINX, "apache2": APACHE}[request.param]
        (folder / "conf").write_text(written.format(folder=folder, port=port, modules=modules))
        command = {"nginx": ["nginx", "-c"], "apache2": ["apache2", "-X", "-f"]}[request.param]
        with running([*command, str(folder / "conf")], port) as address:
            yield address


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("feeds/all.atom", "application/atom+xml"),  # XML says itself how it is written
        ("feeds/all.rss", "application/rss+xml"),
        ("feeds/all.json", "application/feed+json"),
        ("feeds/events.ics", "text/calendar; charset=utf-8"),
        ("feeds.opml", "text/x-opml; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
        ("news/", "text/html; charset=utf-8"),
        ("assets/style.css", "text/css; charset=utf-8"),
    ],
)
def test_every_file_is_called_what_it_is(web: str, path: str, kind: str) -> None:
    told = ask(f"{web}/{path}")
    assert (told.status, told.headers["content-type"].lower().startswith(kind)) == (200, True), told.headers


@pytest.mark.parametrize("path", ["feeds/all.atom", "feeds/news.rss", "feeds/all.json", "feeds/events.ics"])
def test_what_programs_ask_for_comes_packed_to_those_who_can_unpack_it(web: str, served: Served, path: str) -> None:
    plain, packed = ask(f"{web}/{path}"), ask(f"{web}/{path}", Accept_Encoding="gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == (served.public / path).read_bytes()
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert "accept-encoding" in plain.headers["vary"].lower()
    assert plain.headers["access-control-allow-origin"] == "*"


def test_a_month_of_the_search_is_no_feed(web: str, served: Served) -> None:
    month = next(served.public.glob("search/*.json")).name
    told = ask(f"{web}/search/{month}")
    assert (told.status, told.headers["content-type"].partition(";")[0]) == (200, "application/json")


def test_the_script_is_one_and_is_utf_8(web: str) -> None:
    kind = ask(f"{web}/search/search.js").headers["content-type"].lower()
    assert kind.partition("/")[0] in ("text", "application")
    assert kind.partition("/")[2] in ("javascript; charset=utf-8", "javascript;charset=utf-8")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_what_was_read_already_is_not_sent_again(web: str, encoding: str) -> None:
    first = ask(f"{web}/feeds/all.atom", Accept_Encoding=encoding)
    again = ask(f"{web}/feeds/all.atom", Accept_Encoding=encoding, If_None_Match=first.headers["etag"])
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert not first.headers["etag"].startswith("W/")


def test_what_is_not_there_is_said_so_on_a_page_of_the_site(web: str) -> None:
    told = ask(f"{web}/non/c-e")
    assert told.status == 404
    assert b"Permessi di soggiorno" in told.body


@pytest.mark.parametrize("path", [".manifest.json", ".nginx.conf", ".htaccess"])
def test_what_begins_with_a_dot_is_nobody_s(web: str, path: str) -> None:
    assert ask(f"{web}/{path}").status in (403, 404)


@pytest.mark.parametrize("web", ["nginx", "apache2"], indirect=True)
def test_what_proves_whose_host_it_is_can_be_read(web: str) -> None:
    """RFC 8615: certificates are given by what stands there."""
    assert ask(f"{web}/.well-known/proof").body == b"mine"


def test_a_part_of_a_file_can_be_had(web: str) -> None:
    told = ask(f"{web}/feeds/all.atom", Range="bytes=0-4")
    assert (told.status, told.body) == (206, b"<?xml")
