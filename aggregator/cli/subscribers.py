"""subscribers VERB: who gets the newsletter, and on what ground."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.options import DONE, FAILED, Json, Language, Options, Quiet
from aggregator.cli.output import print_json, say, table
from aggregator.model import Area, Problems, Subscriber

app = typer.Typer(help="Who gets the newsletter, and on what ground.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="An e-mail address.")]
Basis = Annotated[str, typer.Option("--basis", help="Where, when and on what ground consent was given.")]


@app.command("list")
def list_subscribers(
    context: typer.Context,
    links: Annotated[bool, typer.Option("--links", help="With each one's links to leave and to change.")] = False,
    problems: Annotated[bool, typer.Option("--problems", help="Only those whose mails came back.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Every subscriber."""
    from aggregator.answers import forms

    options = Options.of(context, json, quiet)
    with options.site() as site:
        if problems:
            return _print_problems(tuple(site.store.subscribers()), site.store.returns(), options)
        told = (*site.store.subscribers(), *site.store.all_pending())
        leave = {s.id: (site.leave_link(s.id), site.preferences_link(s.id)) for s in told} if links else {}
        feeds = {s.id: site.feed_links(s) for s in told} if links else {}
    if options.json:
        for one in told:
            named = dict(zip(("leave_url", "preferences_url"), leave[one.id], strict=True)) if links else {}
            print_json(forms.subscriber(one) | named | ({"feeds": feeds[one.id]} if links else {}))
        return DONE
    rows = ((s.address, s.consent, s.newsletters or "all", s.sections or "all") for s in told)
    table(("address", "consent", "newsletters", "sections"), rows, empty="nobody yet")
    for one in told if links else ():
        say(f"{one.address}: {' '.join(filter(None, (*leave[one.id], *feeds[one.id].values())))}")
    return DONE


@app.command()
def show(context: typer.Context, address: Address, json: Json = False, quiet: Quiet = False) -> int:
    """One subscriber, and the evidence of the consent."""
    from aggregator.answers import forms

    options = Options.of(context, json, quiet)
    with options.site() as site:
        form = forms.subscriber(site.subscriber(address))
    if options.json:
        print_json(form)
        return DONE
    for name, value in form.items():
        say(f"{name:>14}  {', '.join(value) or 'all' if isinstance(value, list) else value or ''}")
    return DONE


@app.command()
def add(
    context: typer.Context,
    address: Address,
    newsletters: Annotated[str, typer.Option("--newsletters", help="Ids with commas; without: all.")] = "",
    sections: Annotated[str, typer.Option("--sections", help="Ids with commas; without: all.")] = "",
    language: Annotated[Language | None, typer.Option("--language", help="Without: the site's.")] = None,
    name: Annotated[str, typer.Option("--name", help="Of the office or the person.")] = "",
    area: Annotated[Area, typer.Option("--area", help="What they may see.")] = "public",
    basis: Basis = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Enter somebody who agreed to it."""
    from aggregator.answers import forms

    options = Options.of(context, json, quiet)
    row = {"address": address, "newsletters": _bars(newsletters), "sections": _bars(sections)}
    row |= {"language": language or "", "name": name, "area": area}
    with options.site(writes=True) as site:
        told = site.add_subscriber(row, basis)
    if options.json:
        print_json(forms.subscriber(told))
    elif not options.quiet:
        say(f"{told.address} is {told.consent} (evidence: {told.evidence})")
    return DONE


@app.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV with a column `address`.", exists=True, dir_okay=False)],
    basis: Basis = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Enter everybody in a CSV file, with the ground on which they agreed; without one, ask each to confirm."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        told = site.import_subscribers(file.read_bytes(), file.name, basis)
    if options.json:
        print_json({"added": told.added, "known": told.known, "asked": told.asked, "faults": list(told.faults)})
    else:
        asked = f", {told.asked} asked to confirm" if told.asked else ""
        say(f"{told.added} added, {told.known} known already{asked}")
        for fault in told.faults:
            say(f"  {fault}")
    return FAILED if told.faults else DONE


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
    return DONE


@app.command()
def export(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="One subscriber: all that is known, as JSON.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Print who is subscribed, as a CSV file that `import` reads, or all that is known of one."""
    from json import loads

    from aggregator.answers import forms

    options = Options.of(context, json, quiet)
    with options.site() as site:
        known = site.known_of(address) if address else ""
        told = () if address else tuple(one for one in site.store.subscribers() if one.consent == "confirmed")
    if options.json:
        for one in [loads(known)] if known else map(forms.subscriber, told):
            print_json(one)
    elif known:
        say(known)
    else:
        _print_csv(told)
    return DONE


def _print_csv(told: Iterable[Subscriber]) -> None:
    import csv

    names = ("address", "name", "newsletters", "sections", "language", "municipality", "area")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for one in told:
        values = (getattr(one, name) for name in names)
        writer.writerow("|".join(value) if isinstance(value, tuple) else value for value in values)


@app.command()
def erase(context: typer.Context, address: Address, json: Json = False, quiet: Quiet = False) -> int:
    """Erase all that is known of somebody, but for the proof of their consent under a keyed hash."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        told = site.erase_subscriber(address)
    if options.json:
        print_json({"id": told.id, "erased": True})
    elif not options.quiet:
        say(f"{told.address} is erased")
    return DONE


@app.command()
def feeds(
    context: typer.Context,
    address: Address,
    new: Annotated[bool, typer.Option("--new", help="Make others; those there were lead nowhere any more.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take them away.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """The addresses of the reserved feeds of one who may see them: secrets, each as good as a password."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        told = site.feeds_of(address, rekey=new, revoke=revoke)
    if options.json:
        print_json({"address": address, "feeds": dict(told)})
    elif not told and not options.quiet:
        say(f"{address} has no reserved feeds any more; others are made with: subscribers feeds {address} --new")
    for name, link in told.items() if not options.json else ():
        say(f"{name:>14}  {link}")
    return DONE


@app.command()
def letter(context: typer.Context, json: Json = False, quiet: Quiet = False) -> int:
    """Take a returned mail, a complaint or a request to leave from standard input: for a mail server's pipe."""
    options = Options.of(context, json, quiet)
    with options.site() as site:
        site.take_letter(sys.stdin.buffer.read())
    return DONE


def _print_problems(told: tuple[Subscriber, ...], returns: Mapping[str, Problems], options: Options) -> int:
    from aggregator.answers import forms

    found = [(one, returns.get(one.id)) for one in told if one.id in returns or one.consent == "bounced"]
    for one, came_back in found if options.json else ():
        print_json(forms.subscriber(one) | forms.problems(came_back))
    if not options.json:
        rows = ((s.address, s.consent, p.times if p else 0, p.words if p else s.evidence) for s, p in found)
        table(("address", "consent", "came back", "why"), rows, empty="no mail came back")
    return DONE


def _bars(text: str) -> str:
    """Lists are split by | in files, by commas on the command line."""
    return "|".join(part.strip() for part in text.split(",") if part.strip())
