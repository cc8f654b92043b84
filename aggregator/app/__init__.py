"""The only wiring: feeds.yaml and the world -> one site, opened. Each room adds to the one above it.

world       the edges, each opened at first need; locks
questions   what the site can tell
jobs        what is due, by the clock or when asked for
by_hand     what somebody does to it
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aggregator.app.by_hand import App
from aggregator.app.world import user_agent
from aggregator.config.reading import read
from aggregator.errors import ConfigError

__all__ = ["App", "open_app", "user_agent"]


def open_app(file: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> App:
    """Read feeds.yaml; ConfigError with every fault, or where there is no such file, what to type."""
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{file}: there is no such file; make a new site with: aggregator init") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    return App(file, read(text, file.name, file.resolve().parent), clock)
