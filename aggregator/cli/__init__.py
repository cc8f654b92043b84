"""The command line: `main` runs a command and turns what went wrong into one line and an exit code."""

from __future__ import annotations

import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli import jobs, newsletter, site, sources, subscribers
from aggregator.cli.options import Options
from aggregator.errors import AggregatorError, ConfigError, LockedError, SubscriptionError

DONE, FAILED, USAGE, LOCKED, CRASHED = 0, 1, 2, 3, 70

app = typer.Typer(
    name="aggregator",
    help="Feeds of institutions in, one clean feed per section and one newsletter out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
jobs.add_to(app)
site.add_to(app)
sources.add_to(app)
app.add_typer(newsletter.app, name="newsletter", rich_help_panel=newsletter.PANEL)
app.add_typer(subscribers.app, name="subscribers", rich_help_panel=subscribers.PANEL)


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
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    try:
        code = app(arguments, prog_name="aggregator", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except typer.TyperException as error:
        error.show()  # type: ignore[attr-defined]  # those it raises itself have it
        return USAGE
    except (typer.Abort, KeyboardInterrupt):
        return _told("stopped", FAILED)
    except BrokenPipeError:  # `aggregator entries | head`: nobody reads on
        sys.stderr.close()
        return DONE
    except (ConfigError, SubscriptionError) as error:
        return _told(str(error), USAGE)
    except LockedError as error:
        return _told(str(error), LOCKED)
    except AggregatorError as error:
        return _told(str(error), FAILED)
    except Exception as error:  # noqa: BLE001  # the last resort: one line, and the trace in a file
        return _told(
            f"crashed: {type(error).__name__}: {error}\nThis is a bug of ours. Its trace is in {_trace()}", CRASHED
        )


def _told(words: str, code: int) -> int:
    sys.stderr.write(f"{words}\n")
    return code


def _trace() -> Path:
    import tempfile

    path = Path(tempfile.gettempdir()) / f"aggregator-crash-{datetime.now():%Y%m%dT%H%M%S}.txt"  # noqa: DTZ005  # a file's name, in the admin's own time
    path.write_text(traceback.format_exc(), encoding="utf-8")
    return path
