"""Calendars: what stands in them, and how a client that keeps them follows what is moved and called off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import icalendar
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.disk import templates
from aggregator.model import Document, Entry, Event, Gone, Placement, Story
from aggregator.render.templates import Templates
from aggregator.settings import Config, Site
from tests.build import NOW, config, days, entry, hours
from tests.press import documents

TITLES = {"anci": "ANCI"}
TEMPLATES = Templates(templates(None), config().site.zone)
MEETING = Event(hours(4), hours(7), "Roma, via di Prova 46", "https://webinar.example.it/1")
DAYS = Event(
    datetime(2026, 6, 19, 22, tzinfo=UTC), datetime(2026, 6, 21, 22, tzinfo=UTC), all_day=True
)  # 20 to 22 June


def story(*entries: Entry) -> Story:
    return Story(entries[0], entries[1:], (Placement("agenda", "source"),))


def published(*stories: Story, gone: tuple[Gone, ...] = (), site: Config | None = None) -> dict[str, Any]:
    """{path: the calendar as icalendar reads it}"""
    return {d.path: icalendar.Calendar.from_ical(d.body) for d in calendars(stories, gone, site)}


def calendars(stories: Iterable[Story], gone: Iterable[Gone] = (), site: Config | None = None) -> list[Document]:
    made = documents(site or config(), stories, TEMPLATES, titles=TITLES, gone=gone)
    return [d for d in made if d.path.endswith(".ics")]


def events(*stories: Story, **fields: Any) -> list[Any]:
    return list(published(*stories, **fields)["feeds/events.ics"].walk("VEVENT"))


def test_an_event_says_when_where_and_whose_it_is() -> None:
    (one,) = events(story(entry("a", title="Incontro con gli sportelli", events=(MEETING,), slug="incontro-a")))
    assert (one.decoded("dtstart"), one.decoded("dtend")) == (hours(4), hours(7))
    assert str(one["summary"]) == "Incontro con gli sportelli"
    assert str(one["location"]) == "Roma, via di Prova 46"
    assert str(one["url"]) == "https://notizie.example.it/entries/incontro-a/"
    assert "ANCI" in one["description"]
    assert "https://webinar.example.it/1" in one["description"]
    assert (str(one["uid"]), one["sequence"], str(one["status"])) == ("a-event-1@notizie.example.it", 0, "CONFIRMED")


def test_whole_days_are_local_days_and_end_where_the_next_begins() -> None:
    (one,) = events(story(entry(events=(DAYS,))))
    assert (one.decoded("dtstart"), one.decoded("dtend")) == (date(2026, 6, 20), date(2026, 6, 23))
    (single,) = events(story(entry(events=(replace(DAYS, end=None),))))
    assert (single.decoded("dtstart"), single.decoded("dtend")) == (date(2026, 6, 20), date(2026, 6, 21))


def test_an_end_before_the_start_is_none() -> None:
    (one,) = events(story(entry(events=(replace(MEETING, end=hours(1)),))))
    assert "dtend" not in one


def test_deadlines_have_a_calendar_of_their_own_and_take_nobody_s_time() -> None:
    found = published(story(entry("a", title="Bando", deadline=date(2026, 6, 30))))
    (one,) = found["feeds/deadlines.ics"].walk("VEVENT")
    assert (str(one["summary"]), one.decoded("dtstart")) == ("Scadenza: Bando", date(2026, 6, 30))
    assert str(one["transp"]) == "TRANSPARENT"
    assert found["feeds/events.ics"].walk("VEVENT") == []


def test_each_entry_with_a_day_has_a_calendar_of_its_own() -> None:
    told = entry("a", slug="incontro-a", events=(MEETING, DAYS), deadline=date(2026, 6, 18))
    found = published(story(told), story(entry("b")))
    assert [path for path in found if path.startswith("entries/")] == ["entries/incontro-a/event.ics"]
    assert len(found["entries/incontro-a/event.ics"].walk("VEVENT")) == 3


def test_what_several_tell_stands_once() -> None:
    told = (entry("a", slug="a"), entry("b", slug="b", events=(MEETING,)), entry("c", slug="c", events=(MEETING,)))
    assert [str(one["uid"]) for one in events(story(*told))] == ["b-event-1@notizie.example.it"]


def test_what_is_long_past_leaves_the_calendar_of_the_site_and_stays_with_its_entry() -> None:
    old = story(entry("a", slug="a", events=(Event(days(-100), days(-91)), Event(days(-100), days(-89)))))
    assert [one.decoded("dtend") for one in events(old)] == [days(-89)]
    assert len(published(old)["entries/a/event.ics"].walk("VEVENT")) == 2


def test_they_speak_the_site_s_language_and_say_how_often_to_ask() -> None:
    english = config(site=Site("Prova", "https://notizie.example.it/", language="en"))
    found = published(story(entry(deadline=date(2026, 6, 30))), site=english)["feeds/deadlines.ics"]
    assert (str(found["name"]), str(found["x-wr-calname"])) == ("Prova – Deadlines", "Prova – Deadlines")
    assert found["refresh-interval"].to_ical() == b"PT6H"
    assert str(found["x-published-ttl"]) == "PT6H"


# --- what changes ---


class Client:
    """Keeps what it has seen by UID, and takes over what has a higher sequence, as RFC 5546 has it."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def subscribe(self, *stories: Story, gone: tuple[Gone, ...] = ()) -> dict[str, tuple[Any, str]]:
        for one in events(*stories, gone=gone):
            before = self.kept.get(str(one["uid"]))
            newer = before is None or (one["sequence"], one.decoded("dtstamp")) > (
                before["sequence"],
                before.decoded("dtstamp"),
            )
            self.kept[str(one["uid"])] = one if newer else before
        return {uid: (one.decoded("dtstart"), str(one["status"])) for uid, one in self.kept.items()}


