"""From a letter on standard input to `subscribers list --problems`, with no port open."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from aggregator import cli
from aggregator.app import open_app
from tests.jobs.test_returned import FIRST, bounce

SITE = """site: {title: Prova, url: https://notizie.example.it/}
sections: [news]
sources: [https://www.anci.example/rss.xml]
mail: {from: notizie@example.it, bounces: {maildir: bounces/, after: 1}}
"""


def test_a_returned_mail_is_read_from_a_pipe_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("feeds.yaml").write_text(SITE, encoding="utf-8")
    for who in ("uno", "due"):
        assert cli.run(["subscribers", "add", f"{who}@comune.example.it"]) == 0
    app = open_app(Path("feeds.yaml"))
    gone = app.subscriber("uno@comune.example.it")
    assert app.post.returns is not None
    letter = bounce(to=app.post.returns.path(gone.id, FIRST))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(letter)))
    assert cli.run(["subscribers", "letter"]) == 0
    assert app.read_letters().counts["suppressed"] == 1
    capsys.readouterr()
    assert cli.run(["subscribers", "list", "--problems", "--json"]) == 0
    (told,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (told["address"], told["consent"], told["came_back"]) == ("uno@comune.example.it", "bounced", 1)
    assert "unknown user" in told["why"]
    assert cli.run(["subscribers", "add", "uno@comune.example.it"]) == 0
    assert app.store.suppressed() == frozenset()
    app.close()
