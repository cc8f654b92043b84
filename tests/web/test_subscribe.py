"""/subscribe and /confirm: nobody is in who has not answered from the address; the same answer to everybody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aggregator.addresses import is_certified, masked
from aggregator.jobs.people.erasure import forget_people
from aggregator.jobs.people.leave import leave
from aggregator.tokens import Keyring
from aggregator.web.forms import network_of
from aggregator.web.limits import Limits
from tests.build import NOW
from tests.pages import Outline
from tests.web.people import ADDRESS, SITE, Desk, Told

SENT = "Controlli la posta"


def body(told: Told) -> str:
    """A page without what differs at each showing."""
    return re.sub(r'name="shown" value="[^"]*"', "", told.text)


def test_a_wish_is_confirmed_from_its_address_and_proved(people: Desk) -> None:
    told = people.ask(section="atti", municipality=" C_H501 ")
    assert (told.status, SENT in told.text) == (200, True)
    assert people.consent() == ""
    (asked,) = people.store.all_pending()
    assert (asked.address, asked.newsletters, asked.sections) == (ADDRESS, ("settimanale",), ("atti",))
    assert (asked.language, asked.municipality, asked.name) == ("it", "c_h501", "")
    assert people.mail("confirmation")["To"] == ADDRESS
    link = people.link("confirmation")
    shown = people.get(link)
    assert (shown.status, people.consent()) == (200, "")
    assert "a•••@comune.example.it" in shown.text
    assert "Che cosa riceve: La settimana e Atti" in shown.text
    people.later(hours=3)
    assert "Iscrizione confermata" in people.post(link).text
    entered = people.store.subscriber(ADDRESS)
    assert entered is not None
    assert (entered.consent, entered.since, entered.sections) == ("confirmed", people.now, ("atti",))
    assert re.fullmatch(
        r"asked by the form /subscribe, wording 1 sha256:[0-9a-f]{16} \(it\), 2026-06-15T06:00:20Z; "
        r"confirmed by the mailed link, 2026-06-15T09:00:20Z",
        entered.evidence,
    )
    assert list(people.store.all_pending()) == []
    assert people.post(link).status == 200, "a token is not used up"
    assert len(people.store.consents(entered.id)) == 1


def test_all_sections_are_all_that_will_be(people: Desk) -> None:
    people.ask()
    (asked,) = people.store.all_pending()
    assert asked.sections == ()


def test_known_and_unknown_addresses_get_the_same_answer_and_each_its_own_mail(people: Desk) -> None:
    known = people.join()
    left = people.join("s2")
    leave(people.app.office, "s2", "test")
    answers = {body(people.ask(address)) for address in (ADDRESS, known.address, left.address)}
    assert len(answers) == 1
    mails = {one.address: one.message for one in people.owed("confirmation")}
    assert {ADDRESS, known.address, left.address} == mails.keys()
    assert b"/confirm/" in mails[left.address].replace(b"=\r\n", b"")
    assert b"/confirm/" not in mails[known.address].replace(b"=\r\n", b"")
    assert people.store.subscriber(known.address) == known, "a stranger changes nothing"
    assert people.consent(left.address) == "withdrawn"


def test_a_wish_that_nobody_confirms_is_erased_after_seven_days(people: Desk) -> None:
    people.ask()
    link = people.link("confirmation")
    people.later(days=7)
    assert forget_people(people.app.office).counts["expired"] == 0
    people.later(seconds=1)
    assert forget_people(people.app.office).counts["expired"] == 1
    assert list(people.store.all_pending()) == []
    assert (people.get(link).status, people.post(link).status) == (404, 404)
    assert people.consent() == ""


def test_a_confirmation_older_than_a_leave_brings_nobody_back(people: Desk) -> None:
    people.ask()
    link = people.link("confirmation")
    people.post(link)
    people.later(minutes=1)
    found = people.store.subscriber(ADDRESS)
    assert found is not None
    leave(people.app.office, found.id, "test")
    assert people.post(link).status == 404
    assert people.consent() == "withdrawn"
    people.later(minutes=1)
    people.ask()
    people.post(people.link("confirmation"))
    assert people.consent() == "confirmed", "who asks anew comes back"


def test_who_asked_may_say_that_it_was_somebody_else(people: Desk) -> None:
    people.ask()
    (asked,) = people.store.all_pending()
    unsubscribe = str(people.mail("confirmation")["List-Unsubscribe"])
    path = f"/leave/{people.app.keyring.leave(asked.id)}"
    assert f"<https://notizie.example.it{path}>" in unsubscribe
    told = people("POST", path)
    assert (told.status, "Iscrizione annullata" in told.text) == (200, True)
    assert "email di saluto" not in told.text, "nobody is mailed one"
    assert list(people.store.all_pending()) == []
    assert people.post(people.link("confirmation")).status == 404


WRONG = [
    "", "nessuno", "a@b", "uno@comune.example.it, due@comune.example.it", "uno@comune.example.it due@comune.example.it",
    "uno@comune.example.it;due@comune.example.it", "uno@comune.example.it\r\nBcc: tutti@comune.example.it",
    "uno@comune.example.it\nSubject: x", "uno@comune.example.it%0aBcc:x@comune.example.it", "<uno@comune.example.it>",
    "Compra ora <uno@comune.example.it>", "uno@comune.example.it\x00", "a" * 309 + "@example.it",
    "uno@-comune.example.it", "uno@comune..example.it", "uno@xn--a.example.it", "uno@[127.0.0.1]", "uno@127.0.0.1",
    "uno@\u202ecomune.example.it", "uno@com\u00admune.example.it\u2028x", '"a b"@comune.example.it',
    "@comune.example.it",
    "javascript:alert(1)@x", "uno@comune.localhost", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
]  # fmt: skip


@pytest.mark.parametrize("address", WRONG, ids=ascii)
def test_what_is_no_single_address_is_refused_in_words(people: Desk, address: str) -> None:
    told = people.ask(address)
    assert told.status == 422
    assert "Questo non è un indirizzo email." in told.text
    assert list(people.store.all_pending()) == []
    assert list(people.store.deliveries()) == []


@pytest.mark.parametrize(
    ("address", "kept"),
    [("Uno@Città.example.it", "Uno@città.example.it"), ("uno@xn--citt-3na.example.it", "uno@città.example.it")],
)
def test_an_address_with_accents_in_its_domain_is_one(people: Desk, address: str, kept: str) -> None:
    assert people.ask(address).status == 200
    (asked,) = people.store.all_pending()
    assert asked.address == kept
    assert people.mail("confirmation")["To"] == kept.replace("città", "xn--citt-3na")


def test_nothing_a_stranger_types_is_mailed(people: Desk) -> None:
    people.ask(name="Compra ora", municipality="058091", website="", message="http://spam.example")
    raw = people.owed("confirmation")[-1].message.decode()
    for typed in ("Compra", "058091", "spam"):
        assert typed not in raw


@pytest.mark.parametrize(
    "municipality", ["Atlantide sul Mare", "c_h50", "<script>alert(1)</script>", "12345", "c_H501\n", "٠٥٨٠٩١"]
)
def test_a_municipality_that_is_none_is_refused_and_shown_harmless(people: Desk, municipality: str) -> None:
    told = people.ask(municipality=municipality)
    if municipality == "c_H501\n":  # blanks around it are nobody's fault
        assert told.status == 200
        return
    assert told.status == 422
    assert "Nessun Comune si chiama così" in told.text
    assert "<script>" not in told.text
    assert f'value="{ADDRESS}"' in told.text, "what was typed is not lost"


def test_who_mends_a_word_at_once_is_no_robot(people: Desk) -> None:
    back = people.ask(municipality="Castro").text
    shown = re.search(r'name="shown" value="([^"]+)"', back)
    assert shown
    told = people.post("/subscribe", address=ADDRESS, section="news", municipality="Castro (LE)", shown=shown[1])
    assert (told.status, 'name="person"' in told.text) == (200, False)
    assert len(people.owed("confirmation")) == 1


def test_a_municipality_is_known_by_its_name(people: Desk) -> None:
    assert "Reggio nell&#39;Emilia (RE)" in people.ask(municipality="reggio emilia").text
    assert people.ask(municipality="Comune di Forlì").status == 200
    (asked,) = people.store.all_pending()
    assert asked.municipality == "c_d704"


def test_what_cannot_be_chosen_is_not(people: Desk) -> None:
    assert people.ask(section=["segreta"], newsletter="uffici").status == 422
    assert people.ask(section=["news", "segreta"], newsletter=["uffici"], language="xx").status == 200
    (asked,) = people.store.all_pending()
    assert (asked.newsletters, asked.sections, asked.language) == (("settimanale",), ("news",), "it")


# --- robots, and people whose browser fills forms ---


def test_who_is_very_fast_is_asked_once_more_and_never_refused(people: Desk) -> None:
    shown = re.search(r'name="shown" value="([^"]+)"', people.get("/subscribe").text)
    assert shown
    told = {"address": ADDRESS, "section": "news", "language": "it", "shown": shown[1]}
    first = people.post("/subscribe", **told)
    assert (first.status, "Se è una persona" in first.text) == (200, True)
    assert list(people.store.all_pending()) == []
    assert SENT in people.post("/subscribe", **told, person="yes").text
    assert len(list(people.store.all_pending())) == 1


@pytest.mark.parametrize("shown", ["", "x", Keyring(b"the key of another site, and long").shown(NOW)])
def test_a_form_that_we_did_not_show_is_asked_once_more(people: Desk, shown: str) -> None:
    told = people.ask(shown=shown)
    assert "Se è una persona" in told.text
    assert list(people.store.all_pending()) == []


def test_a_filled_trap_is_asked_once_more(people: Desk) -> None:
    told = people.ask(website="https://spam.example")
    assert "Se è una persona" in told.text
    assert 'name="website"' not in told.text
    assert list(people.store.all_pending()) == []
    assert SENT in people.ask(website="https://autofill.example", person="yes").text


def test_an_address_gets_three_mails_a_day_and_the_answer_stays_the_same(people: Desk) -> None:
    answers = [people.ask() for _ in range(6)]
    assert {body(one) for one in answers} == {body(answers[0])}
    assert len(people.owed("confirmation")) == 3


def test_a_network_that_asks_for_many_is_told_to_wait(people: Desk) -> None:
    told = [people.ask(f"ufficio{number}@comune.example.it").status for number in range(32)]
    assert told == [200] * 30 + [429] * 2
    assert len(people.owed("confirmation")) == 30
    people.join()
    assert people("POST", f"/leave/{people.app.keyring.leave('s1')}").status == 200, "leaving is never held"


def test_a_robot_with_many_networks_is_bounded_too(caplog: pytest.LogCaptureFixture) -> None:
    limits = Limits()
    told = [limits.network(f"192.0.{n // 250}.0/24 {n}") for n in range(2001)]
    assert (told.count(True), told[-1]) == (2000, False)
    assert [r.message for r in caplog.records] == [
        "subscribe: more than 2000 in an hour; others are asked to try later"
    ]


@pytest.mark.parametrize("domain", ["pec.comune.example.it", "cert.comune.example.it", "comune.legalmail.it",
                                    "postacert.example.it", "casellapec.com", "PEC.example.it"])  # fmt: skip
def test_certified_mail_is_warned_of_and_may_be_subscribed_all_the_same(people: Desk, domain: str) -> None:
    told = people.ask(f"protocollo@{domain}")
    assert (told.status, "Sembra una casella PEC" in told.text) == (200, True)
    assert list(people.store.all_pending()) == []
    assert SENT in people.ask(f"protocollo@{domain}", certified="yes").text


@pytest.mark.parametrize("domain", ["comune.peccioli.pi.it", "comune.specchia.le.it", "pecorara.example.it",
                                    "certaldo.example.it", "concerto.example.it"])  # fmt: skip
def test_a_name_that_only_contains_the_letters_is_no_certified_mail(domain: str) -> None:
    assert not is_certified(f"protocollo@{domain}")


def test_an_address_is_masked() -> None:
    assert masked("anagrafe@comune.example.it") == "a•••@comune.example.it"
    assert masked("") == "•••@"


# --- the page ---


def test_the_form_needs_no_script_and_speaks_two_languages(people: Desk) -> None:
    told = people.get("/subscribe")
    outline = Outline(told.text)
    assert (outline.scripts, outline.headings[0]) == ([], 1)
    assert "Chiedo a Sportello di prova di inviarmi" in told.text
    english = people.get("/subscribe?language=en")
    assert '<html lang="en">' in english.text
    assert "I ask Sportello di prova to send me" in english.text
    assert people.ask(query="?language=en", language="en").text.count("Look into your mailbox") > 0
    assert "Please confirm your subscription" in str(people.mail("confirmation")["Subject"])
    assert people.get("/subscribe?language=xx%00").status == 200


def test_too_much_is_not_read(people: Desk) -> None:
    assert people("POST", "/subscribe", b"address=" + b"a" * 20_000).status == 413
    assert people("POST", "/subscribe", b"&".join([b"a=1"] * 500)).status == 422
    assert people("PUT", "/subscribe", b"").status == 405


def test_without_a_public_newsletter_there_is_no_form(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "other", SITE.replace("when: mon 08:00}", "when: mon 08:00, area: reserved}", 1))
    with desk.served():
        assert desk.get("/subscribe").status == 404


def test_networks_behind_a_proxy_are_counted_apart_and_neighbours_together(people: Desk) -> None:
    neighbours = [f"198.51.100.{number}" for number in range(30)]
    assert {people.ask(f"a{n}@example.it", origin=origin).status for n, origin in enumerate(neighbours)} == {200}
    assert people.ask("b@example.it", origin="198.51.100.99").status == 429
    assert people.ask("b@example.it", origin="203.0.113.1, 198.51.100.99").status == 429, "what a client claims"
    assert people.ask("b@example.it", origin="203.0.113.1").status == 200
    assert people.ask("c@example.it", origin="2001:db8::1").status == 200


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("::ffff:198.51.100.7", "198.51.100.0/24"),
        ("2001:db8:0:1234::1", "2001:db8:0:1200::/56"),
        ("nobody", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_network_is_what_neighbours_share(host: str, network: str) -> None:
    assert network_of(host) == network
