"""What feeds.yaml leaves unsaid -> said: bare words, one-line sources, ids, `$name`, `all`, and the defaults."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from aggregator.settings import Condition, Config, Source
from aggregator.slugs import slug

Words = Mapping[str, Sequence[str]]

# What a source takes from `defaults`, and what from the site, where it says nothing itself.
_FROM_DEFAULTS = ("section", "every", "text", "include", "exclude")
_FROM_SITE = ("language", "timezone")


def written_out(value: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values with every section and source as a table; positions in the lists stay as they are."""
    full = dict(value)
    if "sections" in full:
        full["sections"] = _each(full["sections"], lambda word: {"id": slug(word), "title": word})
    if "sources" in full:
        sources = _each(full["sources"], lambda url: {"url": url})
        full["sources"] = _with_ids(sources) if isinstance(sources, list) else sources
    return full


def _each(value: Any, table: Any) -> Any:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list):
        return listed
    return [table(item) if isinstance(item, str) else item for item in listed]


def _with_ids(sources: list[Any]) -> list[Any]:
    """Sources without an id take it from their host; what was written goes first, later ones of a host get -2, -3…"""
    taken = {source["id"] for source in sources if isinstance(source, dict) and isinstance(source.get("id"), str)}
    named = []
    for source in sources:
        if isinstance(source, dict) and "id" not in source:
            source = {"id": free(host_id(source) or "source", taken), **source}
            taken.add(source["id"])
        named.append(source)
    return named


def host_id(source: Mapping[str, Any]) -> str:
    """`https://www.agid.gov.it/it/rss.xml` -> `agid-gov-it`; empty where there is no host to read."""
    try:
        host = urlsplit(str(source.get("url") or source.get("page") or "")).hostname or ""
    except ValueError:
        host = ""
    return slug(host.removeprefix("www.")) if host else ""


def free(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with -2, -3… behind it, as nobody else has it."""
    number = 2
    name = wanted
    while name in taken:
        name = f"{wanted}-{number}"
        number += 1
    return name


def filled(config: Config, sources: Iterable[tuple[Source, Mapping[str, Any]]]) -> Config:
    """The configuration complete: `sources` are those that are right, each with the table it was read from."""
    words = _all_words(config.words)
    only = config.sections[0].id if len(config.sections) == 1 else ""
    defaults = replace(
        config.defaults,
        section=config.defaults.section or only,
        include=patterns(config.defaults.include, words),
        exclude=patterns(config.defaults.exclude, words),
    )
    config = replace(config, words=words, defaults=defaults)
    return replace(
        config,
        sources=tuple(_source(source, table, config) for source, table in sources),
        newsletters=tuple(replace(n, title=n.title or config.site.title) for n in config.newsletters),
        rules=tuple(replace(rule, when=_condition(rule.when, words)) for rule in config.rules),
    )


def _source(source: Source, table: Mapping[str, Any], config: Config) -> Source:
    unsaid: dict[str, Any] = {key: getattr(config.defaults, key) for key in _FROM_DEFAULTS if key not in table}
    unsaid |= {key: getattr(config.site, key) for key in _FROM_SITE if key not in table}
    include, exclude = (patterns(written, config.words) for written in (source.include, source.exclude))
    return replace(replace(source, include=include, exclude=exclude), **unsaid)


def _condition(when: Condition, words: Words) -> Condition:
    fields = ("title", "text", "author", "tag", "link")
    return replace(
        when,
        **{key: patterns(getattr(when, key), words) for key in fields},
        all_=tuple(_condition(inner, words) for inner in when.all_),
        any_=tuple(_condition(inner, words) for inner in when.any_),
        not_=_condition(when.not_, words) if when.not_ else None,
    )


def _all_words(words: Words) -> dict[str, tuple[str, ...]]:
    return {name: patterns(listed, words) for name, listed in words.items()}


def patterns(written: Sequence[str], words: Words) -> tuple[str, ...]:
    """Patterns with each `$name` replaced by its list, each once; `all` alone means no condition at all."""
    if tuple(written) == ("all",):
        return ()
    # Each list is opened once, however often it is named: lists of lists cannot blow up.
    opened: set[str] = set()
    found: dict[str, None] = {}
    waiting = list(reversed(written))
    while waiting:
        pattern = waiting.pop()
        name = pattern.removeprefix("$")
        if name == pattern:
            found[pattern] = None
        elif name not in opened:
            opened.add(name)
            waiting.extend(reversed(words.get(name, ())))
    return tuple(found)
