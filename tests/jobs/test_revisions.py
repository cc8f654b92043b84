"""Edits of an entry, pulled: which of them readers are told of, and that all of them are kept."""

from __future__ import annotations

from datetime import datetime

import pytest

from aggregator.jobs.pulling.pull import pull
from aggregator.model import Entry
from aggregator.ports import Store
from tests.build import NOW, config, days, source
from tests.fakes import FakeDisk, FakeNetwork

TEXT = (
    "Il Comune rende noto che le domande per il contributo regionale all'affitto si presentano entro il 30 giugno 2026 "
    "allo sportello sociale, con il modulo allegato e una copia del documento di riconoscimento del richiedente."
)


def feed(text: str = TEXT, title: str = "Contributo affitto, al via le domande", file: str = "modulo.pdf") -> bytes:
    return (
        "<rss version='2.0'><channel><title>Comune</title><item><guid>a1</guid>"
        f"<title>{title}</title><description>{text}</description><link>https://comune.example.it/affitto</link>"
        f"<pubDate>Mon, 15 Jun 2026 06:00:00 +0000</pubDate><enclosure url='https://comune.example.it/{file}' "
        "type='application/pdf'/></item></channel></rss>"
    ).encode()


def pulled(store: Store, body: bytes, now: datetime) -> Entry:
    pull(
        config(sources=(source("anci", text="full"),)), store, FakeNetwork({"anci": body}), FakeDisk(), now, force=True
    )
    (one,) = store.entries()
    return one


@pytest.mark.parametrize(
    "edit",
    [
        feed(TEXT.replace("Il Comune", "il  comune")),
        feed(TEXT.replace("allo sportello", "presso lo sportello")),
        feed(title="Contributo affitto: al via le domande"),
        feed(TEXT.replace("riconoscimento", "riconosimento")),
    ],
)
def test_a_cosmetic_edit_is_kept_and_tells_nobody(store: Store, edit: bytes) -> None:
    pulled(store, feed(), NOW)
    after = pulled(store, edit, days(1))
    assert (after.revised, after.revision) == (None, 1)
    assert [(at, former.revision) for at, former in store.revisions(after.id)] == [(days(1), 0)]


@pytest.mark.parametrize(
    "edit",
    [
        feed(TEXT.replace("30 giugno", "15 luglio")),
        feed(TEXT.replace("si presentano", "non si presentano")),
        feed(file="modulo-2.pdf"),
        feed(title="Contributo affitto: graduatoria definitiva e ricorsi"),
        feed(TEXT + " Il termine decorre dalla data di pubblicazione; sono esclusi i nuclei già beneficiari."),
    ],
)
def test_an_update_is_dated_when_we_saw_it(store: Store, edit: bytes) -> None:
    pulled(store, feed(), NOW)
    assert pulled(store, edit, days(1)).revised == days(1)


def test_a_cosmetic_edit_after_an_update_leaves_its_date(store: Store) -> None:
    pulled(store, feed(), NOW)
    pulled(store, feed(TEXT.replace("30 giugno", "15 luglio")), days(1))
    after = pulled(store, feed(TEXT.replace("30 giugno", "15 luglio").replace("Il Comune", "Il comune")), days(2))
    assert (after.revised, after.revision) == (days(1), 2)
    assert [former.revised for _, former in store.revisions(after.id)] == [None, days(1)]


def test_an_entry_that_flaps_stops_counting(store: Store) -> None:
    dates = [pulled(store, feed(TEXT.replace("30 giugno", f"{day} luglio")), days(day)).revised for day in range(1, 15)]
    assert dates[0] is None
    assert dates[1:6] == [days(day) for day in range(2, 7)]
    assert set(dates[6:]) == {days(6)}
    assert "change again and again" in store.checks()["anci"].remarks[0]
