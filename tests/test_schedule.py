"""The daemon: its jobs tick by themselves, take up edits, survive each other's faults, and end when told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from aggregator import schedule
from aggregator.app import App, open_app
from aggregator.errors import StoreError
from aggregator.model import Report
from aggregator.schedule import Ticks, scheduled
from tests.servers import Answer, Route, serve

WEDNESDAY = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)
MONDAY = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)
ITEM = """<item><guid isPermaLink='false'>{0}</guid><title>{0}</title>
<pubDate>Tue, 09 Jun 2026 10:00:00 +0200</pubDate></item>"""


def rss(*titles: str) -> bytes:
    items = "".join(map(ITEM.format, titles))
    return f"<rss version='2.0'><channel><title>Prova</title>{items}</channel></rss>".encode()


class Clock:
    """Time stands where it was put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def configure(folder: Path, sources: Mapping[str, str], more: str = "") -> Path:
    listed = "".join(f"  - {{id: {id_}, url: {url}, every: 1m}}\n" for id_, url in sources.items())
    file = folder / "feeds.yaml"
    head = "site: {title: Prova, url: 'https://notizie.example.it/'}\nsections: [News]\n"
    loopback = "network: {allow_private: 127.0.0.0/8}\n"
    file.write_text(f"{head}sources:\n{listed}{more}{loopback}", encoding="utf-8")
    return file


def daemon(file: Path, clock: Callable[[], datetime] = lambda: WEDNESDAY, stop: Event | None = None) -> Ticks:
    return Ticks(open_app(file, clock), stop or Event())


def page(folder: Path) -> str:
    return (folder / "public/index.html").read_text(encoding="utf-8")


