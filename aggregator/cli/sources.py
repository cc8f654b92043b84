"""check sources entries parse schema: what a site reads, and what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.options import DONE, FAILED, USAGE, Json, Options, Quiet, read_moment
from aggregator.cli.output import in_zone, print_json, say, table

if TYPE_CHECKING:
    from aggregator.answers.check import Checked
    from aggregator.answers.online import Tried
    from aggregator.app import App
    from aggregator.model import Entry, Fetched, Problem


def check(
    context: typer.Context,
    online: Annotated[bool, typer.Option("--online", help="Ask each source too; show what of it is kept.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Say whether feeds.yaml and the announcements are right, and every fault with its line."""
    from aggregator.answers import forms
    from aggregator.answers.check import check as answer
    from aggregator.errors import ConfigError

    options = Options.of(context, json, quiet)
    try:
        with options.site() as site:
            told = answer(site.reading, site.disk, site.templates.looks(), site.lacking(), site.unread())
            tries = tuple(site.tried()) if online else ()
    except ConfigError as error:
        if not options.json:
            say(str(error))
            return USAGE
        print_json({"ok": False, "faults": list(error.faults), "unread": [], "advice": []})
        return USAGE
    if options.json:
        found = {"ok": not told.faults, "faults": told.faults, "unread": told.unread, "advice": told.advice}
        print_json(found | ({"online": [forms.tried(one) for one in tries]} if online else {}))
        return _verdict(told, tries)
    for line in (*told.faults, *(line for one in tries for line in _tried(one, options.quiet))):
        say(line)
    if not options.quiet:
        for line in (*told.unread, *told.advice):
            say(line)
        if not told.faults:
            say(f"{options.config}: all is well: {told.summary}")
    return _verdict(told, tries)


def _verdict(told: Checked, tries: Iterable[Tried]) -> int:
    if told.faults:
        return USAGE
    return FAILED if any(one.problem for one in tries) else DONE


_TITLES = 5  # of each kind that are shown


def _tried(one: Tried, quiet: bool) -> Iterator[str]:
    """`anci: kept 3 of 36`, and titles each way where some are left out."""
    if one.problem:
        yield f"{one.source}: {one.problem}"
    elif not quiet:
        yield f"{one.source}: kept {len(one.kept)} of {len(one.kept) + len(one.left_out)}"
        if one.left_out:
            yield from _some("+", one.kept)
            yield from _some("-", [f"{title} ({why})" for title, why in one.left_out])


def _some(sign: str, titles: Sequence[str]) -> Iterator[str]:
    yield from (f"  {sign} {title}" for title in titles[:_TITLES])
    if len(titles) > _TITLES:
        yield f"  {sign} and {len(titles) - _TITLES} more"


