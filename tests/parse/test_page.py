"""Pages without a feed: what selectors find, in the layout of the seed portal and in others, and what they miss."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.errors import ParseError
from aggregator.model import Event, Feed, Fetched
from aggregator.parse import page
from aggregator.settings import Select

ROME = ZoneInfo("Europe/Rome")
URL = "https://permessi.example.it/portale/index.html"

# Own words, in the portal's layout: lists of long dates, titles and cut excerpts, a month of days between them.
PORTAL = """<!doctype html><html lang="it"><head><title>Permessi di  soggiorno</title></head><body>
<div id="news"><h2>News</h2><ul>
  <li><span class="data">lunedì 29 maggio 2017</span><a href="news/co-alizione">Al via il programma &amp; i Comuni</a>
    <p>Sono <b>protagonisti</b>: i Comuni che...</p></li>
  <li><span class="data">giovedì 4 maggio 2017</span><a href="/news/fami">Fondo asilo, le scadenze</a>
    <p>Entro il...</p></li>
</ul></div>
<div id="agenda"><h2>Agenda Eventi</h2><table><tr><td>1</td><td>2</td></tr></table>
  <div class="evento"><em>mercoledì 12 luglio 2017</em>
    <a href="eventi/incontro">Incontro con gli sportelli</a></div></div>
<div id="documenti"><dl><dt>martedì 23 maggio 2017</dt><dd><a href="doc/linee-guida.pdf">Linee guida</a></dd></dl></div>
<div id="leggi"><p><strong>venerdì 5 maggio 2017</strong><a href="leggi/47">Legge n. 47/2017</a>
  Disposizioni...</p></div>
<div id="domande"><div class="qa"><span>giovedì 11 maggio 2018</span>
  <a href="faq/1">Posso viaggiare con la ricevuta del rinnovo...</a></div></div>
