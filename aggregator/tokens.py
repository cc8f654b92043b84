"""A key and a subscriber's id -> the short signed words that stand in links and in subjects of mails, and back."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

from itsdangerous import BadData, URLSafeSerializer

from aggregator.errors import TokenError

T = TypeVar("T")

_SHORTEST_KEY = 16  # bytes
# A subject has few words; a hostile one with thousands costs no more than this many.
_WORDS = 40
_PIECES = 4  # into how many pieces a mail program may have broken a token
# How long a wish may wait for its confirmation, and a leave be undone: both are erased then.
DAYS_TO_ANSWER = timedelta(days=7)


def sound_key(key: bytes) -> bytes:
    """The same; ValueError where it was cut short."""
    if len(key) < _SHORTEST_KEY:
        raise ValueError(f"a key needs at least {_SHORTEST_KEY} bytes, this one has {len(key)}")
    return key


class Keyring:
    """Signs with one key. Each purpose has its own salt, so that a token for one is refused for every other."""

    def __init__(self, key: bytes) -> None:
        self._key = sound_key(key)
        self._leave, self._preferences, self._confirm, self._erase, self._shown, self._feeds = (
            URLSafeSerializer(key, salt=salt, signer_kwargs={"key_derivation": "hmac"})
            for salt in ("leave", "preferences", "confirm", "erase", "shown", "feeds")
        )

    def leave(self, subscriber_id: str) -> str:
        """The token by which this subscriber leaves: URL-safe, about 50 letters, never expires, never used up."""
        return str(self._leave.dumps(subscriber_id))

    def read_leave(self, token: str) -> str:
        """The subscriber's id; TokenError where the token is forged, cut, or another purpose's."""
        return _named(self._leave, token)

    def preferences(self, subscriber_id: str) -> str:
        """The token by which a subscriber changes what they get; like the one to leave by, it never expires."""
        return str(self._preferences.dumps(subscriber_id))

    def read_preferences(self, token: str) -> str:
        return _named(self._preferences, token)

    def feeds(self, subscriber_id: str, key: str) -> str:
        """The token in the addresses of a subscriber's reserved feeds; it is worth as much as its key is."""
        return str(self._feeds.dumps([subscriber_id, key]))

    def read_feeds(self, token: str) -> tuple[str, str]:
        """(the subscriber's id, the key it was made with)"""
        match _loaded(self._feeds, token):
            case [str(subscriber_id), str(key)]:
                return subscriber_id, key
        raise TokenError("this token holds no subscriber and key")

    def confirm(self, subscriber_id: str, now: datetime) -> str:
        """The token by which a wish to subscribe is confirmed, or a leave undone, within `DAYS_TO_ANSWER`."""
        return _dated(self._confirm, subscriber_id, now)

    def read_confirm(self, token: str, now: datetime) -> tuple[str, datetime]:
        """(the subscriber's id, when it was made, to the second); TokenError also where it is too old."""
        return _read_dated(self._confirm, token, now)

    def erase(self, subscriber_id: str, now: datetime) -> str:
        """The token by which all that is known of a subscriber is erased; it expires like the one to confirm by."""
        return _dated(self._erase, subscriber_id, now)

    def read_erase(self, token: str, now: datetime) -> str:
        return _read_dated(self._erase, token, now)[0]

    def shown(self, now: datetime) -> str:
        """What a form carries of the moment it was shown."""
        return _dated(self._shown, "", now)

    def read_shown(self, token: str, now: datetime) -> datetime:
        return _read_dated(self._shown, token, now)[1]

    def fingerprint(self, address: str) -> str:
        """What is kept of an address that was erased: only who has the key can tell whether another one is the same."""
        return hmac.digest(self._key, f"left\n{address.strip().lower()}".encode(), "sha256").hex()[:40]

    def find_leave(self, text: str) -> str | None:
        """The id of the subscriber whose token to leave stands in a line of text, or None."""
        return _found(text, self.read_leave)

    def find_confirm(self, text: str, now: datetime) -> str | None:
        """The token to confirm by that stands there, or None."""

        def read(token: str) -> str:
            self.read_confirm(token, now)
            return token

        return _found(text, read)


def _found(text: str, read: Callable[[str], T]) -> T | None:
    """What is read of the token in a line of text as mail programs mangle it: `Re: TOKEN`, `TOKEN (fwd)`, and a token
    broken by a line's end are found; the signature says which try is right."""
    words = re.split(r"[^\w.-]+", text, flags=re.ASCII)[:_WORDS]
    for length in range(1, _PIECES + 1):
        for start in range(len(words) - length + 1):
            try:
                return read("".join(words[start : start + length]).rstrip("."))
            except TokenError:
                continue
    return None


def _named(signer: URLSafeSerializer, token: str) -> str:
    found = _loaded(signer, token)
    if not isinstance(found, str):
        raise TokenError("this token holds no subscriber")
    return found


def _dated(signer: URLSafeSerializer, subscriber_id: str, now: datetime) -> str:
    return str(signer.dumps([subscriber_id, int(now.timestamp())]))


def _read_dated(signer: URLSafeSerializer, token: str, now: datetime) -> tuple[str, datetime]:
    match _loaded(signer, token):
        case [str(subscriber_id), int(seconds)]:
            made = datetime.fromtimestamp(seconds, UTC)
            if now - made <= DAYS_TO_ANSWER:
                return subscriber_id, made
            raise TokenError("this token has expired")
    raise TokenError("this token holds no subscriber and moment")


def _loaded(signer: URLSafeSerializer, token: str) -> object:
    """Base64 passes over letters that are not its own: only the very token that was made is taken."""
    try:
        found: object = signer.loads(token)
    except BadData as error:
        raise TokenError("this token is forged, cut, or for another purpose") from error
    if signer.dumps(found) != token:
        raise TokenError("this token has been written otherwise than it was made")
    return found


def mailto(address: str, token: str) -> str:
    """The URI of a mail that asks to leave (RFC 6068): nothing to write, only to send."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(token, safe='')}"
