"""add import-opml: new sources, written into feeds.yaml with all that stands there kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.options import DONE, FAILED, Json, Options, Quiet
from aggregator.cli.output import in_zone, print_json, say

if TYPE_CHECKING:
    from aggregator.answers.discover import Found
    from aggregator.app import App
    from aggregator.parse.opml import Subscription

Section = Annotated[str, typer.Option("--section", help="Where its entries belong.")]


def add(
    context: typer.Context,
    url: Annotated[list[str], typer.Argument(metavar="URL…", help="Feeds, or pages that have one.")],
    section: Section = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Find the feed behind a page, and append it to feeds.yaml."""
    options, code = Options.of(context, json, quiet), DONE
    for address in url:
        with options.site() as site:
            told = _added(site, address, section)
        code = FAILED if told["error"] else code
        if options.json:
            print_json(told)
        elif told["error"]:
            say(f"{address}: {told['error']}")
        elif not options.quiet:
            say(str(told["words"]))
    return code


def _added(site: App, address: str, section: str) -> dict[str, object]:
    from aggregator import urls
    from aggregator.model import Problem

    table = _in_section(site, section)
    told: dict[str, object] = {"asked": address, "url": None, "id": None, "others": [], "error": None}
    found = site.discover(address)
    if isinstance(found, Problem):
        remedy = "if the site has no feed, its page can be read: see docs/pages.md"
        return told | {"error": f"{found.text}; {remedy}"}
    best, *others = found
    told |= {
        "url": best.url,
        "title": best.feed.title,
        "entries": len(best.feed.entries),
        "others": [o.url for o in others],
    }
    if known := next((s for s in site.config.sources if urls.key(s.url) == urls.key(best.url)), None):
        return told | {"id": known.id, "words": f"{best.url} is in feeds.yaml already, as {known.id}"}
    id_ = site.append_source({"url": best.url, **table})
    return told | {"id": id_, "words": _words(site, best, others, id_)}


def _words(site: App, best: Found, others: list[Found], id_: str) -> str:
    newest = in_zone(site.config.site.zone)(best.newest)
    lines = [
        f"added {best.url} as {id_}: {best.feed.title or 'a feed without a title'}, {len(best.feed.entries)} entries"
        + (f", the newest of {newest}" if newest else ""),
        *(f"  there is also {other.url}: {other.feed.title}" for other in others),
        "next: aggregator pull",
    ]
    return "\n".join(lines)


def _in_section(site: App, section: str) -> dict[str, str]:
    """What to write of the section; nothing where feeds.yaml says it for all."""
    from aggregator.errors import ConfigError

    known = [s.id for s in site.config.sections]
    if section and section not in known:
        raise ConfigError(f"--section: no section is called {section!r}; there is: {', '.join(known)}")
    if section or site.config.defaults.section:
        return {"section": section} if section else {}
    raise ConfigError(f"say where its entries belong, with --section and one of: {', '.join(known)}")


def import_opml(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="OPML, as feed readers export it.")],
    section: Section = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Append the feeds of a list to feeds.yaml; its folders become sections."""
    from aggregator.errors import ConfigError, ParseError
    from aggregator.parse.opml import read

    options = Options.of(context, json, quiet)
    try:
        listed, refused = read(file.read_bytes())
    except ParseError as error:
        raise ConfigError(f"{file}: {error}") from None
    with options.site() as site:
        added = _imported(site, listed, section)
    if options.json:
        print_json({"added": added, "known": len(listed) - added, "refused": refused})
    elif not options.quiet:
        say(f"added {added} sources, {len(listed) - added} were there already\nnext: aggregator check, aggregator pull")
    for address in refused:
        if not options.json:
            say(f"left out, as it is no web address: {address[:200]}")
    return DONE


def _imported(site: App, listed: list[Subscription], section: str) -> int:
    """How many sources were new; written all at once, so that a fault in one leaves feeds.yaml as it is."""
    from aggregator.answers.opml import additions

    sections, sources = found = additions(site.config, listed)
    default = _in_section(site, section) if section or found.homeless else {}
    if sources:
        site.append_all(sections, [source if "section" in source else source | default for source in sources])
    return len(sources)
