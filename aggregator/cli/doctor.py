"""doctor: is the installation well, or one feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.options import DONE, FAILED, Json, Options, Quiet
from aggregator.cli.output import print_json, say, table

if TYPE_CHECKING:
    from aggregator.answers.doctor import Diagnosis


def doctor(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A feed, or a page that has one; without it, this installation.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Look at one feed closely, or at this installation; nothing is changed."""
    from aggregator.answers.doctor import Diagnosis
    from aggregator.model import Problem

    options = Options.of(context, json, quiet)
    with options.site() as site:
        told = site.diagnose(url) if url else Diagnosis(str(site.file), tuple(site.installation()))
    if isinstance(told, Problem):
        if options.json:
            print_json({"url": url, "error": told.text, "findings": [], "yaml": ""})
        else:
            say(told.text)
        return FAILED
    _show(told, options)
    return DONE if url or all(finding.is_well for finding in told.findings) else FAILED


def _show(told: Diagnosis, options: Options) -> None:
    if options.json:
        findings = [{"what": f.what, "words": f.words, "ok": f.is_well} for f in told.findings]
        print_json({"url": told.url, "error": None, "findings": findings, "yaml": told.yaml})
        return
    rows = ((f.what, "ok" if f.is_well else "look", f.words) for f in told.findings)
    table(("what", "", "found"), rows, told.url)
    if told.yaml:
        say(f"for feeds.yaml, under sources: (or type: aggregator add {told.url})\n\n{told.yaml}")
