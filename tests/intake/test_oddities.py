"""What is odd about a document that could be read, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.model import Entry
from tests.build import NOW, days, hours
from tests.intake.watching import Watch, told


def dated(*moments: datetime | str) -> tuple[Entry, ...]:
    written = (m if isinstance(m, str) else m.strftime("%a, %d %b %Y %H:%M:%S +0000") for m in moments)
    return tuple(
        told(f"atto-{n}", title=f"Bando {n}", date=date, url=f"https://www.example.it/{n}")
        for n, date in enumerate(written)
    )


def remarks(*entries: Entry, **fields: str) -> str:
    watch = Watch(**fields)
    watch.pull(*entries)
    return "; ".join(watch.check.remarks)


def test_an_ordinary_feed_is_not_remarked_upon() -> None:
    assert remarks(*dated(*(days(-n) for n in range(8)))) == ""


def test_entries_that_the_admins_choice_makes_one_are_told_with_the_remedy() -> None:
    shared = tuple(
        told(title="Determina", date=f"{n} giugno 2026", url="https://www.example.it/albo") for n in range(1, 9)
    )
    assert remarks(*shared) == ""
    same = tuple(told(f"uno-{n}", title="Determina", date="8 giugno 2026", text="Testo") for n in range(8))
    assert "only 1 can be told apart by `identity: title+date`" in remarks(*same, identity="title+date")


def test_a_document_that_repeats_itself_is_told() -> None:
    one = told("a", title="Bando", text="Testo", date="8 giugno 2026")
    assert remarks(*[one] * 9).startswith("of its 9 entries only 1 can be told apart")


def test_dates_that_cannot_be_read_are_quoted() -> None:
    said = remarks(*dated(*["(error)"] * 5, NOW))
    assert "its dates cannot be read ('(error)')" in said


def test_dates_of_our_own_visit_are_told_and_a_busy_day_is_not() -> None:
    assert "those of our visit" in remarks(*dated(*[NOW] * 6))
    assert remarks(*dated(*(hours(-n / 10) for n in range(6)))) == ""


def test_dates_in_the_future_are_told() -> None:
    assert "in the future" in remarks(*dated(*(days(5 + n) for n in range(6))))


def test_a_feed_left_behind_is_told_with_its_last_day() -> None:
    assert "its newest entry is of 2025-03-12" in remarks(
        *dated(*(datetime(2025, 3, 12 - n, 9, tzinfo=UTC) for n in range(6)))
    )


def test_nothing_is_concluded_from_a_handful() -> None:
    assert remarks(*dated(*[NOW - timedelta(days=900)] * 4)) == ""
    assert remarks(*dated(*[NOW - timedelta(days=900)] * 5)) != ""


def test_half_of_a_document_is_not_most_of_it() -> None:
    assert remarks(*dated(*["(error)"] * 3, NOW, hours(-1), hours(-2))) == ""
    assert remarks(*dated(*[days(5 + n) for n in range(3)], NOW, hours(-1), hours(-2))) == ""
    one = told("a", title="Bando", text="Testo", date="8 giugno 2026")
    assert "only 3 can be told apart" in remarks(*[one] * 4, *dated(hours(-1), hours(-2)))
    assert remarks(*[one] * 3, *dated(hours(-1), hours(-2), hours(-3))) == ""


def test_what_is_said_is_one_sentence_an_admin_understands() -> None:
    assert remarks(*dated(*[NOW] * 5)) == (
        "all its entries are dated today, at one moment: its dates are probably those of our visit"
    )
    assert remarks(*dated(*(days(5 + n) for n in range(5)))) == (
        "most of its entries are dated in the future: those are probably the days they are about"
    )
    odd = tuple(told(f"atto-{n}", title=f"Bando {n}", date=f"{n}{'x' * 50}") for n in range(5))
    assert remarks(*odd) == (f"its dates cannot be read ('0{'x' * 39}'): entries stand by the day we first saw them")


def test_tomorrow_is_no_future_and_the_day_after_is() -> None:
    assert remarks(*dated(*(hours(48 - n / 10) for n in range(5)))) == ""
    assert "in the future" in remarks(*dated(*(hours(49 + n) for n in range(5))))


def test_days_are_those_of_the_source() -> None:
    late = datetime(2025, 3, 12, 23, 30, tzinfo=UTC)  # in Rome it is the 13th
    assert "its newest entry is of 2025-03-13" in remarks(*dated(*(late - timedelta(hours=n) for n in range(5))))
    before_midnight = datetime(2026, 6, 14, 22, 30, tzinfo=UTC)  # in Rome it is today
    assert "dated today" in remarks(*dated(*[before_midnight] * 5))
    assert remarks(*dated(*[days(-1)] * 5)) == ""
