"""How a source fares, from what is known of it: in one word, and in words with what to do."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.intake.health import health
from aggregator.model import Move
from tests.build import NOW, check, days, hours, source

NEW = "https://www.anci.example.it/rss"
DAILY = tuple(days(-n) for n in range(40, 30, -1))  # ten arrivals, then silence


@pytest.mark.parametrize(
    ("known", "fields", "state", "words"),
    [
        ({}, {}, "ok", ""),
        ({"problem": "no answer", "problem_since": hours(-3)}, {}, "failing", "no answer"),
        (
            {"problem": "no answer", "problem_since": days(-4)},
            {},
            "failing",
            "since 2026-06-11; `aggregator sources",
        ),
        ({"problem": "no answer"}, {"paused": "in rifacimento"}, "paused", "in rifacimento"),
        ({"last_success": None}, {}, "late", "not pulled yet"),
        ({"next_check": hours(-7)}, {}, "late", "is `aggregator run` running?"),
        ({"quarantined": days(-1)}, {}, "quarantined", "since 2026-06-14 most of its entries"),
        ({"quarantined": days(-1), "problem": "no answer"}, {}, "quarantined", "aggregator accept anci"),
        ({"quarantined": days(-1)}, {"identity": "guid"}, "quarantined", "identity: title+date"),
        ({"arrivals": DAILY}, {}, "silent", "nothing new since 2026-05-15"),
        ({"arrivals": DAILY[:3], "first_pull": days(-99)}, {}, "silent", "nothing new since"),
        ({"arrivals": (days(-80), days(-40))}, {}, "ok", ""),
        ({"arrivals": (days(-29), days(-27))}, {}, "ok", ""),
        ({"first_pull": days(-179)}, {}, "ok", ""),
        ({"first_pull": days(-181)}, {}, "silent", "nothing new since 2025-12-16"),
        ({"move": Move(NEW, days(-3), 3, same=True)}, {}, "ok", f"moved for good to {NEW}"),
        ({"move": Move(NEW, days(-3), 3, same=False)}, {}, "ok", ""),
        ({"certificate_ends": days(13)}, {}, "ok", "its certificate ends on 2026-06-28"),
        ({"certificate_ends": days(15)}, {}, "ok", ""),
    ],
)
def test_the_state_of_a_source(known: dict[str, Any], fields: dict[str, Any], state: str, words: str) -> None:
    found = health(source(**fields), check(**known), NOW)

    assert found.state == state
    assert words in found.problem
    assert bool(words) is bool(found.problem)


@pytest.mark.parametrize(
    ("failures", "since", "state"), [(3, -2, "gone"), (9, -30, "gone"), (2, -9, "failing"), (9, -1, "failing")]
)
def test_410_is_believed_after_three_times_in_two_days(failures: int, since: int, state: str) -> None:
    known = check(problem="the server answered 410", problem_kind="gone", failures=failures, problem_since=days(since))
    told = health(source(), known, NOW)

    assert told.state == state
    assert ("not asked any more" in told.problem) is (state == "gone")


def test_what_is_odd_about_its_document_stands_beside() -> None:
    assert health(source(), check(remarks=("its dates are those of our visit",)), NOW).remarks == (
        "its dates are those of our visit",
    )
