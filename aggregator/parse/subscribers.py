"""A CSV file as Italian spreadsheets write it -> subscribers to be, every fault with its line."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from aggregator import municipalities
from aggregator.addresses import is_certified
from aggregator.errors import AddressError, ConfigError
from aggregator.model import Area, Subscriber
from aggregator.settings import Config

# IndicePA's names for what we need.
_COLUMNS = {
    **dict.fromkeys(("mail1", "mail2", "mail3", "mail4", "mail5", "email", "e-mail", "indirizzo"), "address"),
    **dict.fromkeys(("denominazione_ente", "nome"), "name"),
    **dict.fromkeys(("comune", "codice_ipa"), "municipality"),
}
# What Python says of a line, and what it means.
_FAULTS = {
    "unexpected end of data": "a quotation mark is opened here and never closed: nothing from here on was read",
    "field larger than field limit (131072)": "a cell of this line is longer than anything a list can mean",
}


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    subscriber: Subscriber | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: tuple[str, ...] = ()
    fault: str = ""


def rows(body: bytes, name: str, config: Config, basis: str, now: datetime) -> Iterator[Row]:
    """One a line that holds anything; ConfigError where the file has no column of addresses.

    Who stands in two lines that say the same is read twice; where they differ, the later one is a fault.
    """
    lines = (line for line in _lines(body) if any(line.cells) or line.fault)
    head = next(lines, _Line(1))
    columns = [_COLUMNS.get(cell.lower(), cell.lower()) for cell in head.cells]
    if "address" not in columns:
        found = head.fault or ", ".join(filter(None, columns)) or "nothing"
        raise ConfigError(f"{name}:{head.number} there is no column `address` (found: {found[:200]})")
    first: dict[str, Row] = {}
    for line in lines:
        row = _row(line, name, _told(columns, line.cells), config, basis, now)
        before = first.setdefault(row.subscriber.id, row) if row.subscriber else row
        if _wishes(before) == _wishes(row):
            yield row
        else:
            yield Row(line.number, None, f"{name}:{line.number} has other wishes for the address of line {before.line}")


def _wishes(row: Row) -> tuple[object, ...]:
    one = row.subscriber
    return (one.newsletters, one.sections, one.language, one.area) if one else ()


def subscriber(told: Mapping[str, str], config: Config, basis: str, now: datetime) -> Subscriber:
    """A confirmed subscriber; AddressError or ConfigError says in words what is wrong with a field."""
    address = plain_address(told.get("address", ""))
    language, area = told.get("language", "").lower(), (told.get("area") or "public").lower()
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
        municipality=_municipality(told.get("municipality", "")),
        since=now,
        evidence=basis,
    )


def subscriber_id(address: str) -> str:
    """From the address alone, so that who comes twice is one; says nothing about it to who sees the id."""
    return blake2b(address.strip().lower().encode(), digest_size=10).hexdigest()


def _told(columns: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    """The first that is given of columns that mean the same, such as Mail1 and E-mail; an ordinary mailbox before a
    certified one."""
    told: dict[str, str] = {}
    certified = dict(_certified(columns, cells))
    for place, (column, cell) in enumerate(zip(columns, cells, strict=False)):
        if cell and place not in certified:
            told.setdefault(column, cell)
    return told if "address" in told or not certified else told | {"certified": next(iter(certified.values()))}


def _certified(columns: Sequence[str], cells: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(place, address) of the certified mailboxes: those that IndicePA's Tipo_Mail calls so, or that look like it."""
    kinds = dict(zip(columns, cells, strict=False))
    for number, place in enumerate((n for n, name in enumerate(columns) if name == "address"), 1):
        cell = cells[place] if place < len(cells) else ""
        if cell and (kinds.get(f"tipo_mail{number}", "").lower() == "pec" or is_certified(cell)):
            yield place, cell


def _row(line: _Line, name: str, told: Mapping[str, str], config: Config, basis: str, now: datetime) -> Row:
    try:
        if line.fault:
            raise ConfigError(line.fault)
        if certified := told.get("certified"):
            raise AddressError(
                f"{certified[:80]!r} is certified mail (PEC), which mostly refuses ordinary mail; give an ordinary "
                f"mailbox, or enter it all the same: subscribers add {certified[:80]}"
            )
        return Row(line.number, subscriber(told, config, basis, now))
    except (AddressError, ConfigError) as error:
        return Row(line.number, None, f"{name}:{line.number} {error}")


def plain_address(text: str) -> str:
    """One address, its domain as people write it; AddressError says what is wrong with it."""
    from email_validator import EmailNotValidError, validate_email  # 25 ms that few commands need

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


def _municipality(text: str) -> str:
    """Its code; in lists of IndicePA other bodies stand, too, and keep theirs."""
    found = municipalities.find(text)
    return found[0].code if len(found) == 1 else text


def _area(text: str) -> Area:
    return "reserved" if text == "reserved" else "public"


# --- lines and cells ---


def _lines(body: bytes) -> Iterator[_Line]:
    """Every line with its cells; one that cannot be read says why, and the next is read."""
    text = _decoded(body)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = tuple(cell.strip() for cell in next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield _Line(number, fault=_FAULTS.get(str(error), str(error)))
        else:
            if not (number == 1 and _names_separator(text)):
                yield _Line(number, cells)


def _decoded(body: bytes) -> str:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Excel's "Unicode text"
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _names_separator(text: str) -> bool:
    """Excel's own way of telling the separator, in a line before the head."""
    return text[:4].lower() == "sep="


def _separator(text: str) -> str:
    """The separator of the head line: what stands in it most often."""
    head = text.lstrip().partition("\n")[0]
    return max(";,\t", key=head.count)
