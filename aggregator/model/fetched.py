"""What is asked of a server, and what came of it: a document, nothing new, or a problem."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "changed since?" (RFC 9110, 8.8), and a hash of the last body."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask of one server. `timeout` in seconds covers the whole exchange; `max_body` in bytes, decompressed.

    `per_host`: how many of its host's documents may be fetched at once; None: as many as the network allows. `gap`: the
    seconds that its host is left in peace after each answer; then it is asked for one at a time. `home`: the address
    whose server may see the `headers`, where that is not `url`. `is_typed`: an admin wrote its address, so that
    a private one is meant.
    """

    source_id: str
    url: str
    validators: Validators = Validators()
    headers: tuple[tuple[str, str], ...] = ()
    timeout: float = 30.0
    max_body: int = 10_000_000
    per_host: int | None = None
    gap: float = 0.0
    home: str = ""
    is_typed: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document as it arrived; from here on nothing knows where it came from but by `source_id`.

    `url` is the address that answered, after redirects; `media_type` lower case, without parameters. A document that
    is `truncated` is read like any other, but nothing follows from what it does not hold.
    """

    source_id: str
    url: str
    body: bytes
    media_type: str = ""
    charset: str = ""
    validators: Validators = Validators()
    max_age: float | None = None  # seconds it stays fresh, as the server says (RFC 9111, 4.2); 7 days at most
    truncated: str = ""  # why the end is missing, in words; empty: it is whole
    moved: str = ""  # where 301 and 308 alone led, from the first hop on; empty: nowhere
    certificate_ends: datetime | None = None  # of the last hop; None: it was not https


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The server answered 304, or the same bytes as last time."""

    source_id: str
    max_age: float | None = None  # as in Fetched, and so are these
    moved: str = ""
    certificate_ends: datetime | None = None
    is_seen: bool = False  # it sent the bytes


EMPTY_ANSWER = "the answer is empty"  # so begins what is told of it

ProblemKind = Literal["fetch", "gone", "parse", "config", "crash"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one source gave nothing this time, in words an admin understands. A value: it never stops a run."""

    source_id: str
    kind: ProblemKind
    text: str
    retry_after: float | None = None  # seconds the server wants to be left alone (429, 503); 7 days at most
    status: int = 0  # of HTTP; 0: the server said nothing
