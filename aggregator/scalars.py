"""One value as written in feeds.yaml -> what it means: durations, ids, addresses. ValueError: what was expected."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BeforeValidator, WithJsonSchema

from aggregator.rhythm import Rhythm

# Web paths and commands of the site: a section may not take them over.
RESERVED_IDS = frozenset(
    "all tags acts sources feeds entries newsletter search follow desk r health metrics subscribe confirm leave "
    "preferences assets calendar".split()
)
ID = "[a-z0-9]+(-[a-z0-9]+)*"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"kb": 1000, "mb": 1_000_000}
_YEAR = timedelta(days=365)
_LONGEST_PAUSE = 92  # days: an issue that waits longer for a working day is no issue
# What an e-mail program takes for syntax in the name before an address (RFC 5322, 3.2.3).
_SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]')


def _duration(least: timedelta, say: str) -> Callable[[Any], timedelta]:
    def read(value: Any) -> timedelta:
        match = re.fullmatch(r"([0-9]{1,6})\s*([smhd])", str(value).strip())
        if not match:
            raise ValueError("expected a duration such as 30s, 15m, 6h or 2d")
        duration = timedelta(seconds=int(match[1]) * _UNITS[match[2]])
        if not least <= duration <= _YEAR:
            raise ValueError(f"expected {say} or longer, and 365d at most")
        return duration

    return read


def _size(value: Any) -> int:
    match = re.fullmatch(r"([0-9]{1,6})\s*(kb|mb)", str(value).strip().lower())
    if not match or not int(match[1]):
        raise ValueError("expected a size such as 500kB or 10MB")
    return int(match[1]) * _SIZES[match[2]]


def _rate(value: Any) -> int:
    match = re.fullmatch(r"([0-9]{1,6})\s*/\s*min", str(value).strip())
    if not match or not int(match[1]):
        raise ValueError("expected messages a minute, such as 300/min")
    return int(match[1])


def _zone(value: Any) -> str:
    text = str(value)
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = get_close_matches(text, available_timezones(), n=1)
        hint = f"; did you mean {near[0]}?" if near else " such as Europe/Rome"
        raise ValueError(f"expected the name of a time zone{hint}") from None
    return text


def _web_address(value: Any) -> str:
    text = str(value).strip()
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or re.search(r"[\s<>\"\x00-\x1f]", text):
        raise ValueError("expected a web address beginning with https:// or http://")
    if "@" in parts.netloc:
        raise ValueError("expected an address without name and password: the site would publish them")
    return text


def _site_address(value: Any) -> str:
    text = _web_address(value)
    if "?" in text or "#" in text:
        raise ValueError("expected a plain address such as https://notizie.example.it/, without ? or #")
    return text.rstrip("/") + "/"


def _link(value: Any) -> str:
    text = str(value).strip()
    if re.search(r"\s", text) or not re.match(r"https?://|mailto:|[^:]*(/|$)", text, re.IGNORECASE):
        raise ValueError("expected a web address, mailto:… or a path on this site such as /privacy/")
    return text


def _id(value: Any) -> str:
    text = str(value)
    if not re.fullmatch(ID, text):
        raise ValueError("expected small letters, digits and hyphens, such as gazzetta-ufficiale")
    return text


def _section_id(value: Any) -> str:
    text = _id(value)
    if text in RESERVED_IDS:
        raise ValueError("expected another id: this one is a page of the site itself")
    return text


def _rhythm(value: Any) -> Rhythm:
    return value if isinstance(value, Rhythm) else Rhythm.parse(str(value))


def _colour(value: Any) -> str:
    text = str(value).lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", text):
        raise ValueError('expected a colour such as "#0b5394", in quotes')
    return text


def _language(value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", str(value)):
        raise ValueError("expected the code of a language, such as it, en or de")
    return str(value)


def _network(value: Any) -> str:
    try:
        return str(ipaddress.ip_network(str(value)))
    except ValueError:
        raise ValueError("expected a network such as 10.0.0.0/8") from None


def _listen(value: Any) -> str:
    match = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:/]+):([0-9]{1,5})", str(value).strip())
    if not match or int(match[2]) > 65535:
        raise ValueError("expected host and port such as 127.0.0.1:8080")
    return str(value).strip()


def _month_day(value: Any) -> str:
    try:
        if re.fullmatch("[0-9]{2}-[0-9]{2}", str(value)):
            date.fromisoformat(f"2000-{value}")  # a leap year
            return str(value)
    except ValueError:
        raise ValueError("expected month and day such as 06-29; there is no such day") from None
    raise ValueError("expected month and day such as 06-29")


def _pause(value: Any) -> str:
    first, separator, last = str(value).partition(" to ")
    try:
        first, last = _month_day(first), _month_day(last if separator else first)
        days = (date.fromisoformat(f"2000-{last}") - date.fromisoformat(f"2000-{first}")).days % 366 + 1
    except ValueError:
        raise ValueError("expected days of the year such as 08-08 to 08-23") from None
    if days > _LONGEST_PAUSE:
        raise ValueError(f"a pause of {days} days; expected three months at most")
    return f"{first} to {last}"


def _country(value: Any) -> str:
    import holidays  # here, as few say which

    if str(value) not in holidays.list_supported_countries(include_aliases=False):
        raise ValueError("expected a country's two letters such as IT")
    return str(value)


def _address(value: Any) -> str:
    # Imported here: the pure rooms import this module and never meet an address.
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(str(value).strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError("expected an e-mail address such as ufficio@example.it") from None


def _mailbox(value: Any) -> str:
    match = re.fullmatch(r'\s*(?:"?([^"<>\x00-\x1f]*?)"?\s*<([^<>]+)>|(\S+))\s*', str(value))
    if not match:
        raise ValueError('expected an address, or a name and an address such as "Notizie <notizie@example.it>"')
    name, address = match[1], _address(match[2] or match[3])
    if not name:
        return address
    return f'"{name}" <{address}>' if _SPECIALS.search(name) else f"{name} <{address}>"


def _store(value: Any) -> str:
    text = str(value)
    if not re.match(r"sqlite:///.|postgresql://.", text):
        raise ValueError("expected sqlite:///data/aggregator.db or postgresql://…")
    return text


def _reason(value: Any) -> Any:
    """A text. YAML's `false` is none, and goes on with the source; `true` says nothing that anybody could be told."""
    word = str(value).strip().lower()
    if word in ("true", "yes", "on", "y", "sì", "si", "1"):
        raise ValueError('expected why, in words such as "sito in rifacimento"')
    return "" if word in ("false", "no", "off", "n", "0") else value


