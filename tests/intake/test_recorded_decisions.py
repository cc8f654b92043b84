"""What is recognised as what, over five hundred made-up histories: as it was decided when decisions.txt was written.

Another decision announces entries again, or swallows some: a change here is read line by line before it is kept, with

    python -m tests.intake.test_recorded_decisions > tests/intake/decisions.txt
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import get_args

from aggregator.intake.identify import identify
from aggregator.intake.match import Identity
from aggregator.intake.policy import Policy
from aggregator.model import Entry
from tests.build import source
from tests.intake.watching import CHANNEL, Watch, told

RECORD = Path(__file__).parent / "decisions.txt"
HISTORIES = 500

GUIDS = (None, "0", "1", "2", "https://www.example.it/1", "http://example.it/1")
LINKS = (None, CHANNEL, "https://www.example.it/1", "http://example.it/1", "https://www.example.it/2?utm_source=x")
TITLES = ("", "Determina", "DETERMINA", "Bando", "Bando prorogato")
DATES = ("", "(error)", "8 giugno 2026", "Mon, 08 Jun 2026 09:00:00 +0200", "Tue, 09 Jun 2026 09:00:00 +0200")
TEXTS = ("", "Testo", "<p>Testo</p>", "Altro testo")


def history(random: Random) -> Iterator[list[Entry]]:
    """Documents of a source that forgets, repeats and changes everything; mostly what it said before."""
    document: list[Entry] = []
    for _ in range(random.randint(2, 4)):
        kept = [entry for entry in document if random.random() < 0.7]
        document = kept + [_entry(random) for _ in range(random.randint(0, 5))]
        random.shuffle(document)
        yield document


def _entry(random: Random) -> Entry:
    choose = random.choice
    return told(choose(GUIDS), url=choose(LINKS), title=choose(TITLES), date=choose(DATES), text=choose(TEXTS))


def recorded() -> Iterator[str]:
    """`12 auto: 0 1 | 1 2 =1 ~0`: a history, how entries are named by its source, and of each document which entries it
    tells, numbered as they first came; then how many of them stayed the same and how many changed."""
    identities = get_args(Identity)
    for number in range(HISTORIES):
        identity = identities[number % len(identities)]
        watch, numbers, fresh = Watch(Policy(source(identity=identity))), {}, count()
        parts = []
        for document in history(Random(number)):
            ids = [one.id for one in identify(document, watch.known, identity, CHANNEL)]
            for id_ in ids:
                numbers[id_] = numbers[id_] if id_ in numbers else next(fresh)
            changes = watch.pull(*document)
            told_ = " ".join(str(numbers[id_]) for id_ in ids)
            parts.append(f"{told_} ={len(changes.same)} ~{len(changes.changed)}")
        yield f"{number} {identity}: {' | '.join(parts)}"


def test_every_decision_is_as_it_was() -> None:
    assert list(recorded()) == RECORD.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    print("\n".join(recorded()))
