"""A key -> return paths that say whose mail came back (VERP), and hashes of the addresses nothing is sent to."""

from __future__ import annotations

import hashlib
import hmac
import re

_SIGNED = re.compile(r"\+([a-z0-9]+)\.([0-9a-f]{6})\.([0-9a-f]{10})@", re.IGNORECASE)
_LONGEST = 64  # octets before the @ (RFC 5321, 4.5.3.1.1)


class Returns:
    """Nobody without the key can make up a return, nor tell from a hash whose address it is."""

    def __init__(self, key: bytes, mailbox: str) -> None:
        """`mailbox`: the address that is read; its server must deliver `name+anything@` to it as well."""
        self._key = key
        self._name, _, self._domain = mailbox.rpartition("@")

    def path(self, subscriber_id: str, message_id: str) -> str:
        """The envelope's sender of one mail to one subscriber: letters and digits that survive any server."""
        about = self.about(message_id)
        name = f"{self._name}+{subscriber_id}.{about}.{self._sign(subscriber_id, about)}"
        return f"{name if len(name) <= _LONGEST else self._name}@{self._domain}"

    def read(self, address: str) -> tuple[str, str] | None:
        """(subscriber's id, which mail) of such an address, or None where it is none of ours."""
        match = _SIGNED.search(address)
        if match is None:
            return None
        subscriber_id, about, sign = (part.lower() for part in match.groups())
        return (subscriber_id, about) if hmac.compare_digest(sign, self._sign(subscriber_id, about)) else None

    @staticmethod
    def about(message_id: str) -> str:
        """Which mail it was, so that two reports of one are counted once."""
        return hashlib.sha256(message_id.strip().encode("utf-8", "surrogatepass")).hexdigest()[:6]

    def hashed(self, address: str) -> str:
        """What is kept of an address that must not be written to, once the address itself is erased."""
        return self._mac("suppressed", address.strip().lower())

    def _sign(self, subscriber_id: str, about: str) -> str:
        return self._mac("return", f"{subscriber_id}.{about}")[:10]

    def _mac(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}\n{text}".encode("utf-8", "surrogatepass"), "sha256").hexdigest()
