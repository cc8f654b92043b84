"""The newsletters' windows at a moment."""

from __future__ import annotations

from datetime import datetime

from aggregator.model import Window
from aggregator.settings import Config, Newsletter
from aggregator.windows import Timetable
from aggregator.workdays import off


def open_windows(config: Config, now: datetime) -> tuple[Window, ...]:
    """What a first pull may still bring as news: what is dated inside one of these."""
    return tuple(timetable(newsletter, config).open(now) for newsletter in config.newsletters)


def closed_window(newsletter: Newsletter, config: Config, now: datetime) -> Window:
    """The window whose issue is due."""
    return timetable(newsletter, config).latest(now)


def timetable(newsletter: Newsletter, config: Config) -> Timetable:
    return Timetable(newsletter.when, newsletter.draft, config.site.zone, off(config.site.holidays))
