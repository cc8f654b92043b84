"""What a pull means: news or archive, shown or kept back, changed or the same, back or gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aggregator.intake.checks import cut, failed, unchanged
from aggregator.intake.decide import by_words, decide, fingerprint
from aggregator.intake.policy import Policy
from aggregator.model import (
    Changes,
    Check,
    Enclosure,
    Entry,
    Event,
    Fetched,
    Link,
    Problem,
    Unchanged,
    Validators,
    Window,
)
from aggregator.settings import Source
from tests.build import NOW, check, days, feed, hours, source
from tests.intake.watching import Watch, titles, told

WEEK = Window(days(-7), days(1), days(1))
DAY = timedelta(days=1)
DAILY = Policy(source(every=DAY))


def act(guid: str = "a", **fields: Any) -> Entry:
    return told(guid, **({"title": f"Bando {guid}", "url": f"https://www.example.it/{guid}", "text": "Testo"} | fields))


def dated(moment: datetime | None, guid: str = "a") -> Entry:
    return replace(act(guid), published=moment, published_raw=str(moment or ""))


def enter(entry: Entry, *, first: bool = False, windows: tuple[Window, ...] = (), **fields: Any) -> Entry:
    """The entry as it comes in, with the first pull or a later one."""
    before = check(first_pull=None) if first else check()
    [new] = decide(feed(entry), (), before, Policy(source(**fields), windows), NOW).new
    return new


# --- news and archive ---


def test_a_later_pull_brings_news() -> None:
    new = enter(act())

    assert (new.archive, new.shown, new.first_seen) == (False, NOW, NOW)


@pytest.mark.parametrize(
    ("published", "archive"),
    [
        (WEEK.opens, False),
        (hours(-1), False),
        (hours(20), False),
        (WEEK.opens - timedelta(seconds=1), True),
        (WEEK.closes, True),
        (days(-4000), True),
        (None, True),
    ],
)
def test_a_first_pull_is_archive_but_for_what_is_dated_inside_an_open_window(
    published: datetime | None, archive: bool
) -> None:
    new = enter(dated(published), first=True, windows=(Window(days(-90), days(-60), days(-60)), WEEK))

    assert new.archive is archive
    assert new.shown == (None if archive else NOW)
    assert new.first_seen == NOW


def test_a_first_pull_where_no_newsletter_waits_is_all_archive() -> None:
    assert enter(dated(NOW), first=True).archive


def test_what_is_archive_stays_archive_when_it_changes() -> None:
    watch = Watch()
    watch.pull(act())
    [changed] = watch.pull(act(text="Rettificato")).changed

    assert (changed.archive, changed.shown) == (True, None)


# --- the hour of an announcement ---


def announced(**fields: Any) -> tuple[Watch, Entry]:
    """The folder, read before, and one announcement in it."""
    watch = Watch(Policy(Source(id="announcements", text="full")))
    watch.pull()
    return watch, replace(act("invito"), **fields)


def test_an_announcement_is_shown_from_its_hour_on() -> None:
    watch, entry = announced(publish_at=days(5))

    assert watch.pull(entry).new[0].shown == days(5)


def test_an_hour_that_has_struck_already_is_now() -> None:
    watch, entry = announced(publish_at=days(-5))

    assert watch.pull(entry).new[0].shown == days(1)


@pytest.mark.parametrize(
    ("hour", "shown"), [(days(9), days(9)), (days(2), days(2)), (days(1), days(1)), (None, days(2))]
)
def test_an_hour_may_be_set_anew_before_it_struck(hour: datetime | None, shown: datetime) -> None:
    watch, entry = announced(publish_at=days(5))
    watch.pull(entry)

    assert watch.pull(replace(entry, publish_at=hour)).changed[0].shown == shown


def test_an_hour_set_after_an_announcement_was_shown_keeps_it_back_till_then() -> None:
    """It is no news again where it was carried: that is the ledger's matter."""
    watch, entry = announced()
    watch.pull(entry)

    assert watch.pull(replace(entry, publish_at=days(30))).changed[0].shown == days(30)


def test_what_is_kept_back_at_the_first_reading_is_no_archive() -> None:
    new = enter(replace(dated(days(-90)), publish_at=days(3)), first=True, windows=(WEEK,))

    assert (new.archive, new.shown) == (False, days(3))


