"""What tells the same news: the same page, told by different sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.merge.cluster import Group, cluster, mates, story
from aggregator.merge.route import Placed
from aggregator.model import Entry, Placement
from tests.build import NOW, days, entry, hours

PAGE = "https://www.interno.example.it/notizie/decreto-flussi"


def one(id: str, source: str = "anci", url: str | None = PAGE, area: Any = "public", **fields: Any) -> Placed:
    return Placed(entry(id, source_id=source, url=url, **fields), (Placement("news", "source"),), area)


def ids(groups: tuple[Group, ...]) -> list[list[str]]:
    return [[placed.entry.id for placed in group] for group in groups]


def test_two_sources_that_point_at_one_page_tell_one_story_led_by_who_showed_it_first() -> None:
    late, early = one("a", "anci", first_seen=hours(1), shown=hours(1)), one("b", "interno")
    assert ids(cluster([late, early])) == [["b", "a"]]


def test_a_link_is_the_same_page_with_or_without_tracking() -> None:
    assert ids(cluster([one("a"), one("b", "interno", f"{PAGE}/?utm_source=rss")])) == [["a", "b"]]


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://www.interno.example.it",
        "https://www.interno.example.it/",
        "https://www.interno.example.it/?lang=it",
        "https://[not-a-host/notizia",
        "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        "javascript:void(0)",
        "//",
        "non è un indirizzo",
    ],
)
def test_a_front_page_and_what_is_no_address_are_no_evidence(url: str | None) -> None:
    assert len(cluster([one("a", "anci", url), one("b", "interno", url)])) == 2


def test_a_public_entry_and_a_reserved_one_are_never_one_story() -> None:
    assert len(cluster([one("a"), one("b", "interno", area="reserved")])) == 2


def test_a_page_that_a_source_links_for_several_things_at_once_is_an_index_and_joins_nothing() -> None:
    groups = cluster([one("a1"), one("a2"), one("b", "interno")])
    assert ids(groups) == [["a1"], ["a2"], ["b"]]


def test_a_later_link_to_the_same_page_stands_alone_and_parts_no_story() -> None:
    told = [one("a1"), one("b", "interno")]
    again = one("a2", first_seen=days(7), shown=days(7))
    assert ids(cluster([*told, again])) == [["a1", "b"], ["a2"]]


def test_an_old_entry_that_is_let_in_late_does_not_take_the_lead() -> None:
    let_in = one("a", first_seen=days(-9), shown=days(3))
    assert ids(cluster([let_in, one("b", "interno")])) == [["b", "a"]]


def test_of_those_shown_in_one_pull_the_source_that_ranks_highest_leads() -> None:
    low, high = one("a"), replace(one("b", "interno"), rank=1)
    assert ids(cluster([low, high])) == [["b", "a"]]
    earlier = one("c", "cittalia", first_seen=hours(-1), shown=hours(-1))
    assert ids(cluster([low, high, earlier])) == [["c", "b", "a"]]


def test_the_same_page_three_months_later_is_news_again() -> None:
    later = one("b", "interno", first_seen=days(89), shown=days(89))
    much_later = one("c", "cittalia", first_seen=days(91), shown=days(91))
    assert ids(cluster([one("a"), later, much_later])) == [["a", "b"], ["c"]]


def test_the_same_words_are_the_same_news_for_a_fortnight() -> None:
    say = {
        "url": None,
        "title": "Decreto flussi, al via le domande dei lavoratori stagionali",
        "summary": "",
        "content": "",
    }
    groups = cluster(one(f"e{n}", f"s{n}", **say, first_seen=days(n), shown=days(n)) for n in (0, 14, 15))
    assert ids(groups) == [["e0", "e14"], ["e15"]]


def test_each_entry_of_a_story_but_the_lead_says_why_it_stands_there() -> None:
    [[lead, other]] = cluster([one("a"), one("b", "interno")])
    assert (lead.evidence, other.evidence) == ("", "the same page as a")


def test_an_archive_entry_leads_by_the_day_it_came() -> None:
    archive = one("a", first_seen=days(-9), shown=None, archive=True)
    assert ids(cluster([one("b", "interno"), archive])) == [["a", "b"]]


def test_a_story_stands_in_the_sections_of_all_its_entries_the_leads_first() -> None:
    lead = Placed(entry("a"), (Placement("news", "source"),), "public")
    other = Placed(entry("b"), (Placement("atti", "rules[0]"), Placement("news", "rules[1]")), "public")
    told = story([lead, other])
    assert (told.lead.id, [e.id for e in told.others]) == ("a", ["b"])
    assert told.placements == (Placement("news", "source"), Placement("atti", "rules[0]"))


def test_mates_are_all_who_tell_what_one_of_them_told() -> None:
    groups = cluster([one("a"), one("b", "interno"), one("c", url=None), one("d", url=None)])
    assert mates(groups, {"b", "d", "long gone"}) == {"a", "b", "d", "long gone"}
    assert mates(groups, ()) == frozenset()


# --- whatever comes, in whatever order ---

# (title, text): one decree by its act and by its words, its proroga, an ordinance and its neighbour, a short notice.
FLUSSI = "Decreto flussi, al via le domande per i lavoratori stagionali stranieri"
PRESSE = (
    "Le domande per l'ingresso dei lavoratori stagionali stranieri si presentano dal 12 gennaio sul portale del "
    "Ministero dell'interno; le quote sono ripartite tra agricoltura e turismo, secondo quanto stabilito dal decreto."
)
TOLD = [
    (FLUSSI, PRESSE),
    (f"{FLUSSI}!", PRESSE.replace("quote sono", "quote saranno")),
    ("Lavoratori stagionali, ecco come fare domanda", PRESSE),
    (FLUSSI, PRESSE.replace("12 gennaio", "15 gennaio")),
    (f"Proroga: {FLUSSI}", PRESSE),
    ("D.Lgs. 286/1998: ingresso dei lavoratori stranieri", PRESSE),
    ("Decreto legislativo n. 286 del 1998, ingresso dei lavoratori stranieri", ""),
    ("Ordinanza n. 12/2026 divieto di transito in via Garibaldi", "Divieto di transito."),
    ("Ordinanza n. 13/2026 divieto di transito in via Garibaldi", "Divieto di transito."),
    ("Avviso", "Chiusura uffici"),
]


@st.composite
def pulls(draw: st.DrawFn, start: timedelta = timedelta()) -> list[Placed]:
    """What several sources brought: each pull at a moment of its own, some pages told by many, some by nobody."""
    found = []
    apart = draw(st.sampled_from([timedelta(hours=1), timedelta(days=6)]))
    for number in range(draw(st.integers(0, 7))):
        source = draw(st.sampled_from(["anci", "interno", "cittalia", "comune"]))
        seen = NOW + start + number * apart
        for place in range(draw(st.integers(1, 3))):
            page = draw(st.sampled_from([None, None, "/", "/uno", "/due", "/tre"]))
            url = f"https://www.{source if page is None else 'interno'}.example.it{page or f'/{number}-{place}'}"
            title, text = draw(st.sampled_from(TOLD))
            delay = draw(st.sampled_from([None, 0, 0, 30]))
            shown = None if delay is None else seen + timedelta(hours=delay)
            area = draw(st.sampled_from(["public", "public", "reserved"]))
            told = {"title": title, "content": text, "first_seen": seen, "shown": shown}
            found.append(one(f"e{start.days}-{number}-{place}", source, url, area, **told))
    return found


@given(pulls(), st.randoms())
def test_the_order_of_the_input_does_not_matter(found: list[Placed], shuffled: Any) -> None:
    other = list(found)
    shuffled.shuffle(other)
    assert cluster(other) == cluster(found)


@given(pulls())
def test_every_entry_is_in_exactly_one_group_and_no_source_tells_a_story_twice(found: list[Placed]) -> None:
    groups = cluster(found)
    assert sorted(p.entry.id for group in groups for p in group) == sorted(p.entry.id for p in found)
    for group in groups:
        sources = [p.entry.source_id for p in group]
        assert len(sources) == len(set(sources))
        assert len({p.area for p in group}) == 1


@given(pulls(), pulls(start=timedelta(days=60)))
def test_what_comes_later_parts_no_story_and_takes_no_lead(found: list[Placed], later: list[Placed]) -> None:
    before, after = cluster(found), cluster([*found, *later])
    group_of: dict[str, Group] = {p.entry.id: group for group in after for p in group}
    for group in before:
        grown = group_of[group[0].entry.id]
        assert grown[0] == group[0]
        assert ids((group,))[0] == [p.entry.id for p in grown if p.entry.id in {q.entry.id for q in found}]


def test_an_entry_as_parsed_that_nobody_stored_yet_is_grouped_too() -> None:
    raw = Placed(Entry("anci", "x"), (), "public")
    assert ids(cluster([raw])) == [["x"]]