</body></html>"""

LISTS = {
    "news": (
        Select(entry="#news li", title="a", link="a@href", date=".data", summary="p"),
        [
            ("Al via il programma & i Comuni", "https://permessi.example.it/portale/news/co-alizione", 29),
            ("Fondo asilo, le scadenze", "https://permessi.example.it/news/fami", 4),
        ],
    ),
    "agenda": (
        Select(entry="#agenda .evento", title="a", link="a", date="em"),
        [("Incontro con gli sportelli", "https://permessi.example.it/portale/eventi/incontro", 12)],
    ),
    "documenti": (
        Select(entry="#documenti dl", title="dd a", link="dd a@href", date="dt"),
        [("Linee guida", "https://permessi.example.it/portale/doc/linee-guida.pdf", 23)],
    ),
    "leggi": (
        Select(entry="#leggi p", title="a", link="a@href", date="strong"),
        [("Legge n. 47/2017", "https://permessi.example.it/portale/leggi/47", 5)],
    ),
    "domande": (
        Select(entry=".qa", title="a", link="a@href", date="span"),
        [("Posso viaggiare con la ricevuta del rinnovo...", "https://permessi.example.it/portale/faq/1", 11)],
    ),
}


def read(html: str | bytes, select: Select, **fields: str) -> Feed:
    body = html if isinstance(html, bytes) else html.encode()
    return page.parse([Fetched("portale", URL, body, **fields)], select, ROME)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_of_the_portal_can_be_selected(name: str) -> None:
    select, expected = LISTS[name]
    feed = read(PORTAL, select)
    found = [(e.title, e.url, e.published.astimezone(ROME).day if e.published else 0) for e in feed.entries]
    assert found == expected
    assert (feed.title, feed.language, feed.home) == ("Permessi di soggiorno", "it", URL)
    assert all(e.date_quality == "day" and e.guid is None for e in feed.entries)


def test_a_summary_keeps_its_markup() -> None:
    assert read(PORTAL, LISTS["news"][0]).entries[0].summary == "Sono <b>protagonisti</b>: i Comuni che..."


def test_attributes_of_the_entry_itself_and_of_others_can_be_selected() -> None:
    html = '<a class="n" href="/a" title="Bando"><time datetime="2026-06-15T10:00:00+02:00">oggi</time></a>'
    [entry] = read(html, Select(entry="a.n", title="@title", link="@href", date="time@datetime")).entries
    assert (entry.title, entry.url) == ("Bando", "https://permessi.example.it/a")
    assert (entry.published, entry.date_quality) == (datetime(2026, 6, 15, 8, tzinfo=UTC), "exact")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Pubblicato il 29 maggio 2017 - Notizie", 29),
        ("Data: 29/05/2017", 29),
        ("Roma, 3.6.2017 ore 10:30", 3),
        ("aggiornato 2017-05-29", 29),
        ("domani", 0),
    ],
)
def test_a_date_is_found_among_other_words(written: str, day: int) -> None:
    html = f'<li><a href="/a">Bando</a><i>{written}</i></li>'
    [entry] = read(html, Select(entry="li", title="a", link="a@href", date="i")).entries
    assert (entry.published.astimezone(ROME).day if entry.published else 0) == day
    assert entry.published_raw == written


@pytest.mark.parametrize(
    ("form", "written", "quality"),
    [
        ("%m/%d/%Y", "05/29/2017", "day"),
        ("%d %B %Y", "29 maggio 2017", "day"),
        ("%d %b %y", "29 mag 17", "day"),
        ("%d.%m.%Y %H:%M", "29.05.2017 00:00", "zone"),
        ("%d.%m.%Y", "ieri", "refused"),
        ("%d.%m.%Y", "", "missing"),
        ("%d.%m.%Y", "01.01.1066", "refused"),
    ],
)
def test_a_form_of_its_own_is_read_by_that_form_alone(form: str, written: str, quality: str) -> None:
    html = f'<li><a href="/a">Bando</a><i>{written}</i></li><li><a href="/b">b</a><i>x</i></li>'
    entry = read(html, Select(entry="li", title="a", link="a@href", date="i", date_format=form)).entries[0]
    assert entry.date_quality == quality
    if entry.published:
        assert entry.published.astimezone(ROME) == datetime(2017, 5, 29, tzinfo=ROME)


def test_links_are_relative_to_what_feeds_yaml_or_the_page_says() -> None:
    html = '<base href="/altro/"><li><a href="a">Bando</a></li>'
    select = Select(entry="li", title="a", link="a@href")
    assert read(html, select).entries[0].url == "https://permessi.example.it/altro/a"
    based = Select(entry="li", title="a", link="a@href", base="https://www.example.it/x/")
    assert read(html, based).entries[0].url == "https://www.example.it/x/a"


def test_what_has_no_title_or_no_web_address_is_no_entry() -> None:
    html = '<li><a href="/a">A</a></li><li><a href="/b"></a></li><li><a href="javascript:f()">C</a></li><li>D</li>'
    assert [e.title for e in read(html, Select(entry="li", title="a", link="a@href")).entries] == ["A"]


@pytest.mark.parametrize(
    ("select", "words"),
    [
        (Select(entry=".notizia", title="a", link="a@href"), "select.entry '.notizia' finds nothing on the page"),
        (
            Select(entry="#news li", title="h4", link="a@href"),
            "select.title 'h4' finds nothing in any of its 2 entries",
        ),
        (Select(entry="#news li", title="a", link="b@href"), "select.link 'b@href' finds nothing in any"),
        (Select(entry="#news li", title="a", link="a", date=".quando"), "select.date '.quando' finds nothing in any"),
    ],
)
def test_a_selector_that_finds_nothing_is_named_with_the_remedy(select: Select, words: str) -> None:
    with pytest.raises(ParseError) as told:
        read(PORTAL, select)
    assert words in str(told.value)
    assert str(told.value).endswith("look at the page and mend select: in feeds.yaml")


@pytest.mark.parametrize(
    "body",
    [
        '<meta charset="windows-1252"><li><a href="/a">Città</a></li>'.encode("cp1252"),
        '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"><li><a href="/a">Città</a>'.encode(
            "cp1252"
        ),
        '<li><a href="/a">Città</a></li>'.encode(),
    ],
)
def test_letters_are_read_as_they_were_meant(body: bytes) -> None:
    assert read(body, Select(entry="li", title="a", link="a@href")).entries[0].title == "Città"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("?p=2", "https://permessi.example.it/portale/index.html?p=2"),
        ("https://permessi.example.it/2", "https://permessi.example.it/2"),
        ("https://altrove.example/2", ""),
        ("javascript:avanti()", ""),
        ("", ""),
    ],
)
def test_the_next_page_is_on_the_same_host(href: str, expected: str) -> None:
    html = f'<div class="pager"><a class="next" href="{href}">avanti</a></div>'
    select = Select(entry="li", title="a", link="a@href", next=".pager a.next@href")
    assert page.next_address(Fetched("portale", URL, html.encode()), select) == expected


# --- an agenda ---

AGENDA = """<ul>{}</ul>"""
EVENT = "<li><a href='/e/{n}'>Incontro {n}</a> <em>{when}</em> <i>Roma, via di Prova 46</i></li>"
SELECT = Select(entry="li", title="a", link="a", event="em", place="i")


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ROME).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "event"),
    [
        ("mercoledì 12 luglio 2017", Event(local(2017, 7, 12), all_day=True)),
        ("12/07/2017", Event(local(2017, 7, 12), all_day=True)),
        ("Mercoledì 12 luglio 2017, ore 10:30", Event(local(2017, 7, 12, 10, 30))),
        ("12/07/2017 10:30", Event(local(2017, 7, 12, 10, 30))),
        ("dal 12 al 14 luglio 2017", Event(local(2017, 7, 12), local(2017, 7, 14), all_day=True)),
        ("12-14 luglio 2017", Event(local(2017, 7, 12), local(2017, 7, 14), all_day=True)),
        ("30 giugno – 2 luglio 2017", Event(local(2017, 6, 30), local(2017, 7, 2), all_day=True)),
        ("dal 30 dicembre 2017 al 2 gennaio 2018", Event(local(2017, 12, 30), local(2018, 1, 2), all_day=True)),
        ("12/07/2017 - 14/07/2017", Event(local(2017, 7, 12), local(2017, 7, 14), all_day=True)),
    ],
)
def test_an_agenda_says_when_and_where(when: str, event: Event) -> None:
    (entry,) = read(AGENDA.format(EVENT.format(n=1, when=when)), SELECT).entries
    assert entry.events == (replace(event, place="Roma, via di Prova 46"),)


def test_an_entry_whose_day_cannot_be_read_is_no_event_and_still_an_entry() -> None:
    told = read(AGENDA.format(EVENT.format(n=1, when="da definire") + EVENT.format(n=2, when="12/07/2017")), SELECT)
    assert [len(e.events) for e in told.entries] == [0, 1]


def test_an_agenda_in_which_no_day_is_found_is_a_fault_of_the_source() -> None:
    with pytest.raises(ParseError, match=r"select\.event 'em' finds nothing in any of its 1 entries"):
        read(AGENDA.format(EVENT.format(n=1, when="da definire")), SELECT)
