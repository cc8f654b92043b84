"""accept reject hide unhide: the admin's word on a source, or on an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.options import Json, Options, Quiet
from aggregator.cli.output import exit_code, say, show_report

if TYPE_CHECKING:
    from aggregator.model import Report

Which = Annotated[str, typer.Argument(help="The source that asks; `aggregator sources` says what.")]


def accept(
    context: typer.Context,
    source: Which,
    announce: Annotated[bool, typer.Option("--announce", help="What waits is news, not archive.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Adopt a source's new address, or let in what it turned new all at once."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        return _told(site.accept(source, announce=announce), options)


def reject(context: typer.Context, source: Which, json: Json = False, quiet: Quiet = False) -> int:
    """Stay with a source's old address, or keep out what it turned new all at once."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        return _told(site.reject(source), options)


Entry = Annotated[str, typer.Argument(metavar="ENTRY", help="Its id, or its address, here or at its source.")]


def hide(context: typer.Context, entry: Entry, json: Json = False, quiet: Quiet = False) -> int:
    """Take an entry out of every output."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        return _told(site.hide(entry), options)


def unhide(context: typer.Context, entry: Entry, json: Json = False, quiet: Quiet = False) -> int:
    """Show an entry again that was hidden."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        return _told(site.unhide(entry), options)


def _told(report: Report, options: Options) -> int:
    show_report(report, options)
    if not options.json and not options.quiet and not report.counts.get("stays"):
        again = "aggregator pull" if report.counts.get("moved") else "aggregator publish"
        say(f"next: {again}")
    return exit_code(report)
