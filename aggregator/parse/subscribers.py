"""A CSV file as Italian spreadsheets write it -> subscribers to be, every fault with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from email_validator import EmailNotValidError, validate_email

from aggregator.errors import AddressError, ConfigError
from aggregator.model import Area, Subscriber
from aggregator.settings import Config

# IndicePA's names for what we need.
_COLUMNS = {"mail1": "address", "email": "address", "e-mail": "address", "indirizzo": "address",
            "denominazione_ente": "name", "nome": "name", "comune": "municipality", "codice_ipa": "municipality"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    subscriber: Subscriber | None
    fault: str = ""


def rows(body: bytes, name: str, config: Config, basis: str, now: datetime) -> Iterator[Row]:
    """One a line that holds anything; ConfigError where the file has no column of addresses."""
    text = _decoded(body)
    reader = csv.DictReader(io.StringIO(text), delimiter=_separator(text))
    columns = [_COLUMNS.get(c.strip().lower(), c.strip().lower()) for c in reader.fieldnames or ()]
    if "address" not in columns:
        raise ConfigError(f"{name}:1 there is no column `address` (found: {', '.join(columns) or 'nothing'})")
    reader.fieldnames = columns
    for row in reader:
        told = {k: (v or "").strip() for k, v in row.items() if isinstance(k, str) and not isinstance(v, list)}
        if any(told.values()):
            yield _row(reader.line_num, name, told, config, basis, now)


def subscriber(told: Mapping[str, str], config: Config, basis: str, now: datetime) -> Subscriber:
    """A confirmed subscriber; AddressError or ConfigError says in words what is wrong with a field."""
    address = _address(told.get("address", ""))
    language, area = told.get("language", ""), told.get("area") or "public"
    if language and language not in ("it", "en"):
        raise ConfigError(f"language {language!r}: expected it or en")
    if area not in ("public", "reserved"):
        raise ConfigError(f"area {area!r}: expected public or reserved")
    return Subscriber(
        id=subscriber_id(address),
        address=address,
        consent="confirmed",
        language=language,
        name=told.get("name", ""),
        newsletters=_known(told.get("newsletters", ""), [n.id for n in config.newsletters], "newsletter"),
        sections=_known(told.get("sections", ""), [s.id for s in config.sections], "section"),
        area=_area(area),
        municipality=told.get("municipality", ""),
        since=now,
        evidence=basis,
    )


def subscriber_id(address: str) -> str:
    """From the address alone, so that who comes twice is one; says nothing about it to who sees the id."""
    return blake2b(address.casefold().encode(), digest_size=10).hexdigest()


def _row(line: int, name: str, told: Mapping[str, str], config: Config, basis: str, now: datetime) -> Row:
    try:
        return Row(line, subscriber(told, config, basis, now))
    except (AddressError, ConfigError) as error:
        return Row(line, None, f"{name}:{line} {error}")


def _address(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise AddressError(f"{text[:80]!r} is no e-mail address: {error}") from None


def _known(text: str, ids: Sequence[str], what: str) -> tuple[str, ...]:
    wanted = tuple(part.strip() for part in text.split("|") if part.strip())
    for one in wanted:
        if one not in ids:
            raise ConfigError(f"no {what} is called {one!r}; there is: {', '.join(ids) or 'none'}")
    return wanted


def _area(text: str) -> Area:
    return "reserved" if text == "reserved" else "public"


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _separator(text: str) -> str:
    """The separator of the head line: what stands in it most often."""
    head = text.partition("\n")[0]
    return max(";,\t", key=head.count)
