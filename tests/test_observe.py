"""Reports into log lines, and the question whether something got worse or better."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace

import pytest

from aggregator import observe
from aggregator.model import Failure, Report
from tests.build import NOW


def report(*failures: tuple[str, str], job: str = "pull", **fields: object) -> Report:
    told = tuple(Failure(source, error) for source, error in failures)
    return Report(job, NOW, NOW, {"sources": 2, "new": 1}, told, **fields)  # type: ignore[arg-type]


def compared(before: Report | None, now: Report, *judged: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    told = observe.compared(now, before, judged)
    return told.broken, told.mended


FINE, ANCI = report(), report(("anci", "410 Gone"))


@pytest.mark.parametrize(
    ("before", "now", "broken", "mended"),
    [
        (None, FINE, (), ()),
        (None, ANCI, ("anci",), ()),
        (FINE, ANCI, ("anci",), ()),
        (ANCI, ANCI, (), ()),
        (ANCI, report(("anci", "timed out")), (), ()),
        (ANCI, FINE, (), ("anci",)),
        (ANCI, report(("interno", "410 Gone")), ("interno",), ("anci",)),
        (report(("b", "x"), ("a", "x")), FINE, (), ("a", "b")),
    ],
)
def test_what_failed_before_is_no_news_and_what_fails_no_longer_is(
    before: Report | None, now: Report, broken: tuple[str, ...], mended: tuple[str, ...]
) -> None:
    assert compared(before, now) == (broken, mended)


def test_every_file_of_the_announcements_is_a_matter_of_its_own() -> None:
    one, other = ("announcements", "a.md:3 date: …"), ("announcements", "b.md:1 title: …")
    assert compared(report(one), report(one, other)) == (("announcements",), ())
    assert compared(report(one, other), report(one)) == ((), ())
    assert compared(report(one), report(other)) == (("announcements",), ())
    assert compared(report(one), FINE) == ((), ("announcements",))


def test_what_the_job_judged_itself_is_left_to_it() -> None:
    """A source that is not due is in no report: that does not mend it."""
    assert compared(ANCI, FINE, "anci") == ((), ())
    assert compared(FINE, ANCI, "anci") == ((), ())
    assert compared(None, report(broken=("inps",), mended=("anci",))) == (("inps",), ("anci",))
    assert compared(report(("x", "y")), report(mended=("anci",)), "anci") == ((), ("anci", "x"))


def test_what_befell_one_mail_is_news_each_time_and_never_mended() -> None:
    refused = replace(FINE, failures=(Failure("s", "a@b.example: 550 no", once=True),))
    assert compared(FINE, refused) == (("s",), ())
    assert compared(refused, refused) == (("s",), ())
    assert compared(refused, FINE) == ((), ())


def test_logs_name_nobody(caplog: pytest.LogCaptureFixture) -> None:
    observe.log_report(report(("s", "a.b@c.example: 550 no such user")))
    assert caplog.records[-1].getMessage() == "pull: s: <address>: 550 no such user"


def test_a_report_is_a_line_and_every_failure_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        observe.log_report(ANCI)
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("INFO", "pull: sources=2 new=1"),
        ("WARNING", "pull: anci: 410 Gone"),
    ]


@pytest.mark.parametrize(("quiet", "lines"), [("False", ["INFO", "WARNING"]), ("True", ["WARNING"])])
def test_logs_go_to_stderr_quiet_ones_only_when_something_is_wrong(quiet: str, lines: list[str]) -> None:
    code = (
        "import logging\nfrom aggregator import observe\n"
        f"observe.log_to_stderr(quiet={quiet})\n"
        "log = logging.getLogger('aggregator')\nlog.info('uno')\nlog.warning('due')\n"
        "logging.getLogger('alembic').info('noise')\n"
    )
    environment: Mapping[str, str] = {"PYTHONPATH": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == ""
    assert [line.split()[2] for line in done.stderr.splitlines()] == lines
