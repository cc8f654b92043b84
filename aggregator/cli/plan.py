"""plan: what an edit would do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from aggregator.cli.options import DONE, FAILED, Json, Options, Quiet
from aggregator.cli.output import print_json, say

if TYPE_CHECKING:
    from aggregator.answers.plan import Move, Plan, Standing
    from aggregator.model import Entry

_TITLES = 5  # that are shown of what moves in one way
_LETTERS = 100  # of each


def plan(context: typer.Context, json: Json = False, quiet: Quiet = False) -> int:
    """Say what an edited feeds.yaml or announcement would do; nothing is changed."""
    from aggregator.answers import forms

    options = Options.of(context, json, quiet)
    with options.site() as site:
        told = site.plan()
        if options.json:
            print_json(forms.plan(told, site.rule_place))
        else:
            for line in _lines(told, site.rule_place) if not told.is_empty else ("nothing would change",):
                say(line)
    return FAILED if told.failures else DONE


def _lines(told: Plan, rule_place: Callable[[str], str]) -> Iterator[str]:
    if not told.former:
        yield "nothing was published yet: all of it is new"
    for id_ in told.sources_added:
        yield f"source + {id_}: it is pulled from then on; `aggregator check --online` shows what it gives"
    for id_ in told.sources_gone:
        yield f"source - {id_}: it is not pulled any more; what it gave stays, by its titles"
    for id_, keys in told.sources_changed:
        yield f"source ~ {id_}: {', '.join(keys)}"
    for key in told.settings:
        yield f"setting ~ {key}"
    for failure in told.failures:
        yield from failure.error.splitlines()
    yield from _moves(told.moves, rule_place)
    for one in told.issues:
        yield from _entries(f"next issue of {one.newsletter} +", one.enters)
        yield from _entries(f"next issue of {one.newsletter} -", one.leaves)


def _moves(moves: Iterable[Move], rule_place: Callable[[str], str]) -> Iterator[str]:
    """Those that move in one way together."""
    alike: dict[str, list[Entry]] = defaultdict(list)
    for one in moves:
        before, after = _words(one.before), _words(one.after, rule_place)
        alike[f"{before} -> {after}"].append(one.entry)
    for how, entries in alike.items():
        yield from _entries(f"{how}:", entries)


def _words(one: Standing, rule_place: Callable[[str], str] | None = None) -> str:
    if one.withheld:
        return f"not shown ({one.withheld})"
    by = ", ".join(dict.fromkeys(rule_place(p.rule) for p in one.placements)) if rule_place else ""
    marks = [f"by {by}" if by else "", one.area if one.area == "reserved" else "", "pinned" if one.pin else ""]
    marks += [f"tags {', '.join(one.tags)}" if one.tags else "", f"told by {one.lead}" if one.lead else ""]
    told = "; ".join(filter(None, marks))
    return ", ".join(one.sections) + (f" ({told})" if told else "")


def _entries(what: str, entries: Sequence[Entry]) -> Iterator[str]:
    from aggregator.render.view import cut

    if not entries:
        return
    yield f"{what} {len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
    yield from (f"  {e.id}  {cut(e.title, _LETTERS)}" for e in entries[:_TITLES])
    if len(entries) > _TITLES:
        yield f"  and {len(entries) - _TITLES} more"
