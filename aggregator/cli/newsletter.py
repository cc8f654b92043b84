"""newsletter VERB: seen, composed, sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.options import DONE, FAILED, Json, Options, Quiet
from aggregator.cli.output import exit_code, in_zone, print_json, say, show_report, table

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Issue, IssueState
    from aggregator.settings import Newsletter

app = typer.Typer(help="See, compose, approve and send the newsletter.", no_args_is_help=True)

Which = Annotated[str, typer.Option("--newsletter", help="Its id; needed where there are several.")]


@app.command("list")
def list_issues(context: typer.Context, newsletter: Which = "", json: Json = False, quiet: Quiet = False) -> int:
    """The issues so far."""
    from aggregator.answers import forms

    options = Options.of(context, json, quiet)
    with options.site() as site:
        issues = site.store.issues(one_of(site, newsletter).id if newsletter else "")
    if options.json:
        for issue in issues:
            print_json(forms.issue(issue))
        return DONE
    at = in_zone(site.config.site.zone)
    rows = ((i.newsletter, i.number, i.state, len(i.entries), at(i.closes), at(i.due)) for i in issues)
    empty = "no issue yet; `aggregator newsletter preview` shows what would go out"
    table(("newsletter", "number", "state", "entries", "closes", "leaves"), rows, empty=empty)
    return DONE


@app.command()
def preview(
    context: typer.Context,
    newsletter: Which = "",
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again each time a file is saved, until Ctrl-C.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write what would go out now as html, txt and eml; uses nothing up."""
    options = Options.of(context, json, quiet)
    if watch:
        _watch(options, newsletter, open_it=open_it)
    else:
        _show(options, newsletter, open_it=open_it)
    return DONE


def _watch(options: Options, newsletter: str, *, open_it: bool) -> None:
    """Show it again after each save; what is wrong with the files is told, and mended by the next one."""
    from aggregator.cli.watching import saves
    from aggregator.errors import AggregatorError

    root = options.config.resolve().parent
    watched = (options.config, *(root / name for name in ("templates", "announcements", "newsletters")))
    try:
        for _ in saves(watched):
            try:
                _show(options, newsletter, open_it=open_it)
                open_it = False
            except AggregatorError as error:
                say(str(error))
    except KeyboardInterrupt:
        return


def _show(options: Options, newsletter: str, *, open_it: bool) -> None:
    """Write the preview and say where it is."""
    with options.site(writes=True) as site:  # what stands in announcements/ is read into the store
        chosen = one_of(site, newsletter)
        shown = site.preview(chosen)
        folder = site.root / "data" / "preview"
        address = chosen.editors[0] if chosen.editors else "anteprima@example.it"
        read = site.trial_read(shown, address)
        html = _write(folder, chosen.id, read.html, read.text, site.trial_mail(shown, address))
    if options.json:
        entries = [s.lead.id for s in shown.content.news]
        print_json({"newsletter": chosen.id, "number": shown.issue.number, "entries": entries, "html": str(html)})
    elif not options.quiet:
        say(f"{shown.edition.subject}\n{len(shown.content.news)} stories; open {html} (beside it: .txt and .eml)")
    if open_it:
        typer.launch(html.as_uri())


@app.command()
def compose(context: typer.Context, newsletter: Which = "", json: Json = False, quiet: Quiet = False) -> int:
    """Compose the issue that is due, as a draft."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        only = one_of(site, newsletter).id if newsletter else ""
        report = site.compose(only)
        closes = "" if report.issues else _next_close(site, only)
    show_report(report, options)
    if not options.json and not options.quiet:
        at = in_zone(site.config.site.zone)
        for issue in report.issues:
            say(f"  {issue.newsletter} n. {issue.number}: {len(issue.entries)} entries, leaves {at(issue.due)}")
        if closes:
            say(f"  no issue is due: {closes}")
    return exit_code(report)


@app.command()
def approve(
    context: typer.Context,
    newsletter: Which = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Let the waiting issue go when its hour comes."""
    return _mark(Options.of(context, json, quiet), newsletter, "approved")


@app.command()
def hold(context: typer.Context, newsletter: Which = "", json: Json = False, quiet: Quiet = False) -> int:
    """Keep the waiting issue back until it is approved."""
    return _mark(Options.of(context, json, quiet), newsletter, "held")


