"""Entries and rules in, stories out: the whole of it, and what must hold of any mixture."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregator.merge import grouped
from aggregator.merge.cluster import mates
from aggregator.model import Area, Entry, Story
from aggregator.settings import Condition, Config, Rule
from tests.build import NOW, config, days, entry, hours, merged, source

PAGE = "https://www.interno.example.it/notizie/decreto-flussi"


def ids(stories: tuple[Story, ...]) -> list[list[str]]:
    return [[s.lead.id, *(e.id for e in s.others)] for s in stories]


def test_two_sources_one_story_in_the_sections_of_both() -> None:
    site = config(sources=(source("anci"), source("interno", section="atti")))
    told = merged([entry("a", url=PAGE), entry("b", source_id="interno", url=PAGE)], site, NOW)
    assert ids(told) == [["a", "b"]]
    assert told[0].sections == ("news", "atti")


def test_every_text_is_cut_to_what_its_own_source_lets_us_show() -> None:
    site = config(sources=(source("anci", text="title"), source("interno", text="full")))
    (told,) = merged(
        [entry("a", url=PAGE), entry("b", source_id="interno", url=PAGE, content="<p>Testo</p>")], site, NOW
    )
    assert (told.lead.summary, told.others[0].content) == ("", "<p>Testo</p>")


def test_a_lead_that_is_over_leaves_its_story_to_the_next() -> None:
    site = config(sources=(source("anci", keep_days=15), source("interno")))
    told = [entry("a", url=PAGE), entry("b", source_id="interno", url=PAGE, first_seen=hours(1), shown=hours(1))]
    assert ids(merged(told, site, days(14))) == [["a", "b"]]
    assert ids(merged(told, site, days(15))) == [["b"]]
    assert mates(grouped(told, site), {"a"}) == {"a", "b"}, "told is told, though the lead is over"


def test_what_is_left_out_leads_nothing() -> None:
    told = [entry("a", url=PAGE, left_out="exclude: nido"), entry("b", source_id="interno", url=PAGE)]
    assert ids(merged(told, config(), NOW)) == [["b"]]


# --- any mixture of sources, entries and rules ---

SOURCES = ["anci", "interno", "gone", "announcements"]
moments = st.sampled_from([None, days(-20), days(-1), NOW, days(1)])
areas = st.sampled_from(["public", "public", "reserved"])


@st.composite
def sites(draw: st.DrawFn) -> Config:
    def one(id: str) -> Any:
        return source(id, area=draw(areas), text=draw(st.sampled_from(["title", "summary", "full"])),
                      keep_days=draw(st.sampled_from([None, 10])))  # fmt: skip

    rule = st.builds(
        Rule,
        st.builds(Condition, title=st.sampled_from([("uno",), ("due",)]), source=st.sampled_from([(), ("anci",)])),
        area=st.sampled_from([None, "public", "reserved"]),
        drop=st.sampled_from([False, False, True]),
        tag=st.sampled_from([(), ("bando",)]),
    )
    return config(sources=(one("anci"), one("interno")), rules=tuple(draw(st.lists(rule, max_size=3))))


@st.composite
def mixtures(draw: st.DrawFn) -> list[Entry]:
    return [
        entry(
            f"e{number}",
            source_id=draw(st.sampled_from(SOURCES)),
            title=draw(st.sampled_from(["uno", "due", "tre"])),
            url=draw(st.sampled_from([None, PAGE, f"{PAGE}-2"])),
            area=draw(areas),
            first_seen=draw(st.sampled_from([days(-30), days(-3), NOW, days(1)])),
            published=draw(moments),
            shown=draw(moments),
            publish_at=draw(moments),
            expires=draw(moments),
            withdrawn=draw(st.sampled_from([None, None, None, days(-1)])),
            left_out=draw(st.sampled_from(["", "", "", "include: none of the words"])),
            content="<p>" + "Testo lungo. " * 60 + "</p>",
        )
        for number in range(draw(st.integers(0, 8)))
    ]


def is_reserved(one: Entry, site: Config) -> bool:
    """By anything that may say so; the site's own words, not the code's."""
    home = site.source(one.source_id)
    own = one.area == "reserved" if home is None else home.area == "reserved"
    rules = (r for r in site.rules if r.area == "reserved" and one.title in r.when.title)
    return own or any(not r.when.source or one.source_id in r.when.source for r in rules)


def shown(stories: tuple[Story, ...]) -> list[Entry]:
    return [e for s in stories for e in (s.lead, *s.others)]


@given(mixtures(), sites())
def test_what_anything_reserves_is_never_seen_in_public_neither_leading_nor_beside(
    mixture: list[Entry], site: Config
) -> None:
    by_id = {e.id: e for e in mixture}
    for one in shown(merged(mixture, site, NOW, area="public")):
        assert not is_reserved(by_id[one.id], site)
        assert one.area == "public"


@given(mixtures(), sites(), st.sampled_from(["public", "reserved"]), st.randoms())
def test_whatever_is_shown_may_be_shown(mixture: list[Entry], site: Config, area: Area, shuffled: Any) -> None:
    told = merged(mixture, site, NOW, area)
    assert len({e.id for e in shown(told)}) == len(shown(told))
    for one in shown(told):
        home = site.source(one.source_id)
        assert one.withdrawn is None
        assert not one.left_out
        assert all(m is None or m <= NOW for m in (one.first_seen, one.shown, one.publish_at))
        if home is None:
            assert one.expires is None or one.expires > NOW
        elif home.keep_days:
            assert one.first_seen is not None
            assert one.posted(one.first_seen) > NOW - timedelta(days=home.keep_days)
        if one.source_id != "announcements":
            assert not one.content or (home is not None and home.text == "full")
            assert not one.summary or (home is not None and home.text != "title")
    other = list(mixture)
    shuffled.shuffle(other)
    assert merged(other, site, NOW, area) == told


@given(mixtures(), sites())
def test_the_public_sees_a_part_of_what_the_admitted_see(mixture: list[Entry], site: Config) -> None:
    admitted = {e.id for e in shown(merged(mixture, site, NOW, area="reserved"))}
    assert {e.id for e in shown(merged(mixture, site, NOW))} <= admitted
