"""explain: why an entry is where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.options import DONE, Json, Options, Quiet
from aggregator.cli.output import in_zone, print_json, say

if TYPE_CHECKING:
    from aggregator.answers.explain import Explained, Key
    from aggregator.app import App


def explain(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(metavar="ENTRY", help="Its id, or its address, here or at its source.")],
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Why an entry is where it is: identity, changes, story, rule, who carries it."""
    from aggregator.answers import forms
    from aggregator.answers.explain import explain as answer
    from aggregator.answers.explain import find

    options = Options.of(context, json, quiet)
    with options.site() as site:
        found = find(site.store, entry, site.config.site.url)
        told = answer(found, site.standing(), site.store, site.clock())
        if options.json:
            print_json(forms.explained(told, site.rule_place))
            return DONE
        for what, words in _lines(told, site):
            say(f"{what:10} {words}" if words else what)
    return DONE


def _lines(told: Explained, site: App) -> Iterator[tuple[str, str]]:
    at, one = in_zone(site.config.site.zone), told.entry
    yield "entry", f"{one.id}  {one.title}"
    yield "source", f"{one.source_id}, first seen {at(one.first_seen)}" + (f", {one.url}" if one.url else "")
    yield "known by", ", ".join(_key(key) for key in told.keys)
    for change in told.changes:
        yield "changed", f"{at(change.at)}, {change.kind}" + "".join(f"\n{'':11}{words}" for words in change.words)
    if len(told.story) > 1:
        for mate in told.story:
            why = mate.evidence or "leads: it was shown first"
            yield "story", f"{mate.entry.id}  {mate.entry.source_id}: {mate.entry.title} ({why})"
    for placement in told.placements:
        yield "section", f"{placement.section}, by {site.rule_place(placement.rule)}"
    yield "area", told.area
    yield (
        "shown",
        f"no: {told.withheld}"
        if told.withheld
        else f"since {at(one.shown or one.first_seen)}"
        + (", as archive: no newsletter owes it" if one.archive else ""),
    )
    for path in told.outputs:
        yield "output", path
    for issue in told.issues:
        yield "issue", issue


def _key(key: Key) -> str:
    if not key.known:
        return f"no {key.kind}"
    having = "has it" if key.shared == 1 else "have it"
    return f"{key.kind} ({key.shared} more {having})" if key.shared else key.kind
