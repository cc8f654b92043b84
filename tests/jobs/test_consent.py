"""What the administrator says of subscribers: entered, imported, removed, with the evidence."""

from __future__ import annotations

import pytest

from aggregator.errors import AddressError, ConfigError
from aggregator.jobs import consent
from aggregator.ports import Store
from tests.build import NOW, config, days, newsletter

SITE = config(newsletters=(newsletter(), newsletter("uffici", area="reserved")))
BASIS = "modulo d'iscrizione al convegno, 12/05/2026"


def add(store: Store, address: str = "anagrafe@comune.example.it", basis: str = "", **told: str) -> str:
    return consent.add(SITE, store, {"address": address, **told}, basis, NOW).consent


def imported(store: Store, *lines: str, basis: str = BASIS) -> consent.Imported:
    return consent.import_file(SITE, store, "\n".join(lines).encode(), "comuni.csv", basis, NOW)


def test_who_is_entered_is_confirmed_with_the_evidence(store: Store) -> None:
    assert add(store, newsletters="uffici", sections="atti|news", area="reserved", language="it") == "confirmed"
    found = consent.find(store, "ANAGRAFE@comune.example.it")
    assert (found.newsletters, found.sections, found.area) == (("uffici",), ("atti", "news"), "reserved")
    assert (found.since, found.evidence) == (NOW, "entered by the administrator, 2026-06-15")
    add(store, "altro@comune.example.it", basis=BASIS)
    assert consent.find(store, "altro@comune.example.it").evidence == BASIS


def test_who_is_in_already_keeps_the_consent_and_gets_the_new_choice(store: Store) -> None:
    add(store, sections="atti", area="reserved")
    add(store, basis=BASIS, sections="news")
    found = consent.find(store, "anagrafe@comune.example.it")
    assert (found.sections, found.area) == (("news",), "public")
    assert found.evidence == "entered by the administrator, 2026-06-15"


def test_addresses_that_only_look_alike_are_two(store: Store) -> None:
    add(store, "strasse@comune.example.it")
    add(store, "straße@comune.example.it")
    assert len(tuple(store.subscribers())) == 2


def test_an_unknown_address_is_said_to_be_unknown(store: Store) -> None:
    with pytest.raises(AddressError, match="is no subscriber"):
        consent.find(store, "nessuno@comune.example.it")
    with pytest.raises(AddressError):
        consent.remove(store, "nessuno@comune.example.it", NOW)


def test_what_is_no_address_or_no_newsletter_is_refused(store: Store) -> None:
    with pytest.raises(AddressError):
        add(store, "nessuno")
    with pytest.raises(ConfigError):
        add(store, newsletters="mensile")
    assert list(store.subscribers()) == []


def test_who_is_removed_is_out_and_may_be_entered_again_by_name(store: Store) -> None:
    add(store)
    gone = consent.remove(store, "anagrafe@comune.example.it", days(1))
    assert (gone.consent, gone.since) == ("withdrawn", days(1))
    again = consent.add(SITE, store, {"address": "anagrafe@comune.example.it"}, BASIS, days(2))
    assert (again.consent, again.since, again.id) == ("confirmed", days(2), gone.id)


def test_a_list_enters_every_row_that_can_be_read_and_names_the_others(store: Store) -> None:
    told = imported(store, "address;sections", "uno@comune.example.it;atti", "due", "tre@comune.example.it;cucina",
                    "UNO@comune.example.it;atti", "quattro@comune.example.it;")  # fmt: skip
    assert (told.added, told.known) == (2, 1)
    assert [fault.partition(" ")[0] for fault in told.faults] == ["comuni.csv:3", "comuni.csv:4"]
    assert {s.address: s.sections for s in store.subscribers()} == {
        "uno@comune.example.it": ("atti",),
        "quattro@comune.example.it": (),
    }
    assert {s.evidence for s in store.subscribers()} == {BASIS}


def test_the_same_list_again_adds_nobody(store: Store) -> None:
    rows = ("address", "uno@comune.example.it", "due@comune.example.it")
    imported(store, *rows)
    assert imported(store, *rows) == consent.Imported(0, 2, ())


def test_a_list_needs_a_ground(store: Store) -> None:
    with pytest.raises(ConfigError, match="--basis"):
        imported(store, "address", "uno@comune.example.it", basis="")
    assert list(store.subscribers()) == []


def test_a_list_revives_nobody_who_left(store: Store) -> None:
    """It may be older than the leave."""
    add(store, "uno@comune.example.it")
    consent.remove(store, "uno@comune.example.it", NOW)
    told = imported(store, "address", "uno@comune.example.it", "due@comune.example.it")
    assert (told.added, told.known) == (1, 0)
    (fault,) = told.faults
    assert fault.startswith("comuni.csv:2 uno@comune.example.it is withdrawn since 2026-06-15; ")
    assert "subscribers add" in fault
    assert consent.find(store, "uno@comune.example.it").consent == "withdrawn"
