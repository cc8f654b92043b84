"""The command line: `main` runs a command and turns what went wrong into one line and an exit code."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli import adding, doctor, explain, jobs, newsletter, plan, questions, site, sources, subscribers
from aggregator.cli.options import CRASHED, DONE, EVERY_DAY, FAILED, LOCKED, RARELY, USAGE, WHEN_WRONG, Options
from aggregator.errors import AggregatorError, ConfigError, LockedError, SubscriptionError

app = typer.Typer(
    name="aggregator",
    help="Feeds of institutions in, one clean feed per section and one newsletter out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _panel(title: str, *commands: Callable[..., int] | tuple[str, typer.Typer]) -> None:
    """`--help` shows panels, and commands in them, in the order in which they are added."""
    for command in commands:
        if isinstance(command, tuple):
            app.add_typer(command[1], name=command[0], rich_help_panel=title)
        else:
            app.command(rich_help_panel=title)(command)


_panel(
    EVERY_DAY, jobs.status, site.new, sources.check, plan.plan, jobs.pull, jobs.publish,
    ("newsletter", newsletter.app), ("subscribers", subscribers.app), jobs.run,
)  # fmt: skip
_panel(
    WHEN_WRONG, sources.sources, questions.accept, questions.reject, sources.entries, explain.explain, questions.hide,
    questions.unhide, sources.parse, doctor.doctor,
)  # fmt: skip
_panel(RARELY, site.init, adding.add, adding.import_opml, site.demo, jobs.serve, sources.schema)


@app.callback()
def _before(
    context: typer.Context,
    config: Annotated[Path, typer.Option("--config", help="The site's feeds.yaml.")] = Path("feeds.yaml"),
    now: Annotated[str, typer.Option("--now", help="Run as if it were this time, e.g. 2026-06-15T08:00.")] = "",
    really: Annotated[bool, typer.Option("--really", help="Let --now mail through a real server.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only what got worse or better.")] = False,
) -> None:
    context.obj = Options(config, now, really, json, quiet)


def main() -> None:
    """Run and exit. 0 done, 1 something failed, 2 usage or configuration, 3 locked, 70 a bug of ours."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without our letters still gets our words
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    try:
        code = app(arguments, prog_name="aggregator", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except typer.TyperException as error:
        error.message = _in_words(getattr(error, "message", ""))
        error.show()  # type: ignore[attr-defined]  # those it raises itself have both
        return USAGE
    except (typer.Abort, KeyboardInterrupt):
        return _told("stopped", FAILED)
    except BrokenPipeError:
        return _nobody_reads_on()
    except SystemExit:  # typer's own word for the same
        return DONE
    except (ConfigError, SubscriptionError) as error:
        return _told(str(error), USAGE)
    except LockedError as error:
        return _told(str(error), LOCKED)
    except AggregatorError as error:
        return _told(str(error), FAILED)
    except Exception as error:  # noqa: BLE001  # the last resort: words, or one line and the trace in a file
        return _outside(error) or _crashed(error)


def _in_words(message: str) -> str:
    """What typer hands on of pydantic, as we say it."""
    if choice := re.fullmatch(r"Value error, ('.*') is not one of (.*)\.", message):
        *first, last = re.findall("'([^']*)'", choice[2])
        return f"expected {', '.join(first)} or {last}, found {choice[1]}"
    return "expected a whole number" if message.startswith("Input should be a valid integer") else message


def _told(words: str, code: int) -> int:
    sys.stderr.write(f"{words}\n")
    return code


def _nobody_reads_on() -> int:
    """`aggregator entries | head` is done; what is still buffered must not be written when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def _outside(error: Exception) -> int | None:
    """A file or folder that cannot be used is no bug of ours."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return _told(f"{error.filename}: {error.strerror}", FAILED)
    return None


def _crashed(error: Exception) -> int:
    trace = "".join(traceback.format_exception(error)).encode("utf-8", "backslashreplace")
    with tempfile.NamedTemporaryFile(prefix="aggregator-crash-", suffix=".txt", delete=False) as file:
        file.write(trace)
    words = " ".join(f"{type(error).__name__}: {error}".split())
    return _told(f"crashed: {words}; this is a bug of ours, please report it with its trace: {file.name}", CRASHED)
