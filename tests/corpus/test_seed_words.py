"""The words of the shipped feeds.yaml keep everything the portal we follow showed on its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aggregator import words
from aggregator.config import read

ROOT = Path(__file__).parent.parent.parent
SEED = ROOT.parent / "shared" / "corpus" / "lists" / "seed_page_permessi_di_soggiorno.txt"
_DAY = re.compile(r"^\d{1,2} [a-z]+ \d{4}$", re.MULTILINE)

pytestmark = pytest.mark.skipif(not SEED.is_file(), reason=f"the corpus is not there: {SEED}")


def entries() -> list[tuple[str, str]]:
    """(title, excerpt) of the twelve listed entries and of the page of one."""
    text = SEED.read_text(encoding="utf-8-sig")
    listed = [re.split(r"\n\s*\n\s*\n", block)[0].strip() for block in _DAY.split(text)[1:]]
    page = text[text.index("Anci: al via il programma") : text.index("dati pubblicazione")].strip()
    return [(block.partition("\n")[0], block.partition("\n")[2][:400]) for block in [*listed, page]]


def test_every_entry_of_the_seed_page_would_be_kept() -> None:
    defaults = read((ROOT / "feeds.yaml").read_bytes()).config.defaults
    kept, out = words.compile(defaults.include), words.compile(defaults.exclude)
    assert len(entries()) == 13
    lost = [title for title, excerpt in entries() if not kept.matches(title, excerpt) or out.matches(title, excerpt)]
    assert lost == []
