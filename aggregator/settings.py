"""The nouns of feeds.yaml: pydantic validates these very dataclasses. What a key means is said in config.meanings."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, Field, with_config

from aggregator.model import Area
from aggregator.scalars import (
    Address,
    Addresses,
    Cidr,
    Colour,
    Country,
    DateFormat,
    Every,
    Header,
    Id,
    Ids,
    Language,
    Languages,
    Link,
    Listen,
    Mailbox,
    MonthDay,
    Patterns,
    Pause,
    Rate,
    Reason,
    SectionId,
    Selector,
    SiteAddress,
    Size,
    Store,
    Texts,
    Timeout,
    WebAddress,
    When,
    Zone,
    one_or_many,
)

_strict = with_config(ConfigDict(extra="forbid", arbitrary_types_allowed=True))

Republished = Literal["title", "summary", "full"]
PerHost = Annotated[int, Field(ge=1, le=32)]


@_strict
@dataclass(frozen=True, slots=True)
class Publisher:
    name: str
    email: Address = ""
    address: str = ""
    phone: str = ""


@_strict
@dataclass(frozen=True, slots=True)
class Partner:
    name: str
    logo: str = ""
    url: Link = ""


@_strict
@dataclass(frozen=True, slots=True)
class Theme:
    color: Colour = "#0b5394"
    logo: str = ""


@_strict
@dataclass(frozen=True, slots=True)
class Links:
    """The footer the law asks for; a link that is empty is not shown."""

    privacy: Link = ""
    accessibility: Link = ""
    legal: Link = ""
    credits: Link = ""

    def seen_from(self, page: str) -> Links:
        """The same with whole addresses, for mails, which lie on no site."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return Links(**{name: urljoin(page, link) if link else "" for name, link in told.items()})


@_strict
@dataclass(frozen=True, slots=True)
class Holidays:
    country: Country = "IT"
    patron: MonthDay | None = None
    pause: Annotated[tuple[Pause, ...], BeforeValidator(one_or_many)] = ()


@_strict
@dataclass(frozen=True, slots=True)
class Site:
    title: str
    url: SiteAddress
    language: Literal["it", "en"] = "it"
    timezone: Zone = "Europe/Rome"
    publisher: Publisher | None = None
    partners: tuple[Partner, ...] = ()
    funding: str = ""
    theme: Theme = Theme()
    licence: str = ""
    links: Links = Links()
    holidays: Holidays | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


@_strict
@dataclass(frozen=True, slots=True)
class Section:
    id: SectionId
    title: str
    kind: Literal["entries", "events", "questions"] = "entries"
    formerly: Ids = ()


@_strict
@dataclass(frozen=True, slots=True)
class Auth:
    """A header whose value stands in the environment (or .env) under `env`, or in a `file`."""

    header: Header
    env: str = ""
    file: str = ""


@_strict
@dataclass(frozen=True, slots=True)
class Select:
    """Where things are on a page that has no feed."""

    entry: Selector
    title: Selector
    link: Selector
    date: Selector = ""
    summary: Selector = ""
    date_format: DateFormat = "auto"
    event: Selector = ""
    place: Selector = ""
    base: WebAddress = ""
    next: Selector = ""


@_strict
@dataclass(frozen=True, slots=True)
class Defaults:
    """What a source takes when it says nothing itself."""

    section: str = ""
    every: Every = timedelta(hours=6)
    text: Republished = "summary"
    include: Patterns = ()
    exclude: Patterns = ()


@_strict
@dataclass(frozen=True, slots=True)
class Source:
    """A place we watch: a feed (`url`) or a page without one (`page`); the announcements folder is one too.

    `config.read` has filled in what the YAML left to `defaults`; an empty `include` keeps everything.
    """

    id: Id
    url: WebAddress = ""
    page: WebAddress = ""
    select: Select | None = None
    title: str = ""
    section: str = ""
    every: Every = timedelta(hours=6)
    include: Patterns = ()
    exclude: Patterns = ()
    identity: Literal["auto", "guid", "link", "guid+link", "title+date"] = "auto"
    text: Republished = "summary"
    licence: str = ""
    language: Language = ""
    timezone: Zone = "Europe/Rome"
    rank: int = 0
    keep_days: Annotated[int, Field(ge=1, le=36500)] | None = None
    noindex: bool = False
    area: Area = "public"
    max_body: Size | None = None
    timeout: Timeout | None = None
    per_host: PerHost | None = None
    auth: Auth | None = None
    paused: Reason = ""
    formerly: Ids = ()

    @property
    def kind(self) -> Literal["feed", "page", "announcements"]:
        if self.page:
            return "page"
        return "feed" if self.url else "announcements"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@_strict