def test_each_job_is_late_rather_than_lost_once_for_many_and_never_twice_at_a_time(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    scheduler: Any = scheduled(daemon(configure(tmp_path, {"a": "https://a.example.it/"})))
    jobs = scheduler.get_jobs()
    assert {job.id for job in jobs} == {"pull", "newsletter", "letters"}
    for job in jobs:
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
        assert before <= job.next_run_time <= datetime.now(UTC), "the machine's time, whatever the site's"


def test_a_tick_pulls_and_publishes_what_came(tmp_path: Path) -> None:
    routes: dict[str, Route] = {"/a": rss("Primo")}
    with serve(routes) as web:
        ticks = daemon(configure(tmp_path, {"a": web.url("/a")}), clock := Clock(WEDNESDAY))
        ticks.tick("pull")
        assert "Primo" in page(tmp_path)
        routes["/a"] = rss("Secondo", "Primo")
        ticks.tick("pull")
        assert "Secondo" not in page(tmp_path), "it was not due"
        clock.now = MONDAY
        ticks.tick("pull")
        assert "Secondo" in page(tmp_path)


def test_what_stands_still_is_published_every_ten_minutes(tmp_path: Path) -> None:
    with serve({"/a": rss("Primo")}) as web:
        ticks = daemon(configure(tmp_path, {"a": web.url("/a")}))
        ticks.tick("pull")
        (tmp_path / "public/index.html").unlink()
        for _ in range(9):
            ticks.tick("pull")
        assert not (tmp_path / "public/index.html").exists()
        ticks.tick("pull")
        assert "Primo" in page(tmp_path)


def test_an_edit_counts_from_the_next_tick_and_a_wrong_one_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    with serve({"/a": rss("Primo"), "/b": rss("Secondo")}) as web:
        ticks = daemon(configure(tmp_path, {"a": web.url("/a")}))
        ticks.tick("pull")
        file = configure(tmp_path, {"a": web.url("/a")}, "outputt: public/\n")
        for _ in range(3):
            ticks.tick("pull")
        ticks.tick("newsletter")
        (told,) = caplog.records
        assert "going on with the last configuration that was right" in told.message
        assert "feeds.yaml:5:1 outputt" in told.message
        assert "Primo" in page(tmp_path)
        file.unlink()
        ticks.tick("pull")
        assert len(caplog.records) == 2
        configure(tmp_path, {"a": web.url("/a"), "b": web.url("/b")})
        ticks.tick("pull")
        assert "Secondo" in page(tmp_path)
        assert len(caplog.records) == 2


def test_a_new_title_is_on_the_page_at_once(tmp_path: Path) -> None:
    with serve({"/a": rss("Primo")}) as web:
        ticks = daemon(file := configure(tmp_path, {"a": web.url("/a")}))
        ticks.tick("pull")
        file.write_text(file.read_text(encoding="utf-8").replace("title: Prova", "title: Altra"), encoding="utf-8")
        ticks.tick("pull")
        assert "Altra" in page(tmp_path)


def test_an_issue_leaves_when_its_hour_comes_and_once(tmp_path: Path) -> None:
    more = "newsletters: [{id: n, title: N, when: mon 08:00}]\nmail: {from: notizie@example.it}\n"
    with serve({"/a": rss("Primo")}) as web:
        file = configure(tmp_path, {"a": web.url("/a")}, more)
        clock = Clock(WEDNESDAY)
        app = open_app(file, clock)
        app.add_subscriber({"address": "a@comune.example.it"}, "prova")
        app.close()
        ticks = daemon(file, clock)
        ticks.tick("pull")
        ticks.tick("newsletter")
        assert not (tmp_path / "outbox").exists()
        clock.now = MONDAY
        for _ in range(2):
            ticks.tick("newsletter")
        assert len(list((tmp_path / "outbox").iterdir())) == 1


def test_two_daemons_do_nothing_twice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    more = "newsletters: [{id: n, title: N, when: mon 08:00}]\nmail: {from: notizie@example.it}\n"
    with serve({f"/{n}": Answer(rss(f"Notizia {n}"), delay=0.01) for n in range(8)}) as web:
        file = configure(tmp_path, {f"s{n}": web.url(f"/{n}") for n in range(8)}, more)
        clock = Clock(WEDNESDAY)
        app = open_app(file, clock)
        for n in range(5):
            app.add_subscriber({"address": f"a{n}@comune.example.it"}, "prova")
        app.close()
        both = [daemon(file, clock), daemon(file, clock)]
        at_once(lambda ticks: ticks.tick("pull"), both)
        assert len(web.requests) == 8
        clock.now = MONDAY
        at_once(lambda ticks: ticks.tick("newsletter"), both)
        for ticks in both:
            ticks.tick("newsletter")
    app = open_app(file, clock)
    assert len(app.store.issues()) == 1
    assert [delivery.attempts for delivery in app.store.deliveries()] == [1] * 5
    app.close()
    assert [record for record in caplog.records if record.exc_info] == []


def at_once(work: Callable[[Ticks], None], on: list[Ticks]) -> None:
    threads = [Thread(target=work, args=(ticks,)) for ticks in on]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_lock_that_another_holds_is_one_line_and_no_trace(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ticks = daemon(file := configure(tmp_path, {"a": "https://a.example.it/"}))
    other = open_app(file)
    with other.locked("pull"):
        ticks.tick("pull")
    (told,) = [one for one in caplog.records if one.name == "aggregator.schedule"]
    assert (told.levelname, told.message) == ("INFO", "pull: another run is at it; try again when it has ended")
    assert told.exc_info is None


def test_a_job_that_fails_is_tried_again_told_once_and_told_anew_when_it_fails_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.ERROR)
    faults: list[Exception | None] = [
        StoreError("down"),
        StoreError("down"),
        None,
        StoreError("down"),
        TypeError("bug"),
    ]

    def flaky(_: App) -> Iterator[Report]:
        if fault := faults.pop(0):
            raise fault
        yield Report("flaky", WEDNESDAY, WEDNESDAY)

    monkeypatch.setitem(schedule.JOBS, "pull", lambda: flaky)
    ticks = daemon(configure(tmp_path, {"a": "https://a.example.it/"}))
    for _ in range(5):
        ticks.tick("pull")
    assert faults == []
    assert [(r.message, bool(r.exc_info)) for r in caplog.records] == [
        ("pull: down", False), ("pull: down", False), ("pull crashed: TypeError('bug')", True),
    ]  # fmt: skip


def test_a_tick_that_finds_what_the_last_one_found_is_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with serve({"/a": rss("Primo")}) as web:
        more = "  - {id: storto, url: 'ftp://x'}\n"
        ticks = daemon(configure(tmp_path, {"a": web.url("/a")}, more))
        for _ in range(5):
            ticks.tick("pull")
    lines = [record.message for record in caplog.records]
    assert sum(line.startswith("pull: storto") for line in lines) == 2, "once with the first pull, once when idle"
    assert sum(line.startswith("publish:") for line in lines) == 1


def test_the_daemon_runs_until_it_is_told_to_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, ticked = Event(), []

    def once(site: App) -> Iterator[Report]:
        ticked.append(site.stopping())
        stop.set()
        yield Report("once", WEDNESDAY, WEDNESDAY)

    for name in schedule.JOBS:
        monkeypatch.setitem(schedule.JOBS, name, lambda: once)
    schedule.run(open_app(configure(tmp_path, {"a": "https://a.example.it/"}), lambda: WEDNESDAY), stop)
    assert ticked[0] is False
    daemon(tmp_path / "feeds.yaml", stop=stop).tick("pull")
    assert len(ticked) <= len(schedule.JOBS), "nothing is begun once it is stopped"
