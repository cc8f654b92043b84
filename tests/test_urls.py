from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import urls


@pytest.mark.parametrize(
    "other",
    [
        "https://comune.example.it/bandi?a=1&b=2",
        "http://www.comune.example.it/bandi?a=1&b=2",
        "http://COMUNE.example.it:80/bandi?a=1&b=2",
        "https://comune.example.it:443/bandi?a=1&b=2",
        "http://comune.example.it/bandi/?b=2&a=1",
        "http://comune.example.it/notizie/../bandi?a=1&b=2#top",
        "http://comune.example.it/bandi;jsessionid=0A1B2C?a=1&b=2",
        "http://comune.example.it/bandi?a=1&PHPSESSID=123&b=2&ASPSESSIONIDQQ=X",
        "http://comune.example.it/bandi?a=1&b=2&sid=0123456789abcdef0123456789abcdef",
        "http://comune.example.it/bandi?utm_source=rss&a=1&b=2&utm_medium=feed&fbclid=x&gclid=y&mc_cid=z",
        "http://comune.example.it/(S(abcdefghij1234567890abcd))/bandi?a=1&b=2",
        "http://comune.example.it/b%61ndi?a=1&b=%32",
        "  http://comune.example.it/\nbandi?a=1&b=2 ",
        "//comune.example.it/bandi?a=1&b=2",
    ],
)
def test_what_does_not_choose_the_page_does_not_count(other: str) -> None:
    assert urls.key(other) == urls.key("http://comune.example.it/bandi?a=1&b=2")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.example/x", "http://b.example/x"),
        ("http://a.example/x", "http://a.example/X"),
        ("http://a.example/x?id=1", "http://a.example/x?id=2"),
        ("http://a.example:8080/x", "http://a.example/x"),
        ("http://a.example/#/bandi/1", "http://a.example/#/bandi/2"),
        ("http://a.example/#!bandi", "http://a.example/#!avvisi"),
        ("http://a.example/a%2Fb", "http://a.example/a/b"),
        ("http://a.example/article?sid=1201", "http://a.example/article?sid=1202"),
        ("http://www.it/", "http://it/"),
    ],
)
def test_what_chooses_the_page_counts(one: str, other: str) -> None:
    assert urls.key(one) != urls.key(other)


def test_letters_are_the_same_written_out_or_encoded() -> None:
    assert urls.key("http://a.example/caffè?q=è") == urls.key("http://a.example/caff%c3%a8?q=%C3%A8")
    assert urls.key("http://città.example/") == urls.key("http://xn--citt-3na.example")


@pytest.mark.parametrize("odd", ["", "tag:a.example,2026:1", "http://[", "non è un indirizzo", "http:///x", "a\ud800"])
def test_what_is_no_web_address_is_its_own_key(odd: str) -> None:
    assert urls.key(f" {odd}\n") == odd


addresses = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["www.a.example", "WWW.www.B.example.", "www.it", "è.example:80", "[::1]:8080", "u:p@c.example"]),
    st.text(alphabet="/ab.;%2fè=()", max_size=12).map(lambda path: "/" + path),
    st.text(alphabet="ab=&;%20+è?utm_", max_size=12).map(lambda query: "?" + query),
    st.text(alphabet="#/!a", max_size=4),
)


@given(st.one_of(st.text(), addresses))
def test_a_key_is_its_own_key(url: str) -> None:
    assert urls.key(urls.key(url)) == urls.key(url)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("bando.html", "https://a.example/x/bando.html"),
        ("/bando", "https://a.example/bando"),
        ("//b.example/bando", "https://b.example/bando"),
        ("?p=2", "https://a.example/x/y?p=2"),
        (" http://b.example/ban\n\tdo \x00", "http://b.example/bando"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("", ""),
        (" \n", ""),
        ("http://[", "http://["),
    ],
)
def test_a_reference_is_resolved_against_its_page(reference: str, expected: str) -> None:
    assert urls.resolve("https://a.example/x/y?p=1", reference) == expected


def test_a_page_without_address_leaves_a_reference_as_it_is() -> None:
    assert urls.resolve("", "bando.html") == "bando.html"
    assert urls.resolve("http://[", "bando.html") == "bando.html"


@pytest.mark.parametrize(
    "url", ["http://a.example", "HTTPS://a.example:8443/x?y#z", "http://127.0.0.1/", "http://[::1]/"]
)
def test_http_and_https_with_a_host_are_web_addresses(url: str) -> None:
    assert urls.is_web(url)


@pytest.mark.parametrize(
    "url",
    [
        *("", "a.example", "//a.example/x", "/x", "http://", "https:///x", "http:a", "http://a.example:99999/"),
        *("javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "mailto:a@b.example", "ftp://a.example"),
        *(" http://a.example", "http://a.exa mple/", "http://[", "http://a.example/\nx"),
    ],
)
def test_anything_else_is_no_web_address(url: str) -> None:
    assert not urls.is_web(url)


def test_the_host_is_small_and_without_port() -> None:
    assert urls.host("HTTPS://u:p@WWW.Example.it.:8443/x") == "www.example.it"
    assert urls.host("tag:a,2026:1") == ""
    assert urls.host("http://[") == ""


@given(st.text(), st.text())
def test_no_text_breaks_them(one: str, other: str) -> None:
    urls.resolve(one, other)
    urls.resolve("http://" + one, "//" + other)
    urls.is_web("http://" + one)
    urls.host("http://" + one)


_PARTS = (
    "http:// https:// www. www.www. comune.example.it COMUNE.it a-b.it a..b x-- 1.2.3.4 :80 /a /A_b.c~d- // "
    "/. /.. /a.b/ ; ? # %41 @"
).split()


@given(st.lists(st.sampled_from(_PARTS), max_size=6))
def test_plain_addresses_are_levelled_as_all_others(parts: list[str]) -> None:
    url = "".join(parts)
    text = urls._tidy(url)
    for _ in range(urls._ROUNDS):
        text = urls._levelled(text)
    assert urls.key(url) == text
