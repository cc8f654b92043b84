"""What deciding needs beside the facts."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.model import Window
from aggregator.settings import Source


@dataclass(frozen=True, slots=True)
class Policy:
    """The source as feeds.yaml has it, and the windows of the issues that are open now."""

    source: Source
    windows: tuple[Window, ...] = ()
