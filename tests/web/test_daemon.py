"""`run` keeps the web side up beside its jobs, and ends both when told."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlencode

from tests.cli.desk import Process
from tests.web.people import FORM, SITE


def ask(port: int, method: str, path: str, **fields: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request(method, path, urlencode(fields), {"Content-Type": FORM})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def until_there(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("nobody listens")


@contextmanager
def daemon(folder: Path, site: str) -> Iterator[tuple[Process, int]]:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    (folder / "announcements").mkdir()
    (folder / "feeds.yaml").write_text(site.replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    process = Process(folder, "run")
    try:
        until_there(port)
        yield process, port
    finally:
        process.terminate()
        if process.running.stdout and not process.running.stdout.closed:
            process.ended()


def test_the_daemon_serves_and_mails_and_stops_when_told(tmp_path: Path) -> None:
    with daemon(tmp_path, SITE) as (process, port):
        told = {"address": "anagrafe@comune.example.it", "section": "news", "person": "yes"}
        assert ask(port, "POST", "/subscribe", **told)[0] == 200
        process.terminate()
        ran = process.ended()
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
    assert "Fatal Python error" not in ran.err
    again = Process(tmp_path, "newsletter", "send")
    assert again.ended().code == 0
    (mail,) = (tmp_path / "outbox").glob("*.eml")
    read = message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert read["To"] == "anagrafe@comune.example.it"
    assert re.search(r"https://notizie\.example\.it/confirm/", mail.read_bytes().replace(b"=\r\n", b"").decode())
    assert "anagrafe" not in ran.err, "logs carry no addresses"


def becomes(port: int, path: str, status: int) -> bool:
    """Within a minute."""
    for _ in range(240):
        with suppress(OSError, http.client.HTTPException):
            if ask(port, "GET", path)[0] == status:
                return True
        time.sleep(0.25)
    return False


def test_an_edit_of_feeds_yaml_is_taken_over_and_a_wrong_one_is_not(tmp_path: Path) -> None:
    with daemon(tmp_path, SITE) as (_, port):
        assert ask(port, "GET", "/subscribe")[0] == 200
        text = (tmp_path / "feeds.yaml").read_text()
        without = re.sub(r"newsletters:\n(  - .*\n)+", "", text)
        (tmp_path / "feeds.yaml").write_text(without + "nonsense: true\n")
        time.sleep(3)
        assert ask(port, "GET", "/subscribe")[0] == 200, "the last one that was right goes on"
        (tmp_path / "feeds.yaml").write_text(without)
        assert becomes(port, "/subscribe", 404)
        (tmp_path / "feeds.yaml").write_text(text)
        assert becomes(port, "/subscribe", 200)


def children(process: Process) -> list[int]:
    """Of the daemon, those that serve."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == process.running.pid and b"serve" in (place / "cmdline").read_bytes().split(b"\0"):
                found.append(int(place.name))
    return found


def test_a_web_side_that_dies_is_begun_again_and_none_survives_the_daemon(tmp_path: Path) -> None:
    with daemon(tmp_path, SITE) as (process, port):
        assert ask(port, "GET", "/subscribe")[0] == 200
        (child,) = children(process)
        os.kill(child, signal.SIGKILL)
        assert becomes(port, "/subscribe", 200), "who asks meanwhile waits for the next one"
        (again,) = children(process)
        assert again != child
        process.running.kill()
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)):
                    return
            time.sleep(0.1)
        raise AssertionError("it goes on by itself")


def test_a_web_side_is_added_and_taken_out_while_the_daemon_runs(tmp_path: Path) -> None:
    with daemon(tmp_path, SITE) as (_, port):
        text = (tmp_path / "feeds.yaml").read_text()
        (tmp_path / "feeds.yaml").write_text(text.replace(f"web: {{listen: 127.0.0.1:{port}}}\n", ""))
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.1)
        else:
            raise AssertionError("it still listens")
        (tmp_path / "feeds.yaml").write_text(text)
        until_there(port)
        assert becomes(port, "/subscribe", 200)
