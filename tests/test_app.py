"""The wiring: one site opened, its key, its locks, who is written to, and what is read back."""

from __future__ import annotations

import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from aggregator import parse
from aggregator.addresses import bare
from aggregator.app import App, open_app, user_agent
from aggregator.errors import ConfigError, LockedError
from aggregator.own_files import load_or_make_key
from aggregator.tokens import Keyring
from tests.servers import Answer, Route, serve

WEDNESDAY = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)
HEAD = "site: {title: Prova, url: 'https://notizie.example.it/'}\nsections: [News]\n"
LOOPBACK = "allow_private: 127.0.0.0/8"
FEED = b"""<rss version='2.0'><channel><title>Prova</title><item><guid isPermaLink='false'>1</guid>
<title>Orari</title><pubDate>Tue, 09 Jun 2026 10:00:00 +0200</pubDate></item></channel></rss>"""


def site(folder: Path, more: str, network: str = LOOPBACK) -> App:
    (folder / "feeds.yaml").write_text(f"{HEAD}network: {{{network}}}\n{more}", encoding="utf-8")
    return open_app(folder / "feeds.yaml", lambda: WEDNESDAY)


def sources(web_url: str, *ids: str) -> str:
    return "sources:\n" + "".join(f"  - {{id: {id_}, url: {web_url}{id_}}}\n" for id_ in ids)


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "data/secret.key"
    key = load_or_make_key(path)
    assert len(key) >= 32
    assert load_or_make_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["secret.key"]


