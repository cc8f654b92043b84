"""What may be said before the command, and after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.errors import ConfigError

if TYPE_CHECKING:
    from aggregator.app import App

EVERY_DAY = "Every day"
WHEN_WRONG = "When something is wrong"
RARELY = "Rarely"

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
        moment = read_moment(self.now, app.config.site.timezone)
        app.clock = lambda: moment
        return app

    @contextmanager
    def site(self, *, writes: bool = False, mails: bool = False) -> Iterator[App]:
        """The site, opened and closed again; what `--now` must not do is refused before anything happens."""
        from aggregator.observe import log_to_stderr

        log_to_stderr(quiet=self.quiet)
        app = self.open()
        try:
            if self.now and writes:
                _refuse_the_past(app)
            if self.now and mails and not self.really:
                _refuse_real_mail(app)
            yield app
        finally:
            app.close()


def read_moment(text: str, timezone: str) -> datetime:
    """ISO 8601 in UTC; without a zone, in the site's."""
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--now {text!r}: expected a time such as 2026-06-15T08:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


def _refuse_the_past(app: App) -> None:
    newest = app.store.newest()
    if newest and app.clock() < newest:
        raise ConfigError(
            f"--now {app.clock():%Y-%m-%dT%H:%M:%SZ} is before the newest fact in the store ({newest:%Y-%m-%dT%H:%M:%SZ}); "
            "rehearse on a copy of the site's folder, or with a later time"
        )


def _refuse_real_mail(app: App) -> None:
    smtp = app.config.mail.smtp
    if smtp and smtp.host not in ("localhost", "127.0.0.1", "::1"):
        raise ConfigError(
            f"--now would mail through {smtp.host} at a made-up time; add --really if that is what you want"
        )
