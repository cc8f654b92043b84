"""`run` keeps the web side up beside its jobs, and ends both when told."""

from __future__ import annotations

import http.client
import re
import socket
import time
from contextlib import closing
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


def test_the_daemon_serves_and_mails_and_stops_when_told(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    (tmp_path / "announcements").mkdir()
    (tmp_path / "feeds.yaml").write_text(SITE.replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    process = Process(tmp_path, "run")
    try:
        until_there(port)
        told = {"address": "anagrafe@comune.example.it", "section": "news", "person": "yes"}
        assert ask(port, "POST", "/subscribe", **told)[0] == 200
    finally:
        process.terminate()
    ran = process.ended()
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
    again = Process(tmp_path, "newsletter", "send")
    assert again.ended().code == 0
    (mail,) = (tmp_path / "outbox").glob("*.eml")
    read = message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert read["To"] == "anagrafe@comune.example.it"
    assert re.search(r"https://notizie\.example\.it/confirm/", mail.read_bytes().replace(b"=\r\n", b"").decode())
    assert "anagrafe" not in ran.err, "logs carry no addresses"