def test_a_client_follows_an_event_that_is_moved_and_called_off() -> None:
    client, first = Client(), entry("a", events=(MEETING,))
    uid = "a-event-1@notizie.example.it"
    assert client.subscribe(story(first)) == {uid: (hours(4), "CONFIRMED")}
    moved = replace(first, events=(replace(MEETING, start=days(1), end=None),), revision=1, revised=hours(1))
    assert client.subscribe(story(moved)) == {uid: (days(1), "CONFIRMED")}
    assert client.subscribe(gone=(Gone(moved, ("agenda",), hours(2)),)) == {uid: (days(1), "CANCELLED")}


def test_of_what_is_called_off_nothing_is_said_but_that() -> None:
    (one,) = events(gone=(Gone(entry(title="Segreto", events=(MEETING,)), ("agenda",), NOW),))
    assert str(one["summary"]) == "Annullato"
    assert not {"location", "description", "url", "categories"} & {name.lower() for name in one}


def test_the_same_facts_give_the_same_bytes() -> None:
    told = [story(entry(f"e{n}", slug=f"e{n}", events=(MEETING, DAYS), deadline=date(2026, 6, 30))) for n in range(3)]
    one = [d.body for d in calendars(told)]
    other = [d.body for d in calendars(told)]
    assert one == other


odd = st.lists(
    st.sampled_from(["\n", "\r\n", ";", ",", "\\", ":", '"', "\x00", "\ud800", "è", "日", "BEGIN:VEVENT", " "]),
    max_size=9,
)


@given(odd.map("".join), odd.map("".join), odd.map("".join))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_a_calendar(title: str, place: str, tag: str) -> None:
    told = entry("a", title=title, tags=(tag,), events=(replace(MEETING, place=place),))
    (one,) = events(story(told))
    assert one.decoded("dtstart") == hours(4)
    assert len(list(one)) >= 8
