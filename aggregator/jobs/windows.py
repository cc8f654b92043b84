"""The newsletters' windows at a moment."""

from __future__ import annotations

from datetime import datetime

from aggregator.model import Window
from aggregator.rhythm import latest_window, open_window
from aggregator.settings import Config, Newsletter


def open_windows(config: Config, now: datetime) -> tuple[Window, ...]:
    """What a first pull may still bring as news: what is dated inside one of these."""
    return tuple(open_window(n.when, n.draft, now, config.site.zone) for n in config.newsletters)


def closed_window(newsletter: Newsletter, config: Config, now: datetime) -> Window:
    """The window whose issue is due."""
    return latest_window(newsletter.when, newsletter.draft, now, config.site.zone)
