"""Return paths that say whose mail came back, and hashes that say nothing."""

from __future__ import annotations

import pytest

from aggregator.addresses import bare
from aggregator.returns import Returns

RETURNS = Returns(b"un segreto di prova", "notizie@example.it")
ID, MESSAGE = "0123456789abcdef0123", "<issue.settimanale.1.ab@example.it>"


def test_a_return_path_is_an_address_and_tells_whose_mail_and_which() -> None:
    path = RETURNS.path(ID, MESSAGE)
    assert bare(path) == path
    assert len(path.partition("@")[0]) <= 64
    for seen in (path, path.upper(), f"<{path}>"):
        assert RETURNS.read(seen) == (ID, RETURNS.about(MESSAGE))


@pytest.mark.parametrize("other", ["notizie@example.it", "", "notizie+a.b.c@example.it"])
def test_other_addresses_tell_nothing(other: str) -> None:
    assert RETURNS.read(other) is None


def test_nobody_makes_one_up() -> None:
    path = RETURNS.path(ID, MESSAGE)
    assert RETURNS.read(path.replace(ID, ID[::-1])) is None
    assert Returns(b"la chiave di un altro", "notizie@example.it").read(path) is None


def test_a_mailbox_with_a_name_too_long_for_it_is_used_as_it_is() -> None:
    assert Returns(b"k", f"{'n' * 40}@example.it").path(ID, MESSAGE) == f"{'n' * 40}@example.it"


def test_a_hash_is_of_the_address_and_of_this_site_only() -> None:
    assert RETURNS.hashed(" Anagrafe@Comune.example ") == RETURNS.hashed("anagrafe@comune.example")
    assert RETURNS.hashed("a@b.example") != Returns(b"altro", "notizie@example.it").hashed("a@b.example")
