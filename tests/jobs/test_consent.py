"""What the administrator says of subscribers: entered, imported, removed, with the evidence."""

from __future__ import annotations

from datetime import datetime

import pytest

from aggregator.errors import AddressError, ConfigError
from aggregator.jobs.people import consent
from aggregator.jobs.people.erasure import forget_people
from aggregator.jobs.people.office import Office
from aggregator.jobs.post import Post
from aggregator.ports import Store
from tests.build import NOW, config, days, newsletter
from tests.jobs.sending import KEYRING, POST, WEB, office

SITE = config(newsletters=(newsletter(), newsletter("uffici", area="reserved")))
BASIS = "modulo d'iscrizione al convegno, 12/05/2026"


def desk(store: Store, now: datetime = NOW, post: Post = POST) -> Office:
    return office(store, lambda: now, post, SITE)


def add(store: Store, address: str = "anagrafe@comune.example.it", basis: str = "", **told: str) -> str:
    return consent.add(desk(store), {"address": address, **told}, basis).consent


def imported(store: Store, *lines: str, basis: str = BASIS) -> consent.Imported:
    return consent.import_file(desk(store), "\n".join(lines).encode(), "comuni.csv", basis)


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
        consent.remove(desk(store), "nessuno@comune.example.it")


def test_what_is_no_address_or_no_newsletter_is_refused(store: Store) -> None:
    with pytest.raises(AddressError):
        add(store, "nessuno")
    with pytest.raises(ConfigError):
        add(store, newsletters="mensile")
    assert list(store.subscribers()) == []


def test_who_is_removed_is_out_and_may_be_entered_again_by_name(store: Store) -> None:
    add(store)
    gone = consent.remove(desk(store, days(1)), "anagrafe@comune.example.it")
    assert (gone.consent, gone.since) == ("withdrawn", days(1))
    again = consent.add(desk(store, days(2)), {"address": "anagrafe@comune.example.it"}, BASIS)
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
    consent.remove(desk(store), "uno@comune.example.it")
    told = imported(store, "address", "uno@comune.example.it", "due@comune.example.it")
    assert (told.added, told.known) == (1, 0)
    (fault,) = told.faults
    assert fault.startswith("comuni.csv:2 uno@comune.example.it is withdrawn since 2026-06-15; ")
    assert "subscribers add" in fault
    assert consent.find(store, "uno@comune.example.it").consent == "withdrawn"


def test_with_a_web_side_a_list_without_a_ground_is_asked_to_confirm(store: Store) -> None:
    add(store, "uno@comune.example.it")
    rows = ("address", "uno@comune.example.it", "due@comune.example.it", "due@comune.example.it")
    told = consent.import_file(desk(store, post=WEB), "\n".join(rows).encode(), "comuni.csv", "")
    assert told == consent.Imported(0, 2, (), 1)
    assert [s.address for s in store.subscribers()] == ["uno@comune.example.it"]
    (asked,) = store.all_pending()
    assert (asked.address, asked.consent) == ("due@comune.example.it", "pending")
    assert asked.evidence == "asked because of the list comuni.csv, imported by the administrator, 2026-06-15T06:00:00Z"
    assert [(d.kind, d.address) for d in store.deliveries()] == [("confirmation", "due@comune.example.it")]


def test_a_list_revives_nobody_who_was_erased_and_a_person_may(store: Store) -> None:
    add(store, "uno@comune.example.it")
    consent.remove(desk(store), "uno@comune.example.it")
    assert forget_people(desk(store, days(7.1))).counts == {"expired": 0, "erased": 1}
    (fault,) = imported(store, "address", "UNO@comune.example.it").faults
    assert "left, and was erased on 2026-06-22" in fault
    assert list(store.subscribers()) == []
    assert add(store, "uno@comune.example.it") == "confirmed"
    assert store.erased_since(KEYRING.fingerprint("uno@comune.example.it")) is None


def test_who_only_asked_is_found_removed_and_erased(store: Store) -> None:
    for act in (consent.remove, consent.erase):
        consent.import_file(desk(store, post=WEB), b"address\nuno@comune.example.it", "comuni.csv", "")
        assert consent.find(store, "uno@comune.example.it").consent == "pending"
        act(desk(store), "uno@comune.example.it")
        assert list(store.all_pending()) == []
    assert store.erased_since(KEYRING.fingerprint("uno@comune.example.it")) is None, "there was no consent to prove"
