"""The house stands: imports go down, rooms on one floor keep apart, and the pure rooms touch nothing of the world."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "aggregator"

# From the ground up; a room may import rooms of lower floors only. Nouns come first: model names what flows, scalars
# and settings what feeds.yaml says, ports what jobs ask of the world.
FLOORS = [
    {"errors", "folding", "reasons", "slugs"},
    {"model"},
    {"cards", "content", "rhythm"},
    {"scalars", "windows"},
    {"settings"},
    {"ports"},
    {
        "acts",
        "dates",
        "markup",
        "urls",
        "walls",
        "words",
        "stems",
        "tokens",
        "returns",
        "pace",
        "i18n",
        "addresses",
        "workdays",
        "municipalities",
    },
    {
        "network",
        "store",
        "catalogue",
        "desk",
        "disk",
        "mail",
        "maildir",
        "processes",
        "threads",
        "own_files",
        "config",
        "observe",
    },
    {"parse", "intake", "merge", "render"},
    {"jobs"},
    {"answers"},
    {"app"},
    {"web", "schedule", "demo", "new_site"},
    {"cli"},
]
PURE = {
    "folding",
    "stems",
    "cards",
    "content",
    "rhythm",
    "windows",
    "workdays",
    "reasons",
    "slugs",
    "acts",
    "dates",
    "markup",
    "urls",
    "walls",
    "words",
    "addresses",
    "returns",
    "parse",
    "intake",
    "merge",
    "render",
}
EDGES = {"network", "store", "catalogue", "desk", "disk", "mail", "maildir", "processes", "threads", "own_files"}
WORLD = {"time", "random", "os", "pathlib", "socket", "tempfile", "shutil", "subprocess", "secrets", "uuid", "glob",
         "threading", "urllib.request", "http", "smtplib", "sqlite3", "sqlalchemy", "pycurl"}  # fmt: skip
WORLDLY_CALLS = {"open", "input", "print", "exec", "eval"}
WORLDLY_METHODS = {"now", "utcnow", "today", "read_text", "read_bytes", "write_text", "write_bytes", "urandom"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield ".".join(path.relative_to(PACKAGE).with_suffix("").parts), path


def room(name: str) -> str:
    return name.split(".")[0]


def floor(name: str) -> int:
    return next(n for n, rooms in enumerate(FLOORS) if room(name) in rooms)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported module, those inside functions and under TYPE_CHECKING too, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            yield from ((_module(node.module or "", alias.name), node.lineno) for alias in node.names)


def _module(package: str, name: str) -> str:
    """`from aggregator.render import parts` names a module, `from aggregator.model import Entry` something in one."""
    inner = PACKAGE.parent / Path(*package.split("."), name)
    return f"{package}.{name}" if inner.is_dir() or inner.with_suffix(".py").is_file() else package


def own_rooms(path: Path) -> Iterator[tuple[str, int]]:
    for name, line in imports(path):
        parts = name.split(".")
        if parts[0] == "aggregator" and len(parts) > 1:
            yield parts[1], line


def test_every_room_has_its_floor() -> None:
    rooms = {room(name) for name, _ in modules()} - {"__init__"}
    assert rooms == set().union(*FLOORS)


@pytest.mark.parametrize(("name", "path"), [m for m in modules() if m[0] != "__init__"], ids=lambda m: str(m))
def test_imports_go_strictly_down(name: str, path: Path) -> None:
    for imported, line in own_rooms(path):
        if imported != room(name):
            assert floor(imported) < floor(name), f"{path}:{line}: {room(name)} must not import {imported}"


@pytest.mark.parametrize(("name", "path"), [m for m in modules() if room(m[0]) in PURE], ids=lambda m: str(m))
def test_pure_rooms_touch_nothing(name: str, path: Path) -> None:
    for imported, line in imports(path):
        worldly = imported in WORLD or imported.split(".")[0] in WORLD
        assert not worldly, f"{path}:{line}: {imported} has no place in a pure room"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            call = node.func
            called = call.id if isinstance(call, ast.Name) else call.attr if isinstance(call, ast.Attribute) else ""
            forbidden = WORLDLY_CALLS if isinstance(call, ast.Name) else WORLDLY_METHODS
            assert called not in forbidden, f"{path}:{node.lineno}: {called}() asks the world"


@pytest.mark.parametrize(
    ("name", "path"), [m for m in modules() if room(m[0]) in PURE | {"jobs", "answers"}], ids=lambda m: str(m)
)
def test_only_app_imports_edges(name: str, path: Path) -> None:
    for imported, line in own_rooms(path):
        assert imported not in EDGES, f"{path}:{line}: {room(name)} sees ports, not {imported}"


@pytest.mark.parametrize("folder", sorted({room(name) for name, path in modules() if path.parent != PACKAGE}))
def test_no_circle_inside_a_folder(folder: str) -> None:
    """Each file of a folder can be loaded after those it imports."""
    files = {name: path for name, path in modules() if room(name) == folder}
    waits = {
        name: {
            one
            for imported, _ in imports(path)
            for one in files
            if imported.removeprefix("aggregator.") == one.removesuffix(".__init__") and one != name
        }
        for name, path in files.items()
    }
    while waits:
        ready = {name for name, others in waits.items() if not others & waits.keys()}
        assert ready, f"a circle among {sorted(waits)}"
        waits = {name: others for name, others in waits.items() if name not in ready}


# Not pydantic: typer itself takes it where it is installed.
HEAVY = ("sqlalchemy", "premailer", "feedparser", "feedgen", "apscheduler", "alembic", "lxml", "dateparser", "pycurl")


@pytest.mark.parametrize("arguments", [["--help"], ["newsletter", "--help"], ["subscribers", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom aggregator.cli import run\n"
        f"assert run({arguments!r}) == 0\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.stderr.write('heavy: ' + ' '.join(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stderr.strip() == "heavy:"
    assert "Usage" in done.stdout
