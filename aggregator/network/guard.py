"""The address of a machine -> why it must not be asked; None where it may.

Addresses in feeds come from strangers: one that leads inside (a router's page, a cloud's secrets) would be read by us,
who stand inside, and published. Judged is what curl is about to connect to, so that redirects, odd spellings and names
that change what they stand for are all covered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Where a source can stand on purpose: an institution's own machines.
_PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 "  # RFC 1918, 6598, 1122
        "::1/128 fc00::/7 fec0::/10"  # RFC 4291, 4193, 3879
    ).split()
)
# Where none can: IANA's registries of special-purpose addresses, and what ipaddress would let through.
_NOWHERE = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 "
        "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 2001::/23 2001:db8::/32 3fff::/20"
    ).split()
)
_ROUTED = ip_network("0.0.0.0/0"), ip_network("2000::/3")  # of IPv6, all that was ever given out
# An IPv4 address inside an IPv6 one, and how many bits from the right it stands.
_CARRIERS = (
    (IPv6Network("::ffff:0:0/96"), (0,)),  # v4-mapped, RFC 4291
    (IPv6Network("::/96"), (0,)),  # v4-compatible, the same
    (IPv6Network("::ffff:0:0:0/96"), (0,)),  # v4-translated, RFC 2765
    (IPv6Network("64:ff9b::/96"), (0,)),  # NAT64, RFC 6052
    (IPv6Network("2002::/16"), (80,)),  # 6to4, RFC 3056
    (IPv6Network("2001::/32"), (64, 0)),  # Teredo, RFC 4380: server and, bits turned over, client
)
_TEREDO = _CARRIERS[-1][0]
_LOOPBACK = IPv4Network("127.0.0.0/8")


def refused(address: str, allowed: Sequence[Network]) -> str | None:
    """In words, why the machine at `address` (IPv4 or IPv6, a zone such as %eth0 aside) is not for us.

    `allowed` are the networks of `network.allow_private`: an address in one of them, or that carries one of theirs, may
    be asked. Everything else that is not routed on the whole internet is refused.
    """
    machine = ip_address(address.partition("%")[0])
    if _in(machine, allowed):
        return None
    if _in(machine, _PRIVATE):
        return (
            f"the address leads to {machine}, a machine inside a private network; "
            f"if that is right, add {_name(machine)} to network.allow_private"
        )
    if carried := tuple(_carried(machine)):
        return next(filter(None, (refused(str(inner), allowed) for inner in carried)), None)
    if machine.is_global and _in(machine, _ROUTED) and not _in(machine, _NOWHERE):
        return None
    return f"the address leads to {machine}, where no server on the web can be; tell the webmaster, or mend `url:`"


def _in(machine: Address, networks: Sequence[Network]) -> bool:
    return any(machine in network for network in networks)


def _name(machine: Address) -> str:
    """What to write to let us in: loopback as a whole, elsewhere this one machine."""
    return str(_LOOPBACK if machine in _LOOPBACK else ip_network(machine))


def _carried(machine: Address) -> Iterator[IPv4Address]:
    for network, places in _CARRIERS:
        if machine in network:
            for bits in places:
                inner = int(machine) >> bits & 0xFFFF_FFFF
                yield IPv4Address(inner ^ 0xFFFF_FFFF if network is _TEREDO and bits == 0 else inner)
            return


def typed(url: str) -> Iterator[Network]:
    """The private networks that an address names outright, by number or as localhost: who typed it into feeds.yaml
    means it, while names, redirects and other addresses of that machine are in strangers' hands."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        yield from (_LOOPBACK, IPv6Network("::1/128"))
    elif _is_number(host):
        yield ip_network(host)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
