"""The JSON Schema of feeds.yaml: kept current, true of the shipped file, and of one mind with the reader."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from aggregator.config.schema import keys_at, schema

ROOT = Path(__file__).parent.parent
MISTAKES = sorted((ROOT / "tests" / "mistakes").glob("*.yaml"))


def complaints(document: object) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schema()).iter_errors(document)]


def judgement(path: Path) -> str:
    """What the file's `# schema:` line says: `sees it`, `cannot know`, or `is no YAML`."""
    lines = path.read_bytes().decode(errors="replace").splitlines()
    return next(line for line in lines if line.startswith("# schema: ")).removeprefix("# schema: ")


def test_it_is_a_schema_of_draft_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_committed_schema_is_current() -> None:
    committed = json.loads((ROOT / "feeds.schema.json").read_text(encoding="utf-8"))
    assert committed == schema(), "rewrite it: aggregator schema > feeds.schema.json"


def test_the_shipped_file_is_right_and_names_its_schema() -> None:
    text = (ROOT / "feeds.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=feeds.schema.json\n")
    assert complaints(yaml.safe_load(text)) == []


@pytest.mark.parametrize("path", [p for p in MISTAKES if judgement(p) != "is no YAML"], ids=lambda path: path.stem)
def test_the_schema_sees_the_mistakes_it_can_know(path: Path) -> None:
    found = complaints(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert bool(found) == (judgement(path) == "sees it"), found


@pytest.mark.parametrize(
    "extra",
    [
        {"sections": "News"},
        {"sources": "https://a.example/feed"},
        {"sources": None, "announcements": "annunci/"},
        {"sources": [{"url": "https://a.example/", "include": "all", "exclude": ["a", "b"], "every": "1d", "rank": 1}]},
        {"sources": [{"page": "https://a.example/", "select": {"entry": "a", "title": "b", "link": "c"}}]},
        {"mail": {"from": "Notizie <notizie@example.it>", "rate": "60/min"}},
        {"newsletters": [{"id": "s", "title": "S", "when": "Primo lunedì 8:00", "editors": "a@example.it"}]},
        {"web": {"listen": "127.0.0.1:8080"}},
        {"words": {"uno": ["a", 2024], "due": "b"}},
    ],
)
def test_shorthands_are_right(extra: dict[str, object]) -> None:
    minimal = {
        "site": {"title": "Prova", "url": "https://a.example/"},
        "sections": ["News"],
        "announcements": "annunci/",
    }
    assert complaints(minimal | extra) == []


def test_every_key_says_what_it_means() -> None:
    tables = [schema(), *schema()["$defs"].values()]
    assert [key for table in tables for key, node in table["properties"].items() if len(node["description"]) < 10] == []


def test_a_schema_belongs_to_who_asked() -> None:
    schema().clear()
    assert schema()["title"] == "feeds.yaml"


def test_the_keys_of_a_table_are_found_through_lists_and_alternatives() -> None:
    assert keys_at(("web",)) == ("listen",)
    assert "section" in keys_at(("sources", 3))
    assert "from" in keys_at(("mail",))
    assert keys_at(("sources", 3, "url")) == ()
