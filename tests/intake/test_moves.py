"""A source that answers from somewhere else: when its admin is asked, and what never counts as a move."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from aggregator.intake.checks import failed, unchanged
from aggregator.intake.decide import decide
from aggregator.intake.moves import is_settled
from aggregator.intake.policy import Policy
from aggregator.model import Check, Entry, Feed, Fetched, Known, Move, Problem, Unchanged
from tests.build import NOW, check, days, feed, hours, source
from tests.intake.watching import known_after, told

OLD, NEW = "https://anci.example.it/feed", "https://www.anci.example.it/rss"
POLICY = Policy(source())
ACTS = tuple(told(f"atto-{n}", title=f"Atto {n}", text="Testo") for n in range(4))


class Moving:
    """A source pulled day after day, that answers by way of permanent redirects."""

    def __init__(self) -> None:
        self.check: Check = check(url=OLD, first_pull=days(-30))
        self.known: tuple[Known, ...] = ()
        self.now = NOW

    def pull(self, *entries: Entry, to: str = NEW, at: datetime | None = None, **fields: str) -> Move | None:
        self.now = at or self.now
        document: Feed = feed(*(entries or ACTS), **fields)
        answer = Fetched("anci", to or OLD, b"", moved=to)
        changes = decide(document, self.known, self.check, POLICY, self.now, answer=answer)
        self.known, self.check = known_after(self.known, changes), changes.check
        return self.check.move

    def asks(self) -> bool:
        return is_settled(self.check.move, self.now)


@pytest.fixture
def moving() -> Moving:
    known = Moving()
    known.pull(to="", at=days(-1))
    return known


def test_a_move_is_asked_about_after_the_same_answer_over_days(moving: Moving) -> None:
    for day, asks in ((0, False), (1, False), (2, True), (3, True)):
        moving.pull(at=days(day))
        assert moving.asks() is asks
    assert moving.check.move == Move(NEW, NOW, times=4, same=True)


def test_many_answers_of_one_day_are_not_enough(moving: Moving) -> None:
    for hour in range(0, 47, 6):
        moving.pull(at=hours(hour))
    assert not moving.asks()


def test_an_answer_without_redirects_forgets_the_move(moving: Moving) -> None:
    moving.pull(at=days(0))
    assert moving.pull(to="", at=days(1)) is None


def test_another_target_begins_anew(moving: Moving) -> None:
    moving.pull(at=days(0))
    moving.pull(to="https://altrove.example.it/", at=days(3))
    assert moving.check.move == Move("https://altrove.example.it/", days(3), same=True)


def test_another_feed_is_never_asked_about(moving: Moving) -> None:
    others = tuple(told(f"altro-{n}", title=f"Notizia {n}", text="Altro") for n in range(4))
    for day in range(4):
        moving.check, moving.known = check(url=OLD, move=moving.check.move), ()
        moving.pull(*others, at=days(day), id="altro")
    assert moving.check.move is not None
    assert not moving.asks()


def test_half_of_the_entries_known_is_the_same_feed_and_so_is_the_same_id(moving: Moving) -> None:
    others = tuple(told(f"altro-{n}", title=f"Notizia {n}", text="Altro") for n in range(2))
    assert moving.pull(*ACTS[:2], *others, id="nuovo") == Move(NEW, days(-1), same=True)
    moving = Moving()
    moving.check = check(url=OLD, feed_id="urn:anci")
    assert moving.pull(*others, id="urn:anci") == Move(NEW, NOW, same=True)


def test_not_modified_there_says_nothing_of_who_answers(moving: Moving) -> None:
    """Anybody may say so to whatever is asked; the first document shows which feed it is."""
    for day in range(3):
        moving.check = unchanged(Unchanged("anci", moved=NEW), moving.check, POLICY, days(day)).check
    assert not is_settled(moving.check.move, days(2))
    for day, answer in ((3, Unchanged("anci", moved=NEW, is_seen=True)), (4, Unchanged("anci", moved=NEW))):
        moving.check = unchanged(answer, moving.check, POLICY, days(day)).check
        assert is_settled(moving.check.move, days(day))


def test_a_failure_neither_counts_nor_forgets(moving: Moving) -> None:
    moving.pull(at=days(0))
    moving.check = failed(Problem("anci", "fetch", "HTTP 500"), moving.check, POLICY, days(1)).check
    assert moving.check.move == Move(NEW, NOW, same=True)


def test_a_move_that_was_rejected_is_not_asked_about_again_whatever_comes_in_between(moving: Moving) -> None:
    moving.check = replace(moving.check, stays_from=(NEW,))
    for day, to in enumerate((NEW, NEW, "", NEW, NEW, NEW)):
        assert moving.pull(to=to, at=days(day)) is None
    for day in range(6, 9):
        moving.pull(to=f"{NEW}/2", at=days(day))
    assert moving.asks(), "another address is another question"
