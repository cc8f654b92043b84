"""What may be said before the command, and after it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aggregator.cli.signals import Wish, stop_on_signal
from aggregator.errors import ConfigError

if TYPE_CHECKING:
    from aggregator.app import App

DONE, FAILED, USAGE, LOCKED, CRASHED = 0, 1, 2, 3, 70

EVERY_DAY = "Every day"
WHEN_WRONG = "When something is wrong"
RARELY = "Rarely"

Language = Literal["it", "en"]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print only what got worse or better since the last run.")]


@dataclass(frozen=True)
class Options:
    """The options of one call, those before the command and those after it taken together."""

    config: Path = Path("feeds.yaml")
    now: str = ""
    really: bool = False
    json: bool = False
    quiet: bool = False

    @classmethod
    def of(cls, context: typer.Context, json: bool = False, quiet: bool = False) -> Options:
        told: Options = context.obj
        return replace(told, json=told.json or json, quiet=told.quiet or quiet)

    def open(self) -> App:
        """The site, its clock standing at `--now` where that is given."""
        from aggregator.app import open_app

        if not self.now:
            return open_app(self.config)
        app = open_app(self.config)
        moment = read_moment(self.now, "--now", app.config.site.timezone)
        app.clock, app.rehearsing = lambda: moment, True
        return app

    @contextmanager
    def site(self, *, writes: bool = False, mails: bool = False, stays: bool = False) -> Iterator[App]:
        """The site, opened and closed again; what `--now` must not do is refused before anything happens.

        What writes ends gracefully on SIGTERM and Ctrl-C: `stopping` is then true. What stays logs all it does; of
        anything else the report says that.
        """
        from aggregator.observe import log_to_stderr

        log_to_stderr(quiet=self.quiet or not stays)
        app = self.open()
        try:
            if self.now and writes:
                _refuse_the_past(app)
            if self.now and mails and not self.really:
                _refuse_real_mail(app)
            with stop_on_signal() if writes else _never() as stop:
                app.stopping = stop.is_set
                yield app
                if stop.is_set() and not (stays or self.json or self.quiet):
                    sys.stderr.write("stopped; what is left is done by the next run\n")
        finally:
            app.close()


@contextmanager
def _never() -> Iterator[Wish]:
    yield Wish()


def read_moment(text: str, option: str, timezone: str) -> datetime:
    """ISO 8601 in UTC; without a zone, in the site's. ConfigError names the option it was given with."""
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigError(f"{option} {text!r}: expected a time such as 2026-06-15T08:00") from None


def _refuse_the_past(app: App) -> None:
    newest = app.store.newest()
    if newest and app.clock() < newest:
        raise ConfigError(
            f"--now {app.clock().isoformat()} is before the newest fact in the store ({newest.isoformat()}); "
            "rehearse on a copy of the site's folder, or with a later time"
        )


def _refuse_real_mail(app: App) -> None:
    smtp = app.config.mail.smtp
    if smtp and not _is_loopback(smtp.host):
        raise ConfigError(
            f"--now would mail through {smtp.host} at a made-up time; add --really if that is what you want"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
