"""An issue as it is mailed: what stands where, in HTML and text alike."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from lxml import html as lxml_html

from aggregator import i18n
from aggregator.content import Content, Note, Update
from aggregator.errors import RenderError
from aggregator.model import Enclosure, Entry, Event, Issue, Link, Placement, Story
from aggregator.render.mail.message import ADDRESS_MARK, LEAVE_MARK, PREFERENCES_MARK, build
from aggregator.render.mail.newsletter import edition
from aggregator.render.templates import Templates
from aggregator.rhythm import Rhythm
from aggregator.settings import Config, Links, Newsletter, Publisher, Section, Site, Web

REPOSITORY = Path(__file__).parents[2]
DUE = datetime(2026, 6, 17, 6, tzinfo=UTC)
ISSUE = Issue("settimanale", 14, DUE - timedelta(days=7), DUE, DUE)
NEWSLETTER = Newsletter("settimanale", Rhythm.parse("wed 08:00"), "Permessi di soggiorno")
CONFIG = Config(
    site=Site(
        title="Portale immigrazione",
        url="https://notizie.example.it/",
        publisher=Publisher("Servizi immigrazione", "servizi@example.it", "Via di Prova 11 - 00178 Roma", "06 000000"),
        links=Links(
            privacy="https://notizie.example.it/privacy",
            accessibility="https://form.example.it/dichiarazione",
            legal="https://notizie.example.it/note-legali",
        ),
    ),
    sections=(
        Section("agenda", "Agenda Eventi", "events"),
        Section("news", "News"),
        Section("leggi", "Legislazione"),
        Section("domande", "Domande & Risposte", "questions"),
    ),
)
TITLES = {"anci": "ANCI", "interno": "Ministero dell’Interno", "cittalia": "Cittalia"}


def look() -> dict[str, str]:
    folder = REPOSITORY / "templates"
    return {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in (folder / "newsletter").rglob("*.*")}


TEMPLATES = Templates(look(), CONFIG.site.zone)


def story(
    id_: str, section: str = "news", *, others: tuple[Entry, ...] = (), also: tuple[str, ...] = (), **fields
) -> Story:
    told = {
        "source_id": "anci",
        "id": id_,
        "url": f"https://anci.example.it/{id_}",
        "title": f"Avviso {id_}",
        "summary": f"<p>Testo di {id_}.</p>",
        "published": DUE - timedelta(hours=5),
        "first_seen": DUE - timedelta(hours=4),
        "slug": f"avviso-{id_}",
    }
    placements = tuple(Placement(placed, "source") for placed in (section, *also))
    return Story(Entry(**(told | fields)), others, placements)


def made(*stories: Story, language: str = "it", sections: tuple[str, ...] = (), config: Config = CONFIG, **fields):
    newsletter = replace(NEWSLETTER, **fields)
    return edition(newsletter, ISSUE, Content(stories), config, language, sections, TITLES, TEMPLATES)


def page(of):
    return lxml_html.document_fromstring(of.html)


def headings(of) -> list[str]:
    return [node.text_content().strip() for node in page(of).iter("h1", "h2", "h3")]


def links(of) -> set[str]:
    return {node.get("href") for node in page(of).iter("a")}


EVENT = Event(
    datetime(2026, 7, 2, 8, tzinfo=UTC), datetime(2026, 7, 2, 11, tzinfo=UTC), "Roma", "https://web.example.it/1"
)
WEEK = (
    story("a", deadline=date(2026, 6, 30), type="Notizia"),
    story("b", "leggi", source_id="interno", deadline=date(2026, 6, 20)),
    story("c", "agenda", events=(EVENT,), source_id="cittalia"),
    story("d", others=(Entry("cittalia", title="La stessa"), Entry("anci"), Entry("interno"))),
    story(
        "e",
        "leggi",
        url=None,
        enclosures=(
            Enclosure(path="bandi/scheda.pdf", type="application/pdf", length=120_000, title="Scheda di adesione"),
            Enclosure("https://anci.example.it/dati.xlsx", length=1_400_000),
        ),
    ),
)


# --- what stands where ---


def test_headings_come_in_the_order_of_the_newsletter():
    of = made(*WEEK)
    assert headings(of) == [
        "Permessi di soggiorno",
        "In scadenza",
        "Agenda Eventi",
        "Avviso c",
        "News",
        "Avviso a",
        "Avviso d",
        "Legislazione",
        "Avviso b",
        "Avviso e",
    ]


def test_html_and_text_hold_the_same_stories_and_links():
    of = made(*WEEK, *(story(str(n)) for n in range(20)))
    text = " ".join(of.text.split())
    for title in headings(of):
        assert title in text or title.upper() in text
    assert {link.removeprefix("mailto:") for link in links(of)} == set(
        re.findall(rf"https?://\S+|{LEAVE_MARK}|servizi@\S+", of.text)
    )


def test_deadlines_come_soonest_first_with_the_day_in_words():
    text = " ".join(made(*WEEK).text.split())
    assert text.index("sabato 20 giugno – Avviso b") < text.index("martedì 30 giugno – Avviso a")


def test_a_deadline_that_has_passed_is_no_longer_one():
    of = made(story("a", deadline=date(2026, 6, 16)))
    assert "In scadenza" not in headings(of)
    assert "Avviso a" in headings(of)


def test_an_event_stands_in_the_agenda_only():
    of = made(story("c", "news", events=(EVENT,)), story("d", "news"))
    assert headings(of).count("Avviso c") == 1
    assert headings(of)[1:3] == ["Agenda Eventi", "Avviso c"]
    assert "giovedì 2 luglio, ore 10:00–13:00 · Roma" in of.text
    assert EVENT.online in links(of)


def test_an_event_that_is_over_is_a_story_like_others():
    past = Event(DUE - timedelta(days=9))
    assert headings(made(story("c", "news", events=(past,))))[1:] == ["News", "Avviso c"]


def test_events_come_by_their_start_and_those_without_one_last():
    def later(days):
        return (Event(DUE + timedelta(days=days)),)

    of = made(story("x", "agenda"), story("b", "agenda", events=later(9)), story("a", "agenda", events=later(2)))
    assert headings(of)[2:] == ["Avviso a", "Avviso b", "Avviso x"]


def test_an_event_of_several_days_names_the_first_and_the_last():
    event = Event(datetime(2026, 6, 19, 22, tzinfo=UTC), datetime(2026, 6, 20, 22, tzinfo=UTC), all_day=True)
    assert "sabato 20 giugno – domenica 21 giugno" in made(story("c", events=(event,))).text


def test_pinned_stories_come_first_then_the_newest():
    old = story("old", published=DUE - timedelta(days=3))
    pinned = story("pinned", published=DUE - timedelta(days=6), pin=True)
    assert headings(made(old, story("new"), pinned))[2:] == ["Avviso pinned", "Avviso new", "Avviso old"]


def test_a_story_of_two_sections_stands_in_its_first():
    of = made(story("a", "leggi", also=("news",)))
    assert headings(of)[1:] == ["Legislazione", "Avviso a"]


def test_the_newsletters_own_sections_and_order_win():
    newsletter = replace(NEWSLETTER, sections=("leggi", "news"))
    of = edition(newsletter, ISSUE, Content(WEEK), CONFIG, "it", (), TITLES, TEMPLATES)
    assert [h for h in headings(of) if h in ("News", "Legislazione", "Agenda Eventi")] == ["Legislazione", "News"]


def test_an_edition_of_chosen_sections_holds_nothing_else():
    of = made(*WEEK, sections=("leggi",))
    assert of.sections == ("leggi",)
    assert headings(of)[1:] == ["In scadenza", "Legislazione", "Avviso b", "Avviso e"]


def test_what_is_beyond_the_limit_is_one_line_to_the_sections_page():
    of = made(*(story(str(n)) for n in range(11)), limit=8)
    assert "Altre 3 notizie sul portale" in of.html
    assert "https://notizie.example.it/news/" in links(of)
    assert "Un’altra notizia sul portale" in made(*(story(str(n)) for n in range(9)), limit=8).text


# --- a story ---


def test_a_story_names_its_source_date_and_type():
    assert "  ANCI · 17 giugno 2026 · Notizia\n" in made(*WEEK).text


def test_an_announcement_leads_to_its_page_and_its_files():
    of = made(*WEEK)
    assert {
        "https://notizie.example.it/entries/avviso-e/",
        "https://notizie.example.it/entries/avviso-e/scheda.pdf",
        "https://anci.example.it/dati.xlsx",
    } <= links(of)
    assert "Scheda di adesione (PDF, 120 kB)" in of.text
    assert "dati.xlsx (XLSX, 1,4 MB)" in of.text


def test_a_reserved_announcement_leads_to_no_page_it_does_not_have():
    file = Enclosure(path="riservati/elenco.pdf", title="Elenco")
    link = Link("https://progetto.example.it/", "Sito del progetto")
    of = made(story("r", url=None, area="reserved", enclosures=(file,), links=(link,)))
    assert not any("entries/" in link for link in links(of))
    assert "Elenco" in of.text
    assert link.url in links(of)


def test_who_else_tells_it_is_named_once():
    assert "Pubblicata anche da: Cittalia e Ministero dell’Interno" in " ".join(made(*WEEK).text.split())


def test_many_other_sources_and_files_are_counted():
    others = tuple(Entry(f"fonte-{n}") for n in range(9))
    files = tuple(Enclosure(f"https://anci.example.it/{n}.pdf") for n in range(9))
    text = " ".join(made(story("a", others=others, enclosures=files)).text.split())
    assert "fonte-3 e altre 5 fonti" in text
    assert "e altri 5" in text


def test_a_question_without_a_title_is_named_by_its_beginning():
    of = made(story("q", "domande", title="", summary="<p>Chi deve presentare la domanda?</p>"))
    assert headings(of)[-1] == "Chi deve presentare la domanda?"


def test_another_language_is_marked_for_those_who_listen():
    of = made(story("s", language="de", title="Neue Regeln"), story("t", language="it"))
    assert [node.get("lang") for node in page(of).iter("h3")] == ["de", None]


def test_a_picture_of_a_feed_is_no_attachment():
    assert "Allegat" not in made(story("a", enclosures=(Enclosure("https://a.example.it/x.jpg", "image/jpeg"),))).html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", f"https://e.example/?{ADDRESS_MARK}", "x" * 9]
)
def test_an_address_no_reader_should_follow_gives_way_to_our_own_page(url):
    of = made(story("a", url=url))
    assert url not in of.html + of.text
    assert "https://notizie.example.it/entries/avviso-a/" in links(of)


def test_hostile_words_stay_words():
    title = f"<script>alert(1)</script> & \x85\ud800 {ADDRESS_MARK} {{{{ site }}}} \"x\" 'y'"
    of = made(story("a", title=title, type=title, origin=title))
    assert "<script" not in of.html
    assert headings(of)[-1] == "<script>alert(1)</script> & {{ site }} \"x\" 'y'"
    assert of.html.count(ADDRESS_MARK) == of.text.count(ADDRESS_MARK) == 1
    assert build(
        of,
        sender="a@example.it",
        recipient="b@example.it",
        reply_to="",
        message_id="<1@example.it>",
        date=DUE,
        leave=("mailto:a@example.it?subject=x",),
        list_id="<x.example.it>",
    )


def test_an_address_cannot_begin_a_new_line_of_text():
    of = made(story("a", url="https://a.example.it/x\r\nhttps://evil.example/ y"))
    assert "https://a.example.it/x%0D%0Ahttps://evil.example/%20y" in links(of)


# --- the frame ---


def test_the_subject_begins_with_name_and_number():
    assert made(*WEEK).subject == "Permessi di soggiorno n. 14/2026 – Avviso b, e altre 4 novità"
    assert made(*WEEK[:2]).subject == "Permessi di soggiorno n. 14/2026 – Avviso b, e un’altra novità"
    assert made(WEEK[3]).subject == "Permessi di soggiorno n. 14/2026 – Avviso d"
    assert made().subject == "Permessi di soggiorno n. 14/2026"


def test_what_an_editor_pinned_leads_the_subject():
    assert "– Avviso p, e" in made(*WEEK, story("p", pin=True)).subject


def test_a_long_title_is_cut_at_a_word_so_that_the_subject_can_be_read():
    subject = made(
        story("a", title="Circolare " + "sull’immigrazione " * 40), story("b", published=DUE - timedelta(9))
    ).subject
    assert len(subject) < 140
    assert subject.endswith("sull’immigrazione …, e un’altra novità")


def test_the_year_of_an_issue_is_that_of_the_sites_zone():
    issue = replace(ISSUE, due=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    of = edition(NEWSLETTER, issue, Content(WEEK), CONFIG, "it", (), TITLES, TEMPLATES)
    assert of.subject.startswith("Permessi di soggiorno n. 14/2027")


def test_the_preview_counts_what_is_inside():
    of = made(*WEEK)
    counts = "2 scadenze · 1 appuntamento · 4 novità · dal 10 al 16 giugno"
    assert of.html.count(counts) == 2  # the hidden preview and the first line
    assert page(of).body.text_content().strip().startswith(counts)
    assert counts in of.text


def test_the_days_of_two_issues_do_not_overlap():
    friday = datetime(2026, 6, 12, 10, tzinfo=UTC)
    weeks = [Issue("settimanale", n, friday + timedelta(7 * n), friday + timedelta(7 * n + 7), DUE) for n in (0, 1)]
    texts = [edition(NEWSLETTER, week, Content(), CONFIG, "it", (), TITLES, TEMPLATES).text for week in weeks]
    assert ["dal 12 al 18 giugno" in texts[0], "dal 19 al 25 giugno" in texts[1]] == [True, True]


def test_a_week_over_two_months_names_both():
    issue = replace(ISSUE, opens=datetime(2026, 5, 28, 6, tzinfo=UTC), closes=datetime(2026, 6, 4, 6, tzinfo=UTC))
    assert (
        "dal 28 maggio al 3 giugno" in edition(NEWSLETTER, issue, Content(), CONFIG, "it", (), TITLES, TEMPLATES).text
    )


def test_the_head_names_number_and_day():
    of = made(*WEEK)
    assert "n. 14 del 17 giugno 2026" in of.html
    assert "Portale immigrazione" in of.html
    assert "Leggi nel browser" in of.html
    assert "https://notizie.example.it/newsletter/settimanale/14/" in links(of)


def test_italian_drops_the_vowel_before_otto_and_undici():
    assert i18n.elided("n. 3 del 8 giugno", "it") == "n. 3 dell’8 giugno"
    assert i18n.elided("dal 8 al 11 giugno", "it") == "dall’8 all’11 giugno"
    assert i18n.elided("del 18 giugno, del 1 maggio, dal 80", "it") == "del 18 giugno, del 1 maggio, dal 80"
    assert i18n.elided("from 8 al 11", "en") == "from 8 al 11"


def test_the_footer_says_who_writes_and_how_to_leave():
    of = made(*WEEK)
    for words in (ADDRESS_MARK, "Annulla l’iscrizione", "Servizi immigrazione", "Via di Prova 11", "06 000000"):
        assert words in of.html
        assert words in of.text
    assert {LEAVE_MARK, "mailto:servizi@example.it", *(CONFIG.site.links.privacy, CONFIG.site.links.legal)} <= links(of)
    for words in ("Rispondere a questa email è possibile", "Note legali", "Accessibilità", "Nessun tracciamento"):
        assert words in of.html
        assert words in of.text


def test_a_day_can_be_put_into_a_calendar():
    of = made(*WEEK)
    dated = {f"https://notizie.example.it/entries/avviso-{id_}/event.ics" for id_ in "abc"}
    assert {link for link in links(of) if link.endswith(".ics")} == dated
    reserved = made(story("r", area="reserved", deadline=date(2026, 6, 30)))
    assert not [link for link in links(reserved) if link.endswith(".ics")]


def test_a_path_on_this_site_is_a_whole_address_in_a_mail():
    site = replace(CONFIG.site, links=Links(privacy="/privacy/", legal="mailto:a@example.it"))
    of = made(*WEEK, config=replace(CONFIG, site=site))
    assert {"https://notizie.example.it/privacy/", "mailto:a@example.it"} <= links(of)
    assert "https://notizie.example.it/privacy/" in of.text


def test_the_footer_names_the_sections_a_reader_chose():
    of = made(*WEEK, sections=("leggi", "news"))
    for words in (page(of).text_content(), of.text):
        assert f"{ADDRESS_MARK} (News e Legislazione)" in " ".join(words.split())


def test_with_a_web_side_the_footer_leads_to_what_is_sent_and_to_the_form():
    joining = "https://notizie.example.it/subscribe"
    assert not {PREFERENCES_MARK, joining} & links(made(*WEEK))
    there = made(*WEEK, config=replace(CONFIG, web=Web()))
    assert {PREFERENCES_MARK, joining, LEAVE_MARK} <= links(there)
    for words in ("Cambia sezioni", "Te l’hanno inoltrata?"):
        assert words in there.html
        assert words in there.text
    reserved = made(*WEEK, config=replace(CONFIG, web=Web()), area="reserved")
    assert PREFERENCES_MARK in links(reserved)
    assert joining not in links(reserved)


def test_links_that_are_not_set_are_not_shown():
    config = replace(CONFIG, site=Site(title="Portale", url="https://notizie.example.it/"))
    of = edition(NEWSLETTER, ISSUE, Content(WEEK), config, "it", (), TITLES, TEMPLATES)
    assert "Privacy" not in of.html + of.text
    assert "Nessun tracciamento" in of.html


def test_nothing_in_the_mail_is_loaded_from_anywhere():
    """No picture, no font, no style sheet: nothing tells anybody that the mail was opened."""
    tree = page(made(*WEEK))
    assert not list(tree.iter("img", "link", "script", "iframe", "video", "form", "input", "object"))
    assert not tree.xpath("//@src | //@background | //@srcset")
    assert "url(" not in made(*WEEK).html
    assert "@import" not in made(*WEEK).html


def test_every_link_goes_straight_to_where_it_says():
    hosts = {urlsplit(link).hostname for link in links(made(*WEEK)) if link.startswith("http")}
    assert hosts == {"notizie.example.it", "anci.example.it", "web.example.it", "form.example.it"}


# --- for every mail program ---


def test_styles_are_inlined_and_dark_mode_is_kept():
    of = made(*WEEK)
    assert of.html.startswith("<!DOCTYPE html>")
    assert 'href="https://anci.example.it/a" style="color:#0b5394"' in of.html
    assert "@media (prefers-color-scheme: dark)" in of.html
    assert "!important" in of.html
    assert "<!--[if mso]>" in of.html


def test_the_page_can_be_listened_to():
    tree = page(made(*WEEK))
    assert tree.get("lang") == "it"
    assert {table.get("role") for table in tree.iter("table")} == {"presentation"}
    levels = [int(node.tag[1]) for node in tree.iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_lines_of_text_fit_a_window_of_72_letters():
    words = "Il sindaco " * 60
    of = made(story("a", title=words, summary=f"<p>{words}</p>", type=words, origin=words, others=(Entry(words),)))
    assert max(len(line) for line in of.text.splitlines() if "://" not in line) <= 72


def test_the_text_has_no_html_and_no_gaps():
    of = made(story("a", title='Domande & risposte: l\'"Ufficio" <aperto>'), *WEEK[1:])
    assert 'Domande & risposte: l\'"Ufficio" <aperto>' in of.text
    assert not re.search(r"&\w+;|&#|\n{4,}|[ \t]\n", of.text)


def test_english_readers_get_english_words():
    of = made(*WEEK, language="en")
    assert of.subject == "Permessi di soggiorno no. 14/2026 – Avviso b, and 4 more"
    assert "2 deadlines · 1 event · 4 new entries · 10 to 16 June" in of.text
    assert "Saturday 20 June" in of.text
    assert page(of).get("lang") == "en"


def test_an_empty_issue_says_so():
    of = made()
    assert "Nessuna novità · dal 10 al 16 giugno" in of.text
    assert headings(of) == ["Permessi di soggiorno"]


def test_the_same_issue_gives_the_same_bytes():
    assert made(*WEEK) == made(*reversed(WEEK))


# --- the budget ---

LONG = "<p>" + "Le domande si presentano allo sportello entro la fine del mese, perché così è. " * 20 + "</p>"


def encoded(of) -> int:
    raw = build(
        of,
        sender="a@example.it",
        recipient="a" * 64 + "@" + "b" * 180 + ".example",
        reply_to="",
        message_id="<1@example.it>",
        date=DUE,
        leave=("mailto:a@example.it?subject=" + "t" * 60,),
        list_id="<x.example.it>",
    )
    return len(raw.partition(b"Content-Type: text/html")[2])


@pytest.mark.parametrize("title", ["Avviso ai Comuni", "Perché è così: " * 40])
def test_five_hundred_stories_stay_below_what_mail_programs_clip(title):
    files = tuple(Enclosure("https://anci.example.it/" + "x" * 200 + f"{n}.pdf", length=9) for n in range(9))
    many = [story(str(n), summary=LONG, title=f"{title} {n}", enclosures=files) for n in range(500)]
    of = made(*many, limit=500)
    assert encoded(of) < 90_000
    shown = len(list(page(of).iter("h3")))
    assert shown > 15
    assert f"Altre {500 - shown} notizie sul portale" in of.html
    assert "Nessun tracciamento" in of.html
    assert LEAVE_MARK in links(of)
    assert of.text.count("https://anci.example.it/" + str(499)) == of.html.count("https://anci.example.it/" + str(499))


def test_excerpts_give_way_before_stories_do():
    many = [story(str(n), summary=LONG) for n in range(150)]
    of = made(*many, limit=150)
    assert encoded(of) < 90_000
    assert len(list(page(of).iter("h3"))) == 150
    assert "Le domande si presentano" in of.html
    assert LONG[3:190] not in of.html


def test_five_hundred_deadlines_are_cut_as_well():
    of = made(*(story(str(n), deadline=date(2026, 7, 1)) for n in range(500)), limit=500)
    assert encoded(of) < 90_000
    assert "scadenze sul portale" in of.html


# --- templates and words ---


def test_a_broken_template_is_named_with_the_file():
    broken = Templates(look() | {"newsletter/default/issue.html": "<p>no page</p>"}, CONFIG.site.zone)
    with pytest.raises(RenderError, match=r"templates/newsletter/default/issue\.html: a mail needs"):
        edition(NEWSLETTER, ISSUE, Content(WEEK), CONFIG, "it", (), TITLES, broken)
    styled = "<style>a[title='x,y'] { color: red }</style><body>"
    broken = Templates(look() | {"newsletter/default/issue.html": styled}, CONFIG.site.zone)
    with pytest.raises(RenderError, match="selector"):
        edition(NEWSLETTER, ISSUE, Content(WEEK), CONFIG, "it", (), TITLES, broken)


def test_a_look_that_does_not_exist_is_named():
    with pytest.raises(RenderError, match="newsletter/festa/issue"):
        made(*WEEK, look="festa")


def messages() -> set[str | tuple[str, ...]]:
    """Every sentence of the newsletter that a catalogue must have."""
    found: set[str | tuple[str, ...]] = set()
    for name in ("newsletter.py", "lines.py", "preface.py"):
        with (REPOSITORY / "aggregator/render/mail" / name).open("rb") as source:
            keywords = {"_": None, "_words": None, "gettext": None, "_plural": (1, 2), "plural": (1, 2)}
            found |= {message for _, message, _, _ in extract("python", source, keywords=keywords)}
            source.seek(0)
            counted = re.findall(r'"(%\(num\)s [a-z ]+)", "(%\(num\)s [a-z ]+)"', source.read().decode())
            found |= set(counted)
    for path in sorted((REPOSITORY / "templates/newsletter").rglob("*.*")):
        with path.open("rb") as source:
            keywords = {"_": None, "ngettext": (1, 2)}
            found |= {m for _, m, _, _ in extract("jinja2.ext:babel_extract", source, keywords=keywords)}
    return found


def test_every_sentence_has_its_italian():
    with (REPOSITORY / "aggregator/i18n/it/newsletter.po").open("rb") as stream:
        catalogue = read_po(stream, locale="it")
    italian = {(m.id[0] if isinstance(m.id, tuple) else m.id): m.string for m in catalogue if m.id}
    wanted = {message[0] if isinstance(message, tuple) else message for message in messages()}
    assert len(wanted) > 25
    assert {words for words in wanted if not all(italian.get(words) or ("",))} == set()
    assert set(italian) == wanted


def test_no_other_catalogue_says_these_sentences_differently():
    with (REPOSITORY / "aggregator/i18n/it/newsletter.po").open("rb") as stream:
        for message in read_po(stream, locale="it"):
            if isinstance(message.id, str) and message.id:
                assert i18n.translations("it").gettext(message.id) == message.string


# --- what is told again, what changed, what editors say ---


def update(of: Story, number: int = 13, *, gone: bool = False, **former) -> Update:
    return Update(of.lead, replace(of.lead, **former), number, of.sections, gone)


def issue_of(content: Content, *, preface: tuple[str, ...] = (), look: str = "default"):
    newsletter = replace(NEWSLETTER, look=look)
    return edition(newsletter, ISSUE, content, CONFIG, "it", (), TITLES, TEMPLATES, preface)


def words_of(of) -> tuple[str, str]:
    return " ".join(page(of).body.text_content().split()), " ".join(of.text.split())


def test_what_is_recalled_stands_in_its_block_only_and_is_not_new():
    near = story("vecchia", deadline=date(2026, 6, 25))
    festival = story("festa", events=(Event(datetime(2026, 6, 20, 8, tzinfo=UTC)),))
    of = issue_of(Content((story("c", "agenda", events=(EVENT,)),), (near, festival)))
    assert headings(of)[1:] == ["In scadenza", "Agenda Eventi", "Avviso festa", "Avviso c"]
    for words in words_of(of):
        assert words.count("Nuovo") == 1
        assert "giovedì 25 giugno" in words


def test_a_deadline_that_moved_says_what_it_was_and_is_no_further_update():
    later, sooner = story("a", deadline=date(2026, 7, 15)), story("b", deadline=date(2026, 6, 20))
    changed = (update(later, deadline=date(2026, 6, 30)), update(sooner, deadline=date(2026, 6, 30)))
    of = issue_of(Content((), (later, sooner), changed))
    for words in words_of(of):
        assert "mercoledì 15 luglio · prorogato (era 30 giugno)" in words
        assert "sabato 20 giugno · anticipato (era 30 giugno)" in words
    assert "Aggiornamenti e rettifiche" not in headings(of)


def test_what_changed_says_in_which_issue_it_was_and_what():
    told = [story(name) for name in "abcdef"]
    moved = replace(told[1].lead, events=(EVENT,))
    content = Content(
        (story("z"),),
        (),
        (
            Update(replace(told[0].lead, change="Corretto l’importo"), told[0].lead, 13, ("news",)),
            Update(moved, told[1].lead, 12, ("news",)),
            update(told[2], enclosures=(Enclosure("https://anci.example.it/x.pdf"),)),
            update(told[3], title="Vecchio titolo"),
            update(told[4], summary="<p>Altro.</p>"),
            update(told[5], gone=True),
            Update(Entry("anci", "nascosta"), told[0].lead, 12, ("news",), gone=True),
        ),
    )
    of = issue_of(content)
    assert "Aggiornamenti e rettifiche" in headings(of)
    for words in words_of(of):
        assert "Già nel n. 13: Avviso a – Corretto l’importo · ANCI" in words.replace(" https://anci.example.it/a", "")
        assert "Avviso b – nuova data: giovedì 2 luglio, ore 10:00–13:00" in words
        assert "Avviso c – allegati aggiornati" in words
        assert "Avviso d – titolo precedente: Vecchio titolo" in words
        assert "Avviso e – testo aggiornato" in words
        assert "Già nel n. 13: ritirato: Avviso f" in words
        assert "Già nel n. 12: ritirato · ANCI" in words
        assert "7 rettifiche" in words
    assert "https://anci.example.it/f" not in links(of)


def test_the_note_is_in_both_parts_with_its_links_and_loads_nothing():
    note = Note(
        '<p>Care <strong>colleghe</strong>, ecco il <a href="https://www.example.it/p">programma</a>.</p>', "Anna"
    )
    of = issue_of(Content(WEEK, note=note))
    for words in words_of(of):
        assert "Care colleghe, ecco il programma. " in words
        assert "Anna" in words
    assert "https://www.example.it/p" in links(of)
    assert "https://www.example.it/p" in of.text


def test_the_lead_of_a_note_is_named_in_the_subject():
    assert "– Avviso d, e altre 4" in issue_of(Content(WEEK, note=Note(lead="d"))).subject


def test_an_issue_of_nothing_but_a_near_deadline_is_named_by_it():
    of = issue_of(Content((), (story("a", deadline=date(2026, 6, 25)),)))
    assert of.subject == "Permessi di soggiorno n. 14/2026 – Avviso a"


def test_a_note_that_fills_the_mail_by_itself_is_told_and_nothing_is_cut_silently():
    with pytest.raises(RenderError, match="newsletter settimanale: its frame and the editor's note alone are too much"):
        issue_of(Content(WEEK, note=Note("<p>" + "parola " * 20_000 + "</p>")))


def test_editors_read_the_preface_above_the_rest():
    of = issue_of(Content(WEEK), preface=("Questa è una bozza.",))
    for words in words_of(of):
        assert words.index("Questa è una bozza.") < words.index(
            "In scadenza" if "In scadenza" in words else "IN SCADENZA"
        )
