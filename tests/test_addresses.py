"""Addresses as people write them."""

from __future__ import annotations

import pytest

from aggregator.addresses import ascii_domain, bare, named
from aggregator.errors import AddressError


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("anagrafe@comune.example", "", "anagrafe@comune.example"),
        ("  anagrafe@comune.example ", "", "anagrafe@comune.example"),
        ("Permessi di soggiorno <notizie@example.it>", "Permessi di soggiorno", "notizie@example.it"),
        ('"Rossi, Niccolò" <n.rossi@example.it>', "Rossi, Niccolò", "n.rossi@example.it"),
        ("protocollo@città.example", "", "protocollo@xn--citt-3na.example"),
        ("josé@comune.example", "", "josé@comune.example"),
        ("l'aquila+news@comune.example", "", "l'aquila+news@comune.example"),
    ],
)
def test_name_and_address_are_told_apart(written, name, address):
    assert named(written) == (name, address)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "comune.example",
        "@comune.example",
        "anagrafe@",
        "a@b.example, c@d.example",
        "a@b.example; c@d.example",
        "a b@comune.example",
        "a@comune .example",
        "a@b@comune.example",
        "a@comune.example\r\nBcc: b@comune.example",
        "a@xn--\N{SNOWMAN}..example",
    ],
)
def test_what_is_not_one_plain_address_is_refused(written):
    with pytest.raises(AddressError):
        bare(written)


def test_an_ascii_domain_is_left_as_it_is():
    assert ascii_domain("Host_1.localhost") == "Host_1.localhost"
