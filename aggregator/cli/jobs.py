"""pull publish run serve status: what a site does, every day."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from socket import socket
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.options import DONE, FAILED, LOCKED, Json, Options, Quiet
from aggregator.cli.output import counted, exit_code, in_zone, print_json, progress, say, show_report, table
from aggregator.cli.signals import Wish, stop_on_signal
from aggregator.errors import LockedError

if TYPE_CHECKING:
    from starlette.middleware import Middleware
    from starlette.routing import BaseRoute

    from aggregator.answers.status import Status
    from aggregator.app import App
    from aggregator.model import Report


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


def publish(
    context: typer.Context,
    whole: Annotated[bool, typer.Option("--all", help="Make everything anew, whatever is known.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write what changed into the output folder."""
    options = Options.of(context, json, quiet)
    with options.site(writes=True) as site:
        report = site.publish(whole=whole)
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
    options = Options.of(context, json, quiet)
    with options.site(writes=True, mails=True, stays=not once) as site:
        return _once(site, options) if once else _daemon(site, options)


def _daemon(site: App, options: Options) -> int:
    from aggregator import schedule
    from aggregator.web.process import web_process

    rehearsed = ("--now", options.now) if options.now else ()
    with stop_on_signal() as stop, web_process(site, rehearsed):
        schedule.run(site, stop)
    return DONE


def _once(site: App, options: Options) -> int:
    """1 where something became broken, and as long as mail or publishing fails; only what is new is told to cron."""
    code = DONE
    with progress(options, "pulling") as heard:
        try:
            for report in site.once(heard):
                show_report(report, options)
                code = FAILED if report.broken or _fails(report) else code
        except LockedError:
            if not options.quiet:
                raise
            return LOCKED  # a run that takes longer than cron's pause is no news either
    return code


def _fails(report: Report) -> bool:
    """Whether mail or publishing failed; a source or an announcement at fault keeps neither back."""
    from aggregator.model import ANNOUNCEMENTS

    if report.job == "publish":
        return any(failure.source == "publish" for failure in report.failures)
    return report.job == "newsletter send" and any(failure.source != ANNOUNCEMENTS for failure in report.failures)


def status(context: typer.Context, json: Json = False, quiet: Quiet = False) -> int:
    """One screen: what is due, what is wrong, what goes out next."""
    from aggregator.answers import forms
    from aggregator.answers.status import JOBS
    from aggregator.answers.status import status as answer

    options = Options.of(context, json, quiet)
    with options.site() as site:
        now = site.clock()
        reports = [report for job in JOBS if (report := site.store.last_report(job))]
        told = answer(site.config, site.states(), site.store.issues(), site.store.outbox_counts(), now, reports)
    if options.json:
        print_json(forms.status(told))
    else:
        _show_status(told, in_zone(site.config.site.zone))
    return DONE


def _show_status(told: Status, at: Callable[[datetime | None], str]) -> None:
    say(f"sources: {told.sources}, due now: {len(told.due)}\n")
    sources = ((h.id, h.state, h.problem) for h in told.problems)
    jobs = ((failure.source, job, failure.error) for job, failure in told.failures)
    table(("what", "state or job", "problem"), (*sources, *jobs), "What is wrong")
    rows = ((n.newsletter, n.number, n.state, at(n.closes), at(n.leaves)) for n in told.next_issues)
    none = "there is no newsletter; add one under `newsletters:` in feeds.yaml"
    table(("newsletter", "number", "state", "closes", "leaves"), rows, "What goes out next", empty=none)
    if told.outbox:
        say("outbox: " + counted(told.outbox))


def serve(
    context: typer.Context,
    listen: Annotated[str, typer.Option("--listen", help="HOST:PORT; that of `web:`, or 127.0.0.1:8080")] = "",
    inherited: Annotated[int, typer.Option("--socket", hidden=True, help="Opened by a daemon that waits for us.")] = -1,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Serve the output folder over HTTP, and with `web:` the search of whole texts and the newsletter's forms."""
    from aggregator.settings import Web
    from aggregator.web import side
    from aggregator.web.static import listening

    options = Options.of(context, json, quiet)
    with options.site() as site:
        web = Web() if site.config.web == "none" else site.config.web
        address = listen or web.listen
        routes, guards = side.routes(site), side.guards(site, address)
        at = listening(address) if inherited < 0 else socket(fileno=inherited)
        return serve_until_stopped(
            site.root / site.config.output, at, options, routes=routes, guards=guards, is_child=inherited >= 0
        )


def serve_until_stopped(
    folder: Path,
    at: socket,
    options: Options,
    *,
    routes: Sequence[BaseRoute] = (),
    guards: Sequence[Middleware] = (),
    is_child: bool = False,
) -> int:
    """`is_child`: of a process that holds our standard input open as long as it lives."""
    from aggregator.web.static import serving

    with stop_on_signal() as stop, serving(folder, at, routes, guards) as address:
        if is_child:
            Thread(target=_end_with_the_daemon, args=(stop,), daemon=True).start()
        if options.json:
            print_json({"folder": str(folder), "url": address})
        elif not options.quiet:
            say(f"{folder} is at {address} until you press Ctrl-C")
        sys.stdout.flush()
        stop.wait()
    return DONE


def _end_with_the_daemon(stop: Wish) -> None:
    """However it died, its end of our standard input is closed then. Read as the system has it: a thread that waits in
    `sys.stdin` holds a lock that the interpreter wants at its end, and aborts over."""
    while os.read(0, 1024):
        pass
    stop.set()
