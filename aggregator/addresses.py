"""`Name <office@comune.example>` as people write it -> name and address as mail servers want them."""

from __future__ import annotations

import re
from email.utils import parseaddr
from functools import lru_cache

import idna

from aggregator.errors import AddressError

# Certified mail (PEC): most providers refuse what does not come from another certified mailbox. Known by whole labels
# of the domain, as offices name them, and by providers that have none such; never by a part of a name (Peccioli).
_CERTIFIED_LABELS = frozenset(
    "pec legalmail postacert postacertificata cert postecert arubapec pecaruba registerpec pecimprese".split()
)
_CERTIFIED_PROVIDERS = (
    "casellapec.com", "mypec.eu", "pecsicura.it", "poste-certificate.it", "sicurezzapostale.it",
)  # fmt: skip

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]\\\x00-\x1f\x7f]+@[^\s@<>(),;:\"\\\x00-\x1f\x7f]+")


@lru_cache(1024)
def named(text: str) -> tuple[str, str]:
    """(display name or "", address with its domain in ASCII); AddressError where there is no single plain address.

    The part before the @ may hold accents (RFC 6531): such an address needs a server that speaks SMTPUTF8.
    """
    name, address = parseaddr(text)
    if not _ADDRESS.fullmatch(address) or not text.rstrip().endswith((address, f"<{address}>")):
        raise AddressError("not a single e-mail address such as 'Ufficio <ufficio@comune.example>'")
    local, _, domain = address.rpartition("@")
    return name, f"{local}@{ascii_domain(domain)}"


def bare(text: str) -> str:
    """The address alone, as it stands on an envelope."""
    return named(text)[1]


def ascii_domain(domain: str) -> str:
    """`città.example` -> `xn--citt-3na.example` (IDNA 2008, UTS 46); an ASCII name is left as it is."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise AddressError("the domain of this address cannot exist") from error


def is_certified(address: str) -> bool:
    """Whether it looks like a PEC mailbox."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    named = not _CERTIFIED_LABELS.isdisjoint(domain.split("."))
    return named or any(domain == one or domain.endswith(f".{one}") for one in _CERTIFIED_PROVIDERS)


def masked(address: str) -> str:
    """`a•••@comune.example.it`: enough for its owner to know it by, on a page that a forwarded mail may lead to."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
