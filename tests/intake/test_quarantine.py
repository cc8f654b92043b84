"""A feed that turns new all at once: set aside with a question where it repeats itself, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.intake import quarantine
from aggregator.model import Enclosure, Entry
from tests.build import NOW, days, entry
from tests.intake.watching import Watch, told


def acts(guid: str, numbers: range = range(6), day: int = 8) -> tuple[Entry, ...]:
    """The same acts, as a CMS that dates and names everything anew shows them."""
    return tuple(
        told(
            f"{guid}-{n}",
            title=f"Bando {n}",
            text=f"Testo del bando numero {n}",
            date=f"{day} giugno 2026",
            url=f"https://www.example.it/{guid}/{n}",
        )
        for n in numbers
    )


def by_guid() -> Watch:
    watch = Watch(identity="guid")
    watch.pull(*acts("uno"))
    return watch


def test_guids_made_up_at_each_request_are_caught() -> None:
    watch = by_guid()
    changes = watch.pull(*acts("due"))

    assert watch.check.quarantined == days(1)
    assert {e.left_out for e in changes.new} == {quarantine.REPEATED}
    assert len(changes.new) == 6


def test_a_rebuilt_site_that_dates_everything_anew_is_caught_without_any_setting() -> None:
    watch = Watch()
    watch.pull(*acts("uno"))
    watch.pull(*acts("due", day=15))

    assert watch.check.quarantined == days(1)


def test_guids_made_up_at_each_request_do_not_fill_the_store() -> None:
    watch = by_guid()
    for number in range(60):
        watch.pull(*acts(f"visita-{number}"))

    assert len(watch.known) == 6 + 204  # six a visit, until more than two hundred wait
    assert watch.check.quarantined == days(1)


def test_after_an_outage_everything_is_new_and_news() -> None:
    watch = by_guid()
    changes = watch.pull(*acts("due", range(6, 12)))

    assert watch.check.quarantined is None
    assert [e.left_out for e in changes.new] == [""] * 6


def test_titles_that_repeat_without_their_text_are_no_mass_change() -> None:
    """68 acts had 16 titles."""
    watch = Watch(identity="guid")
    for guid in ("uno", "due"):
        changes = watch.pull(*(told(f"{guid}-{n}", title="Atto numero 2026/136") for n in range(6)))

    assert watch.check.quarantined is None
    assert len(changes.new) == 6


def board(guid: str, numbers: range = range(6), *, title: str = "Determina {n}", text: str = "") -> tuple[Entry, ...]:
    """A notice board: what its acts say stands in a file of theirs."""
    return tuple(
        told(
            f"{guid}-{n}",
            title=title.format(n=n),
            text=text.format(n=n),
            date=f"{8 + n} giugno 2026",
            url=f"https://www.example.it/{guid}/{n}",
            enclosures=(Enclosure(f"https://www.example.it/{guid}/{n}.pdf"),),
        )
        for n in numbers
    )


@pytest.mark.parametrize("text", ["", "Determina {n}", "<p>Testo della determina {n}</p>"])
def test_a_rebuilt_board_whose_files_have_moved_with_it_is_caught(text: str) -> None:
    watch = Watch()
    watch.pull(*board("uno", text=text))
    changes = watch.pull(*board("due", text=text), *board("due", range(20, 22), text="Altro"))

    assert watch.check.quarantined == days(1)
    assert [e.left_out for e in changes.new] == [quarantine.REPEATED] * 6 + [quarantine.MEANWHILE] * 2


def test_acts_of_one_title_and_one_day_are_told_apart_by_their_files() -> None:
    """Weddings are announced by the dozen."""
    one_day = [
        tuple(replace(e, published_raw="8 giugno 2026") for e in board(g, title="Nozze")) for g in ("uno", "due")
    ]
    watch = Watch()
    watch.pull(*one_day[0])
    changes = watch.pull(*one_day[1])

    assert watch.check.quarantined is None
    assert len(changes.new) == 6


def test_acts_of_one_title_and_one_day_that_say_other_things_repeat_nothing() -> None:
    watch = Watch()
    watch.pull(*board("uno", title="Determina", text="Atto {n}"))
    changes = watch.pull(*board("due", title="Determina", text="Altro atto {n}"))

    assert watch.check.quarantined is None
    assert len(changes.new) == 6


def test_what_waits_does_not_make_a_moved_act_look_like_two() -> None:
    watch = Watch(identity="guid")
    watch.pull(*board("uno"))
    watch.pull(*board("due"))
    changes = watch.pull(*board("tre"))

    assert [e.left_out for e in changes.new] == [quarantine.REPEATED] * 6


def test_a_few_repeats_among_many_known_entries_are_no_mass_change() -> None:
    watch = by_guid()
    watch.pull(*acts("uno"), *acts("due", range(5)))

    assert watch.check.quarantined is None


@pytest.mark.parametrize(
    ("known", "repeated", "others", "quarantined"),
    [(4, 4, 0, False), (3, 4, 0, True), (0, 4, 4, False), (0, 4, 3, True), (0, 3, 5, False)],
)
def test_half_is_not_most(known: int, repeated: int, others: int, quarantined: bool) -> None:
    """Of a document that holds so many known entries, repeated ones and new ones."""
    watch = Watch(identity="guid")
    watch.pull(*acts("uno"))
    watch.pull(*acts("uno", range(known)), *acts("due", range(repeated)), *acts("tre", range(10, 10 + others)))

    assert bool(watch.check.quarantined) is quarantined


@pytest.mark.parametrize(("count", "quarantined"), [(2, False), (3, True)])
def test_two_repeats_are_no_mass(count: int, quarantined: bool) -> None:
    watch = Watch(identity="guid")
    watch.pull(*acts("uno", range(count)))
    watch.pull(*acts("due", range(count)))

    assert bool(watch.check.quarantined) is quarantined


def test_what_is_new_meanwhile_waits_too_and_known_entries_go_on_changing() -> None:
    watch = by_guid()
    watch.pull(*acts("due"))
    corrected = replace(acts("uno")[0], summary="Testo corretto")
    changes = watch.pull(corrected, told("nuovo", title="Concorso", text="Nuovo testo"))

    assert [e.left_out for e in changes.new] == [quarantine.MEANWHILE]
    assert [e.title for e in changes.changed] == ["Bando 0"]


def test_an_edit_lets_nothing_out_that_waits() -> None:
    watch = by_guid()
    watch.pull(*acts("due"))
    [changed] = watch.pull(replace(acts("due")[0], summary="Testo corretto")).changed

    assert changed.left_out == quarantine.REPEATED


def test_words_that_keep_an_entry_out_say_so_first() -> None:
    watch = Watch(identity="guid", exclude=("bando 3",))
    watch.pull(*acts("uno"))
    changes = watch.pull(*acts("due"))

    assert [e.left_out for e in changes.new if e.title == "Bando 3"] == ["exclude: bando 3"]


def test_the_announcements_folder_is_never_set_aside() -> None:
    watch = Watch(url="")
    watch.pull(*acts("uno"))
    watch.pull(*acts("due"))

    assert watch.check.quarantined is None


# --- the answer ---


REPEATED = entry(left_out=quarantine.REPEATED, shown=NOW)
MEANWHILE = entry(left_out=quarantine.MEANWHILE, shown=NOW)


def fate(one: Entry) -> tuple[str, bool, object]:
    return one.left_out, one.archive, one.shown


def test_accepted_repeats_are_archive_and_what_is_new_is_news_of_that_moment() -> None:
    assert fate(quarantine.accepted(REPEATED, days(3), announce=False)) == ("", True, None)
    assert fate(quarantine.accepted(MEANWHILE, days(3), announce=False)) == ("", False, days(3))


def test_announced_repeats_are_news() -> None:
    assert fate(quarantine.accepted(REPEATED, days(3), announce=True)) == ("", False, days(3))


def test_an_embargo_outlasts_the_quarantine() -> None:
    later = replace(MEANWHILE, publish_at=days(9))
    assert fate(quarantine.accepted(later, days(3), announce=False)) == ("", False, days(9))


def test_rejected_repeats_stay_out_and_what_is_new_comes_in() -> None:
    assert quarantine.rejected(REPEATED, days(3)).left_out == quarantine.REJECTED
    assert fate(quarantine.rejected(MEANWHILE, days(3))) == ("", False, days(3))


def test_what_was_rejected_stays_out_when_it_changes() -> None:
    watch = by_guid()
    watch.pull(*acts("due"))
    watch.known = tuple(
        replace(k, left_out=quarantine.REJECTED) if k.left_out == quarantine.REPEATED else k for k in watch.known
    )
    watch.check = replace(watch.check, quarantined=None)
    [changed] = watch.pull(*acts("uno"), replace(acts("due")[0], summary="Testo corretto"), *acts("due")[1:]).changed

    assert changed.left_out == quarantine.REJECTED