def _header(value: Any) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", str(value)):  # RFC 9110, 5.6.2
        raise ValueError("expected the name of an HTTP header such as X-Key, without blanks")
    return str(value)


def selector_parts(selector: str) -> tuple[str, str]:
    """`h3 a@href` -> the CSS and the attribute; either may be empty."""
    css, at, attribute = selector.rpartition("@")
    if at and re.fullmatch(r"\s*[A-Za-z][\w:-]*\s*", attribute):
        return css.strip(), attribute.strip().lower()
    return selector.strip(), ""


def _selector(value: Any) -> str:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # most sites select nothing

    css, attribute = selector_parts(str(value))
    try:
        if css or not attribute:
            LexborHTMLParser("").css_first(css)
    except SelectolaxError:
        raise ValueError('expected a CSS selector such as "h3 a", or with an attribute "h3 a@href"') from None
    return str(value)


def _date_format(value: Any) -> str:
    """It must bring a day back as it went in."""
    text, sample = str(value), datetime(2026, 6, 15)  # noqa: DTZ001  a calendar day
    try:
        fits = text == "auto" or datetime.strptime(sample.strftime(text), text).date() == sample.date()  # noqa: DTZ007
    except ValueError:
        fits = False
    if not fits:
        raise ValueError('expected auto, or day, month and year such as "%d.%m.%Y" or "%d %B %Y" (%y for two digits)')
    return text


def one_or_many(value: Any) -> Any:
    """A single value where a list is expected is a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


_list_of_text = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
_DURATION = _text(r"^\s*[0-9]{1,6}\s*[smhd]\s*$")
_WEB = _text(r"^\s*https?://[^\s]+$")

Every = Annotated[timedelta, BeforeValidator(_duration(timedelta(minutes=1), "one minute (1m)")), _DURATION]
Timeout = Annotated[timedelta, BeforeValidator(_duration(timedelta(seconds=1), "one second (1s)")), _DURATION]
Size = Annotated[int, BeforeValidator(_size), _text(r"^\s*[0-9]{1,6}\s*[kKmM][bB]\s*$")]
Rate = Annotated[int, BeforeValidator(_rate), _text(r"^\s*[0-9]{1,6}\s*/\s*min\s*$")]
Zone = Annotated[str, BeforeValidator(_zone)]
WebAddress = Annotated[str, BeforeValidator(_web_address), _WEB]
SiteAddress = Annotated[str, BeforeValidator(_site_address), _text(r"^\s*https?://[^\s?#]+$")]
Link = Annotated[str, BeforeValidator(_link)]
Id = Annotated[str, BeforeValidator(_id), _text(f"^{ID}$")]
SectionId = Annotated[str, BeforeValidator(_section_id), _text(f"^(?!({'|'.join(sorted(RESERVED_IDS))})$){ID}$")]
When = Annotated[
    Rhythm,
    BeforeValidator(_rhythm),
    _text(r"^\s*([a-zA-Z]+\s+)?[a-zA-Zì]+(\s*-\s*[a-zA-Zì]+)?\s+[0-9]{1,2}:[0-9]{2}\s*$"),
]
Selector = Annotated[str, BeforeValidator(_selector)]
DateFormat = Annotated[str, BeforeValidator(_date_format)]
Colour = Annotated[str, BeforeValidator(_colour), _text("^#[0-9a-fA-F]{6}$")]
Language = Annotated[str, BeforeValidator(_language), _text("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Cidr = Annotated[str, BeforeValidator(_network)]
Listen = Annotated[str, BeforeValidator(_listen)]
MonthDay = Annotated[str, BeforeValidator(_month_day), _text("^[0-9]{2}-[0-9]{2}$")]
Country = Annotated[str, BeforeValidator(_country), _text("^[A-Z]{2}$")]
Pause = Annotated[str, BeforeValidator(_pause)]
Address = Annotated[str, BeforeValidator(_address)]
Mailbox = Annotated[str, BeforeValidator(_mailbox)]
Store = Annotated[str, BeforeValidator(_store), _text("^(sqlite:///|postgresql://).+")]
Reason = Annotated[
    str, BeforeValidator(_reason), WithJsonSchema({"anyOf": [{"type": ["string", "number"]}, {"const": False}]})
]
Header = Annotated[str, BeforeValidator(_header), _text(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
Texts = Annotated[tuple[str, ...], BeforeValidator(one_or_many), _list_of_text]
Patterns = Texts
Ids = Annotated[tuple[Id, ...], BeforeValidator(one_or_many), _list_of_text]
Languages = Annotated[tuple[Language, ...], BeforeValidator(one_or_many), _list_of_text]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(one_or_many), _list_of_text]
