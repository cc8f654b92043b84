"""How a source fares, from what is known of it: in one word, and in words with what to do."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.intake.health import Health, health, is_for_its_webmaster
from aggregator.model import Move
from aggregator.settings import Select
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


def test_what_is_known_of_its_hours_and_what_is_odd_about_its_document_stand_beside() -> None:
    known = check(last_success=hours(-2), next_check=hours(4), remarks=("its dates are those of our visit",))
    assert health(source(), known, NOW) == Health(
        "anci", "ok", "", hours(-2), hours(4), ("its dates are those of our visit",)
    )


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ({"last_success": None}, "not pulled yet"),
        ({"next_check": hours(-6.1)}, "its next check is overdue: is `aggregator run` running?"),
        (
            {"quarantined": days(-1)},
            "since 2026-06-14 most of its entries are new and yet say what earlier ones say: its site was rebuilt, or "
            "makes up ids at each visit. They wait, and nobody sees them: `aggregator accept anci` lets them in as "
            "archive beside the earlier ones (with --announce as news), `aggregator reject anci` keeps them out",
        ),
        (
            {"problem": "410", "problem_kind": "gone", "problem_since": days(-3), "failures": 3},
            "410, at every check since 2026-06-12: it is not asked any more. Look for its new address (`aggregator "
            "doctor URL`), or take anci out of feeds.yaml",
        ),
        (
            {"problem": "no answer", "problem_since": days(-3)},
            "no answer (since 2026-06-12; `aggregator sources anci --letter` writes to its webmaster)",
        ),
        ({"problem": "no answer", "problem_since": days(-2.9)}, "no answer"),
        ({"problem": "no answer"}, "no answer"),
        (
            {"arrivals": DAILY},
            "it answers, but has brought nothing new since 2026-05-15, much longer than ever before: look on its site "
            "whether the news has moved to another feed",
        ),
        (
            {"move": Move(NEW, days(-3), 3, same=True)},
            f"it has moved for good to {NEW}, and has said so since 2026-06-12: `aggregator accept anci` writes the "
            "new address into feeds.yaml, `aggregator reject anci` stays with the old one",
        ),
        (
            {"certificate_ends": days(14)},
            "its certificate ends on 2026-06-29, and from then on we cannot fetch it: `aggregator sources anci "
            "--letter` writes to its webmaster",
        ),
        ({"next_check": hours(-6)}, ""),
        ({"arrivals": (days(-29), days(-28))}, ""),
        ({"arrivals": (), "first_pull": None}, ""),
    ],
)
def test_what_an_admin_reads(known: dict[str, Any], sentence: str) -> None:
    assert health(source(), check(**known), NOW).problem == sentence


def test_an_admin_who_chose_guids_is_told_of_the_other_way() -> None:
    told = health(source(identity="guid"), check(quarantined=days(-1)), NOW).problem
    assert told.endswith("keeps them out; if this comes again, write `identity: title+date`")


PAGE = Select("div", "a", "a")
ODD = ("its dates are those of our visit",)


@pytest.mark.parametrize(
    ("known", "fields", "is_theirs"),
    [
        ({"problem": "no answer"}, {}, True),
        ({"problem": "it is no feed", "problem_kind": "parse"}, {}, True),
        ({"problem": "nothing selected", "problem_kind": "parse"}, {"select": PAGE}, False),
        ({"problem": "HTTP 500"}, {"select": PAGE}, True),
        ({"remarks": ODD, "problem_kind": "parse"}, {"select": PAGE}, True),
        ({"problem": "its secret is missing", "problem_kind": "config"}, {}, False),
        ({"problem": "reading it crashed", "problem_kind": "crash"}, {}, False),
        ({"remarks": ODD, "problem_kind": "crash"}, {}, True),
        ({"certificate_ends": days(3)}, {}, True),
        ({"remarks": ODD}, {}, True),
        ({"remarks": ODD, "next_check": hours(-7)}, {}, False),
        ({"problem": "no answer"}, {"paused": "in rifacimento"}, False),
        ({}, {}, False),
    ],
)
def test_a_webmaster_is_written_to_of_what_a_webmaster_can_mend(
    known: dict[str, Any], fields: dict[str, Any], is_theirs: bool
) -> None:
    one, found = source(**fields), check(**known)
    assert is_for_its_webmaster(one, found, health(one, found, NOW)) is is_theirs


def test_a_source_that_is_written_wrongly_is_its_admins() -> None:
    assert not is_for_its_webmaster(source(), check(), Health("anci", "invalid", "unknown key"))
