"""How each source fares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from aggregator.intake.health import Health, health
from aggregator.model import Check
from aggregator.settings import Config


def all_health(
    config: Config, checks: Mapping[str, Check], invalid: Iterable[tuple[str, str]], now: datetime
) -> Iterator[Health]:
    """One a source, in the order of feeds.yaml; then those whose configuration is wrong, as (id, fault)."""
    for source in config.sources:
        yield health(source, checks.get(source.id, Check(source.id)), now)
    for id_, fault in invalid:
        yield Health(id_, "invalid", fault)
