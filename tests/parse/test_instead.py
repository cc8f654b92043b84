"""What a document is instead of a feed, in words that say what to do."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Feed, Fetched, Problem
from aggregator.parse import document
from aggregator.parse.instead import advertised, instead

URL = "https://www.comune.prova.example/notizie/"


def link(href: str, kind: str = "application/rss+xml", rel: str = "alternate", title: str = "") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


def page(*head: str, title: str = "Comune di Prova", body: str = "<h1>Notizie</h1>") -> str:
    return f"<!DOCTYPE html><html lang=it><head><title>{title}</title>{''.join(head)}</head><body>{body}</body></html>"


# --- what a page advertises


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("/rss", "https://www.comune.prova.example/rss"),
        ("rss?a=1&amp;b=2", "https://www.comune.prova.example/notizie/rss?a=1&b=2"),
        ("//feed.prova.example/atom", "https://feed.prova.example/atom"),
        (" https://feed.prova.example/atom\n", "https://feed.prova.example/atom"),
        ("?format=feed", "https://www.comune.prova.example/notizie/?format=feed"),
    ],
)
def test_an_advertised_address_is_made_absolute(written: str, address: str) -> None:
    assert advertised(page(link(written)), URL) == ((address, ""),)


def test_feeds_are_told_in_the_order_of_the_page_with_their_titles_and_once() -> None:
    html = page(
        link("/rss", title="Tutte le  notizie"),
        link("/atom", kind="application/atom+xml", title="Bandi &amp; gare"),
        link("/json", kind="Application/Feed+JSON; charset=utf-8", rel="home ALTERNATE"),
        link("/rss", title="Ancora"),
    )
    assert advertised(html, "https://www.prova.example/") == (
        ("https://www.prova.example/rss", "Tutte le notizie"),
        ("https://www.prova.example/atom", "Bandi & gare"),
        ("https://www.prova.example/json", ""),
    )


def test_the_base_of_a_page_counts() -> None:
    html = page('<base href="/portale/">', link("rss"))
    assert advertised(html, URL) == (("https://www.comune.prova.example/portale/rss", ""),)


@pytest.mark.parametrize(
    "other",
    [
        link("/en", kind="text/html"),
        link("/wp-json/", kind="application/json"),
        link("/oembed", kind="application/json+oembed"),
        link("/rss", rel="stylesheet"),
        link("javascript:alert(1)"),
        link("file:///etc/passwd"),
        link(""),
        f"<!-- {link('/rss')} -->",
        f"<script>'{link('/rss')}'</script>",
        '<link rel="alternate" type="application/rss+xml">',
    ],
)
def test_what_is_no_feed_is_not_advertised(other: str) -> None:
    assert advertised(page(other), URL) == ()


def test_links_in_the_body_of_a_careless_page_count() -> None:
    assert advertised(f"<p>Ciao{link('/rss')}<p>", URL) == (("https://www.comune.prova.example/rss", ""),)


@pytest.mark.parametrize("text", ["", " ", "\0", "ciao", "<", "<!--", '<?xml version="1.0" encoding="utf-16"?><a/>'])
def test_what_is_no_page_advertises_nothing(text: str) -> None:
    assert advertised(text, URL) == ()


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(), st.text())
def test_no_page_is_too_odd_to_be_looked_at(before: str, href: str, base: str) -> None:
    for address, _ in advertised(before + link(href) + before, base):
        assert address.startswith(("http://", "https://"))


# --- what a document is

NEWS = "<p>Il Comune di Prova informa che lo sportello resta aperto anche il giovedì.</p>" * 30
LOOK = "; look on the site for the address of its RSS or Atom feed, and write that as url: in feeds.yaml"
TELL = "; if that stays so, tell the webmaster"
AWAY = "; look for the institution's new address, and set `paused:` on this source until you have it"
PASSWORD = '<form><input name="utente"><input type="password"></form>'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the document is empty" + TELL),
        (b" \n", "the document is empty" + TELL),
        (b"Torno subito", "this is no RSS, Atom or JSON feed" + LOOK),
        (b"[avviso] chiuso", "this is no RSS, Atom or JSON feed" + LOOK),
        (b"<", "this is no RSS, Atom or JSON feed" + LOOK),
        (b"%PDF-1.7\n%\xe2\xe3", "this is a PDF document, not a feed" + LOOK),
        (b"PK\x03\x04\x14\x00\x06\x00", "this is a zip archive or an Office document, not a feed" + LOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is an Office document, not a feed" + LOOK),
        (b"{\\rtf1\\ansi Avviso}", "this is an RTF document, not a feed" + LOOK),
        (b"\x89PNG\r\n\x1a\n\0\0", "this is a picture, not a feed" + LOOK),
        (b"GIF89a\x01", "this is a picture, not a feed" + LOOK),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "this is a picture, not a feed" + LOOK),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0", "this is a calendar, not a feed" + LOOK),
        (b"\x1f\x8b\x08\0\0\0", "this is packed by gzip, and the server does not say so" + TELL),
        (b'{"titolo": "x"}', "this is JSON, but no JSON Feed (it has no list of items)" + LOOK),
        (b'[{"id": 1}]', "this is JSON, but no JSON Feed (it has no list of items)" + LOOK),
        (b'{"items": [', "this begins like JSON but cannot be read as such" + TELL),
    ],
)
def test_a_document_of_another_kind_is_named(body: bytes, words: str) -> None:
    found = document(Fetched("comune", URL, body), ZoneInfo("Europe/Rome"))
    assert found == Problem("comune", "parse", words)


SITEMAP = "this is a sitemap, which lists a site's pages for search engines, no feed" + LOOK


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<?xml version="1.0"?><!-- x --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', SITEMAP),
        ("<sitemapindex><sitemap/></sitemapindex>", SITEMAP),
        (
            '<?xml version="1.0"?>\n<opml version="2.0"><head><title>x</title></head><body/></opml>',
            "this is an OPML list of feeds, not a feed; write each address it lists (xmlUrl) as a url: in feeds.yaml",
        ),
        ("<feed/>", "this begins like a feed, but holds nothing that can be read" + TELL),
        ("<soap:Envelope/>", "this is an XML document with the root <soap:Envelope>, not a feed" + LOOK),
        ("<!DOCTYPE kml [<!ENTITY a 'b'> ]><kml/>", "this is an XML document with the root <kml>, not a feed" + LOOK),
        (f"<{'a' * 999}>", f"this is an XML document with the root <{'a' * 60}>, not a feed" + LOOK),
        ("<!-- mai chiuso <html>", "this is a web page, not a feed, and it advertises none" + LOOK),
    ],
)
def test_other_xml_is_named_by_its_root(text: str, words: str) -> None:
    assert instead(text, URL) == words


# Each sort of page, and how some of them look.
EMPTY_SERVER = "this is the first page of an empty web server: the site has moved away, or is not there yet" + AWAY
FOR_SALE = "this domain is for sale, or parked by who trades in domains: the institution has given it up, and anything"
PLACEHOLDER = "this is the placeholder of a provider: the domain is registered, but no site stands there" + AWAY
MAINTENANCE = "the site says that it is under maintenance; wait, and ask the webmaster if it lasts for days"
BROKEN = "the program behind the site has failed, and its message stands in the place of the feed; tell the webmaster"
LOGIN = "this is a login page: the feed is only for those who have an account; ask the webmaster for a public address"
MISSING = "this page says that nothing is at its address, though the server answers as if all were well" + LOOK
PLAIN = "this is a web page, not a feed, and it advertises none" + LOOK
PAGES = {
    EMPTY_SERVER: [
        page(title="Welcome to nginx!", body="<h1>Welcome to nginx!</h1><p>Further configuration is required."),
        page(title="Apache2 Debian Default Page: It works", body=NEWS),
        page(title="IIS Windows Server", body="<img src=iisstart.png>"),
        "<html><body><h1>It works!</h1></body></html>",
        page(title="Web Server's Default Page", body="<p>This page is generated by Plesk"),
        page(title="Domain Default page"),
        page(title="Benvenuto", body="<p>This is the default web page for this server."),
    ],
    FOR_SALE: [
        page(title="prova.example", body="<h1>Questo dominio è in vendita!</h1>"),
        page(title="Dominio in vendita"),
        page(title="prova.example", body="<p>Parked free, courtesy of GoDaddy.com"),
        page(title="prova.example", body="<p>The domain name is for sale. Buy this domain."),
        page('<script src="https://img.sedoparking.com/x.js"></script>', title="prova.example", body="<p>Mutui"),
        page(title="prova.example", body="<p>Il dominio è scaduto"),
        page('<script src="//d1.parkingcrew.net/p.js"></script>', title="prova.example", body=""),
    ],
    PLACEHOLDER: [
        page(title="prova.example", body="<h1>Dominio registrato</h1><p>Il dominio è registrato presso Register.it"),
        page(title="prova.example", body="<p>Sito in costruzione"),
        page(title="Coming soon", body=""),
    ],
    MAINTENANCE: [
        page(title="Comune di Prova", body="<h1>Sito in manutenzione</h1><p>Torniamo presto!"),
        page(link("/rss"), title="Sito in manutenzione", body=NEWS),
        page(title="Comune di Prova", body="<p>Il portale è temporaneamente non disponibile."),
        page(title="Under maintenance", body="<p>We will be back soon."),
        page(title="Maintenance", body="<p>Briefly unavailable for scheduled maintenance. Check back in a minute."),
    ],
    BROKEN: [
        page(title="Database Error", body="<h1>Error establishing a database connection</h1>"),
        page(title="Comune", body="<p>Errore nello stabilire una connessione al database"),
        "<br />\n<b>Fatal error</b>:  Uncaught Error: feed() in <b>/var/www/feed.php</b> on line <b>12</b><br />",
        page(title="Runtime Error", body="<h1>Server Error in '/' Application.</h1>"),
        page(title="Comune", body="<p>Si è verificato un errore imprevisto."),
    ],
    LOGIN: [
        page(title="Accedi ‹ Comune di Prova — WordPress", body='<form action="/wp-login.php">' + PASSWORD),
        page(title="Intranet", body=PASSWORD),
        page(title="Area riservata", body="<p>Riservata ai dipendenti"),
        page(title="Servizi", body='<a href="/spid">Entra con SPID</a> <a href="/cie">Entra con CIE</a>'),
        page(title="", body='<form method="post"><input type="hidden" name="SAMLRequest" value="x"></form>'),
        page(title="Login", body=NEWS + PASSWORD),
        page(title="Sign in", body="<p>Use your account"),
    ],
    MISSING: [
        page(title="Pagina non trovata - Comune di Prova", body=NEWS),
        page(title="404", body="<h1>Ops!</h1>"),
        page(title="Comune di Prova", body="<p>La pagina richiesta non esiste."),
    ],
    "this is the list of a folder's files, not a feed" + LOOK: [
        page(title="Index of /feed", body="<a href=rss.xml>rss.xml</a>")
    ],
    "this is a web page that shows nothing without JavaScript, not a feed" + LOOK: [
        page(title="Comune di Prova", body="<div id=root></div><script src=/app.js></script>")
    ],
    "a bot wall (Cloudflare) answers instead of the site": [
        page(link("/rss"), title="Just a moment...", body="<p>Attendere"),
    ],
    "a bot wall (Radware)": [page(title="Radware Captcha Page", body="<div class=h-captcha></div>")],
    PLAIN: [
        page(body=NEWS),
        "<p>Ciao",
        "Avviso <html><body>Ciao</body></html>",
        page(title="Manutenzione del verde pubblico", body=NEWS + "<p>Il sito in manutenzione di via Roma"),
        page(body=NEWS + "<p>Dominio in vendita? Attenti alle truffe. Verifica di non essere un robot."),
        page(body=NEWS + PASSWORD + '<a href="/spid">Entra con SPID</a>'),
        page(body="<h1>Avvisi</h1><p>Guida al nuovo captcha" + NEWS),
        page('<meta http-equiv="refresh" content="300">', body=NEWS),
    ],
}


@pytest.mark.parametrize(("words", "text"), [(words, text) for words, pages in PAGES.items() for text in pages])
def test_a_web_page_is_told_by_its_sort(words: str, text: str) -> None:
    assert instead(text, URL).startswith(words)


def test_a_wall_is_known_by_where_it_stands() -> None:
    assert "(Radware)" in instead(page(body="<p>Attendere"), "https://validate.perfdrive.com/?ssa=1")


@pytest.mark.parametrize("body", [NEWS, PASSWORD, NEWS + PASSWORD, "<h1>404</h1>"])
def test_a_page_tells_the_feed_it_advertises(body: str) -> None:
    assert instead(page(link("/rss"), body=body), URL) == (
        "this is a web page, not a feed; write the address it advertises as url: in feeds.yaml: "
        "https://www.comune.prova.example/rss"
    )


def test_of_many_feeds_three_are_told() -> None:
    links = [link(f"/{n}") for n in range(9)]
    assert instead(page(link("/" + "a" * 600), *links), URL) == (
        "this is a web page, not a feed; write one of the addresses it advertises as url: in feeds.yaml: "
        "https://www.comune.prova.example/0, https://www.comune.prova.example/1, https://www.comune.prova.example/2"
    )


@pytest.mark.parametrize(
    "wish", ["0;url=/nuovo/", "5; URL='/nuovo/'", " 0, url = https://www.comune.prova.example/nuovo/"]
)
def test_a_page_that_sends_browsers_on_tells_where(wish: str) -> None:
    assert instead(page(f'<meta http-equiv="Refresh" content="{wish}">'), URL) == (
        "this page only sends browsers on; if the feed is there, write as url: in feeds.yaml: "
        "https://www.comune.prova.example/nuovo/"
    )


@pytest.mark.parametrize("wish", ["0;url=", f"0;url={URL}", "0;url=javascript:x()", "0;url=/" + "a" * 600])
def test_a_page_that_sends_browsers_nowhere_is_a_page(wish: str) -> None:
    assert instead(page(f'<meta http-equiv="refresh" content="{wish}">'), URL) == PLAIN


@pytest.mark.parametrize(
    "words", ["captcha", "Sito in manutenzione", "Questo dominio è in vendita", "Just a moment..."]
)
def test_a_feed_that_writes_of_such_things_is_a_feed(words: str) -> None:
    feed = f"<rss version='2.0'><channel><title>{words}</title><item><title>{words}</title></item></channel></rss>"
    for text in (feed, feed.replace("</channel></rss>", "")):
        found = document(Fetched("comune", URL, text.encode()), ZoneInfo("Europe/Rome"))
        assert isinstance(found, Feed)
        assert [entry.title for entry in found.entries] == [words]


PIECES = [
    "<html>",
    "<title>",
    "</title>",
    "<!--",
    "<!doctype",
    "<script>",
    "<meta http-equiv=refresh content=0;url=",
    "[",
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=9)).map("".join), st.text())
def test_every_document_has_its_sentence(text: str, url: str) -> None:
    assert instead(text, url)


@pytest.mark.parametrize(
    "piece", ["<!--", "<?", "<!doctype [", "<div>", "<title>", "<a href=", "warning: ", "&", " \n"]
)
def test_a_document_made_to_be_slow_has_its_sentence_too(piece: str) -> None:
    assert instead("<html>" + piece * (2_000_000 // len(piece)), URL)
    assert instead(piece * (2_000_000 // len(piece)), URL)
