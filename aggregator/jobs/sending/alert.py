"""health | what changed since the last alert | outbox: the admins hear what got worse or better, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from aggregator.intake.health import Health, health
from aggregator.jobs.post import Links, Post
from aggregator.model import Check, Delivery, Edition, Failure, Report
from aggregator.ports import Store
from aggregator.render.mail.alert import Trouble
from aggregator.render.mail.alert import alert as rendered
from aggregator.render.mail.message import list_id_for, message_id_for
from aggregator.render.templates import Templates
from aggregator.settings import Alerts, Config
from aggregator.tokens import mailto

JOB = "alert"
_JOBS = ("publish", "newsletter compose", "newsletter send")


def alert(
    config: Config, store: Store, invalid: Iterable[Failure], post: Post, templates: Templates, now: datetime
) -> Report:
    """At each due moment of `alerts.when`, one mail an address where a state changed since the last; none otherwise.
    What was told is the job's own saved report, so that a missed hour is caught up once and a second run is silent."""
    report = Report(JOB, now, now, {"worse": 0, "better": 0})
    alerts, before = config.alerts, store.last_report(JOB)
    if alerts is None or (before and before.started >= alerts.when.before(now, config.site.zone)):
        return report
    known = {f.source: f.error.partition(":")[0] for f in before.failures} if before else {}
    found = {trouble.name: trouble for trouble in _troubles(config, store, invalid, now)}
    worse = tuple(trouble for name, trouble in found.items() if known.get(name) != trouble.state)
    better = tuple(Trouble(name, state) for name, state in known.items() if name not in found)
    if worse or better:
        edition = rendered(config.site, worse, better, len(found) - len(worse), templates)
        for delivery in _owed(alerts, edition, config, post, now):
            store.queue(delivery)
    store.save_report(
        Report(JOB, now, now, failures=tuple(Failure(t.name, f"{t.state}: {t.problem}") for t in found.values()))
    )
    return Report(JOB, now, now, {"worse": len(worse), "better": len(better)})


def _troubles(config: Config, store: Store, invalid: Iterable[Failure], now: datetime) -> Iterable[Trouble]:
    checks: Mapping[str, Check] = store.checks()
    for source in config.sources:
        told = health(source, checks.get(source.id, Check(source.id)), now)
        if _is_trouble(told):
            yield Trouble(source.id, told.state, told.problem)
    for failure in invalid:
        yield Trouble(failure.source, "invalid", failure.error)
    for job in _JOBS:
        last = store.last_report(job)
        if last and (lasting := [failure.error for failure in last.failures if not failure.once]):
            yield Trouble(job, "failing", "\n".join(lasting))


def _is_trouble(told: Health) -> bool:
    """What the admin chose, or what was never tried yet, is none."""
    untried = told.last_success is None and told.state == "late"
    return bool(told.problem) and told.state != "paused" and not untried


def _owed(alerts: Alerts, edition: Edition, config: Config, post: Post, now: datetime) -> Iterable[Delivery]:
    due = alerts.when.before(now, config.site.zone)
    list_id = list_id_for("alerts", config.site.host)
    links: Links = {"leave": (mailto(post.leave_to, "alerts"),), "preferences": ""}
    for address in alerts.to:
        id_ = f"{JOB}-{due:%Y%m%dT%H%M}-{address}"
        message_id = message_id_for("alert", JOB, 0, id_, config.site.host)
        message = post.mail(edition, address, message_id, now, list_id, links, is_automatic=True)
        yield Delivery(id_, "alert", address, message_id, message=message)