# --- the folder is a complete list ---


def test_an_announcement_that_was_deleted_is_withdrawn_once() -> None:
    watch, entry = announced()
    [new] = watch.pull(entry, act("altro")).new[:1]

    assert watch.pull(act("altro")).withdrawn == (new.id,)
    assert watch.pull(act("altro")).withdrawn == ()


@pytest.mark.parametrize("text", ["Testo", "Cambiato"])
def test_an_announcement_that_comes_back_is_the_same_one(text: str) -> None:
    watch, entry = announced()
    [new] = watch.pull(entry).new
    watch.pull()
    back = watch.pull(replace(entry, summary=text))

    assert (back.new, back.reappeared) == ((), (new.id,))
    assert [e.id for e in back.changed] == ([new.id] if text == "Cambiato" else [])
    assert watch.known[0].withdrawn is None
    assert watch.known[0].shown == new.shown


def test_an_announcement_that_cannot_be_read_at_the_moment_is_not_withdrawn() -> None:
    watch, entry = announced()
    [new] = watch.pull(entry).new

    assert watch.pull(unread=("invito",)).withdrawn == ()
    assert watch.pull(unread=("altro",)).withdrawn == (new.id,)


def test_a_file_under_another_name_is_another_announcement() -> None:
    watch, entry = announced(url=None)
    [new] = watch.pull(entry).new
    renamed = watch.pull(replace(entry, guid="convocazione"))

    assert (titles(renamed.new), renamed.withdrawn) == (["Bando invito"], (new.id,))


def test_an_announcement_may_change_in_everything_but_its_name() -> None:
    watch, entry = announced()
    watch.pull(entry)
    later = watch.pull(
        told("invito", title="Altro", url="https://altro.example.it/", text="Altro", date="15 giugno 2026")
    )

    assert (later.new, titles(later.changed)) == ((), ["Altro"])


def test_from_a_feed_nothing_is_ever_withdrawn() -> None:
    watch = Watch()
    watch.pull(act("a"), act("b"))

    assert watch.pull(act("b")).withdrawn == ()


# --- include and exclude ---


def test_what_the_words_keep_out_is_stored_with_the_reason() -> None:
    assert enter(act(title="Bando asili nido"), exclude=("asil* nido",)).left_out == "exclude: asil* nido"
    assert enter(act(), include=("stranier*",)).left_out == "include: none of the words"


@pytest.mark.parametrize(
    "entry",
    [
        act(title="Sportello per STRANIERI"),
        act(text="<p>Per gli <b>stra</b>nieri</p>"),
        replace(act(), content="<p>Straniero</p>"),
        act(tags=("Stranieri",)),
    ],
)
def test_words_are_looked_for_in_title_text_and_tags(entry: Entry) -> None:
    assert enter(entry, include=("stranier*",)).left_out == ""


def test_no_markup_or_address_is_mistaken_for_words() -> None:
    assert enter(act(text='<a href="/stranieri">Leggi</a>'), include=("stranier*",)).left_out


def test_exclude_wins_over_include() -> None:
    assert enter(act(), include=("bando",), exclude=("testo",)).left_out == "exclude: testo"


def test_what_was_left_out_and_later_matches_comes_in_as_news() -> None:
    watch = Watch(include=("stranier*",))
    watch.pull()
    watch.pull(act())
    [still_out] = watch.pull(act(text="Cambiato")).changed
    [let_in] = watch.pull(act(text="Per gli stranieri")).changed

    assert (still_out.left_out, still_out.shown) == ("include: none of the words", days(1))
    assert (let_in.left_out, let_in.shown, let_in.first_seen) == ("", days(3), days(1))


def test_archive_that_later_matches_is_let_in_as_archive() -> None:
    watch = Watch(include=("stranier*",))
    watch.pull(act())
    [let_in] = watch.pull(act(text="Per gli stranieri")).changed

    assert (let_in.left_out, let_in.shown, let_in.archive) == ("", None, True)


def test_what_is_in_stays_in_whatever_it_says_later() -> None:
    watch = Watch(include=("stranier*",))
    watch.pull()
    [new] = watch.pull(act(text="Per gli stranieri")).new
    [changed] = watch.pull(act(text="Per tutti")).changed

    assert (changed.left_out, changed.shown) == ("", new.shown)


