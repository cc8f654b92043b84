"""What real sources do to their entries: none is lost, none is sent twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.intake.identify import identify, names
from aggregator.intake.keys import keys_of
from aggregator.model import Enclosure, Entry, Known
from tests.build import NOW
from tests.intake.watching import CHANNEL, Watch, known_after, titles, told

LINK = "https://www.example.it/avvisi/"
MONDAY, TUESDAY = "Mon, 08 Jun 2026 09:00:00 +0200", "Tue, 09 Jun 2026 09:00:00 +0200"


def article(number: int, guid: str | None = None, **fields: str) -> Entry:
    """An entry with a page, a date and words of its own."""
    say = {"title": f"Avviso {number}", "text": f"Testo {number}", "date": f"{number} giugno 2026"} | fields
    return told(guid, **({"url": f"{LINK}{number}"} | say))


# --- the same again ---


def test_the_same_document_again_is_all_the_same() -> None:
    watch = Watch()
    first = watch.pull(article(1, "a"), article(2), told(title="Solo un titolo"), told(text="Solo un testo"))
    again = watch.pull(article(1, "a"), article(2), told(title="Solo un titolo"), told(text="Solo un testo"))

    assert len(first.new) == 4
    assert (again.new, again.changed, len(again.same)) == ((), (), 4)


def test_an_entry_that_vanishes_and_returns_is_not_new() -> None:
    watch = Watch()
    first = watch.pull(article(1), article(2))
    watch.pull(article(2))
    back = watch.pull(article(2), article(1))

    assert back.new == ()
    assert back.reappeared == (first.new[0].id,)


@pytest.mark.parametrize("field", ["title", "text", "date", "url"])
def test_under_the_same_guid_one_thing_changed_is_a_revision(field: str) -> None:
    watch = Watch()
    first = watch.pull(article(1, "a"), article(2, "b"))
    later = watch.pull(article(1, "a", **{field: f"{LINK}altro" if field == "url" else "3 luglio 2026"}))

    assert later.new == ()
    assert [e.id for e in later.changed] == [first.new[0].id]


def test_everything_that_is_read_may_change_under_the_same_guid_and_link() -> None:
    watch = Watch()
    watch.pull(article(1, "a"))
    later = watch.pull(article(1, "a", title="Rettifica", text="Tutto nuovo", date=TUESDAY))

    assert (len(later.new), titles(later.changed)) == (0, ["Rettifica"])


@pytest.mark.parametrize("guid", ["a", None])
def test_an_entry_dated_error_and_later_in_earnest_is_the_same(guid: str | None) -> None:
    watch = Watch()
    watch.pull(article(1, guid, date="(error)"), article(2, guid and "b"))
    later = watch.pull(article(1, guid, date=MONDAY), article(2, guid and "b"))

    assert (later.new, titles(later.changed)) == ((), ["Avviso 1"])


def test_an_entry_on_the_channels_page_dated_error_and_later_in_earnest_is_the_same() -> None:
    watch = Watch()
    watch.pull(told(title="Bando", text="Testo", date="(error)", url=CHANNEL))
    later = watch.pull(told(title="Bando", text="Testo", date=MONDAY, url=CHANNEL))

    assert (later.new, titles(later.changed)) == ((), ["Bando"])


# --- what names nothing ---


def test_without_guids_on_one_shared_link_title_and_date_are_the_names() -> None:
    watch = Watch()
    acts = [told(title=f"Avviso {n % 3}", date=f"{n + 1} giugno 2026", url=CHANNEL) for n in range(10)]

    assert len(watch.pull(*acts).new) == 10
    later = watch.pull(told(title="Avviso 0", date="20 giugno 2026", url=CHANNEL), *acts[:-1])
    assert titles(later.new) == ["Avviso 0"]
    assert later.changed == ()


@pytest.mark.parametrize("home", ["", CHANNEL])
def test_a_new_act_with_the_title_of_one_that_went_is_new(home: str) -> None:
    watch = Watch()
    boilerplate = {"title": "Determina", "text": "Atto pubblicato all'albo", "url": CHANNEL}
    watch.pull(told(date="1 giugno 2026", **boilerplate), home=home)
    later = watch.pull(
        told(date="16 giugno 2026", **boilerplate), told(title="Altro", date=MONDAY, url=CHANNEL), home=home
    )

    assert (titles(later.new), later.changed) == (["Determina", "Altro"], ())


def test_of_68_acts_with_16_titles_none_is_lost() -> None:
    watch = Watch()
    acts = [
        told(f"atto-{n}", title=f"Atto numero 2026/{n % 16}", url=f"{LINK}{n}", date="15 giugno 2026")
        for n in range(68)
    ]

    assert len(watch.pull(*acts[:60]).new) == 60
    later = watch.pull(*acts[8:])
    assert len(later.new) == 8
    assert len(later.same) == 52


def test_of_68_acts_of_one_day_without_guid_or_page_their_text_tells_16_titles_apart() -> None:
    """The last five of the day are shown: what scrolls out and what scrolls in differ by their text alone."""
    acts = [
        told(title=f"Atto numero 2026/{n % 16}", date="15 giugno 2026", text=f"Oggetto {n}", url=CHANNEL)
        for n in range(68)
    ]
    watch = Watch()
    watch.pull(*acts[:40])
    later = watch.pull(*acts[20:60])

    assert len(later.new) == 20
    assert later.changed == ()


def test_an_act_that_scrolls_in_is_not_the_one_that_scrolls_out() -> None:
    watch = Watch()
    acts = [told(title="Determina", date="15 giugno 2026", text=f"Oggetto {n}", url=CHANNEL) for n in range(6)]
    watch.pull(*acts[:5])
    later = watch.pull(*reversed(acts[1:]))

    assert (len(later.new), len(later.changed), len(later.same)) == (1, 0, 4)


def test_acts_alike_in_all_but_their_guid_are_told_apart_where_guids_last() -> None:
    watch = Watch()
    acts = [told(f"{n}", title="Determina", date="15 giugno 2026", url=CHANNEL) for n in range(6)]
    watch.pull(*acts[:5])
    later = watch.pull(*acts[1:])

    assert (len(later.new), len(later.changed), len(later.same)) == (1, 0, 4)


def test_acts_alike_in_all_but_their_file_are_told_apart() -> None:
    files = [(Enclosure(f"https://www.example.it/atto-{n}.pdf"),) for n in range(3)]
    acts = [told(title="Determina", date=MONDAY, url=CHANNEL, enclosures=pdf) for pdf in files]

    assert len(Watch().pull(*acts).new) == 3


def test_anchors_on_one_page_are_links_of_their_own() -> None:
    watch = Watch()
    watch.pull(
        told("https://www.example.it/bollettino#23", title="Bollettino", url="https://www.example.it/bollettino#23")
    )
    later = watch.pull(
        told("https://www.example.it/bollettino#24", title="Bollettino", url="https://www.example.it/bollettino#24")
    )

    assert len(later.new) == 1


def test_an_undated_title_on_the_channels_page_is_no_name() -> None:
    watch = Watch()
    watch.pull(told(title="Avviso", text="Chiusa via Roma", url=CHANNEL))
    later = watch.pull(told(title="Avviso", text="Chiusa via Milano", url=CHANNEL))

    assert len(later.new) == 1


def test_weekly_bulletins_with_one_title_and_one_page_are_each_new() -> None:
    watch = Watch()
    week = {"title": "Bollettino settimanale", "url": f"{LINK}bollettino"}
    watch.pull(told("n-23", date=MONDAY, **week))

    assert len(watch.pull(told("n-24", date=TUESDAY, **week)).new) == 1
    assert len(watch.pull(told("n-25", date=TUESDAY, text="Numero speciale", **week)).new) == 1
    assert len(watch.pull(told(date="Wed, 17 Jun 2026 09:00:00 +0200", text="Senza guid", **week)).new) == 1
    assert len(watch.pull(told(date="Wed, 24 Jun 2026 09:00:00 +0200", **week)).new) == 1


# --- addresses that change ---


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://www.example.it/?p=1", "https://www.example.it/?p=1"),
        ("https://www.example.it/?p=1", "https://example.it/?p=1"),
        ("https://www.example.it/?p=1", "https://www.example.it/avvisi/1"),
        ("https://www.example.it/?p=1", "4821"),
        ("4821", None),
        (None, "4821"),
    ],
)
def test_a_guid_that_changes_its_form_makes_no_entry_new(before: str | None, after: str | None) -> None:
    watch = Watch()
    watch.pull(article(1, before), article(2, before and before + "2"))
    later = watch.pull(article(1, after), article(2, after and after + "2"))

    assert (later.new, len(later.same)) == ((), 2)


@pytest.mark.parametrize("with_guid", [True, False])
def test_a_site_that_moves_to_another_host_and_cms_brings_nothing_new(with_guid: bool) -> None:
    watch = Watch()
    old = [replace(article(n), guid=f"https://www.example.it/?p={n}" if with_guid else None) for n in range(1, 4)]
    new = [
        replace(e, url=f"https://comune.example.it/novita/{e.title}", guid=f"nodo-{e.title}" if with_guid else None)
        for e in old
    ]
    watch.pull(*old)
    later = watch.pull(article(9, "nodo-9" if with_guid else None), *new)

    assert titles(later.new) == ["Avviso 9"]
    assert len(later.changed) == 3, "their links are new"


def test_in_a_wholly_new_document_acts_alike_in_all_but_their_addresses_are_new() -> None:
    """Two liquidations of one day, each with its own number: seen on a notice board of 2024."""
    watch = Watch()
    alike = {"title": "Determine di liquidazione", "date": "5 marzo 2024", "text": "Liquidazione al personale"}
    watch.pull(article(1, "1", **alike), article(2, "2"), article(3, "3"))
    later = watch.pull(article(4, "4"), article(5, "5"), article(6, "6", **alike))

    assert (len(later.new), later.changed) == (3, ())


def test_session_numbers_in_a_link_change_nothing() -> None:
    watch = Watch()
    watch.pull(article(1, url=f"{LINK}atto.do;jsessionid=7F3A?id=3&utm_source=rss"))
    later = watch.pull(article(1, url=f"{LINK}atto.do;jsessionid=99AB?id=3"))

    assert (later.new, later.changed) == ((), ())


@pytest.mark.parametrize("url", [CHANNEL, None])
def test_random_guids_at_each_request_make_nothing_new(url: str | None) -> None:
    watch = Watch()
    shared = [told(title=f"Determina {n % 2}", date=MONDAY, text="Vedi", url=url) for n in range(4)]
    own = [article(n) for n in range(3)]
    for request in range(3):
        found = watch.pull(*(replace(e, guid=f"{request}-{n}") for n, e in enumerate([*shared, *own])))

        assert len(found.new) == (7 if request == 0 else 0)
        assert found.changed == ()


def test_under_random_guids_a_corrected_title_is_a_revision_and_a_new_entry_new() -> None:
    watch = Watch()
    watch.pull(*(article(n, f"prima-{n}") for n in range(1, 5)))
    later = watch.pull(article(9, "dopo-9"), article(1, "dopo-1", title="Corretto"), article(2, "dopo-2"))

    assert (titles(later.new), titles(later.changed)) == (["Avviso 9"], ["Corretto"])


def test_guids_counted_from_the_top_of_the_document_lose_nothing() -> None:
    watch = Watch()
    watch.pull(*(article(n, f"{place}") for place, n in enumerate([3, 2, 1])))
    later = watch.pull(*(article(n, f"{place}") for place, n in enumerate([5, 4, 3])))

    assert (titles(later.new), later.changed, len(later.same)) == (["Avviso 5", "Avviso 4"], (), 1)


def test_guids_counted_from_the_top_of_a_wholly_new_document_lose_nothing() -> None:
    watch = Watch()
    watch.pull(*(article(n, f"{place}") for place, n in enumerate([2, 1])))
    later = watch.pull(*(article(n, f"{place}") for place, n in enumerate([4, 3])))

    assert (len(later.new), later.changed) == (2, ())


def test_an_entry_that_was_made_anew_on_its_own_page_is_the_same() -> None:
    """Deleted and entered again in the CMS: another guid, all else as before."""
    watch = Watch()
    watch.pull(article(1, "a"), article(2, "b"))
    later = watch.pull(article(1, "a2"), article(2, "b"))

    assert (later.new, len(later.same)) == ((), 2)


# --- revisions without a guid ---


@pytest.mark.parametrize("field", ["title", "text", "date"])
def test_on_a_page_of_its_own_title_text_or_date_may_be_corrected(field: str) -> None:
    watch = Watch()
    watch.pull(article(1), article(2))
    later = watch.pull(article(1, **{field: "3 luglio 2026"}), article(2))

    assert (later.new, len(later.changed)) == ((), 1)


def test_a_title_and_its_text_may_be_corrected_on_the_same_page_and_date() -> None:
    watch = Watch()
    watch.pull(article(1), article(2))
    later = watch.pull(article(1, title="Errata corrige", text="Altro"), article(2))

    assert (later.new, titles(later.changed)) == ((), ["Errata corrige"])


def test_another_title_and_another_date_on_the_same_page_are_another_entry() -> None:
    watch = Watch()
    watch.pull(article(1), article(2))
    later = watch.pull(article(1, title="Altro", date=TUESDAY), article(2))

    assert titles(later.new) == ["Altro"]


def test_texts_all_rewritten_at_once_are_revisions() -> None:
    """The CMS adds "Leggi tutto" to every text: entries that only their text tells apart stay as many as they were."""
    watch = Watch()
    watch.pull(*(told(title="Determina", date=MONDAY, text=f"{n}", url=CHANNEL) for n in range(3)))
    later = watch.pull(*(told(title="Determina", date=MONDAY, text=f"{n} Leggi tutto", url=CHANNEL) for n in range(3)))

    assert (later.new, len(later.changed)) == ((), 3)


def test_a_source_that_begins_to_give_guids_may_correct_its_texts_meanwhile() -> None:
    watch = Watch()
    watch.pull(article(1), article(2))
    later = watch.pull(article(1, "a", text="Altro"), article(2, "b"))

    assert (later.new, titles(later.changed)) == ((), ["Avviso 1"])


# --- within one document ---


def test_what_is_said_twice_in_a_document_is_one_entry() -> None:
    assert len(Watch().pull(article(1, "a"), article(2, "b"), article(1, "a"), article(2), article(2)).new) == 3


def test_of_repeats_that_differ_in_their_tags_the_same_one_is_taken_in_any_order() -> None:
    watch = Watch()
    one, other = article(1, "a"), replace(article(1, "a"), tags=("Bandi",))
    watch.pull(one, other)

    assert len(watch.pull(other, one).same) == 1


def test_two_entries_may_share_a_guid_and_one_of_them_vanish() -> None:
    watch = Watch()
    first = watch.pull(article(1, "0"), article(2, "0"))
    alone = watch.pull(article(2, "0"))
    revised = watch.pull(article(2, "0", title="Avviso 2, rettifica"))
    both = watch.pull(article(3, "0"), article(2, "0", title="Avviso 2, rettifica"))

    assert (len(first.new), alone.new, alone.changed) == (2, (), ())
    assert ([e.id for e in revised.changed], revised.new) == ([first.new[1].id], ())
    assert (titles(both.new), len(both.same)) == (["Avviso 3"], 1)


def test_no_id_is_given_twice_even_where_other_entries_left_their_names_behind() -> None:
    """Stored entries keep the id they were named by, whatever they say since."""
    ids: list[str] = []
    for _ in range(4):
        left_behind = [Known(id, {}, "", "", NOW, NOW, False, "", None, 0) for id in ids]
        [one] = identify([article(1, "a")], left_behind)
        assert one.known is None
        assert one.id not in ids
        ids.append(one.id)


def test_ids_are_minted_by_source_and_keys_alone() -> None:
    entries = [article(1, "a"), article(2), told(title="Solo un titolo")]
    ids = names(entries)

    assert names(entries[::-1]) == ids[::-1]
    assert names([replace(e, source_id="altra") for e in entries]) != ids
    assert names([entries[0], *entries]) == [ids[0], *ids], "repeats have the id of what they repeat"
    assert names([article(1, "a", text="Cambiato")]) == ids[:1], "a guid is name enough"
    assert names([article(1, "a"), article(2, "a")])[0] != ids[0], "unless two share it"


def test_keys_are_fixed_for_good() -> None:
    """Other values would make every stored entry unknown, and send it again."""
    entry = article(1, "https://www.example.it/?p=1", text="<p>Testo  di <b>prova</b></p>", date="8 giugno 2026")

    assert keys_of(entry) == {
        "guid": "67dda4e884646785",
        "link": "dd38db02ad012831",
        "title": "7bf5e01e6d87e488",
        "date": "a78c8df908e7c590",
        "text": "b3afef66a46b02e4",
    }


def test_a_link_to_the_feeds_own_page_names_no_entry() -> None:
    alone = identify([told(title="Bando", url="http://example.it/albo/")], (), home=CHANNEL)

    assert "link" not in alone[0].keys
    assert names([told(title="Bando", url=CHANNEL)], CHANNEL) == [alone[0].id]


# --- what the admin chose ---


def test_identity_guid_follows_the_guid_whatever_else_changes() -> None:
    watch = Watch(identity="guid")
    watch.pull(article(1, "a"))
    later = watch.pull(article(9, "a"))

    assert (later.new, titles(later.changed)) == ((), ["Avviso 9"])


def test_identity_guid_holds_a_new_guid_for_a_new_entry() -> None:
    watch = Watch(identity="guid")
    watch.pull(article(1, "a"))

    assert len(watch.pull(article(1, "b")).new) == 1


def test_identity_link_follows_the_link_whatever_the_guid() -> None:
    watch = Watch(identity="link")
    watch.pull(article(1, "a"))
    later = watch.pull(article(1, "b", title="Altro", date=TUESDAY, text="Altro"))

    assert (later.new, titles(later.changed)) == ((), ["Altro"])
    assert len(watch.pull(article(2, "b", title="Altro", date=TUESDAY, text="Altro")).new) == 1


def test_identity_link_loses_nothing_where_all_share_one() -> None:
    watch = Watch(identity="link")
    acts = [told(title=f"Avviso {n}", date=MONDAY, url=f"{LINK}tutti") for n in range(5)]

    assert len(watch.pull(*acts).new) == 5
    assert len(watch.pull(*acts[1:], told(title="Avviso 9", url=f"{LINK}tutti")).new) == 1


def test_identity_link_takes_the_same_words_under_other_guids_for_one_entry() -> None:
    assert len(Watch(identity="link").pull(article(1, "a"), article(1, "b")).new) == 1
    assert len(Watch().pull(article(1, "a"), article(1, "b")).new) == 2


def test_identity_guid_and_link_wants_both_the_same() -> None:
    watch = Watch(identity="guid+link")
    watch.pull(article(1, "a"), article(2, "b"))

    assert len(watch.pull(article(1, "a", title="Altro", date=TUESDAY)).changed) == 1
    assert len(watch.pull(article(1, "c")).new) == 1
    assert len(watch.pull(article(3, "b")).new) == 1


def test_identity_title_and_date_lets_all_else_change() -> None:
    watch = Watch(identity="title+date")
    watch.pull(article(1, "a"))

    assert len(watch.pull(article(1, "b", url=f"{LINK}altro", text="Altro")).changed) == 1
    assert len(watch.pull(article(1, "b", url=f"{LINK}altro", text="Altro", date=TUESDAY)).new) == 1
    assert len(watch.pull(article(1, "b", url=f"{LINK}altro", text="Altro", title="Altro")).new) == 1


def test_under_an_identity_the_best_of_several_stored_entries_is_taken() -> None:
    """Two were told apart by their words while both stood there; one is left, and its text has changed."""
    watch = Watch(identity="guid")
    first = watch.pull(article(1, "0"), article(2, "0"))
    later = watch.pull(article(1, "0", text="Cambiato"))

    assert [e.id for e in later.changed] == [first.new[0].id]


def test_under_an_identity_all_that_share_it_may_be_rewritten_at_once() -> None:
    watch = Watch(identity="guid")
    watch.pull(article(1, "0"), article(1, "0", text="Secondo"))
    later = watch.pull(article(1, "0", text="Primo, riscritto"), article(1, "0", text="Secondo, riscritto"))

    assert (later.new, len(later.changed)) == ((), 2)


def test_an_entry_without_the_chosen_key_is_recognised_by_what_it_has() -> None:
    watch = Watch(identity="guid")
    first = watch.pull(article(1, "a"), article(2), article(3))
    later = watch.pull(article(1, "a"), article(2, text="Cambiato"), article(4))

    assert len(first.new) == 3
    assert (titles(later.new), titles(later.changed)) == (["Avviso 4"], ["Avviso 2"])


def test_what_the_store_knows_grows_by_what_is_new_and_learns_new_keys() -> None:
    watch = Watch()
    watch.pull(article(1, "a"))
    before = watch.known
    changes = watch.pull(article(1, "a", text="Cambiato"))

    assert known_after(before, changes)[0].keys != before[0].keys
    assert len(watch.known) == 1
