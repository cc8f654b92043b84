"""Plain values of feeds.yaml -> faults no single value shows: names that lead nowhere, twins, keys that need others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aggregator import urls, words
from aggregator.config.place import Fault, Path, Tree
from aggregator.config.sentences import alternatives, found, suggestion, there_is
from aggregator.model import ANNOUNCEMENTS

Finding = tuple[Path, str]
Table = dict[str, Any]

_PATTERN_KEYS = ("title", "text", "author", "tag", "link")
_ACTIONS = ("section", "tag", "also", "drop", "pin", "area")


def faults(value: Table, tree: Tree) -> Iterator[Fault]:
    """Every such fault; shapes that are wrong in themselves are passed over here."""
    checks = (_required, _twins, _former, _defaults, _words, _sources, _rules, _newsletters, _mail)
    for check in checks:
        for path, message in check(value):
            yield tree.fault(path, message)


def remarks(value: Table, tree: Tree) -> Iterator[Fault]:
    """What can be read and is hardly meant: two sources with one address, whose entries all stand twice."""
    first: dict[str, int] = {}
    for path, source in _tables(value, "sources"):
        url, number = source.get("url"), int(path[-1])
        if isinstance(url, str) and first.setdefault(urls.key(url), number) != number:
            other = first[urls.key(url)]
            yield tree.fault(
                (*path, "url"),
                f"is the address of sources[{other}] too, and its entries are told twice; take one of the two out, "
                "and let rules: say where entries go",
            )


def _tables(value: Table, key: str) -> Iterator[tuple[Path, Table]]:
    listed = value.get(key)
    for number, item in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(item, dict):
            yield (key, number), item


def _table(value: Table, *keys: str) -> Table:
    for key in keys:
        inner = value.get(key)
        value = inner if isinstance(inner, dict) else {}
    return value


def _ids(value: Table, key: str) -> tuple[str, ...]:
    return tuple(table["id"] for _, table in _tables(value, key) if isinstance(table.get("id"), str))


def _each(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """The texts of a value that may be one or many, each with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        yield from (((*path, number), item) for number, item in enumerate(value) if isinstance(item, str))


def _unknown(value: Any, path: Path, known: Iterable[str], what: str) -> Iterator[Finding]:
    known = tuple(known)
    for where, name in _each(value, path):
        if name not in known:
            yield (
                where,
                f"expected the id of a {what}, found {found(name)}; {suggestion(name, known) or there_is(known)}",
            )


def _required(value: Table) -> Iterator[Finding]:
    if not value.get("sources") and not value.get("announcements"):
        yield ("sources",), "expected a source at least, or a folder of announcements"


def _twins(value: Table) -> Iterator[Finding]:
    for key in ("sections", "sources", "newsletters"):
        first: dict[str, int] = {}
        for path, table in _tables(value, key):
            name = table.get("id")
            if isinstance(name, str) and first.setdefault(name, int(path[-1])) != path[-1]:
                yield (
                    (*path, "id"),
                    f"expected an id of its own, found {found(name)}, which is {key}[{first[name]}] already",
                )


def _former(value: Table) -> Iterator[Finding]:
    """An old id whose addresses, or entries, another section or source has now, or had."""
    for key in ("sections", "sources"):
        noun = key.removesuffix("s")
        taken = dict.fromkeys(_ids(value, key), f"is a {noun}'s own")
        for path, table in _tables(value, key):
            for where, name in _each(table.get("formerly"), (*path, "formerly")):
                if name in taken:
                    whose = f"{found(name)}, which {taken[name]}"
                    yield where, f"expected an id that no {noun} has any more, found {whose}; take it out"
                taken.setdefault(name, f"{table.get('id')} had already")


def _defaults(value: Table) -> Iterator[Finding]:
    defaults = _table(value, "defaults")
    yield from _unknown(defaults.get("section"), ("defaults", "section"), _ids(value, "sections"), "section")
    yield from _filters(value, defaults, ("defaults",))


def _filters(value: Table, table: Table, path: Path) -> Iterator[Finding]:
    yield from _patterns(value, table.get("include"), (*path, "include"))
    if _is_all(table.get("include")) and table["include"] not in ("all", ["all"]):
        yield (*path, "include"), f"expected words, or all in small letters and alone, found {_shown(table['include'])}"
    if _is_all(table.get("exclude")):
        yield (*path, "exclude"), "expected words; write [] to leave nothing out"
    yield from _patterns(value, table.get("exclude"), (*path, "exclude"))


def _is_all(written: Any) -> bool:
    """Whether it was meant to undo the default, rather than for a word."""
    return any(text.strip().lower() == "all" for _, text in _each(written, ()))


