"""The demo: real, whole, the same each time, and nobody else's folder."""

from __future__ import annotations

import email
import email.policy
import gzip
import re
import socket
import urllib.request
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest
from lxml import etree

from aggregator.app import open_app
from aggregator.demo.run import Done, run
from aggregator.demo.site import PULL_AT, SEND_AT
from tests import jsonfeed11, rfc4287, rfc5005, rss20
from tests.cli.desk import Desk, Process
from tests.pages import text

SECTIONS = ("news", "agenda", "documenti", "legislazione", "domande")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "sito"


@pytest.fixture(scope="module")
def done(folder: Path) -> Done:
    return run(folder, "it")


def letters(done: Done) -> list[EmailMessage]:
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in done.mails]


def test_it_pulls_composes_publishes_and_sends_without_a_fault(done: Done) -> None:
    assert [(at, report.job) for at, report in done.steps] == [
        (PULL_AT, "pull"), (SEND_AT, "newsletter compose"), (SEND_AT, "publish"), (SEND_AT, "newsletter send"),
    ]  # fmt: skip
    assert all(report.failures == () for _, report in done.steps)
    counts = [report.counts for _, report in done.steps]
    assert counts[0]["fetched"] == counts[0]["sources"]
    assert counts[3]["accepted"] == len(done.mails)


@pytest.mark.parametrize("section", SECTIONS)
def test_no_section_and_no_feed_is_empty(done: Done, section: str) -> None:
    public = done.portal.parent
    feed = etree.fromstring((public / f"feeds/{section}.atom").read_bytes())
    titles = [e.text for e in feed.findall("{*}entry/{*}title")]
    assert titles
    assert any(title and title[:30] in text((public / section / "index.html").read_text("utf-8")) for title in titles)
    assert (public / f"feeds/{section}.atom").stat().st_size > 0


def test_every_feed_keeps_the_rules_of_its_format(done: Done) -> None:
    public = done.portal.parent
    rules = {".atom": rfc4287.violations, ".rss": rss20.violations, ".json": jsonfeed11.violations}
    feeds = [path for path in public.rglob("*") if path.suffix in rules and path.parent.name != "search"]
    assert len(feeds) > 60
    assert {str(path): rules[path.suffix](path.read_bytes()) for path in feeds} == {str(path): [] for path in feeds}
    site = open_app(done.site)
    atom = {f"{site.config.site.url}{f.relative_to(public)}": f.read_bytes() for f in feeds if f.suffix == ".atom"}
    site.close()
    assert sum(b"<fh:archive" in body for body in atom.values()) > 10
    assert rfc5005.violations(atom) == []


def test_each_sample_municipality_gets_the_issue_in_its_language_and_choice(done: Done) -> None:
    site = open_app(done.site)
    readers = {s.address: s for s in site.store.subscribers() if s.consent == "confirmed"}
    site.close()
    mails = {str(mail["To"]): mail for mail in letters(done)}
    assert mails.keys() == readers.keys()
    assert len(mails) == len(done.mails)
    for address, mail in mails.items():
        body = mail.get_body(("html",))
        assert body is not None
        html = body.get_content()
        assert f'lang="{readers[address].language}"' in html
        left_out = set(SECTIONS) - set(readers[address].sections or SECTIONS)
        assert "News" in html or "news" in left_out


def test_every_mail_can_be_answered_left_and_filed(done: Done) -> None:
    for mail in letters(done):
        assert re.search(r"<mailto:servizi@example\.it\?subject=\S+>", str(mail["List-Unsubscribe"]))
        assert all(mail[name] for name in ("Message-ID", "Subject", "Date", "List-Id"))
        assert all(mail.get_body((kind,)) for kind in ("plain", "html"))


def test_another_run_in_another_folder_gives_the_same_bytes(done: Done, tmp_path: Path) -> None:
    """But for the port at which the samples were served, and the tokens, which are each site's own."""
    again = run(tmp_path / "altro", "it")
    assert tree(done.portal.parent) == tree(again.portal.parent)
    assert [path.name for path in done.mails] == [path.name for path in again.mails]


def tree(folder: Path) -> dict[str, bytes]:
    port = re.compile(rb"127\.0\.0\.1:\d+")
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".manifest")  # which has hashes
    return {str(path.relative_to(folder)): port.sub(b"127.0.0.1:0", unpacked(path)) for path in files}


def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_a_second_run_over_the_first_starts_afresh_and_keeps_what_is_not_its_own(tmp_path: Path) -> None:
    first = run(tmp_path, "it")
    (tmp_path / "public/mio.txt").write_text("mio", encoding="utf-8")
    (tmp_path / "outbox/mia.eml").write_text("From: me@redazione.example\n\n", encoding="utf-8")
    old = {path: path.read_bytes() for path in first.mails}
    second = run(tmp_path, "it")
    assert [report.counts["new"] for _, report in second.steps[:1]] == [first.steps[0][1].counts["new"]]
    assert (tmp_path / "public/mio.txt").exists()
    assert {path: path.read_bytes() for path in first.mails} == old, "the same mails, from the same key"
    assert set(second.mails) == {*first.mails, tmp_path / "outbox/mia.eml"}


def test_in_english_the_portal_speaks_english_and_the_sources_as_they_do(tmp_path: Path) -> None:
    done = run(tmp_path, "en")
    page = done.portal.read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert 'lang="it"' in page, "an Italian title on an English page says so"
    languages = {re.search(r'<html[^>]* lang="(\w+)"', html(mail))[1] for mail in letters(done)}  # type: ignore[index]
    assert languages == {"it", "en"}, "each reader's own"


def html(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_the_command_prints_what_it_did_and_where_to_look(desk: Desk) -> None:
    ran = desk("demo")
    assert (ran.code, ran.err) == (0, "")
    for job in ("pull", "newsletter compose", "publish", "newsletter send"):
        assert job in ran.out
    for path in ("demo-site/public/index.html", "demo-site/public/feeds", "demo-site/outbox"):
        assert path in ran.out
        assert (desk.folder / path).exists()
    assert desk("demo", "--quiet").out == ""
    assert [line["job"] for line in desk("demo", "--json").lines] == [
        "pull", "newsletter compose", "publish", "newsletter send",
    ]  # fmt: skip
    assert desk("--config", "demo-site/feeds.yaml", "check").code == 0


def test_a_strangers_folder_and_an_unknown_language_are_refused(desk: Desk) -> None:
    desk.file("demo-site/tesi.txt", "mia")
    ran = desk("demo")
    assert ran.code == 2
    assert "choose another folder with --folder" in ran.err
    assert [path.name for path in (desk.folder / "demo-site").iterdir()] == ["tesi.txt"]
    ran = desk("demo", "--language", "de", "--folder", "altro")
    assert ran.code == 2
    assert "expected it or en, found 'de'" in ran.err
    assert not (desk.folder / "altro").exists()


def test_it_stays_up_for_a_browser_until_it_is_told_to_end(tmp_path: Path) -> None:
    taken = None
    with suppress(OSError):  # somebody else has it already
        taken = socket.create_server(("127.0.0.1", 8080))
    try:
        process = Process(tmp_path, "demo", "--serve")
        assert process.running.stdout is not None
        address = ""
        while not address:
            line = process.running.stdout.readline()
            assert line, process.ended()
            address = next((word for word in line.split() if word.startswith("http://")), "")
        assert ":8080/" not in address
        with urllib.request.urlopen(address) as answer:
            assert b"Permessi di soggiorno" in answer.read()
        process.terminate()
        ran = process.ended()
    finally:
        if taken:
            taken.close()
    assert (ran.code, ran.err) == (0, "")
