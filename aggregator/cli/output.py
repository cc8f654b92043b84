"""Values -> what stands on stdout: a table for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aggregator.cli.options import Options

if TYPE_CHECKING:
    from rich.console import Console

    from aggregator.model import Report

# A bar for a handful of sources would only flicker.
_HANDFUL = 5


def console() -> Console:
    from rich.console import Console

    # Piped output is for files and grep: wide enough that nothing is cut.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def print_json(form: object) -> None:
    """One object on one line."""
    sys.stdout.write(json.dumps(form, ensure_ascii=False) + "\n")


def say(text: str) -> None:
    console().print(text, markup=False, soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(_cell(cell)) for cell in row))
    console().print(drawn)


def show_report(report: Report, options: Options) -> None:
    """A job's report: one JSON object, or a line of counts and a line for each failure."""
    from aggregator.answers import forms

    if options.json:
        print_json(forms.report(report))
        return
    if options.quiet and not report.broken and not report.mended:
        return
    counts = ", ".join(f"{n} {name}" for name, n in report.counts.items())
    say(f"{report.job}: {counts or 'nothing done'}")
    for failure in report.failures:
        for line in failure.error.splitlines():
            say(f"  {failure.source}: {line}")
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
    from datetime import datetime

    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M}"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
