from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Enclosure, Entry, Story
from aggregator.render.colour import contrast
from aggregator.render.palette import DARK_GROUND, ENOUGH, LIGHT_GROUND, palette
from aggregator.render.site.content import safe_content, without_images
from aggregator.render.view import (
    cut,
    excerpt,
    file_kind,
    followable,
    headline,
    moment,
    newest_first,
    plain,
    standfirst,
)

SEEN = datetime(2026, 6, 17, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_moment_is_the_published_date() -> None:
    assert moment(Entry("gu", published=SEEN - DAY, first_seen=SEEN)) == SEEN - DAY


def test_a_date_in_the_future_is_shown_as_the_day_it_was_first_seen() -> None:
    assert moment(Entry("gu", published=SEEN + DAY, first_seen=SEEN)) == SEEN


def test_an_undated_entry_stands_at_the_day_it_was_first_seen() -> None:
    assert moment(Entry("gu", first_seen=SEEN)) == SEEN


@given(st.permutations([("a", 0), ("b", 0), ("c", 1), ("d", 2)]))
def test_newest_first_does_not_depend_on_the_order_given(days: list[tuple[str, int]]) -> None:
    stories = [Story(Entry("gu", id=name, first_seen=SEEN + n * DAY)) for name, n in days]
    assert [s.lead.id for s in newest_first(stories)] == ["d", "c", "a", "b"]


@given(st.text(), st.integers(min_value=3, max_value=300))
def test_a_cut_text_is_never_longer_than_asked(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit


def test_a_text_is_cut_after_a_whole_word() -> None:
    assert cut("A causa delle maggiori restrizioni, molti", 38) == "A causa delle maggiori restrizioni …"
    assert cut("A causa", 38) == "A causa"


def test_text_of_neighbouring_blocks_does_not_run_together() -> None:
    assert plain("<p>uno</p><p>d<b>u</b>e<br>tre &amp; <i>quattro</i></p>") == "uno due tre & quattro"


def test_an_entry_without_a_title_is_headed_by_the_start_of_its_text() -> None:
    question = Entry("a", content=f"<p>Quali documenti servono {'davvero ' * 20}?</p><p>Nessuno.</p>")
    assert headline(question).startswith("Quali documenti servono davvero")
    assert len(headline(question)) <= 120
    assert excerpt(question).startswith("… davvero")


@pytest.mark.parametrize(
    ("title", "text", "seen"),
    [
        ("Linee guida del reddito di inclusione", "<p>Linee guida del reddito di inclusione.</p>", ""),
        ("Linee guida del reddito di inclusione", "Linee guida del reddito di inclusione. Testo", ""),
        (
            "Linee guida del reddito di inclusione",
            "Linee guida del reddito di inclusione. Testo che dice che cosa cambia per i Comuni",
            "Testo che dice",
        ),
        (
            "Linee guida del reddito di inclusione",
            "Linee guida del reddito di inclusioneX",
            "Linee guida del reddito di",
        ),
        ("Anci", "Anci presenta il programma", "Anci presenta il programma"),
        ("…", "Testo", "Testo"),
        ("", "", ""),
    ],
)
def test_an_excerpt_does_not_repeat_the_headline(title: str, text: str, seen: str) -> None:
    shown = excerpt(Entry("a", title=title, summary=text))
    assert shown.startswith(seen) if seen else shown == ""


def test_a_summary_that_is_the_start_of_the_content_is_no_standfirst() -> None:
    assert standfirst(Entry("a", summary="<p>Il bando [...]</p>", content="<p>Il bando scade.</p>")) == ""
    assert standfirst(Entry("a", title="B", summary="In breve", content="<p>Il bando scade.</p>")) == "In breve"
    assert standfirst(Entry("a", summary="In breve")) == ""


def test_a_question_that_is_the_headline_is_not_asked_again() -> None:
    asked = Entry("a", title="Come si rinnova?", summary="<p>Come si rinnova?</p>", content="<p>In questura.</p>")
    assert standfirst(asked) == ""
    assert standfirst(replace(asked, title="Come si…")) == asked.summary


@pytest.mark.parametrize(
    ("enclosure", "kind"),
    [
        (Enclosure(url="https://x.example/a.php?f=1", type="application/pdf"), "PDF"),
        (Enclosure(url="https://x.example/a.docx", type="application/vnd.openxmlformats-officedocument"), "DOCX"),
        (Enclosure(path="cartella.v2/scheda.odt"), "ODT"),
        (Enclosure(path="nota.txt", type="text/plain"), "TXT"),
        (Enclosure(url="https://x.example/scarica"), ""),
        (Enclosure(url="https://comune.example.it"), ""),
        (Enclosure(url="https://comune.example.it/b.csv?di=a.pdf"), "CSV"),
        (Enclosure(url="https://[non un indirizzo"), ""),
    ],
)
def test_the_kind_of_a_file_is_short_or_nothing(enclosure: Enclosure, kind: str) -> None:
    assert file_kind(enclosure) == kind


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", " https://x.example", "/etc", "", None])
def test_readers_are_sent_to_the_web_only(url: str | None) -> None:
    assert followable(url) == ""


def test_a_web_address_can_be_followed() -> None:
    assert followable("HTTPS://x.example/a?b=c") == "HTTPS://x.example/a?b=c"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ('<img src="https://x.example/a.jpg" alt="Lo &quot;sportello&quot; > 2">',
         '<a href="https://x.example/a.jpg">immagine: Lo &quot;sportello&quot; > 2</a>'),
        ('<img alt="" src="https://x.example/a.jpg">', '<a href="https://x.example/a.jpg">immagine</a>'),
        ('<a href="https://x.example/"><img src="a.jpg" alt="Foto"> grande</a>',
         '<a href="https://x.example/">immagine: Foto grande</a>'),
        ('<p>a<img src="https://spy.example/p.gif" width="1" height="1">b</p>', "<p>ab</p>"),
        ("<p>a<img>b<abbr>c</abbr></p>", "<p>ab<abbr>c</abbr></p>"),
    ],
)  # fmt: skip
def test_images_become_links_so_that_nothing_is_loaded(stored: str, shown: str) -> None:
    assert without_images(stored, "immagine") == shown


def test_headings_of_an_entry_stay_below_its_title() -> None:
    assert safe_content('<h1 id="x">Uno</h1><h2>Due</h2><hr>', "immagine") == '<h2 id="x">Uno</h2><h2>Due</h2><hr>'


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_every_theme_colour_gives_readable_text(colour: str) -> None:
    colours = palette(colour)
    assert contrast(colours.on_band, colours.band) >= ENOUGH
    for ground in (LIGHT_GROUND, "#ffffff"):
        assert contrast(colours.link, ground) >= ENOUGH
    for ground in (DARK_GROUND, "#14171b"):
        assert contrast(colours.link_dark, ground) >= ENOUGH
    for ink in ("#1c2126", "#333a41"):
        assert contrast(ink, colours.tint) >= ENOUGH


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_every_theme_colour_gives_links_that_can_be_read_where_a_mail_has_them(colour: str) -> None:
    colours = palette(colour)
    for ground in ("#ffffff", "#fff7e3"):
        assert contrast(colours.link, ground) >= ENOUGH
    for ground in ("#1d2126", "#261f12"):
        assert contrast(colours.link_dark, ground) >= ENOUGH


def test_a_colour_that_can_be_read_is_left_alone() -> None:
    assert palette("#0b5394").link == palette("#0b5394").band == "#0b5394"