# --- what the source lends its entries ---


def test_who_is_let_in_by_hand_may_still_be_kept_out_by_words() -> None:
    entry, strict = act(title="Concorso"), source(exclude=("concorso",))

    assert by_words(entry, strict).left_out == "exclude: concorso"
    assert by_words(entry, source()) == by_words(entry, None) == entry
    assert by_words(replace(entry, left_out="rejected"), strict).left_out == "rejected"
    assert by_words(replace(entry, left_out="rejected"), None).left_out == "rejected"


def test_entries_of_a_reserved_source_are_reserved() -> None:
    assert enter(act(), area="reserved").area == "reserved"
    assert enter(replace(act(), area="reserved")).area == "reserved"
    assert enter(act()).area == "public"


def test_language_and_licence_are_the_entrys_own_or_the_sources() -> None:
    own = replace(act(), language="de", licence="CC0")

    assert (enter(act(), language="it", licence="IODL").language, enter(own, language="it").language) == ("it", "de")
    assert (enter(own).licence, enter(own, licence="IODL").licence) == ("CC0", "IODL")


@pytest.mark.parametrize(
    ("published", "expires", "until"),
    [
        (days(-3), None, days(12)),
        (None, None, days(15)),
        (days(30), None, days(15)),
        (days(-3), days(2), days(2)),
        (days(-3), days(40), days(12)),
    ],
)
def test_a_notice_expires_after_its_days(published: datetime | None, expires: datetime | None, until: datetime) -> None:
    assert enter(replace(dated(published), expires=expires), keep_days=15).expires == until


def test_without_days_to_keep_it_a_notice_stays_until_its_own_hour() -> None:
    assert enter(dated(days(-3))).expires is None
    assert enter(replace(dated(days(-3)), expires=days(2))).expires == days(2)


def test_a_notice_that_was_to_be_kept_longer_is_kept_until_then() -> None:
    """`keep_days` became less: what its readers were promised may be taken back for a week."""
    watch = Watch(keep_days=90)
    watch.pull(dated(NOW))
    watch.policy = Policy(source(keep_days=10))

    assert watch.pull(replace(dated(NOW), summary="Cambiato")).changed[0].expires == days(90)


def test_what_was_kept_for_some_days_and_changes_is_kept_for_good_once_nobody_limits_it() -> None:
    watch = Watch(keep_days=90)
    watch.pull(dated(NOW))
    watch.policy = Policy(source())

    assert watch.pull(replace(dated(NOW), summary="Cambiato")).changed[0].expires is None


def test_an_undated_notice_that_changes_does_not_stay_longer() -> None:
    watch = Watch(keep_days=15)
    watch.pull(act())

    assert watch.pull(act(text="Cambiato")).changed[0].expires == days(15)


def test_an_entry_without_a_title_is_called_by_the_start_of_its_text() -> None:
    new = enter(act(title="", text="<p>Quanto costa il permesso?</p><p>Si pagano</p>" + "x" * 200))

    assert new.title == "Quanto costa il permesso? Si pagano…"
    assert new.slug == f"quanto-costa-il-permesso-si-pagano-{new.id[:8]}"


def test_an_answer_without_a_title_is_called_by_its_question() -> None:
    asked = act(title="", text="<p>Come si rinnova il permesso?</p>")
    new = enter(replace(asked, content="<p>La domanda si presenta in questura.</p>"))
    assert (new.title, new.summary) == ("Come si rinnova il permesso?", "<p>Come si rinnova il permesso?</p>")
    assert new.content == "<p>La domanda si presenta in questura.</p>"


def test_relative_links_are_those_of_the_entrys_page_or_of_the_feed() -> None:
    found = decide(
        feed(act(text='<a href="atto.pdf">Atto</a>'), act("b", url=None, text='<a href="/x">Atto</a>'),
             self_url="https://feeds.example.it/rss"),
        (), check(), Policy(source()), NOW,
    )  # fmt: skip

    assert 'href="https://www.example.it/atto.pdf"' in found.new[0].summary
    assert 'href="https://feeds.example.it/x"' in found.new[1].summary


# --- revisions ---


