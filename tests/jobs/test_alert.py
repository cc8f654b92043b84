"""What the admins are told: what got worse or better, at the hour they chose, once, and otherwise nothing."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta
from email.message import EmailMessage

import pytest

from aggregator.jobs.sending.alert import alert
from aggregator.jobs.sending.deliver import Post
from aggregator.model import Changes, Failure, Report
from aggregator.ports import Store
from aggregator.render.templates import Templates
from aggregator.rhythm import Rhythm
from aggregator.settings import Alerts, Config
from tests.build import NOW, check, config, days, source

POST = Post("Permessi <notizie@example.it>", "", "notizie@example.it")
BROKEN = check(problem="the server answered 404", problem_since=NOW, last_success=NOW)


def site(**fields: object) -> Config:
    when = Rhythm.parse("daily 08:30")
    return config(alerts=Alerts(("ced@example.it", "web@example.it"), when), newsletters=(), **fields)


def run(store: Store, templates: Templates, day: float, where: Config | None = None, *invalid: Failure) -> Report:
    return alert(where or site(), store, invalid, POST, templates, days(day))


def counts(report: Report) -> tuple[int, int]:
    assert (report.job, report.failures, report.broken) == ("alert", (), ())
    return report.counts["worse"], report.counts["better"]


def mails(store: Store) -> list[EmailMessage]:
    return [email.message_from_bytes(d.message, policy=email.policy.default) for d in store.deliveries()]  # type: ignore[misc]


def text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_what_got_worse_is_mailed_to_each_admin_with_what_to_do(store: Store, templates: Templates) -> None:
    store.save(Changes("anci", NOW, BROKEN))
    assert counts(run(store, templates, 1)) == (1, 0)
    first, second = mails(store)
    assert (first["To"], second["To"]) == ("ced@example.it", "web@example.it")
    assert first["Subject"] == "Permessi di soggiorno: un peggioramento"
    assert "anci (non funziona)" in text(first)
    assert "the server answered 404" in text(first)
    assert first["List-Unsubscribe"].startswith("<mailto:notizie@example.it?subject=alerts")


def test_nothing_is_mailed_where_nothing_is_wrong_or_nothing_changed(store: Store, templates: Templates) -> None:
    store.save(Changes("anci", NOW, check(last_success=days(1), next_check=days(99))))
    assert counts(run(store, templates, 1)) == (0, 0)
    store.save(Changes("anci", days(1), BROKEN))
    assert counts(run(store, templates, 2)) == (1, 0)
    assert counts(run(store, templates, 3)) == (0, 0)
    assert len(mails(store)) == 2


def test_what_works_again_is_told_and_other_words_of_the_same_state_are_not(store: Store, templates: Templates) -> None:
    store.save(Changes("anci", NOW, BROKEN))
    run(store, templates, 1)
    store.save(Changes("anci", days(1), check(problem="no answer", problem_since=NOW)))
    assert counts(run(store, templates, 2)) == (0, 0)
    store.save(Changes("anci", days(2), check(last_success=days(2), next_check=days(9))))
    assert counts(run(store, templates, 3)) == (0, 1)
    assert "FUNZIONA DI NUOVO\n- anci" in text(mails(store)[-1])


def test_two_runs_of_one_hour_mail_once_and_a_missed_hour_is_caught_up(store: Store, templates: Templates) -> None:
    store.save(Changes("anci", NOW, BROKEN))
    assert counts(run(store, templates, 1)) == (1, 0)
    store.save(Changes("interno", NOW, check("interno", problem="no answer", problem_since=NOW)))
    assert counts(run(store, templates, 1.01)) == (0, 0)
    assert counts(run(store, templates, 5.5)) == (1, 0)


def test_a_source_that_is_wrong_and_a_job_that_failed_are_troubles_too(store: Store, templates: Templates) -> None:
    store.save_report(Report("publish", NOW, NOW, failures=(Failure("publish", "templates/site/home.html:3: broken"),)))
    assert counts(run(store, templates, 1, site(), Failure("storto", "feeds.yaml:9:5 url: missing"))) == (2, 0)
    told = text(mails(store)[0])
    assert "storto (configurazione errata)" in told
    assert "templates/site/home.html:3: broken" in told


def test_what_was_never_tried_and_what_is_paused_is_no_trouble(store: Store, templates: Templates) -> None:
    paused = site(sources=(source("anci", paused="in rifacimento"), source("nuova")))
    assert counts(run(store, templates, 1, paused)) == (0, 0)


def test_without_alerts_nothing_is_asked_or_kept(store: Store, templates: Templates) -> None:
    store.save(Changes("anci", NOW, BROKEN))
    assert counts(run(store, templates, 1, config())) == (0, 0)
    assert store.last_report("alert") is None


def test_a_crash_between_the_mail_and_its_record_mails_nobody_twice(
    store: Store, templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(Changes("anci", NOW, BROKEN))
    monkeypatch.setattr(type(store), "save_report", None)
    with pytest.raises(TypeError):
        run(store, templates, 1)
    monkeypatch.undo()
    assert counts(alert(site(), store, (), POST, templates, days(1) + timedelta(minutes=1))) == (1, 0)
    assert len(mails(store)) == 2


def test_the_html_says_the_same_and_fetches_nothing(store: Store, templates: Templates) -> None:
    store.save(Changes("anci", NOW, check(problem="<b>404</b>", problem_since=NOW)))
    run(store, templates, 1)
    html = mails(store)[0].get_body(("html",))
    assert html is not None
    content = html.get_content()
    assert "&lt;b&gt;404&lt;/b&gt;" in content
    assert "http" not in content