def sources(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Only this one.")] = "",
    problems: Annotated[bool, typer.Option("--problems", help="Only those with something wrong.")] = False,
    opml: Annotated[bool, typer.Option("--opml", help="Print all of them as OPML, for other readers.")] = False,
    letter: Annotated[bool, typer.Option("--letter", help="A letter to the webmaster of this one.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """How each source fares: last success, next check, what is wrong."""
    from aggregator.answers import forms
    from aggregator.answers.sources import details
    from aggregator.errors import ConfigError
    from aggregator.model import Check

    options = Options.of(context, json, quiet)
    with options.site() as site:
        if letter:
            return _letter(site, source, options)
        if opml and options.json:
            raise ConfigError("--opml prints OPML, --json prints JSON: leave one of them out")
        if opml:
            from aggregator.answers.opml import opml as listed

            sys.stdout.write(listed(site.config))
            return DONE
        told = site.states()
        check = site.store.checks().get(source)
    if source and source not in {h.id for h in told}:
        raise ConfigError(f"no source is called {source!r}; `aggregator sources` lists them")
    shown = [h for h in told if (not source or h.id == source) and (not problems or h.problem)]
    if options.json:
        for health in shown:
            print_json(forms.health(health))
        return DONE
    at = in_zone(site.config.site.zone)
    rows = ((h.id, h.state, at(h.last_success), at(h.next_check)) for h in shown)
    empty = "nothing is wrong with any source" if problems else "there is no source; add one in feeds.yaml"
    table(("source", "state", "last success", "next check"), rows, empty=empty)
    if source in (known := {s.id: s for s in site.config.sources}):
        for what, words in details(known[source], check or Check(source), at):
            say(f"{what:14} {words}")
    for health in shown:
        for line in (*health.problem.splitlines(), *(health.remarks if source else ())):
            say(f"{health.id}: {line}")
    return DONE


def _letter(site: App, source: str, options: Options) -> int:
    """To be sent by the admin: whose address is right nobody but a person can tell."""
    from aggregator.errors import ConfigError

    if not source:
        raise ConfigError("--letter goes with one source: aggregator sources SOURCE --letter")
    written = site.letter(source)
    if options.json:
        subject, text = written or ("", "")
        print_json({"to": None, "subject": subject, "text": text})
    elif written is None:
        say(f"nothing is wrong with {source}; there is nothing to write")
    else:
        sys.stdout.write("\n\n".join(written))
    return DONE


def entries(
    context: typer.Context,
    section: Annotated[str, typer.Option("--section", help="Only of this section.")] = "",
    source: Annotated[str, typer.Option("--source", help="Only of this source.")] = "",
    since: Annotated[str, typer.Option("--since", help="Only first seen, or shown, since then, e.g. 2026-06-01.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """What is stored, newest first."""
    from aggregator.answers import forms
    from aggregator.merge.route import route
    from aggregator.merge.select import withheld

    options = Options.of(context, json, quiet)
    with options.site() as site:
        _refuse_unknown(section, [s.id for s in site.config.sections], "section")
        _refuse_unknown(source, [s.id for s in site.config.sources] + sorted(site.store.checks()), "source")
        start: datetime | None = read_moment(since, "--since", site.config.site.timezone) if since else None
        placed = (route(entry, site.config) for entry in site.store.entries(source=source, since=start))
        wanted = (p for p in placed if not section or section in {one.section for one in p.placements})
        shown = sorted(wanted, key=lambda p: _age(p.entry), reverse=True)
    if options.json:
        for one in shown:
            print_json(forms.stored_entry(one.entry, one.placements, one.area))
        return DONE
    at, now = in_zone(site.config.site.zone), site.clock()
    rows = (
        (p.entry.id, at(p.entry.published), p.entry.source_id, p.entry.title, withheld(p, site.config, now, "public"))
        for p in shown
    )
    table(
        ("entry", "published", "source", "title", "not public, as"),
        rows,
        empty="no entries; `aggregator pull` fetches some",
    )
    return DONE


def _age(entry: Entry) -> tuple[datetime, datetime]:
    """By when we first saw it; what came at once by its own date."""
    seen = entry.first_seen or datetime.max.replace(tzinfo=UTC)
    return seen, entry.posted(seen)


def _refuse_unknown(name: str, known: list[str], what: str) -> None:
    from aggregator.errors import ConfigError

    if name and name not in known:
        there_is = ", ".join(dict.fromkeys(known)) or "none"
        raise ConfigError(f"--{what}: no {what} is called {name!r}; there is: {there_is}")


def parse(
    context: typer.Context,
    document: Annotated[list[str], typer.Argument(metavar="FILE|URL…", help="Feeds, on disk or on the web.")],
    source: Annotated[str, typer.Option("--source", help="Read it as a page of this source, by its select:")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Show what we read in a document; nothing is stored."""
    from zoneinfo import ZoneInfo

    from aggregator.answers import forms
    from aggregator.answers.window import read_document
    from aggregator.model import Problem

    options = Options.of(context, json, quiet)
    code, zone, selecting = DONE, ZoneInfo("Europe/Rome"), None
    if source:
        with options.site() as site:
            selecting = site.source(source)
            zone = selecting.zone
    for name in document:
        parser, found = read_document(_fetched(name), zone, selecting)
        code = FAILED if isinstance(found, Problem) else code
        if options.json:
            print_json(forms.parsed(name, parser, found))
        elif isinstance(found, Problem):
            say(f"{name}: {found.text}")
        else:
            rows = ((in_zone(zone)(e.published) or e.published_raw, e.title, e.url or e.guid) for e in found.entries)
            title = f"{name}: {found.title} ({parser}, {len(found.entries)} entries)"
            table(("published", "title", "link"), rows, title, empty="a feed without entries")
    return code


def _fetched(name: str) -> Fetched | Problem:
    """A document from the web, or from disk."""
    from aggregator.model import Fetched, Problem, Request

    if name.startswith(("http://", "https://")):
        from aggregator.app import user_agent
        from aggregator.network import CurlNetwork
        from aggregator.settings import Network

        anywhere = Network(allow_private=("0.0.0.0/0", "::/0"))  # whoever types an address may ask it
        answer = next(iter(CurlNetwork(anywhere, user_agent(name)).fetch([Request(name, name)])))
        assert isinstance(answer, Fetched | Problem)  # without validators nothing is unchanged
        return answer
    try:
        path = Path(name)
        return Fetched(name, path.absolute().as_uri(), path.read_bytes())
    except (OSError, ValueError) as error:
        return Problem(name, "fetch", f"cannot be read: {getattr(error, 'strerror', None) or error}")


def schema(json: Json = False, quiet: Quiet = False) -> int:  # noqa: ARG001  # it is JSON anyway
    """Print the JSON Schema of feeds.yaml, for editors that help while one writes."""
    from json import dumps

    from aggregator.config.schema import schema as made

    sys.stdout.write(dumps(made(), indent=2, ensure_ascii=False) + "\n")
    return DONE
