"""Which machines may be asked: by address, and where it counts, when curl connects."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Fetched, Request
from aggregator.network.guard import Network, refused, typed
from tests.edges.asking import FEED, document, fetch, problem
from tests.servers import Route, redirect, serve

LOOPBACK = (ip_network("127.0.0.0/8"),)


def nets(*texts: str) -> tuple[Network, ...]:
    return tuple(map(ip_network, texts))


# --- the rule


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2a00:1450:4002::200e"])
def test_a_machine_on_the_web_may_be_asked(address: str) -> None:
    assert refused(address, ()) is None


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("100.64.0.1", "100.127.255.255", "::1", "fc00::1", "fd12:3456::1", "fec0::1"),
    ],
)
def test_a_machine_inside_a_private_network_is_refused_and_the_remedy_told(address: str) -> None:
    text = refused(address, ())
    assert text is not None
    assert text.startswith(
        f"the address leads to {address}, a machine inside a private network; if that is right, add "
    )
    remedy = text.split(" add ")[1].removesuffix(" to network.allow_private")
    assert refused(address, nets(remedy)) is None


def test_loopback_is_opened_as_a_whole_and_any_other_machine_alone() -> None:
    assert refused("127.0.0.1", ()) == (
        "the address leads to 127.0.0.1, a machine inside a private network; "
        "if that is right, add 127.0.0.0/8 to network.allow_private"
    )
    assert "add 10.1.2.3/32 to" in str(refused("10.1.2.3", ()))
    assert "add fd00::7/128 to" in str(refused("fd00::7", ()))


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "169.254.169.254", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.0.1"),
        *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"),
        *("fe80::1", "fe80::1%eth0", "ff02::1", "ff0e::1", "64:ff9b:1::1", "100::1", "2001:db8::1", "3fff::1"),
        *("2001:1::1", "2001:2::1", "2001:10::1", "2001:20::1", "5f00::1", "4000::1", "8000::1", "e000::1"),
    ],
)
def test_an_address_where_no_server_can_be_is_refused(address: str) -> None:
    bare = address.removesuffix("%eth0")
    assert refused(address, ()) == (
        f"the address leads to {bare}, where no server on the web can be; tell the webmaster, or mend `url:`"
    )


def test_only_the_ranges_named_are_opened() -> None:
    assert refused("10.1.0.1", nets("10.1.0.0/16")) is None
    assert refused("10.2.0.1", nets("10.1.0.0/16")) is not None
    assert refused("127.0.0.1", nets("10.0.0.0/8", "::1/128", "fc00::/7")) is not None
    assert refused("::1", nets("127.0.0.0/8")) is not None
    assert refused("169.254.169.254", nets("169.254.169.254/32")) is None


CARRIERS = {
    "v4-mapped": lambda inner: int(IPv6Address("::ffff:0:0")) | inner,
    "v4-compatible": lambda inner: inner,
    "v4-translated": lambda inner: int(IPv6Address("::ffff:0:0:0")) | inner,
    "NAT64": lambda inner: int(IPv6Address("64:ff9b::")) | inner,
    "6to4": lambda inner: int(IPv6Address("2002::")) | inner << 80 | 1,
    "Teredo client": lambda inner: int(IPv6Address("2001:0:808:808::")) | inner ^ 0xFFFF_FFFF,
    "Teredo server": lambda inner: int(IPv6Address("2001::")) | inner << 64 | 0x0808_0808 ^ 0xFFFF_FFFF,
}


@pytest.mark.parametrize("how", CARRIERS)
@pytest.mark.parametrize("inner", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "8.8.8.8"])
def test_what_an_ipv6_address_carries_is_judged(how: str, inner: str) -> None:
    address = IPv6Address(CARRIERS[how](int(IPv4Address(inner))))
    assert refused(str(address), ()) == refused(inner, ())


@given(st.ip_addresses(v=4), st.sampled_from(sorted(CARRIERS)))
def test_no_way_of_writing_an_address_changes_the_verdict(inner: IPv4Address, how: str) -> None:
    address = IPv6Address(CARRIERS[how](int(inner)))
    if str(address) != "::1":  # has a meaning of its own
        assert refused(str(address), LOOPBACK) == refused(str(inner), LOOPBACK)


@given(st.ip_addresses())
def test_what_the_registries_call_private_is_never_asked(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global and not any(address in carrier for carrier in nets("::/16", "64:ff9b::/96", "2001::/32")):
        assert refused(str(address), ())


@given(st.ip_addresses())
def test_who_allows_everything_may_ask_everybody(address: IPv4Address | IPv6Address) -> None:
    assert refused(str(address), nets("0.0.0.0/0", "::/0")) is None


# --- at the moment of connecting


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "localhost", "127.0.0.1."),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]"),
    ],
)
def test_no_spelling_of_a_private_address_gets_through(host: str) -> None:
    with serve({"/": FEED}) as site:
        text = problem(site.url().replace("127.0.0.1", host), private=())
    assert text.startswith(("the address leads to 127.0.0.1, a machine inside", "the address leads to ::1, a machine"))
    assert not site.requests


@pytest.mark.parametrize("host", ["0", "0.0.0.0", "[::]"])
def test_the_address_of_no_machine_does_not_lead_to_this_one(host: str) -> None:
    with serve({"/": FEED}) as site:
        text = problem(site.url().replace("127.0.0.1", host), private=())
    assert "where no server on the web can be" in text
    assert not site.requests


def test_a_range_that_is_named_may_be_asked() -> None:
    with serve({"/": FEED}) as site:
        assert document(site.url(), private=["10.0.0.0/8", "127.0.0.1/32"]).body == FEED


def test_a_redirect_does_not_get_past_the_guard() -> None:
    with serve({"/": FEED}, host="127.0.0.2") as inside, serve({"/": redirect(inside.url())}) as outside:
        text = problem(outside.url(), private=["127.0.0.1/32"])
    assert text.startswith("the address leads to 127.0.0.2, a machine inside a private network")
    assert len(outside.requests) == 1
    assert not inside.requests


def test_a_name_is_judged_by_where_it_leads() -> None:
    """Whatever a name stood for when somebody looked it up before: only the connection that is made counts."""
    with serve({"/": FEED}) as site:
        named = site.url().replace("127.0.0.1", "localhost")
        assert document(named).body == FEED
        assert "a machine inside a private network" in problem(named, private=["10.0.0.0/8"])
    assert len(site.requests) == 1


def test_without_a_word_nothing_private_may_be_asked() -> None:
    with serve({"/": FEED}) as site:
        assert "127.0.0.0/8 to network.allow_private" in problem(site.url(), private=())
    assert not site.requests


@pytest.mark.parametrize(
    ("url", "networks"),
    [
        ("http://127.0.0.1:8000/feed", ["127.0.0.1/32"]),
        ("http://localhost/feed", ["127.0.0.0/8", "::1/128"]),
        ("http://[fc00::1]/feed", ["fc00::1/128"]),
        ("https://notizie.example.it/10.0.0.1", []),
        ("http://10.0.0.1.example.it/", []),
        ("", []),
    ],
)
def test_an_address_typed_as_a_number_is_meant(url: str, networks: list[str]) -> None:
    assert list(map(str, typed(url))) == networks


def test_a_typed_number_opens_its_own_server_and_nothing_else_of_that_machine() -> None:
    routes: dict[str, Route] = {"/feed": FEED, "/moved": redirect("/feed")}
    with serve({"/admin": FEED}) as admin, serve(routes) as mine:
        routes["/away"] = redirect(admin.url("/admin"))
        asked = [Request(path, mine.url(path), is_typed=True) for path in ("/feed", "/moved", "/away")]
        stranger = Request("stranger", mine.url("/feed"))
        answers = fetch(*asked, stranger, allow_private=())
        assert {path for path, answer in answers.items() if isinstance(answer, Fetched)} == {"/feed", "/moved"}
        assert not admin.requests