def _shown(written: Any) -> str:
    return found(", ".join(text for _, text in _each(written, ())))


def _words(value: Table) -> Iterator[Finding]:
    for name, listed in _table(value, "words").items():
        yield from _patterns(value, listed, ("words", name))


def _patterns(value: Table, written: Any, path: Path) -> Iterator[Finding]:
    """Named lists that do not exist, and patterns that cannot be read."""
    known = tuple(_table(value, "words"))
    for where, pattern in _each(written, path):
        if not pattern.startswith("$"):
            yield from _uncompiled(where, pattern)
        elif pattern[1:] not in known:
            hint = suggestion(pattern[1:], known) or there_is(known)
            yield where, f"expected the name of a list under words:, found {found(pattern)}; {hint}"


def _uncompiled(path: Path, pattern: str) -> Iterator[Finding]:
    try:
        words.compile((pattern,))
    except ValueError as error:
        yield path, str(error)


def _sources(value: Table) -> Iterator[Finding]:
    sections = _ids(value, "sections")
    default = _table(value, "defaults").get("section")
    for path, source in _tables(value, "sources"):
        yield from _address(source, path)
        if source.get("id") == ANNOUNCEMENTS:
            yield (*path, "id"), "expected another id: this one is the folder of announcements"
        if "section" not in source and not default and len(sections) > 1:
            yield (*path, "section"), "no section: name one, or set defaults.section"
        yield from _unknown(source.get("section"), (*path, "section"), sections, "section")
        auth = _table(source, "auth")
        if auth and ("env" in auth) == ("file" in auth):
            yield (
                (*path, "auth", "env"),
                "expected where the key is kept: env, a variable, or file, a file that holds it",
            )
        yield from _filters(value, source, path)


def _address(source: Table, path: Path) -> Iterator[Finding]:
    if "url" in source and "page" in source:
        yield (*path, "page"), "expected url (a feed) or page (a page without one), found both"
    elif "url" not in source and "page" not in source:
        yield (*path, "url"), "missing: the address of the feed, or page: and select: for a page that has none"
    elif "page" in source and "select" not in source:
        yield (*path, "select"), "missing: a page needs it, to say where entries, titles and links are"
    elif "url" in source and "select" in source:
        yield (*path, "select"), "is for pages without a feed: write page: in place of url:"


def _rules(value: Table) -> Iterator[Finding]:
    sections = _ids(value, "sections")
    sources = (*_ids(value, "sources"), ANNOUNCEMENTS)
    for path, rule in _tables(value, "rules"):
        if rule.keys() <= {"when"}:
            yield path, f"does nothing; give it {alternatives(_ACTIONS)}"
        yield from _unknown(rule.get("section"), (*path, "section"), sections, "section")
        yield from _unknown(rule.get("also"), (*path, "also"), sections, "section")
        yield from _condition(value, rule.get("when"), (*path, "when"), sources)


def _condition(value: Table, when: Any, path: Path, sources: tuple[str, ...]) -> Iterator[Finding]:
    if not isinstance(when, dict):
        return
    if not when:
        yield path, "names nothing; say which entries are meant"
    yield from _unknown(when.get("source"), (*path, "source"), sources, "source")
    for key in _PATTERN_KEYS:
        yield from _patterns(value, when.get(key), (*path, key))
    yield from _condition(value, when.get("not"), (*path, "not"), sources)
    for key in ("all", "any"):
        listed = when.get(key)
        if listed == []:
            yield (*path, key), "names nothing; give it conditions, such as - {title: bando}"
        for number, inner in enumerate(listed if isinstance(listed, list) else ()):
            yield from _condition(value, inner, (*path, key, number), sources)
        yield from _condition(value, listed, (*path, key), sources)


def _newsletters(value: Table) -> Iterator[Finding]:
    for path, newsletter in _tables(value, "newsletters"):
        yield from _unknown(newsletter.get("sections"), (*path, "sections"), _ids(value, "sections"), "section")


def _mail(value: Table) -> Iterator[Finding]:
    mail, smtp = _table(value, "mail"), _table(value, "mail", "smtp")
    if smtp and "from" not in mail:
        yield ("mail", "from"), 'missing: smtp needs a sender, such as "Notizie <notizie@example.it>"'
    given = [key for key in ("password_env", "password_file") if key in smtp]
    if len(given) == 2:
        yield ("mail", "smtp", "password_file"), "expected password_env or password_file, found both"
    if given and "user" not in smtp:
        yield ("mail", "smtp", "user"), f"missing: {given[0]} needs it to log in"
    if "user" in smtp and not given:
        yield ("mail", "smtp", "password_env"), "missing: user needs it to log in (or password_file)"