def test_a_revision_keeps_the_facts_and_counts_up() -> None:
    watch = Watch()
    watch.pull()
    [new] = watch.pull(act()).new
    watch.pull(act(title="Bando prorogato"))
    [changed] = watch.pull(act(title="Bando revocato")).changed

    kept = ("id", "slug", "first_seen", "shown", "archive")
    assert [getattr(changed, name) for name in kept] == [getattr(new, name) for name in kept]
    assert (changed.title, changed.revision, changed.revised) == ("Bando revocato", 2, days(3))
    assert (new.revision, new.revised) == (0, None)


NOISE: dict[str, dict[str, Any]] = {
    "a time of change that is the time of the request": {"updated": NOW},
    "a tracking parameter": {"url": "https://www.example.it/a?utm_source=rss"},
    "another scheme": {"url": "http://example.it/a"},
    "a session in a file's address": {"enclosures": (Enclosure("https://www.example.it/a.pdf;jsessionid=1F"),)},
    "how well its date is known": {"date_quality": "zone"},
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE.keys())
def test_no_revision_is_made_of(noise: dict[str, Any]) -> None:
    entry = act(enclosures=(Enclosure("https://www.example.it/a.pdf"),))
    watch = Watch()
    watch.pull(entry)
    later = watch.pull(replace(entry, **noise))

    assert (later.new, later.changed) == ((), ())


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Bando prorogato"},
        {"summary": "Nuovo testo"},
        {"content": "Nuovo testo"},
        {"authors": ("Ufficio gare",)},
        {"tags": ("Bandi",)},
        {"published_raw": "16 giugno 2026"},
        {"url": "https://www.example.it/b"},
        {"enclosures": (Enclosure("https://www.example.it/a.pdf", length=12),)},
        {"enclosures": (Enclosure("https://www.example.it/b.pdf"),)},
        {"links": (Link("https://www.example.it/", "Sito"),)},
        {"events": (Event(NOW, place="Roma"),)},
        {"events": (Event(NOW, place="Roma", all_day=True),)},
        {"deadline": NOW.date()},
        {"area": "reserved"},
        {"expires": NOW},
        {"change": "Prorogato al 15 luglio"},
        {"pin": True},
    ],
    ids=lambda change: ",".join(change),
)
def test_a_fingerprint_tells_of(change: dict[str, Any]) -> None:
    assert fingerprint(replace(act(), **change)) != fingerprint(act())


def test_a_fingerprint_is_fixed_for_good() -> None:
    """Another value would make every stored entry look changed at the next pull: all would be written again."""
    entry = act(
        tags=("Bandi",),
        enclosures=(Enclosure("https://www.example.it/a.pdf"),),
        events=(Event(NOW),),
        date="15/06/2026",
    )

    assert fingerprint(entry) == "eeb520af7d21fce9efd684c226eaec43"


def test_half_a_letter_has_a_fingerprint_too() -> None:
    """JSON may hold one (RFC 8259, 8.2)."""
    assert fingerprint(act(title="\ud83d")) != fingerprint(act(title="\ude00"))


def test_keys_are_told_only_where_they_are_new() -> None:
    watch = Watch()
    [new] = watch.pull(act()).new

    assert watch.pull(act()).keys == {}
    assert watch.pull(act("b", title="Bando a", url="https://www.example.it/a")).keys.keys() == {new.id}


# --- what is known of the source ---


def pulled(before: Check, **fields: Any) -> Check:
    return decide(feed(act(), **fields), (), before, Policy(source(every=DAY)), NOW).check


def test_a_success_is_remembered_with_what_the_document_says_of_itself() -> None:
    tags = Validators(etag='"1"')
    document = feed(act(), title="ANCI Lazio", home="https://lazio.example.it/", language="fr")
    answer = Fetched("anci", "https://anci.example.it/feed", b"", validators=tags)
    found = decide(document, (), Check("anci"), Policy(source(every=DAY)), NOW, answer=answer)

    told = found.check
    assert (told.title, told.home, told.language) == ("ANCI Lazio", "https://lazio.example.it/", "fr")
    assert (told.first_pull, told.last_attempt, told.last_success, told.next_check) == (NOW, NOW, NOW, days(1))
    assert (told.validators, told.present) == (tags, (found.new[0].id,))


