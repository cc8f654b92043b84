"""A key and a subscriber's id -> the short signed words that stand in links and in subjects of mails, and back."""

from __future__ import annotations

import re
from urllib.parse import quote

from itsdangerous import BadData, URLSafeSerializer

from aggregator.errors import TokenError

_SHORTEST_KEY = 16  # bytes
# A subject has few words; a hostile one with thousands costs no more than this many.
_WORDS = 40
_PIECES = 4  # into how many pieces a mail program may have broken a token


class Keyring:
    """Signs with one key. Each purpose has its own salt, so that a token for one is refused for every other."""

    def __init__(self, key: bytes) -> None:
        if len(key) < _SHORTEST_KEY:
            raise ValueError(f"a key needs at least {_SHORTEST_KEY} bytes, this one has {len(key)}")
        self._leave = URLSafeSerializer(key, salt="leave", signer_kwargs={"key_derivation": "hmac"})

    def leave(self, subscriber_id: str) -> str:
        """The token by which this subscriber leaves: URL-safe, about 50 letters, never expires, never used up."""
        return str(self._leave.dumps(subscriber_id))

    def read_leave(self, token: str) -> str:
        """The subscriber's id; TokenError where the token is forged, cut, or another purpose's."""
        try:
            found = self._leave.loads(token)
        except BadData as error:
            raise TokenError("this is no token to leave by, or not a whole one") from error
        if not isinstance(found, str):
            raise TokenError("this token holds no subscriber")
        return found

    def find_leave(self, text: str) -> str | None:
        """The id of the subscriber whose token stands in a line of text as mail programs mangle it, or None.

        `Re: TOKEN`, `TOKEN (fwd)`, and a token broken by a line's end are found; the signature says which try is right.
        """
        words = re.split(r"[^\w.-]+", text, flags=re.ASCII)[:_WORDS]
        for length in range(1, _PIECES + 1):
            for start in range(len(words) - length + 1):
                try:
                    return self.read_leave("".join(words[start : start + length]).rstrip("."))
                except TokenError:
                    continue
        return None


def mailto(address: str, token: str) -> str:
    """The URI of a mail that asks to leave (RFC 6068): nothing to write, only to send."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(token, safe='')}"
