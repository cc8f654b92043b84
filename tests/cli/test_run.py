"""`run --once` for cron, `run` as a daemon: exit codes, silence, locks, signals."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Timer

import pytest
from filelock import FileLock

from aggregator.cli.signals import stop_on_signal
from tests.cli.desk import FRESH, FRESHER, FRIDAY, MONDAY, NEWSLETTER, OLD, WEDNESDAY, Desk, Process, rss
from tests.servers import Answer, Asked, Route, Site, serve

ONCE = ("run", "--once")


def test_only_what_became_broken_is_told_to_cron(desk: Desk) -> None:
    routes: dict[str, Route] = {"/a": rss(FRESH), "/b": Answer(status=500)}
    with serve(routes) as web:
        desk.write({"a": web.url("/a"), "b": web.url("/b")}, "defaults: {every: 1m}\n")
        first = desk("--now", "2026-06-10T09:00", *ONCE, "--quiet")
        assert first.code == 1
        assert "b: the server answered 500" in first.out
        again = desk("--now", "2026-06-11T09:00", *ONCE, "--quiet")
        assert (again.code, again.out, again.err) == (0, "", "")
        routes |= {"/a": Answer(status=404), "/b": rss(OLD)}
        other = desk("--now", "2026-06-12T09:00", *ONCE, "--quiet")
        assert other.code == 1
        assert "a: the server answered 404" in other.out
        assert "b: works again" in other.out
        assert desk("--now", "2026-06-13T09:00", *ONCE).code == 0


def test_an_announcement_that_cannot_be_read_is_news_once(desk: Desk) -> None:
    desk.write({}, f"announcements: a/\n{NEWSLETTER}")
    desk.file("a/avviso.md", "---\ntitle: Avviso\ndate: 32/13/2026\n---\nTesto\n")
    first = desk("--now", WEDNESDAY, *ONCE, "--quiet")
    assert first.code == 1
    assert "avviso.md:3" in first.out
    again = desk("--now", FRIDAY, *ONCE, "--quiet")
    assert (again.code, again.out, again.err) == (0, "", "")
    desk.file("a/avviso.md", "---\ntitle: Avviso\ndate: 10/06/2026\n---\nTesto\n")
    mended = desk("--now", MONDAY, *ONCE, "--quiet")
    assert mended.code == 0
    assert "announcements: works again" in mended.out


@pytest.mark.parametrize("fault", ["template", "folder"])
def test_a_publish_that_fails_is_told_once_and_fails_each_time(desk: Desk, fault: str) -> None:
    desk.write({}, "announcements: a/\n")
    (desk.folder / "a").mkdir()
    bad = desk.file(*(("templates/site/home.html", "{% if %}") if fault == "template" else ("public", "in the way")))
    first = desk("--now", WEDNESDAY, *ONCE, "--quiet")
    assert first.code == 1
    assert ("templates/site/home.html:1" if fault == "template" else "public") in first.out
    again = desk("--now", FRIDAY, *ONCE, "--quiet")
    assert (again.code, again.out, again.err) == (1, "", "")
    bad.unlink()
    mended = desk("--now", MONDAY, *ONCE, "--quiet")
    assert (mended.code, mended.out.splitlines()[1:]) == (0, ["  publish: works again"])


def test_a_mail_server_that_is_not_there_is_told_once_until_it_is(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    smtp = f"smtp: {{host: 127.0.0.1, port: {port}, security: none}}, bounces"
    with serve({"/a": rss(FRESH)}) as web:
        desk.write({"a": web.url("/a")}, NEWSLETTER.replace("bounces", smtp, 1))
        desk("--now", WEDNESDAY, "pull")
    desk("--now", WEDNESDAY, "subscribers", "add", "a@comune.example.it")
    first = desk("--now", MONDAY, *ONCE, "--quiet")
    assert first.code == 1
    assert f"mail.smtp: 127.0.0.1:{port} takes no mail of ours: Connection refused" in first.out
    soon = desk("--now", "2026-06-15T08:01", *ONCE, "--quiet")
    assert (soon.code, soon.out) == (1, "")
    tried = desk("--now", "2026-06-15T08:02", "newsletter", "test", "prova@comune.example.it")
    assert tried.code == 1
    assert "settimanale: prova@comune.example.it: Connection refused; it is tried again at 08:07" in tried.out
    desk.write({}, f"announcements: a/\n{NEWSLETTER}")
    (desk.folder / "a").mkdir()
    mended = desk("--now", "2026-06-15T09:00", *ONCE, "--quiet")
    assert mended.code == 0
    assert "mail.smtp: works again" in mended.out
    assert len(desk.mails()) == 2


def test_a_second_pull_says_that_another_is_at_it(desk: Desk) -> None:
    desk.write({"a": "https://a.example.it/"})
    with held(desk, "pull"):
        for words in (["pull"], [*ONCE]):
            ran = desk(*words)
            assert ran.code == 3
            assert "pull: another run is at it" in ran.err
        quiet = desk(*ONCE, "--quiet")
        assert (quiet.code, quiet.out, quiet.err) == (3, "", "")
        assert desk("publish").code == 0


def test_a_long_send_does_not_keep_a_pull_waiting(desk: Desk) -> None:
    with serve({"/a": rss(FRESH)}) as web:
        desk.write({"a": web.url("/a")}, NEWSLETTER)
        with held(desk, "send"):
            assert desk("pull").code == 0
            assert desk("newsletter", "send").code == 3
    assert desk("newsletter", "send").code == 0


@contextmanager
def held(desk: Desk, job: str) -> Iterator[None]:
    """As another run would hold it."""
    (desk.folder / "data/locks").mkdir(parents=True, exist_ok=True)
    with FileLock(desk.folder / f"data/locks/{job}.lock"):
        yield


def test_ctrl_c_ends_a_pull_between_two_sources_and_says_so(desk: Desk) -> None:
    def interrupted(_: Asked) -> Answer:
        os.kill(os.getpid(), signal.SIGINT)
        return Answer(hang=True)

    with serve({"/a": rss(FRESH), "/z": interrupted}) as web:
        desk.write({"a": web.url("/a"), "z": web.url("/z")}, network=", per_host: 1")
        ran = desk("pull")
    assert (ran.code, ran.err) == (0, "stopped; what is left is done by the next run\n")
    assert "new 1" in ran.out


def test_a_run_that_is_stopped_keeps_what_it_has_and_waits_for_nobody(tmp_path: Path) -> None:
    """One source has answered, one hangs and would for the thirty seconds of its timeout."""
    with slow(rss(FRESH)) as (web, asked):
        desk_of(tmp_path, web)
        process = Process(tmp_path, "run", "--once", "--json")
        assert asked.wait(60)
        process.terminate()
        ran = process.ended()
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[-1]["job"] == "pull"
    assert ran.lines[-1]["counts"]["new"] == 1
    assert not (tmp_path / "public").exists(), "nothing is begun after that"


def test_a_daemon_ticks_and_ends_on_a_signal(tmp_path: Path) -> None:
    with slow(rss(FRESH)) as (web, asked):
        desk_of(tmp_path, web)
        process = Process(tmp_path, "run")
        assert asked.wait(60)
        process.terminate()
        ran = process.ended()
    assert (ran.code, ran.out) == (0, "")
    assert "running: 2 sources, 0 newsletters" in ran.err
    assert "pull: sources=2" in ran.err
    assert "Traceback" not in ran.err


@contextmanager
def slow(body: bytes) -> Iterator[tuple[Site, Event]]:
    """A site of which /a answers and /z never does; the event comes when both have been asked and /a is read."""
    asked = Event()

    def never(_: Asked) -> Answer:
        asked.set()
        return Answer(hang=True)

    def after(_: Asked) -> Answer:
        return Answer(body)

    with serve({"/a": after, "/z": never}) as web:
        yield web, asked


def desk_of(folder: Path, web: Site) -> None:
    sources = "".join(f"  - {{id: {name}, url: {web.url(f'/{name}')}}}\n" for name in "az")
    head = "site: {title: Prova, url: 'https://notizie.example.it/'}\nsections: [News]\n"
    (folder / "feeds.yaml").write_text(
        f"{head}network: {{per_host: 1, allow_private: 127.0.0.0/8}}\nsources:\n{sources}", encoding="utf-8"
    )


def test_the_wish_to_stop_is_heard_and_the_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_on_signal() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
    assert signal.getsignal(signal.SIGTERM) == before


def test_each_reader_gets_an_issue_once_however_often_cron_runs(desk: Desk) -> None:
    with serve({"/a": rss(FRESH, FRESHER)}) as web:
        desk.write({"a": web.url("/a")}, NEWSLETTER)
        desk("--now", WEDNESDAY, "pull")
    for name in "abc":
        desk("--now", WEDNESDAY, "subscribers", "add", f"{name}@comune.example.it")
    desk("--now", MONDAY, "newsletter", "compose")
    assert desk("--now", MONDAY, *ONCE, "--json").lines[-1]["counts"]["accepted"] == 3
    assert desk("--now", MONDAY, *ONCE, "--json").lines[-1]["counts"]["accepted"] == 0
    assert len(desk.mails()) == 3


def test_a_signal_is_heard_whenever_it_comes() -> None:
    """Whatever the thread that waits is about to do: to look, to sleep, to look again."""
    for microseconds in (0, 1, 5, 20, 50, 100, 300, 1000, 5000, 20_000, 250_000, 251_000):
        with stop_on_signal() as stop:
            Timer(microseconds / 1_000_000, os.kill, (os.getpid(), signal.SIGTERM)).start()
            stop.wait()
            assert stop.is_set()