def test_a_document_that_says_less_than_the_last_one_takes_nothing_away() -> None:
    told = pulled(check(title="ANCI", home="https://anci.example.it/", language="it"), title="", home="", language="")

    assert (told.title, told.home, told.language) == ("ANCI", "https://anci.example.it/", "it")
    assert told.first_pull == days(-30)


def test_a_success_ends_a_problem() -> None:
    told = pulled(check(problem="HTTP 500", problem_since=days(-2)))

    assert (told.problem, told.problem_since) == ("", None)


def test_not_modified_is_a_success_that_changes_nothing() -> None:
    before = check(problem="HTTP 500", problem_since=days(-2), present=("e1",), validators=Validators('"1"'))
    found = unchanged(Unchanged("anci"), before, DAILY, hours(3))

    assert found == Changes("anci", hours(3), found.check, unread=True)
    assert found.check == replace(
        before, problem="", problem_since=None, last_attempt=hours(3), last_success=hours(3), next_check=hours(27)
    )


def test_a_failure_keeps_what_was_known() -> None:
    before = check(present=("e1",), validators=Validators('"1"'))
    problem = Problem("anci", "fetch", "HTTP 500")
    found = failed(problem, before, DAILY, hours(3))

    assert found == Changes("anci", hours(3), found.check, problem=problem)
    assert found.check == replace(
        before,
        problem="HTTP 500",
        problem_since=hours(3),
        failures=1,
        last_attempt=hours(3),
        next_check=hours(27),
    )


def test_a_problem_lasts_since_it_began_even_if_its_words_change() -> None:
    first = failed(Problem("anci", "fetch", "HTTP 500"), check(), DAILY, NOW).check
    second = failed(Problem("anci", "fetch", "no answer"), first, DAILY, days(1)).check

    assert (second.problem, second.problem_since) == ("no answer", NOW)


def test_an_entry_missing_while_the_source_failed_is_not_back() -> None:
    watch = Watch()
    watch.pull(act())
    watch.check = failed(Problem("anci", "fetch", "HTTP 500"), watch.check, DAILY, watch.now).check

    assert watch.pull(act()).reappeared == ()


@pytest.mark.parametrize(("opens", "archive"), [(days(-7) + timedelta(hours=8), False), (days(-6), True)])
def test_a_date_without_an_hour_is_inside_a_window_that_its_day_touches(opens: datetime, archive: bool) -> None:
    entry = replace(dated(days(-7)), date_quality="day")

    assert enter(entry, first=True, windows=(Window(opens, days(1), days(1)),)).archive is archive


def test_the_guid_readers_know_it_by_stays() -> None:
    first = told("http://www.example.it/a", title="Bando", url="https://www.example.it/a", text="Testo")
    watch = Watch()
    watch.pull(first)
    [changed] = watch.pull(replace(first, guid="https://www.example.it/a", summary="Altro testo")).changed

    assert changed.guid == "http://www.example.it/a"


def test_an_item_that_says_nothing_is_no_entry() -> None:
    assert decide(feed(Entry("anci"), act()), (), check(), Policy(source()), NOW).new[0].guid == "a"


def test_a_cut_document_is_in_trouble_since_it_began_and_forgets_nothing() -> None:
    before = check(present=("alt",), first_pull=None, problem="no answer", problem_since=days(-2))
    changes = decide(feed(act()), (), before, DAILY, NOW)
    found = cut(changes, before, "the connection broke off", NOW)

    assert found.problem == Problem("anci", "fetch", "the connection broke off")
    assert found.check.present == tuple(sorted(("alt", changes.new[0].id)))
    assert (found.check.problem, found.check.problem_kind) == ("the connection broke off", "fetch")
    assert (found.check.problem_since, found.check.first_pull) == (days(-2), None)
    assert cut(changes, check(), "x", NOW).check.problem_since == NOW
    assert found.new == changes.new


@pytest.mark.parametrize(("problem", "failures"), [("", 1), ("no answer", 5)])
def test_a_cut_document_is_a_failure_that_leaves_the_facts_of_the_source(problem: str, failures: int) -> None:
    before = check(problem=problem, failures=4, problem_kind="parse", last_success=days(-3))
    found = cut(decide(feed(act()), (), before, DAILY, NOW), before, "it broke off", NOW).check

    assert (found.first_pull, found.last_success) == (before.first_pull, before.last_success)
    assert (found.failures, found.problem_kind) == (failures, "fetch")


