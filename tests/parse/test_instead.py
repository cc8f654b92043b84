"""What a document is instead of a feed, in words that say what to do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.parse.instead import advertised

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
