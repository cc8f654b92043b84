"""init new demo: beginnings."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.options import DONE, Json, Language, Options, Quiet
from aggregator.cli.output import counted, in_zone, print_json, say, table

if TYPE_CHECKING:
    from aggregator.demo.run import Done

_PORT = 8080
_NEXT = (
    "aggregator check      is it right?",
    "aggregator pull       fetch what the sources say",
    "aggregator publish    write the portal and its feeds",
)


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the site shall be.")] = Path(),
    language: Annotated[Language, typer.Option("--language", help="Of its words.")] = "it",
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
        into = "" if folder == Path() else f"cd {shlex.quote(str(folder))}, "
        say(f"next: {into}write your sources into feeds.yaml, then")
        for line in _NEXT:
            say(f"  {line}")
    return DONE


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
        say(f"made {path}\nwrite it, take out the line `draft: true`, then: aggregator check, aggregator publish")
    return DONE


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--folder", help="Where to write it.")] = Path("demo-site"),
    language: Annotated[Language, typer.Option("--language", help="Of its words.")] = "it",
    serve: Annotated[bool, typer.Option("--serve", help="Keep it up for a browser.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """The whole path on sample sources: pull, publish, compose and mail, all on this machine."""
    from aggregator.demo.run import run
    from aggregator.observe import log_to_stderr

    options = Options.of(context, json, quiet)
    log_to_stderr(quiet=True)
    done = run(folder, language)
    _show(done, options)
    if serve:
        from aggregator.cli.jobs import serve_until_stopped
        from aggregator.web.static import listening

        return serve_until_stopped(done.portal.parent, listening(f"127.0.0.1:{_PORT}", or_any_port=True), options)
    return DONE


def _show(done: Done, options: Options) -> None:
    from aggregator.answers import forms

    if options.json:
        for _, report in done.steps:
            print_json(forms.report(report))
    elif not options.quiet:
        at = in_zone(done.zone)
        table(("the demo's clock", "job", "what it did"), ((at(t), r.job, counted(r.counts)) for t, r in done.steps))
        say(f"portal  {done.portal}\nfeeds   {done.portal.parent / 'feeds'}")
        say(f"mails   {done.outbox} ({len(done.mails)}; open one with a mail program)\nsite    {done.site}")
        say("open the portal in a browser, or see it as a web server shows it: aggregator demo --serve")
