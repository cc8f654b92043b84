"""What an issue costs: the time of one edition, premailer's share of it, and how many are made for many subscribers.

    .venv/bin/python bench/newsletter.py [SUBSCRIBERS]

Eight thousand subscribers by default, with forty choices among them (twenty of sections, in two languages), and an
issue of sixty entries. Figures are of one run on one machine; what counts is the ratio.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import combinations, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from aggregator import disk  # noqa: E402
from aggregator.jobs.issues.compose import compose  # noqa: E402
from aggregator.jobs.issues.freeze import freeze_due  # noqa: E402
from aggregator.render.mail import newsletter as room  # noqa: E402
from aggregator.render.templates import Templates  # noqa: E402
from aggregator.settings import Section  # noqa: E402
from aggregator.store import open_store  # noqa: E402
from tests.build import NOW, changes, config, days, entry, source, subscriber  # noqa: E402
from tests.fakes import FakeDesk, FakeDisk  # noqa: E402

NAMES = [f"sezione-{number}" for number in range(8)]
SITE = config(
    sections=tuple(Section(name, name.capitalize()) for name in NAMES),
    sources=tuple(source(f"fonte-{number}", section=name) for number, name in enumerate(NAMES)),
)
CHOICES = [(language, sections) for sections in islice(combinations(NAMES, 3), 20) for language in ("it", "en")]
TEXT = "<p>" + "Le domande si presentano allo sportello del Comune entro la fine del mese. " * 4 + "</p>"


class Watch:
    """How often a function was called, and how long that took."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.calls, self.seconds = function, 0, 0.0

    def __call__(self, *args: Any, **named: Any) -> Any:
        start = process_time()
        try:
            return self.function(*args, **named)
        finally:
            self.calls += 1
            self.seconds += process_time() - start


def main(subscribers: int) -> None:
    editions, inlining = Watch(room.edition), Watch(room.inlined)
    room.inlined = inlining
    from aggregator.jobs.issues import editions as job

    job.edition = editions
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/a.db")
        fill(store, subscribers)
        templates = Templates(disk.templates(None), SITE.site.zone)
        start = process_time()
        assert list(freeze_due(SITE, store, FakeDisk({}), FakeDesk(), templates, NOW, "")) == []
        whole = process_time() - start
        owed = sum(1 for _ in store.deliveries())
        store.close()
    assert owed == subscribers
    each = editions.seconds / editions.calls
    print(f"{subscribers} subscribers, {len(CHOICES)} choices: {editions.calls} editions, {inlining.calls} renders")
    print(f"{each * 1000:.0f} ms of CPU an edition, {inlining.seconds / editions.seconds:.0%} of it premailer")
    print(f"{whole:.1f} s of CPU to freeze the issue, {editions.seconds / whole:.0%} of it editions")


def fill(store: Any, subscribers: int) -> None:
    store.opened("settimanale", days(-7))
    for number in range(60):
        home = f"fonte-{number % len(NAMES)}"
        when = days(-1)
        told = entry(f"e{number}", title=f"Avviso {number} per i Comuni", summary=TEXT, first_seen=when, shown=when)
        store.save(changes(home, new=[told], at=when))
    for number in range(subscribers):
        language, sections = CHOICES[number % len(CHOICES)]
        store.save_subscriber(subscriber(f"s{number}", language=language, sections=sections))
    assert compose(SITE, store, FakeDesk(), NOW).issues


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
