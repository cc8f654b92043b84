"""Every sentence of the pages of people, and of mails to one person, has its Italian; none is idle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[2]


def of_templates(files: Iterable[Path]) -> Iterator[str]:
    options = {"trimmed": "false", "silent": "false"}
    for file in files:
        for _, _, message, _ in babel_extract(BytesIO(file.read_bytes()), ("_",), [], options):
            yield str(message[0] if isinstance(message, tuple) else message)


def of_code(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        for _, message, _, _ in extract("python", BytesIO(file.read_bytes()), keywords={"_": None, "say": None}):
            yield str(message)


@pytest.mark.parametrize(
    ("catalogue", "templates", "code"),
    [("web", "web/*", "web/*.py"), ("personal", "mail/personal.*", "render/mail/personal.py")],
)
def test_every_sentence_has_its_italian_and_none_is_idle(catalogue: str, templates: str, code: str) -> None:
    used = {*of_templates((ROOT / "templates").glob(templates)), *of_code((ROOT / "aggregator").glob(code))}
    with (ROOT / f"aggregator/i18n/it/{catalogue}.po").open("rb") as stream:
        told = {str(m.id): m.string for m in read_po(stream, locale="it", abort_invalid=True) if m.id}
    assert used == set(told)
    assert all(told.values())


def test_no_two_catalogues_say_a_sentence_differently() -> None:
    said: dict[str, str] = {}
    for file in sorted((ROOT / "aggregator/i18n/it").glob("*.po")):
        with file.open("rb") as stream:
            for message in read_po(stream, locale="it"):
                if message.id and isinstance(message.id, str):
                    assert said.setdefault(message.id, str(message.string)) == message.string, (file.name, message.id)