def test_two_first_runs_agree_on_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [Thread(target=lambda: keys.append(load_or_make_key(tmp_path / "secret.key"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_lock_is_held_by_one_and_free_afterwards_even_after_a_fault(tmp_path: Path) -> None:
    one, other = (site(tmp_path, sources("https://a.example.it/", "a")) for _ in range(2))
    with one.locked("pull"):
        with pytest.raises(LockedError, match="pull: another run is at it"), other.locked("pull"):
            pass
        with other.locked("send"):
            pass
    with pytest.raises(ZeroDivisionError), one.locked("pull"):
        raise ZeroDivisionError
    with other.locked("pull"):
        pass


@pytest.mark.parametrize(
    ("mail", "sender", "reply_to", "leave_to"),
    [
        ("{}", "Prova <notizie@notizie.example.it>", "", "notizie@notizie.example.it"),
        ("{from: a@example.it}", "a@example.it", "", "a@example.it"),
        ("{from: a@example.it, reply_to: b@example.it}", "a@example.it", "b@example.it", "b@example.it"),
        (
            "{from: 'A <a@example.it>', reply_to: b@example.it, bounces: {maildir: m/}}",
            "A <a@example.it>", "b@example.it", "a@example.it",
        ),
    ],
)  # fmt: skip
def test_who_wants_to_leave_writes_to_where_it_is_read(
    tmp_path: Path, mail: str, sender: str, reply_to: str, leave_to: str
) -> None:
    post = site(tmp_path, f"announcements: a/\nmail: {mail}\n").post
    assert (post.sender, post.reply_to, post.leave_to) == (sender, reply_to, leave_to)


@pytest.mark.parametrize(
    "subject",
    [
        b"", b"=?utf-8?q?broken", b"=?x-nowhere?b?AAAA?=", b"\xff\xfe" * 50, b"a " * 5000, b"\0", b"=?utf-8?b?////?= x",
        b"IjEi.AAAA.BBBB", b"Re: \r\n folded\r\n more",
    ],
)  # fmt: skip
def test_no_letter_of_a_stranger_stops_the_next_one_from_being_read(tmp_path: Path, subject: bytes) -> None:
    app = site(tmp_path, "announcements: a/\nmail: {from: a@example.it, bounces: {maildir: m/}}\n")
    reader = app.add_subscriber({"address": "u@comune.example.it"}, "prova")
    token = app.leave_link(reader.id).partition("subject=")[2]
    assert app.read_letters().counts["left"] == 0
    (tmp_path / "m/new/1.mx").write_bytes(b"Subject: " + subject + b"\r\nTo: a@example.it\r\n\r\nciao")
    (tmp_path / "m/new/2.mx").write_bytes(f"Subject: R: {token}\r\n\r\n".encode())
    assert app.read_letters().counts["left"] == 1
    assert app.subscriber("u@comune.example.it").consent == "withdrawn"
    assert (tmp_path / "m/new/1.mx").exists(), "it is somebody's, and stays"
    assert not (tmp_path / "m/new/2.mx").exists()
    assert app.read_letters().counts["left"] == 0
    app.close()


def test_a_token_of_another_site_takes_nobody_out(tmp_path: Path) -> None:
    app = site(tmp_path, "announcements: a/\nmail: {from: a@example.it, bounces: {maildir: m/}}\n")
    reader = app.add_subscriber({"address": "u@comune.example.it"}, "prova")
    app.read_letters()
    forged = Keyring(b"another key of thirty-two bytes!").leave(reader.id)
    (tmp_path / "m/new/1.mx").write_bytes(f"Subject: {forged}\r\n\r\n".encode())
    assert app.read_letters().counts["left"] == 0
    app.close()


def test_a_source_without_its_secret_fails_alone_and_says_where_it_belongs(tmp_path: Path) -> None:
    with serve({"/a": FEED, "/b": FEED}) as web:
        locked = f"  - {{id: b, url: {web.url('/b')}, auth: {{header: X-Key, env: NO_KEY}}}}\n"
        app = site(tmp_path, sources(web.url("/"), "a") + locked)
        report = app.pull()
        assert [f.source for f in report.failures] == ["b"]
        assert "NO_KEY is not set" in report.failures[0].error
        assert report.counts["fetched"] == 1
        (tmp_path / ".env").write_text("NO_KEY=aperto\n", encoding="utf-8")
        (tmp_path / ".env").chmod(0o600)
        report = app.pull()
        assert (report.failures, report.mended) == ((), ("b",))
        assert web.requests[-1].headers["x-key"] == "aperto"
        app.close()


def test_a_stop_is_heard_while_a_source_hangs_and_what_has_come_is_kept(tmp_path: Path) -> None:
    routes: dict[str, Route] = {"/a": FEED, "/b": Answer(hang=True)}
    with serve(routes) as web:
        app = site(tmp_path, sources(web.url("/"), "a", "b"), f"timeout: 5m, per_host: 1, {LOOPBACK}")
        app.stopping = lambda: bool(app.store.checks().get("a"))
        report = app.pull()
        assert report.counts["new"] == 1
        assert report.failures == ()
        assert "b" not in app.store.checks(), "a source that was given up is asked again"
        assert [r.job for r in app.once()] == [], "and nothing else is begun"
        app.close()


def test_a_daemon_reads_no_document_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never comes to an end must not hold it up."""
    monkeypatch.delattr(parse, "document")
    with serve({"/a": FEED, "/b": FEED}) as web, closing(site(tmp_path, sources(web.url("/"), "a", "b"))) as app:
        app.stays = True
        assert app.pull().counts["new"] == 2
        assert {e.source_id for e in app.store.entries()} == {"a", "b"}


def test_we_say_who_we_are_and_where_to_complain() -> None:
    assert user_agent("https://notizie.example.it/").startswith("Bollettino/")
    assert user_agent("https://notizie.example.it/").endswith(" (+https://notizie.example.it/)")


def test_a_site_that_is_wrong_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="aggregator init"):
        open_app(tmp_path / "feeds.yaml")
    (tmp_path / "feeds.yaml").write_text("site: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"feeds\.yaml:1"):
        open_app(tmp_path / "feeds.yaml")


def test_a_look_ahead_stores_nothing(tmp_path: Path) -> None:
    """A preview at an hour of the admin's choosing must not make an announcement first seen then."""
    more = "announcements: announcements/\nnewsletters: [{id: settimanale, title: T, when: mon 08:00}]\n"
    (tmp_path / "announcements").mkdir()
    (tmp_path / "announcements/avviso.md").write_text("---\ntitle: Avviso\n---\nTesto\n", encoding="utf-8")
    with closing(site(tmp_path, more)) as app:
        app.rehearsing = True
        assert app.preview(app.config.newsletters[0]).content.news == ()
        assert not list(app.store.entries())
        app.rehearsing = False
        app.preview(app.config.newsletters[0])
        assert [entry.title for entry in app.store.entries()] == ["Avviso"]


def test_a_title_with_a_comma_is_a_senders_name_all_the_same(tmp_path: Path) -> None:
    app = site(tmp_path, sources("https://a.example.it/", "a"))
    app.config = replace(app.config, site=replace(app.config.site, title="Avvisi, bandi: <notizie> @ casa"))
    assert bare(app.post.sender) == "notizie@notizie.example.it"
