"""What a source withheld when it was last right holds while it is wrong, and when it is taken out."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.jobs.pulling.standing import standing
from aggregator.model import Area
from aggregator.ports import Store
from aggregator.settings import Config
from tests.build import NOW, changes, check, config, days, entry, merged, source


def site(*sources: Any) -> Config:
    return config(sources=sources)


def shown(store: Store, where: Config, area: Area = "public") -> list[str]:
    whole = standing(where, store, NOW)
    return [story.lead.id for story in merged(store.entries(), whole, NOW, area)]


@pytest.fixture
def stored(store: Store) -> Store:
    old = entry("a", first_seen=days(-30), shown=days(-30), published=days(-30))
    store.save(changes("anci", new=[old], check=check("anci"), at=days(-30)))
    return store


def test_a_source_taken_out_goes_on_showing_what_it_gave(stored: Store) -> None:
    assert shown(stored, site(source("agid"))) == ["a"]


def test_what_became_reserved_stays_so_when_its_source_is_wrong_or_gone(stored: Store) -> None:
    assert shown(stored, site(source("anci"))) == ["a"]
    assert shown(stored, site(source("anci", area="reserved"))) == []
    assert shown(stored, site(source("agid"))) == []
    assert shown(stored, site(source("agid")), "reserved") == ["a"]


def test_what_was_to_be_kept_for_some_days_is_over_when_its_source_is_gone(stored: Store) -> None:
    assert shown(stored, site(source("anci", keep_days=15))) == []
    assert shown(stored, site(source("agid"))) == []


def test_what_was_opened_again_is_open(stored: Store) -> None:
    standing(site(source("anci", area="reserved")), stored, NOW)
    standing(site(source("anci")), stored, NOW)
    assert shown(stored, site(source("agid"))) == ["a"]


def test_what_is_known_is_not_written_again(stored: Store) -> None:
    before = stored.newest()
    standing(site(source("anci")), stored, NOW)
    assert stored.newest() == before
