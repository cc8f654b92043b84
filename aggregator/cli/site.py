"""init new demo: beginnings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.options import EVERY_DAY, RARELY, Json, Options, Quiet
from aggregator.cli.output import print_json, say, table


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=EVERY_DAY)(new)
    app.command(rich_help_panel=RARELY)(init)
    app.command(rich_help_panel=RARELY)(demo)


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the site shall be.")] = Path(),
    language: Annotated[str, typer.Option("--language", help="it or en")] = "it",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """A new site: feeds.yaml to fill in, its schema, announcements/."""
    from aggregator.new_site import make

    options = Options.of(context, json, quiet)
    made = make(folder, language)
    if options.json:
        print_json({"folder": str(folder), "files": [str(path) for path in made]})
    elif not options.quiet:
        for path in made:
            say(f"made {path}")
        say(f"now write your sources into {folder / 'feeds.yaml'}, then: aggregator check")
    return 0


def new(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="Its headline.")],
    section: Annotated[str, typer.Option("--section", help="Where it belongs.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Begin an announcement: a draft with its front matter filled in."""
    from aggregator.new_site import announcement

    options = Options.of(context, json, quiet)
    with options.site() as site:
        path = announcement(site, title, section)
    if options.json:
        print_json({"file": str(path)})
    elif not options.quiet:
        say(f"made {path}\nwrite it, take out the line `draft: true`, then: aggregator publish")
    return 0


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--folder", help="Where to write it.")] = Path("demo-site"),
    language: Annotated[str, typer.Option("--language", help="it or en")] = "it",
    serve: Annotated[bool, typer.Option("--serve", help="Keep it up for a browser.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """The whole path on sample sources: pull, publish, compose and mail, all on this machine."""
    from aggregator.answers import forms
    from aggregator.demo.run import run
    from aggregator.observe import log_to_stderr

    options = Options.of(context, json, quiet)
    log_to_stderr(quiet=True)
    done = run(folder, language)
    if options.json:
        for _, report in done.steps:
            print_json(forms.report(report))
    elif not options.quiet:
        rows = ((f"{at:%Y-%m-%d %H:%M} UTC", report.job, _counted(report.counts)) for at, report in done.steps)
        table(("the demo's clock", "job", "what it did"), rows)
        say(
            f"portal   {done.portal}\nfeeds    {done.portal.parent / 'feeds'}\nmails    {folder / 'outbox'} ({len(done.mails)})"
        )
    if serve:
        say("serving the portal at http://127.0.0.1:8080/ until Ctrl-C")
        from aggregator.web.static import serve as serve_folder

        serve_folder(done.portal.parent, "127.0.0.1:8080")
    return 0


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in counts.items() if n)
