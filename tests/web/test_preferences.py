"""/preferences/TOKEN: what is sent is changed; what we know and the link to be erased are mailed, never shown."""

from __future__ import annotations

import json
import re

import pytest

from aggregator.jobs.people.erasure import forget_people
from aggregator.jobs.people.leave import leave
from aggregator.model import Delivery, Subscriber
from tests.build import NOW, days
from tests.web.people import Desk


def path(people: Desk, id: str = "s1") -> str:
    return f"/preferences/{people.app.keyring.preferences(id)}"


def found(people: Desk) -> Subscriber:
    one = people.store.subscriber_by_id("s1")
    assert one is not None
    return one


def test_sections_and_language_are_changed_and_the_consent_stays(people: Desk) -> None:
    one = people.join()
    shown = people.get(path(people)).text
    assert "a•••@comune.example.it" in shown
    assert one.address not in shown
    assert len(re.findall(r'name="section"[^>]*checked', shown)) == 2
    told = people.post(path(people), act="change", section="atti", language="en", municipality="058091")
    assert (told.status, "Saved." in told.text) == (200, True)
    changed = found(people)
    assert (changed.sections, changed.language, changed.municipality) == (("atti",), "en", "c_h501")
    assert (changed.consent, changed.since, changed.evidence) == (one.consent, one.since, one.evidence)
    assert len(people.store.consents("s1")) == 1


def test_a_municipality_is_shown_by_its_name_and_one_that_only_a_list_knows_may_stay(people: Desk) -> None:
    people.join(municipality="c_h501")
    assert 'value="Roma (RM)"' in people.get(path(people)).text
    people.join("s2", municipality="Borgo Esempio")
    told = people.post(path(people, "s2"), act="change", section="news", language="it", municipality="Borgo Esempio")
    assert "Saved." in told.text or "Salvato" in told.text
    told = people.post(path(people, "s2"), act="change", section="news", language="it", municipality="Castro")
    assert (told.status, "Castro (BG), Castro (LE)" in told.text) == (422, True)
    assert people.store.subscriber_by_id("s2").municipality == "Borgo Esempio"


def test_choosing_nothing_is_asked_once_more(people: Desk) -> None:
    one = people.join()
    told = people.post(path(people), act="change", language="it")
    assert (told.status, "Scelga almeno una sezione." in told.text) == (422, True)
    assert found(people) == one


def test_a_reserved_newsletter_is_offered_to_who_is_admitted_only(people: Desk) -> None:
    people.join()
    people.join("s2", area="reserved")
    assert "Per gli uffici" not in people.get(path(people)).text
    assert "Per gli uffici" in people.get(path(people, "s2")).text
    people.post(path(people), act="change", section="news", newsletter="uffici", language="it")
    assert found(people).newsletters == ("settimanale",)


def test_leaving_is_one_button_away(people: Desk) -> None:
    people.join()
    assert people.post(path(people), act="leave").status == 200
    assert (found(people).consent, len(people.owed("goodbye"))) == ("withdrawn", 1)
    assert people.get(path(people)).status == 404


def test_what_we_know_is_mailed_to_the_address_and_not_shown(people: Desk) -> None:
    one = people.join(municipality="058091")
    told = people.post(path(people), act="export")
    assert one.address not in told.text
    assert "058091" not in told.text
    assert people.mail("export")["To"] == one.address
    text = people.text("export")
    known = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert (known["address"], known["municipality"], known["sections"]) == (one.address, "058091", "all")
    assert [line["evidence"] for line in known["consents"]] == [one.evidence]
    for _ in range(5):
        people.later(seconds=1)
        people.post(path(people), act="export")
    assert len(people.owed("export")) == 3, "no mailbox is filled"


def test_being_erased_is_confirmed_by_mail_and_leaves_a_keyed_hash(people: Desk) -> None:
    one = people.join()
    people.store.queue(Delivery("settimanale-1-s1", "issue", one.address, "<1@example.it>", "s1", "settimanale", 1))
    people.post(path(people), act="erase")
    link = people.link("export")
    assert people.get(link).status == 200
    assert found(people).consent == "confirmed"
    assert people.post(link).status == 200
    assert people.store.subscriber_by_id("s1") is None
    assert people.store.consents("s1") == ()
    assert people.store.erased_since(people.app.keyring.fingerprint(one.address)) == NOW
    (last,) = people.store.deliveries()
    assert (last.kind, last.address) == ("export", one.address)
    assert "ultima email" in people.text("export")
    assert people.post(link).status == 200, "again does no harm"
    people.store.settle(Delivery(last.id, last.kind, "", "", state="accepted"))
    forget_people(people.app.office)
    assert list(people.store.deliveries()) == []


def test_a_link_to_erase_ends_after_seven_days_and_is_no_other_token(people: Desk) -> None:
    people.join()
    people.post(path(people), act="erase")
    link = people.link("export")
    assert people.post(f"{path(people)}/erase").status == 404
    assert people.post(link.removesuffix("/erase")).status == 404
    people.later(days=7, seconds=1)
    assert (people.get(link).status, people.post(link).status) == (404, 404)
    assert found(people).consent == "confirmed"


def test_who_left_is_erased_after_seven_days(people: Desk) -> None:
    one = people.join()
    people.join("s2")
    leave(people.app.office, "s1", "test")
    people.later(days=7)
    assert forget_people(people.app.office).counts == {"expired": 0, "erased": 0}
    people.later(seconds=1)
    assert forget_people(people.app.office).counts == {"expired": 0, "erased": 1}
    assert [s.id for s in people.store.subscribers()] == ["s2"]
    assert all(one.address.encode() not in d.message for d in people.store.deliveries())
    assert people.store.erased_since(people.app.keyring.fingerprint(one.address.upper())) == people.now
    assert people("POST", f"/leave/{people.app.keyring.leave('s1')}").status == 200
    people.ask(one.address)
    people.post(people.link("confirmation"))
    assert people.consent(one.address) == "confirmed"
    assert people.store.erased_since(people.app.keyring.fingerprint(one.address)) is None


@pytest.mark.parametrize("act", ["", "nothing", "export\r\n", "LEAVE"])
def test_an_act_there_is_not_changes_no_consent(people: Desk, act: str) -> None:
    one = people.join()
    assert people.post(path(people), act=act).status in (200, 422)
    assert found(people).consent == one.consent
    assert list(people.store.deliveries()) == []


def test_what_is_kept_is_no_address(people: Desk) -> None:
    ring = people.app.keyring
    assert ring.fingerprint(" Uno@Example.IT") == ring.fingerprint("uno@example.it")
    assert re.fullmatch("[0-9a-f]{40}", ring.fingerprint("uno@example.it"))
    assert days(0) == NOW