@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule applies: every field named must match; a field matches when any of its words does.

    Inside are further conditions: `all_` must match, one of `any_`, and `not_` must not.
    """

    title: Patterns = ()
    text: Patterns = ()
    source: Ids = ()
    author: Patterns = ()
    tag: Patterns = ()
    language: Languages = ()
    link: Patterns = ()
    all_: Annotated[tuple[Condition, ...], BeforeValidator(one_or_many), Field(alias="all")] = ()
    any_: Annotated[tuple[Condition, ...], BeforeValidator(one_or_many), Field(alias="any")] = ()
    not_: Annotated[Condition | None, Field(alias="not")] = None


@_strict
@dataclass(frozen=True, slots=True)
class Rule:
    when: Condition
    section: str = ""
    tag: Texts = ()
    also: Texts = ()
    drop: bool = False
    pin: bool = False
    area: Area | None = None


@_strict
@dataclass(frozen=True, slots=True)
class Newsletter:
    id: Id
    when: When
    title: str = ""  # empty: the site's
    draft: When | None = None
    approval: Literal["none", "unless-held", "required"] = "none"
    editors: Addresses = ()
    sections: Texts = ()  # empty: all, in the site's order
    limit: Annotated[int, Field(ge=1)] = 8
    area: Area = "public"
    empty: Literal["skip", "send"] = "skip"
    look: str = "default"


@_strict
@dataclass(frozen=True, slots=True)
class Alerts:
    to: Addresses
    when: When


@_strict
@dataclass(frozen=True, slots=True)
class Smtp:
    """A relay. The password stands in the environment (or .env) under `password_env`, or in a file of its own."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: str = ""
    password_file: str = ""


@_strict
@dataclass(frozen=True, slots=True)
class Bounces:
    maildir: str
    after: Annotated[int, Field(ge=1, le=20)] = 2


@_strict
@dataclass(frozen=True, slots=True)
class Mail:
    sender: Annotated[Mailbox, Field(alias="from")] = ""
    reply_to: Mailbox = ""
    smtp: Smtp | None = None
    folder: str = "outbox/"
    bounces: Bounces | None = None
    rate: Rate = 300
    per_domain: Annotated[int, Field(ge=1, le=8)] = 2
    per_domain_rate: Rate | None = None
    on_unknown: Literal["at-least-once", "at-most-once"] = "at-least-once"


@_strict
@dataclass(frozen=True, slots=True)
class Web:
    listen: Listen = "127.0.0.1:8080"


@_strict
@dataclass(frozen=True, slots=True)
class Publish:
    feed_entries: Annotated[int, Field(ge=1, le=1000)] = 50


@_strict
@dataclass(frozen=True, slots=True)
class Network:
    user_agent: str = ""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 32
    per_host: PerHost = 2
    timeout: Timeout = timedelta(seconds=30)
    max_body: Size = 10_000_000
    allow_private: Annotated[tuple[Cidr, ...], BeforeValidator(one_or_many)] = ()


@_strict
@dataclass(frozen=True, slots=True)
class Config:
    """feeds.yaml, complete. Paths are as written: relative to the file's folder."""

    site: Site
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    sources: tuple[Source, ...] = ()
    words: dict[str, Patterns] = field(default_factory=dict)
    defaults: Defaults = Defaults()
    announcements: str = ""
    rules: tuple[Rule, ...] = ()
    newsletters: tuple[Newsletter, ...] = ()
    alerts: Alerts | None = None
    mail: Mail = Mail()
    store: Store = "sqlite:///data/aggregator.db"
    output: str = "public/"
    web: Literal["none"] | Web = "none"
    publish: Publish = Publish()
    network: Network = Network()

    def source(self, source_id: str) -> Source | None:
        return next((s for s in self.sources if s.id == source_id), None)

    def section(self, section_id: str) -> Section | None:
        """By its id, or one that it had formerly."""
        named = (s for s in self.sections if s.id == section_id)
        return next(named, None) or next((s for s in self.sections if section_id in s.formerly), None)

    def newsletter(self, newsletter_id: str) -> Newsletter | None:
        return next((n for n in self.newsletters if n.id == newsletter_id), None)
