"""What an editor types -> an Entry, or a Problem that tells what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.model import Enclosure, Entry, Event, Link, Problem
from aggregator.parse import announcement

ROME = ZoneInfo("Europe/Rome")
SECTIONS = {"news": "entries", "agenda": "events", "domande": "questions"}
SAMPLES = Path(__file__).parents[2] / "announcements"

FULL = """---
title: Comuni: al via "Insieme", il corso per gli sportelli # seconda edizione
summary: Il sindaco: "bene così" & <avanti>
section: news
date: 29/05/2017
type: Notizia
tags: Anci, Biffoni
source: ANCI
deadline: 30 giugno 2017
event:
  - {start: 12/07/2017 10:00, end: 12/07/2017 13:00, place: "Roma, via di Prova 46", online: "https://incontri.example.it/1"}
link: https://progetto.example.it/ Sito del progetto
attachments: scheda.pdf Scheda di adesione
area: reserved
pin: true
publish_at: 01/06/2017 08:00
expires: 31/12/2017
change: Adesioni prorogate al 15 luglio
---
Testo in **Markdown**.
"""


def read(text: str | bytes, path: str = "2017/insieme.md") -> Entry:
    body = text if isinstance(text, bytes) else text.encode()
    found = announcement.parse(path, body, ROME, SECTIONS)
    assert isinstance(found, Entry), found
    return found


def faults(text: str | bytes, path: str = "avviso.md") -> list[str]:
    body = text if isinstance(text, bytes) else text.encode()
    found = announcement.parse(path, body, ROME, SECTIONS)
    assert isinstance(found, Problem), found
    assert (found.source_id, found.kind) == ("announcements", "parse")
    return found.text.split("\n")


def with_lines(*lines: str, body: str = "") -> str:
    return "\n".join(["---", *lines, "---", body])


def test_every_key_becomes_what_it_means():
    assert read(FULL) == Entry(
        source_id="announcements",
        guid="insieme.md",
        title='Comuni: al via "Insieme", il corso per gli sportelli # seconda edizione',
        summary='Il sindaco: "bene così" &amp; &lt;avanti&gt;',
        content="<p>Testo in <strong>Markdown</strong>.</p>\n",
        tags=("Anci", "Biffoni"),
        published=datetime(2017, 5, 28, 22, 0, tzinfo=UTC),
        published_raw="29/05/2017",
        date_quality="day",
        enclosures=(Enclosure(type="application/pdf", title="Scheda di adesione", path="2017/scheda.pdf"),),
        links=(Link("https://progetto.example.it/", "Sito del progetto"),),
        events=(
            Event(
                datetime(2017, 7, 12, 8, 0, tzinfo=UTC),
                datetime(2017, 7, 12, 11, 0, tzinfo=UTC),
                "Roma, via di Prova 46",
                "https://incontri.example.it/1",
            ),
        ),
        deadline=date(2017, 6, 30),
        origin="ANCI",
        type="Notizia",
        section="news",
        area="reserved",
        pin=True,
        publish_at=datetime(2017, 6, 1, 6, 0, tzinfo=UTC),
        expires=datetime(2017, 12, 31, 23, 0, tzinfo=UTC),
        change="Adesioni prorogate al 15 luglio",
    )


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=80))
@example("a\u2028b\x85c\x0b")
@example("- elenco: sì")
@example('"tra virgolette"')
@example("[a, b]")
@example("---")
@example("!!python/object: x")
def test_a_headline_survives_as_written(title: str):
    if title.strip():
        assert read(with_lines(f"title: {title}")).title == title.strip(" \t")


@given(st.binary(max_size=300))
def test_any_bytes_give_an_entry_a_problem_or_a_draft(body: bytes):
    announcement.parse("a.md", b"---\ntitle: x\n" + body, ROME, SECTIONS)


@pytest.mark.parametrize(
    "turn", [lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("\n", "\r"), lambda t: "\n\n" + t]
)
def test_line_ends_and_blank_lines_in_front_do_not_matter(turn):
    assert read(turn(FULL)) == read(FULL)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_of_editors_are_read(encoding: str):
    text = with_lines("title: Perché è così – l’accordo", body="Città di Forlì\n")
    assert read(text.encode(encoding)) == read(text)


def test_a_passage_pasted_in_windows_1252_leaves_the_rest_as_it_is():
    body = with_lines("title: Perché no").encode() + "Città".encode("cp1252")
    found = read(body)
    assert found.title == "Perché no"
    assert found.content == "<p>Città</p>\n"


def test_a_file_keeps_its_identity_in_another_folder_and_from_a_mac():
    composed, decomposed = "perch\u00e9.md", "perche\u0301.md"
    assert read(FULL, composed).guid == read(FULL, f"2018/{decomposed}").guid


def test_a_name_in_two_folders_is_told():
    paths = ["2018/a.md", "a.md", "b.md", "2017/a.md"]
    assert announcement.duplicates(paths) == {"a.md": ("2017/a.md", "2018/a.md", "a.md")}


@pytest.mark.parametrize("words", ["true", "true  "])
def test_a_draft_is_kept_back_whatever_else_is_wrong(words: str):
    assert announcement.parse("a.md", with_lines(f"draft: {words}", "colour: red").encode(), ROME, SECTIONS) is None


def test_a_draft_that_is_neither_true_nor_false_is_not_published():
    assert "draft: 'si' is unknown" in faults(with_lines("title: x", "draft: si"))[0]


def test_a_key_left_empty_is_as_if_it_were_not_there():
    bare = "summary section date type tags source deadline event link attachments pin change"
    assert read(with_lines("title: x", *(f"{key}:" for key in bare.split()))) == read(with_lines("title: x"))


@pytest.mark.parametrize("key", ["draft", "area", "publish_at", "expires"])
def test_a_key_that_withholds_must_not_be_empty(key: str):
    assert faults(with_lines("title: x", f"{key}: ")) == [
        f"announcements/avviso.md:3 {key}: nothing stands here; write a value or take the line out"
    ]


def test_what_expires_before_it_is_shown_is_a_fault():
    lines = ("title: x", "publish_at: 01/07/2026 08:00", "expires: 30/06/2026")
    assert faults(with_lines(*lines)) == [
        "announcements/avviso.md:3 publish_at: is after `expires`: nobody would ever see it"
    ]
    assert read(with_lines("title: x", "publish_at: 30/06/2026 08:00", "expires: 30/06/2026")).publish_at


@pytest.mark.parametrize("above", ["tags: Anci", "tags:", "attachments: a.pdf", "link: https://a.example.it/"])
@pytest.mark.parametrize(
    "hidden", [" area: reserved", "\tdraft: true", "  Publish_at : 01/01/2030", " expire: 1/1/2020"]
)
def test_a_key_hidden_below_another_is_a_fault(above: str, hidden: str):
    told = faults(with_lines("title: x", above, "  - uno", hidden))
    key = hidden.split(":")[0].strip()
    want = f"announcements/avviso.md:5 {key}: stands below `{above.split(':')[0]}:` and is read as part of it; "
    assert [line for line in told if line.startswith(want)]


def test_a_key_hidden_below_an_event_is_none_of_its_keys():
    (told,) = faults(with_lines("title: x", "event:", "  start: 12/07/2017", "  area: reserved"))
    assert told.startswith("announcements/avviso.md:5 event.area: no such key")


def test_an_item_may_look_like_a_key():
    assert read(with_lines("title: x", "tags:", "  - area: verde", "  tema: casa")).tags == (
        "area: verde",
        "tema: casa",
    )


@pytest.mark.parametrize("line", ["tags: [a, b", "tags: a, b]", "link: [https://a.example.it/", "attachments: [a.pdf"])
def test_a_list_whose_bracket_is_missing_is_a_fault(line: str):
    key = line.split(":")[0]
    assert (
        f"announcements/avviso.md:3 {key}: a bracket of the list is missing" in faults(with_lines("title: x", line))[0]
    )


@pytest.mark.parametrize("title", ['""', "''", "«»"])
def test_a_title_of_nothing_but_quotes_is_missing(title: str):
    assert faults(with_lines(f"title: {title}")) == [
        "announcements/avviso.md:2 title: is missing; write `title: ` and the headline"
    ]


def test_comments_in_front_matter_are_ignored():
    assert read(with_lines("# nota", "title: x", "tags:", "  - uno", "  # - due", "  - tre")).tags == ("uno", "tre")


@pytest.mark.parametrize(
    "lines", [["tags: uno, due"], ["tags: [uno, due]"], ["tags:", "  - uno", "  - due"], ["tags:", "- uno", "- due"]]
)
def test_lists_may_be_written_in_four_ways(lines: list[str]):
    assert read(with_lines("title: x", *lines)).tags == ("uno", "due")


def test_several_links_and_attachments_stand_on_lines_of_their_own():
    found = read(
        with_lines(
            "title: x",
            "link:",
            "  - https://uno.example.it/ Uno, e due",
            "  - mailto:ufficio@example.it",
            "attachments:",
            "  - allegati/Modulo di domanda.PDF Il modulo v.2",
            "  - delibera.pdf.p7m Delibera firmata",
            "  - LEGGIMI da leggere",
        )
    )
    assert found.links == (Link("https://uno.example.it/", "Uno, e due"), Link("mailto:ufficio@example.it"))
    assert [(e.path, e.title, e.type) for e in found.enclosures] == [
        ("2017/allegati/Modulo di domanda.PDF", "Il modulo v.2", "application/pdf"),
        ("2017/delibera.pdf.p7m", "Delibera firmata", "application/pkcs7-mime"),
        ("2017/LEGGIMI", "da leggere", "application/octet-stream"),
    ]


@pytest.mark.parametrize(
    "name",
    ["../segreto.pdf", "a/../../b.pdf", "/etc/passwd", "C:\\x.pdf", ".env", "https://example.it/x.pdf", "a\0.pdf"],
)
def test_an_attachment_never_leads_elsewhere(name: str):
    assert faults(with_lines("title: x", f"attachments: {name} Etichetta"))[0].startswith(
        "announcements/avviso.md:3 attachments: "
    )


@pytest.mark.parametrize("names", [["a/x.pdf", "b/X.pdf"], ["index.html"], ["event.ics"]])
def test_attachments_that_would_be_one_file_of_the_page_are_a_fault(names: list[str]):
    found = faults(with_lines("title: x", "attachments:", *(f"  - {name}" for name in names)))
    assert found[0].endswith("is taken on its page; rename the file")


@pytest.mark.parametrize("address", ["www.example.it", "javascript:alert(1)", "http://[::1", "https:///x", "mailto:x"])
def test_a_link_is_a_web_or_mail_address(address: str):
    assert "is no address" in faults(with_lines("title: x", f"link: {address} Sito"))[0]


@pytest.mark.parametrize(
    "lines",
    [
        ["event: {start: 12/07/2017, end: 2017-07-14}"],
        ["event:", "  start: 12 luglio 2017", "", "  # fine", "  end: 14 luglio 2017"],
        ["event:", "  - {start: 12/07/2017,", "     end: 14/07/2017}"],
    ],
)
def test_an_event_without_times_lasts_whole_days(lines: list[str]):
    start, end = (datetime(2017, 7, day, 22, 0, tzinfo=UTC) for day in (11, 13))
    assert read(with_lines("title: x", *lines)).events == (Event(start, end, all_day=True),)


@pytest.mark.parametrize(
    ("event", "where"),
    [
        ("{place: Roma, via di Prova 46, start: 12/07/2017}", "3 event.via di Prova 46: no such key"),
        ("\n  place: Sala: la grande", "4 event: mapping values are not allowed here"),
        ("\n  - start: 12/07/2017\n\n    end: 11/07/2017", "6 event.end: is before the start"),
        ("{start: 12/07/2017 10:00, end: 12/07/2017}", "3 event.end: expected a time in both"),
        ("{place: Roma}", "3 event.start: is missing"),
        ("{start: domani}", "3 event.start: 'domani' is no date"),
        ("{start: 12/07/2017, online: zoom}", "3 event.online: 'zoom' is no address"),
        ("{start: 12/07/2017, start: 13/07/2017}", "3 event.start: stands twice"),
        ("12/07/2017", "3 event: expected {start: "),
        ("{start: {day: 1}}", "3 event: expected {start: "),
        ("[" * 50_000, "3 event: expected {start: "),
        ("&a [*a]", "3 event: expected {start: "),
        ("{start: \x01}", "3 event: expected {start: "),
    ],
)
def test_a_wrong_event_is_told_with_its_line(event: str, where: str):
    assert faults(with_lines("title: x", f"event: {event}"))[0].startswith(f"announcements/avviso.md:{where}")


def test_a_day_in_expires_lasts_to_its_end_even_when_the_clock_changes():
    assert read(with_lines("title: x", "expires: 25/10/2026")).expires == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    assert read(with_lines("title: x", "expires: 25/10/2026 12:00")).expires == datetime(
        2026, 10, 25, 11, 0, tzinfo=UTC
    )


@pytest.mark.parametrize("key", ["date", "deadline", "publish_at", "expires"])
@pytest.mark.parametrize("raw", ["domani", "31/02/2026", "2026-13-01", "2026", "maggio 2026"])
def test_what_names_no_day_is_no_date(key: str, raw: str):
    assert faults(with_lines("title: x", f"{key}: {raw}"))[0].startswith(
        f"announcements/avviso.md:3 {key}: '{raw}' is no date; expected a date such as 29/05/2017"
    )


def test_all_faults_of_a_file_are_told_at_once_in_order():
    found = faults(
        with_lines(
            "summary: a", "  b", "titel: x", "section: nwes", "area: riservata", "una frase", "summary: c", "pin: 1"
        ),
        "2017/avviso.md",
    )
    assert [line.split(": ")[0] for line in found] == [
        "announcements/2017/avviso.md:1 title",
        "announcements/2017/avviso.md:3 summary",
        "announcements/2017/avviso.md:4 titel",
        "announcements/2017/avviso.md:5 section",
        "announcements/2017/avviso.md:6 area",
        "announcements/2017/avviso.md:7 front matter",
        "announcements/2017/avviso.md:8 summary",
        "announcements/2017/avviso.md:9 pin",
    ]
    assert "did you mean title?" in found[2]
    assert "did you mean news?" in found[3]
    assert "expected one of public, reserved" in found[4]


@pytest.mark.parametrize(
    "body", [b"", b"  \n", b"Solo testo", b"---\ntitle: x\n", b"title: x\n---\n", b"%PDF-1.7\n\xff\x81"]
)
def test_a_file_without_front_matter_is_told_how_to_begin(body: bytes):
    (fault,) = faults(body)
    assert "front matter: " in fault
    assert "begin the file with a line ---" in fault


def test_a_file_of_megabytes_is_no_announcement():
    assert "longer than 1 MB" in faults(with_lines("title: x", body="a" * 1_000_001))[0]


def test_markdown_has_tables_but_no_html_of_its_own():
    found = read(
        with_lines("title: x", body="<script>x</script>\n\n~~via~~\n\n| a |\n|---|\n| b |\n\n[x](javascript:1)\n")
    )
    assert "<script" not in found.content
    assert "<s>via</s>" in found.content
    assert "<td>b</td>" in found.content
    assert "href" not in found.content


QUESTION = """Domanda: Il permesso **scade** fra un mese,
chi [rinnova](https://www.example.it/)?

E quando?

RISPOSTA: La questura.

Entro sessanta giorni.
"""


def test_a_question_is_titled_by_its_own_words_and_kept_apart_from_the_answer():
    found = read(with_lines("section: domande", body=QUESTION))
    assert found.title == "Il permesso scade fra un mese, chi rinnova? E quando?"
    question, _, answer = found.content.partition("</blockquote>")
    assert question.startswith("<blockquote>\n<p>Il permesso <strong>scade</strong>")
    assert "E quando?" in question
    assert answer == "\n<p>La questura.</p>\n<p>Entro sessanta giorni.</p>\n"


def test_a_question_of_one_line_is_its_title_and_is_not_asked_again():
    found = read(with_lines("section: domande", body='Chi rinnova il "permesso"?\n\nRisposta: La questura.\n'))
    assert (found.title, found.content) == ('Chi rinnova il "permesso"?', "<p>La questura.</p>\n")


def test_a_long_question_is_cut_between_words():
    words = "parola " * 40
    title = read(with_lines("section: domande", body=f"{words}\nRisposta: sì\n")).title
    assert title == "parola " * 16 + "parola…"
    assert len(read(with_lines("section: domande", body=f"{'a' * 500}\nRisposta: sì\n")).title) == 120


def test_a_question_with_a_title_needs_no_marks():
    found = read(with_lines("section: domande", "title: Chi rinnova?", body="La questura.\n"))
    assert (found.title, found.content) == ("Chi rinnova?", "<p>La questura.</p>\n")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("Chi rinnova?", "4 Risposta: is missing"),
        ("Chi?\n\nRisposta:\n", "6 Risposta: nothing follows"),
        ("Domanda:\nRisposta: sì\n", "1 title: is missing"),
    ],
)
def test_half_a_question_is_a_fault(body: str, fault: str):
    assert faults(with_lines("section: domande", body=body))[0].startswith(f"announcements/avviso.md:{fault}")


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_new_announcement_is_a_draft_whose_hints_are_right_as_they_stand(language: str):
    name, text = announcement.draft('Più Comuni: "al via"\n#1', "news", date(2026, 11, 23), language)
    assert name == "piu-comuni-al-via-1.md"
    assert announcement.parse(name, text.encode(), ROME, SECTIONS) is None
    lines = [line for line in text.split("\n") if line != "draft: true" and "`draft`" not in line]
    found = read("\n".join(line.removeprefix("# ") for line in lines))
    assert (found.title, found.section, found.published_raw[:2]) == (
        'Più Comuni: "al via" #1',
        "news",
        {"it": "23", "en": "20"}[language],
    )
    assert found.events
    assert found.links
    assert found.enclosures
    assert found.deadline == date(2026, 12, 23)


def test_the_hints_of_a_new_announcement_name_every_key():
    _, text = announcement.draft("x", "news", date(2026, 11, 23), "it")
    assert all(f"\n{key}: " in text or f"\n# {key}: " in text for key in announcement.KEYS)


def test_the_hints_are_in_the_language_asked_for():
    italian, english = (announcement.draft("x", "news", date(2026, 11, 23), code)[1] for code in ("it", "en"))
    assert "Testo in Markdown." in italian
    assert "Text in Markdown." in english


@pytest.mark.parametrize("path", sorted(p.relative_to(SAMPLES).as_posix() for p in SAMPLES.rglob("*.md")))
def test_the_sites_own_announcements_are_right(path: str):
    found = read((SAMPLES / path).read_bytes(), path)
    assert found.section in SECTIONS
    assert all((SAMPLES / enclosure.path).is_file() for enclosure in found.enclosures)
