"""Values -> what stands on stdout: a table for people, JSON for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aggregator.cli.options import Options

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from aggregator.model import Report

# A bar for a handful of sources would only flicker.
_HANDFUL = 5
# Piped output is for files and grep: wide enough that nothing is cut or broken into lines.
_PIPED_WIDTH = 10_000
# What sources and servers write must not steer the terminal.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def console() -> Console:
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would exit with 1

    return Plain(highlight=False, emoji=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def print_json(form: object) -> None:
    """One object on one line; where stdout has not all letters, with escapes."""
    has_all = sys.stdout.encoding.lower().startswith("utf")
    sys.stdout.write(json.dumps(form, ensure_ascii=not has_all) + "\n")


def say(text: str) -> None:
    console().print(_CONTROLS.sub(" ", text), markup=False, soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "", *, empty: str = "nothing") -> None:
    """Draw it; what to say where it has no rows is `empty`."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:  # ids and dates stay whole, so that they can be copied
        drawn.add_column(column, overflow="fold", no_wrap=column != columns[-1])
    for row in rows:
        drawn.add_row(*(Text(_cell(cell)) for cell in row))
    if not drawn.row_count:
        say(f"{title}: {empty}" if title else empty)
        return
    if title:
        say(f"{title}\n")
    console().print(drawn)
    say("")


def in_zone(zone: ZoneInfo) -> Callable[[datetime | None], str]:
    """How moments are shown to people: in the site's own time, whatever the machine's."""
    return lambda moment: f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""


def counted(counts: Mapping[str, int]) -> str:
    """`sources 10, new 53`: what there was none of is left out."""
    return ", ".join(f"{name} {n}" for name, n in counts.items() if n) or "nothing to do"


def show_report(report: Report, options: Options) -> None:
    """A job's report: one JSON object, or a line of counts and a line for each failure."""
    from aggregator.answers import forms

    if options.json:
        print_json(forms.report(report))
        return
    if options.quiet and not (report.broken or report.mended or report.asked):
        return
    say(f"{report.job}: {counted(report.counts)}")
    for failure in report.failures:
        if options.quiet and failure.source not in report.broken:
            continue
        for line in failure.error.splitlines():
            say(f"  {failure.source}: {line}")
    for question in report.asked if options.quiet else report.questions:
        say(f"  {question.source}: {question.error}")
    for source in report.mended:
        say(f"  {source}: works again")


def exit_code(*reports: Report) -> int:
    return 1 if any(r.failures for r in reports) else 0


@contextmanager
def progress(options: Options, what: str) -> Iterator[Callable[[int, int], None]]:
    """Hears how many of how many are done; draws a bar where somebody watches and there is much to do."""
    if options.json or options.quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        task: Any = None

        def heard(done: int, total: int) -> None:
            nonlocal task
            if task is None and total > _HANDFUL:
                task = bars.add_task(what, total=total)
            if task is not None:
                bars.update(task, completed=done)

        yield heard


def _cell(value: object) -> str:
    if isinstance(value, tuple | list):
        value = ", ".join(map(str, value))
    return "" if value is None else _CONTROLS.sub(" ", str(value))
