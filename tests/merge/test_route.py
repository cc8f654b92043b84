"""Where an entry belongs: first placement wins, tags add up, and the rule that placed it is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.merge.route import Placed, applies, route
from aggregator.model import Placement
from aggregator.settings import Condition, Defaults, Rule, Section
from tests.build import config, entry, source


def rule(section: str = "", **fields: Any) -> Rule:
    when = fields.pop("when", Condition(title=("avviso",)))
    return Rule(when, section, **fields)


def placed(*rules: Rule, site: dict[str, Any] | None = None, **fields: Any) -> Placed:
    return route(entry(**fields), config(rules=rules, **(site or {})))


def test_a_source_places_its_entries() -> None:
    assert placed().placements == (Placement("news", "source"),)


def test_the_first_rule_that_names_a_section_wins() -> None:
    rules = (rule(tag=("bando",)), rule("atti"), rule("agenda"))
    assert placed(*rules).placements == (Placement("atti", "rules[1]"),)


def test_a_rule_that_does_not_match_places_nothing() -> None:
    assert placed(rule("atti", when=Condition(title=("sentenza",)))).placements == (Placement("news", "source"),)


def test_front_matter_wins_over_every_rule() -> None:
    one = placed(rule("atti"), section="agenda", source_id="announcements")
    assert one.placements == (Placement("agenda", "front matter"),)


def test_a_section_that_is_no_more_does_not_lose_the_announcement() -> None:
    one = placed(rule("atti"), section="bandi", source_id="announcements")
    assert one.placements == (Placement("atti", "rules[0]"),)


def test_a_source_taken_out_falls_back_to_the_default_section_or_the_first() -> None:
    nobody = {"sources": ()}
    assert placed(site=nobody).placements == (Placement("news", "defaults"),)
    assert placed(site=nobody | {"defaults": Defaults("atti")}).placements == (Placement("atti", "defaults"),)
    silent = {"sources": (source(section=""),), "defaults": Defaults("agenda")}
    assert placed(site=silent).placements == (Placement("agenda", "defaults"),)


def test_also_adds_sections_behind_the_first_and_none_twice() -> None:
    one = placed(rule(also=("atti", "news")), rule(also=("atti", "agenda")))
    assert [p.section for p in one.placements] == ["news", "atti", "agenda"]
    assert one.placements[0].rule == "source"
    assert one.placements[2] == Placement("agenda", "rules[1]")


def test_drop_takes_every_placement_away_whatever_else_is_said() -> None:
    assert placed(rule("atti"), rule(drop=True), section="news").placements == ()


def test_tags_add_up_and_none_stands_twice() -> None:
    one = placed(rule(tag=("bandi", "comuni")), rule(tag=("comuni", "fami")), tags=("comuni", "asilo"))
    assert one.entry.tags == ("comuni", "asilo", "bandi", "fami")


def test_a_rule_reads_the_tags_of_the_author_not_those_of_other_rules() -> None:
    assert placed(rule(tag=("bandi",)), rule("atti", when=Condition(tag=("bandi",)))).placements[0].section == "news"


def test_a_pin_is_the_editors_or_a_rules() -> None:
    assert placed(rule(pin=True)).entry.pin
    assert placed(pin=True).entry.pin
    assert not placed(rule()).entry.pin


def test_the_entry_itself_says_that_a_rule_reserved_it() -> None:
    """A mail must not link to the page of what is reserved: there is none."""
    one = placed(rule(area="reserved"))
    assert (one.area, one.entry.area) == ("reserved", "reserved")


def test_the_acts_an_entry_names_are_among_its_tags_and_a_rule_may_ask_for_them() -> None:
    one = placed(
        rule("atti", when=Condition(tag=("d.lgs. 286/1998",))),
        content="<p>ai sensi del decreto legislativo 25 luglio 1998, n. 286</p>",
        tags=("asilo",),
    )
    assert one.entry.tags == ("asilo", "D.Lgs. 286/1998")
    assert [act.label for act in one.entry.acts] == ["D.Lgs. 286/1998"]
    assert one.placements[0].section == "atti"


def test_an_act_that_its_link_leads_to_stands_first() -> None:
    one = placed(title="Attuazione della legge 47/2017", url="http://data.europa.eu/eli/dir/2014/66/oj")
    assert [act.label for act in one.entry.acts] == ["Dir. 2014/66/UE", "L. 47/2017"]


# --- conditions ---


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({}, False),
        ({"title": ("avviso",)}, True),
        ({"title": ("domande",)}, False),
        ({"text": ("domande",)}, True),
        ({"text": ("avviso",)}, True),
        ({"text": ("istruttoria",)}, True),
        ({"source": ("anci",)}, True),
        ({"source": ("interno", "anci")}, True),
        ({"source": ("interno",)}, False),
        ({"author": ("biffoni",)}, True),
        ({"author": ("rossi",)}, False),
        ({"tag": ("fami",)}, True),
        ({"tag": ("fam",)}, False),
        ({"language": ("it",)}, True),
        ({"language": ("IT-it",)}, True),
        ({"language": ("i",)}, False),
        ({"link": ("notizie",)}, True),
        ({"link": ("bandi",)}, False),
        ({"title": ("avviso",), "source": ("anci",)}, True),
        ({"title": ("avviso",), "source": ("interno",)}, False),
        ({"all_": (Condition(title=("avviso",)), Condition(tag=("fami",)))}, True),
        ({"all_": (Condition(title=("avviso",)), Condition(tag=("altro",)))}, False),
        ({"any_": (Condition(title=("bando",)), Condition(tag=("fami",)))}, True),
        ({"any_": (Condition(title=("bando",)), Condition(tag=("altro",)))}, False),
        ({"not_": Condition(title=("bando",))}, True),
        ({"not_": Condition(title=("avviso",))}, False),
        ({"title": ("avviso",), "not_": Condition(source=("anci",))}, False),
        ({"title": ("avviso",), "not_": Condition(any_=(Condition(source=("interno",)),))}, True),
    ],
    ids=str,
)
def test_every_field_a_condition_names_must_match_and_one_word_of_a_field_is_enough(
    condition: dict[str, Any], holds: bool
) -> None:
    one = entry(content="<p>L’istruttoria</p>", authors=("Matteo Biffoni",), tags=("FAMI",), language="it-IT")
    assert applies(Condition(**condition), one) is holds


def test_an_entry_without_a_link_has_no_words_in_it() -> None:
    assert not applies(Condition(link=("notizie",)), entry(url=None))


rules = st.lists(
    st.builds(
        Rule,
        st.builds(Condition, title=st.sampled_from([(), ("avviso",), ("comuni",), ("bando",)])),
        st.sampled_from(["", "news", "agenda", "atti"]),
        tag=st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
        also=st.lists(st.sampled_from(["news", "agenda", "atti"]), max_size=2).map(tuple),
        drop=st.sampled_from([False, False, False, True]),
        area=st.sampled_from([None, None, "public", "reserved"]),
    ),
    max_size=4,
).map(tuple)


@given(rules, st.sampled_from(["anci", "gone", "announcements"]), st.sampled_from(["", "atti", "nowhere"]))
def test_every_entry_is_placed_in_sections_that_exist_or_dropped_by_a_rule(
    rules: tuple[Rule, ...], source_id: str, section: str
) -> None:
    site = config(rules=rules)
    one = route(entry(source_id=source_id, section=section), site)
    assert one == route(entry(source_id=source_id, section=section), site)
    sections = [p.section for p in one.placements]
    assert len(sections) == len(set(sections))
    assert set(sections) <= {s.id for s in site.sections}
    dropped = any(r.drop and r.when.title in (("avviso",), ("comuni",)) for r in rules)
    assert bool(sections) is not dropped


def test_an_announcement_that_asks_for_a_section_by_its_old_id_gets_it() -> None:
    site = config(sections=(Section("news", "News"), Section("leggi", "Leggi", formerly=("norme",))))
    one = route(entry(source_id="announcements", section="norme"), site)
    assert one.placements == (Placement("leggi", "front matter"),)