def test_an_answer_ends_what_was_wrong_and_what_was_asked_for() -> None:
    before = check(failures=4, problem="no answer", problem_since=days(-4), wanted_pause=hours(1))
    answer = Fetched("anci", "https://anci.example.it/feed", b"", certificate_ends=days(9), max_age=2 * 86_400)
    after = decide(feed(act()), (), before, DAILY, NOW, answer=answer).check

    assert (after.failures, after.problem_since, after.wanted_pause) == (0, None, None)
    assert (after.certificate_ends, after.next_check) == (days(9), days(2))
    same = unchanged(Unchanged("anci", certificate_ends=days(8), max_age=3 * 86_400), before, DAILY, NOW).check
    assert (same.certificate_ends, same.next_check, same.failures) == (days(8), days(3), 0)


def test_a_failure_of_another_kind_begins_anew() -> None:
    failing = failed(Problem("anci", "fetch", "no answer"), check(), DAILY, NOW).check
    gone = failed(Problem("anci", "gone", "410"), failing, DAILY, days(1)).check
    again = failed(Problem("anci", "gone", "410"), gone, DAILY, days(2)).check

    assert (failing.failures, gone.failures, again.failures) == (1, 1, 2)
    assert (gone.problem_since, again.problem_since, again.problem_kind) == (days(1), days(1), "gone")


# --- until when ---


def test_a_deadline_that_its_text_names_is_marked_as_read_there() -> None:
    read = enter(replace(act(text="<p>Domande entro il 30 giugno</p>"), published=NOW))
    assert (read.deadline, read.deadline_found) == (date(2026, 6, 30), True)


def test_a_deadline_may_stand_in_the_title() -> None:
    titled = enter(replace(act(title="Bando, domande entro il 30 giugno", text="Testo 1"), published=NOW))
    assert titled.deadline == date(2026, 6, 30)


def test_a_deadline_is_reckoned_from_the_day_it_was_posted_where_its_source_is() -> None:
    """At half past ten of the 14th in Greenwich it is the 15th in Rome: the 14th of June is a year away."""
    late = datetime(2026, 6, 14, 22, 30, tzinfo=UTC)
    assert enter(replace(act(text="Entro il 14 giugno"), published=late)).deadline is None
    assert enter(replace(act(text="Entro il 15 giugno"), published=late)).deadline == date(2026, 6, 15)


def test_a_deadline_that_its_source_names_counts_alone() -> None:
    named = enter(replace(act(text="<p>Domande entro il 30 giugno</p>"), published=NOW, deadline=date(2026, 7, 1)))
    assert (named.deadline, named.deadline_found) == (date(2026, 7, 1), False)
    assert enter(act()).deadline_found is False


def test_a_deadline_moves_with_the_text_that_names_it() -> None:
    watch = Watch()
    watch.pull(act(text="Entro il 30 giugno"))
    [later] = watch.pull(act(text="Entro il 15 luglio")).changed
    assert (later.deadline, later.deadline_found) == (date(2026, 7, 15), True)


# --- what is known of the source afterwards ---


def test_what_a_document_says_of_itself_is_known_from_then_on() -> None:
    after = decide(
        feed(act(), id="tag:x", title="ANCI", home="https://x.example/", language="it"), (), check(), DAILY, NOW
    )
    known = after.check
    assert (known.feed_id, known.title, known.home, known.language) == ("tag:x", "ANCI", "https://x.example/", "it")
    assert (known.last_attempt, known.last_success, known.problem, known.failures) == (NOW, NOW, "", 0)
    later = decide(feed(act(), id="tag:y", title="", home="", language=""), (), known, DAILY, days(1)).check
    assert (later.feed_id, later.title, later.home, later.language) == ("tag:y", "ANCI", "https://x.example/", "it")


def test_arrivals_are_remembered_but_not_the_first_pull() -> None:
    first = decide(feed(act("a")), (), check(first_pull=None), DAILY, NOW).check
    assert (first.first_pull, first.arrivals) == (NOW, ())
    later = decide(feed(act("b")), (), first, DAILY, days(1)).check
    assert (later.first_pull, later.arrivals) == (NOW, (days(1),))
    assert decide(feed(), (), later, DAILY, days(2)).check.arrivals == (days(1),)
