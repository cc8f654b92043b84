"""/health says whether anybody keeps the site going; /metrics counts, for a monitor on the same machine."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from aggregator.model import Failure, Report
from tests.web.people import ADDRESS, Desk


def report(people: Desk, job: str = "pull", *failures: Failure) -> None:
    people.store.save_report(Report(job, people.now, people.now, {"new": 3}, failures))


def test_a_site_that_is_pulled_is_well(people: Desk) -> None:
    report(people)
    told = people.get("/health")
    assert (told.status, json.loads(told.text)) == (
        200,
        {"status": "ok", "problems": [], "ended": {"pull": people.now.isoformat()}},
    )
    assert told.headers["cache-control"] == "no-store"


def test_a_site_that_nobody_pulls_for_is_down(people: Desk) -> None:
    assert people.get("/health").status == 503
    report(people)
    assert people.get("/health").status == 200
    people.later(days=3)
    told = people.get("/health")
    assert (told.status, json.loads(told.text)["problems"]) == (503, ["pull: late"])


def test_a_job_that_fails_is_named_and_says_nothing_of_the_machine(people: Desk) -> None:
    report(people, "pull", Failure("anci", "404"))
    report(people, "publish", Failure("publish", "/srv/bollettino/public: is full"))
    told = people.get("/health")
    assert (told.status, json.loads(told.text)["status"]) == (200, "degraded")
    assert json.loads(told.text)["problems"] == ["publish: failing"]
    assert "srv" not in told.text


def test_a_store_that_is_away_is_told(people: Desk) -> None:
    people.app.store.close()
    for path in (people.app.root / "data").glob("aggregator.db*"):
        path.write_bytes(b"no database at all" * 100)
    told = people.get("/health")
    assert (told.status, json.loads(told.text)) == (503, {"status": "down", "problems": ["store: cannot be reached"]})
    assert people.get("/metrics").status == 503


def metrics(people: Desk) -> dict[tuple[str, ...], float]:
    told = people.get("/metrics")
    assert told.status == 200
    samples = (s for family in text_string_to_metric_families(told.text) for s in family.samples)
    return {(s.name.removeprefix("bollettino_"), *s.labels.values()): s.value for s in samples}


def test_prometheus_reads_what_is_counted(people: Desk) -> None:
    people.join()
    people.ask("altro@comune.example.it")
    report(people)
    told = metrics(people)
    assert told["subscribers", "confirmed"] == 1
    assert told["outbox_messages", "queued"] == 1
    assert told["job_count", "pull", "new"] == 3
    assert told["job_ended_timestamp_seconds", "pull"] == people.now.timestamp()
    assert told["alive",] == 1


def test_no_address_and_no_token_is_counted(people: Desk) -> None:
    one = people.join()
    people.post(f"/leave/{people.app.keyring.leave(one.id)}")
    for text in (people.get("/metrics").text, people.get("/health").text):
        assert not {ADDRESS, one.id, people.app.keyring.leave(one.id)} & set(text.split())
        assert "@" not in text


@pytest.mark.parametrize(("origin", "status"), [("192.0.2.7", 404), ("127.0.0.9", 200), ("::1", 200), ("x", 404)])
def test_metrics_are_for_this_machine_only(people: Desk, origin: str, status: int) -> None:
    """As a web server before us tells it."""
    assert people.get("/metrics", X_Forwarded_For=origin).status == status


def test_without_a_web_side_there_is_neither(tmp_path: object) -> None:
    from aggregator.web import side
    from tests.web.people import SITE

    made = Desk(tmp_path / "site", SITE.replace("web: {listen: 127.0.0.1:0}\n", ""))  # type: ignore[operator]
    assert side.routes(made.app) == ()
    assert replace(made.app.config).web == "none"
