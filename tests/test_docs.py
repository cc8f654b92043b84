"""What the code can do stands in the docs, and what the docs show works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.cli import app
from aggregator.cli.newsletter import app as newsletter
from aggregator.cli.subscribers import app as subscribers
from aggregator.config import read

ROOT = Path(__file__).parent.parent


def commands() -> list[str]:
    def names(typer_app: object) -> list[str]:
        return [c.name or c.callback.__name__.replace("_", "-") for c in typer_app.registered_commands]  # type: ignore[attr-defined]

    groups = {"newsletter": newsletter, "subscribers": subscribers}
    return [*names(app), *(f"{group} {name}" for group, inner in groups.items() for name in names(inner))]


@pytest.mark.parametrize("command", commands())
def test_every_command_stands_in_the_docs(command: str) -> None:
    assert f"`aggregator {command}" in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def test_the_reference_of_feeds_yaml_is_current() -> None:
    made = subprocess.run([sys.executable, "docs/reference.py"], cwd=ROOT, capture_output=True, check=True).stdout
    assert (ROOT / "docs" / "feeds-yaml.md").read_bytes() == made, "rewrite it with: ./run.sh docs"


@pytest.mark.parametrize("name", ["README.md", "README.it.md"])
def test_the_first_site_of_the_readme_is_right(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    reading = read(shown)
    assert not reading.faults
    assert reading.config.newsletters


AROUND = """site: {title: Prova, url: https://notizie.example.it/}
sections: [News, {id: bandi, title: Bandi}, {id: concorsi, title: Concorsi}, {id: legislazione, title: Leggi}]
defaults: {section: news}
"""
SOURCES = "sources: [{id: anci, url: https://anci.example/feed}, {id: cittalia, url: https://cittalia.example/feed}]\n"


@pytest.mark.parametrize(("name", "around"), [("sections.md", AROUND + SOURCES), ("pages.md", AROUND)])
def test_what_the_docs_show_of_feeds_yaml_is_right(name: str, around: str) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / name).read_text(encoding="utf-8"), re.DOTALL)
    assert not read(around + shown).faults


@pytest.mark.parametrize("name", ["README.md", "README.it.md"])
def test_both_readmes_open_with_the_two_lines(name: str) -> None:
    lines = re.findall(r"^python3 -m venv .*$", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == 2
    assert lines[0].endswith(".venv/bin/aggregator demo")
    assert ".venv/bin/pytest" in lines[1]
    assert lines == re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
