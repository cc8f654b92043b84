"""What the tests with real clients share: the demo's portal as it is served, and programs run on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import feedparser
import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "build" / "npm"  # where `./run.sh tools` puts what npm has
PICTURES = ROOT / "build" / "newsletter"  # of issues, for people to look at
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
in_a_browser = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium here: apt-get install chromium")


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(program), reason=f"no {program} here: apt-get install {package}")


@dataclass(frozen=True, slots=True)
class Served:
    """The demo's portal on the web: its address and its folder."""

    url: str
    public: Path

    def ids(self, name: str) -> set[str]:
        """What a feed holds, as feedparser reads it."""
        return {entry.id for entry in feedparser.parse((self.public / f"feeds/{name}.atom").read_bytes()).entries}

    def feed(self, name: str, suffix: str = "atom") -> str:
        return f"{self.url}/feeds/{name}.{suffix}"


def needs_npm(package: str) -> pytest.MarkDecorator:
    there = shutil.which("node") and (TOOLS / "node_modules" / package).exists()
    return pytest.mark.skipif(not there, reason=f"no {package} here: ./run.sh tools, with npm")


def run(*command: str, home: Path, told: bytes = b"") -> str:
    """What a program says; it has a home of its own, and a minute."""
    environment = os.environ | {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    done = subprocess.run(command, input=told, capture_output=True, timeout=60, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def invalid(*pages: Path) -> list[tuple[str, str]]:
    """What the validator of the Web's standards says against these pages."""
    jar = TOOLS / "node_modules/vnu-jar/build/dist/vnu.jar"
    command = ["java", "-jar", str(jar), "--format", "json", "--errors-only", *map(str, pages)]
    done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    return [(told["url"], told["message"]) for told in json.loads(done.stderr)["messages"]]


def node(script: str, *arguments: str, home: Path) -> str:
    """What a program in JavaScript says; it finds what npm has."""
    file = TOOLS / f"{home.name}.mjs"
    file.write_text(script)
    try:
        return run("node", str(file), *arguments, home=home)
    finally:
        file.unlink()