@app.command()
def skip(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(help="Its id, slug or address.")],
    later: Annotated[bool, typer.Option("--later", help="Only from this issue: the next one carries it.")] = False,
    newsletter: Which = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Leave an entry out of the newsletter, for good or until the next issue."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        chosen = one_of(site, newsletter)
        issue = site.skip(entry, chosen, later=later)
    if options.json:
        print_json({"newsletter": chosen.id, "number": issue.number if issue else None, "entry": entry, "later": later})
    elif not options.quiet:
        number = f" n. {issue.number}" if issue else ""
        say(f"{chosen.id}{number}: left out" + ("; the next issue carries it" if later else " for good"))
    return DONE


@app.command()
def resend(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Of the issue.")],
    address: Annotated[str, typer.Argument(help="Of a subscriber who says it never came.")],
    newsletter: Which = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Send an issue once more to one subscriber."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True, mails=True) as site:
        report = site.resend(one_of(site, newsletter), number, address)
    show_report(report, options)
    return exit_code(report)


@app.command()
def send(context: typer.Context, newsletter: Which = "", json: Json = False, quiet: Quiet = False) -> int:
    """Send the issues whose hour has come, and whatever else the outbox owes."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True, mails=True) as site:
        report = site.send(one_of(site, newsletter).id if newsletter else "")
        waiting = _waiting(site, newsletter)
    show_report(report, options)
    if not options.json and not options.quiet:
        at = in_zone(site.config.site.zone)
        for issue in waiting:
            say(f"waiting: {issue.newsletter} n. {issue.number} is {issue.state}; its hour is {at(issue.due)}")
    return exit_code(report)


@app.command()
def test(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="Where to send it.")],
    newsletter: Which = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Send what would go out now to one address; uses nothing up."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True, mails=True) as site:
        report = site.send_test(one_of(site, newsletter), address)
    show_report(report, options)
    return exit_code(report)


def one_of(site: App, wanted: str) -> Newsletter:
    """The newsletter that was named, or the only one."""
    from aggregator.errors import ConfigError

    newsletters = site.config.newsletters
    if not newsletters:
        raise ConfigError("feeds.yaml has no newsletter; add one under `newsletters:`")
    names = ", ".join(n.id for n in newsletters)
    if not wanted and len(newsletters) > 1:
        raise ConfigError(f"which newsletter? name one with --newsletter: {names}")
    found = site.config.newsletter(wanted) if wanted else newsletters[0]
    if found is None:
        raise ConfigError(f"no newsletter is called {wanted!r}; there is: {names}")
    return found


def _waiting(site: App, newsletter: str) -> list[Issue]:
    return [i for i in site.store.issues(newsletter) if i.waits]


def _mark(options: Options, newsletter: str, state: IssueState) -> int:
    from aggregator.answers import forms
    from aggregator.errors import ConfigError

    with options.site(writes=True) as site:
        waiting = _waiting(site, one_of(site, newsletter).id)
        if not waiting:
            raise ConfigError("no issue is waiting; `aggregator newsletter list` shows them all")
        issue = waiting[0]
        site.store.set_issue_state(issue.newsletter, issue.number, state)
        (told,) = [i for i in site.store.issues(issue.newsletter) if i.number == issue.number]
        faults = site.note_faults(told) if state == "approved" else ()
    if options.json:
        print_json(forms.issue(told) | {"faults": list(faults)})
    elif not options.quiet:
        leaves = f"; its hour is {in_zone(site.config.site.zone)(issue.due)}" if state == "approved" else ""
        say(f"{issue.newsletter} n. {issue.number} is {state}{leaves}")
        for fault in faults:
            say(f"nothing is sent until this is mended: {fault}")
    return FAILED if faults else DONE


def _next_close(site: App, only: str) -> str:
    from aggregator.jobs.windows import open_windows

    at = in_zone(site.config.site.zone)
    windows = zip(site.config.newsletters, open_windows(site.config, site.clock()), strict=True)
    closing = [f"{n.id} closes {at(w.closes)}" for n, w in windows if only in ("", n.id)]
    return "; ".join(closing) or "feeds.yaml has no newsletter; add one under `newsletters:`"


def _write(folder: Path, name: str, html: str, text: str, message: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / f"{name}.eml").write_bytes(message)
    path = folder / f"{name}.html"
    path.write_text(html, encoding="utf-8")
    return path
