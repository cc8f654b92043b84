"""pull publish run serve status: what a site does, every day."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.cli.options import EVERY_DAY, RARELY, Json, Options, Quiet
from aggregator.cli.output import exit_code, print_json, progress, say, show_report, table


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=EVERY_DAY)(pull)
    app.command(rich_help_panel=EVERY_DAY)(publish)
    app.command(rich_help_panel=EVERY_DAY)(run)
    app.command(rich_help_panel=EVERY_DAY)(status)
    app.command(rich_help_panel=RARELY)(serve)


def pull(
    context: typer.Context,
    source: Annotated[list[str] | None, typer.Argument(help="Only these, due or not.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Ask every source, due or not.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Fetch what is due, read it, and keep what is new."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site, progress(options, "pulling") as heard:
        report = site.pull(source or (), force=force, progress=heard)
    show_report(report, options)
    return exit_code(report)


def publish(context: typer.Context, json: Json = False, quiet: Quiet = False) -> int:
    """Write what changed into the output folder."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        report = site.publish()
        folder = site.root / site.config.output
    show_report(report, options)
    if not options.json and not options.quiet:
        say(f"open {folder / 'index.html'}")
    return exit_code(report)


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Do everything that is due, and exit: for cron.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Keep the site going: pull, publish, compose and send, each when it is due."""
    from aggregator import schedule

    options = Options.of(context, json, quiet)
    with options.site(writes=True, mails=True) as site, schedule.stop_on_signal() as stop:
        site.stopping = stop.is_set
        if not once:
            schedule.run(site, stop)
            return 0
        code = 0
        with progress(options, "pulling") as heard:
            for report in site.once(heard):
                show_report(report, options)
                failed = report.job in ("publish", "newsletter send") and report.failures
                code = 1 if report.broken or failed else code
    return code


def status(context: typer.Context, json: Json = False, quiet: Quiet = False) -> int:
    """One screen: what is due, what is wrong, what goes out next."""
    from aggregator.answers import forms
    from aggregator.answers.status import status as answer
    from aggregator.cli.sources import states

    options = Options.of(context, json, quiet)
    with options.site() as site:
        now = site.clock()
        told = answer(site.config, states(site), site.store.issues(), tuple(site.store.deliveries()), now)
    if options.json:
        print_json(forms.status(told))
        return 0
    say(f"{told.sources} sources, {len(told.due)} due now")
    if told.problems:
        table(("source", "state", "problem"), ((h.id, h.state, h.problem) for h in told.problems), "What is wrong")
    rows = ((n.newsletter, n.number, n.state, n.closes, n.leaves) for n in told.next_issues)
    table(("newsletter", "number", "state", "closes", "leaves"), rows, "What goes out next")
    if told.outbox:
        say("outbox: " + ", ".join(f"{n} {state}" for state, n in told.outbox.items()))
    return 0


def serve(
    context: typer.Context,
    listen: Annotated[str, typer.Option("--listen", help="HOST:PORT")] = "127.0.0.1:8080",
) -> int:
    """Serve the output folder over HTTP, to look at it."""
    from aggregator.web.static import serve as serve_folder

    with Options.of(context).site() as site:
        folder = site.root / site.config.output
    serve_folder(folder, listen)
    return 0
