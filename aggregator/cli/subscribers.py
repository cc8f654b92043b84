"""subscribers VERB: who gets the newsletter, and on what ground."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.options import EVERY_DAY, Json, Options, Quiet
from aggregator.cli.output import print_json, say, table

PANEL = EVERY_DAY
app = typer.Typer(help="Who gets the newsletter, and on what ground.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="An e-mail address.")]
Basis = Annotated[str, typer.Option("--basis", help="Where, when and on what ground consent was given.")]


@app.command("list")
def list_subscribers(
    context: typer.Context,
    links: Annotated[bool, typer.Option("--links", help="With each one's link to leave.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Every subscriber."""
    from aggregator.answers import forms

    options = Options.of(context, json, quiet)
    with options.site() as site:
        told = tuple(site.store.subscribers())
        leave = {s.id: site.leave_link(s.id) for s in told} if links else {}
    if options.json:
        for one in told:
            print_json(forms.subscriber(one) | ({"leave_url": leave[one.id], "preferences_url": None} if links else {}))
        return 0
    rows = ((s.address, s.consent, s.newsletters or "all", s.sections or "all", s.name) for s in told)
    table(("address", "consent", "newsletters", "sections", "name"), rows)
    return 0


@app.command()
def show(context: typer.Context, address: Address, json: Json = False, quiet: Quiet = False) -> int:
    """One subscriber, and the evidence of the consent."""
    from aggregator.answers import forms

    options = Options.of(context, json, quiet)
    with options.site() as site:
        form = forms.subscriber(site.subscriber(address))
    if options.json:
        print_json(form)
        return 0
    for name, value in form.items():
        say(f"{name:>14}  {', '.join(value) if isinstance(value, list) else value or ''}")
    return 0


@app.command()
def add(
    context: typer.Context,
    address: Address,
    newsletters: Annotated[str, typer.Option("--newsletters", help="Ids with commas; without: all.")] = "",
    sections: Annotated[str, typer.Option("--sections", help="Ids with commas; without: all.")] = "",
    language: Annotated[str, typer.Option("--language", help="it or en.")] = "",
    name: Annotated[str, typer.Option("--name", help="Of the office or the person.")] = "",
    area: Annotated[str, typer.Option("--area", help="public or reserved.")] = "public",
    basis: Basis = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Enter somebody who agreed to it."""
    from aggregator.answers import forms

    options = Options.of(context, json, quiet)
    row = {"address": address, "newsletters": _bars(newsletters), "sections": _bars(sections)}
    row |= {"language": language, "name": name, "area": area}
    with options.site(writes=True) as site:
        told = site.add_subscriber(row, basis)
    if options.json:
        print_json(forms.subscriber(told))
    elif not options.quiet:
        say(f"{told.address} is {told.consent} (evidence: {told.evidence})")
    return 0


@app.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV with a column `address`.", exists=True, dir_okay=False)],
    basis: Basis = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Enter everybody in a CSV file, with the ground on which they agreed."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        told = site.import_subscribers(file.read_bytes(), file.name, basis)
    if options.json:
        print_json({"added": told.added, "known": told.known, "faults": list(told.faults)})
    else:
        say(f"{told.added} added, {told.known} known already")
        for fault in told.faults:
            say(f"  {fault}")
    return 1 if told.faults else 0


@app.command()
def remove(context: typer.Context, address: Address, json: Json = False, quiet: Quiet = False) -> int:
    """Take out somebody who asked to leave."""
    from aggregator.answers import forms

    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        told = site.remove_subscriber(address)
    if options.json:
        print_json(forms.subscriber(told))
    elif not options.quiet:
        say(f"{told.address} has left")
    return 0


def _bars(text: str) -> str:
    """Lists are split by | in files, by commas on the command line."""
    return "|".join(part.strip() for part in text.split(",") if part.strip())
