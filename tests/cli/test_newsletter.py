"""newsletter and subscribers: seen, held, tried, sent; entered, imported, shown, taken out."""

from __future__ import annotations

import pytest

from tests.cli.desk import FRESH, FRIDAY, MONDAY, NEWSLETTER, NEXT_MONDAY, OLD, WEDNESDAY, Desk, Process, rss
from tests.servers import serve

ADDRESS = "anagrafe@comune.example.it"


@pytest.fixture
def site(desk: Desk) -> Desk:
    """One fresh entry, one reader; the issue is due on Monday."""
    with serve({"/a": rss(OLD, FRESH)}) as web:
        desk.write({"a": web.url("/a")}, NEWSLETTER)
        assert desk("--now", WEDNESDAY, "pull").code == 0
    assert desk("--now", WEDNESDAY, "subscribers", "add", ADDRESS).code == 0
    return desk


def test_a_preview_is_three_files_and_uses_nothing_up(site: Desk) -> None:
    for _ in range(2):
        told = site("--now", WEDNESDAY, "newsletter", "preview", "--json").told
        assert (told["newsletter"], told["number"], len(told["entries"])) == ("settimanale", 1, 1)
    for ending in ("html", "txt", "eml"):
        assert FRESH[0].encode() in (site.folder / f"data/preview/settimanale.{ending}").read_bytes()
    for ending, href in (
        ("html", 'href="mailto:notizie@example.it?subject='),
        ("txt", "mailto:notizie@example.it?subject="),
    ):
        shown = (site.folder / f"data/preview/settimanale.{ending}").read_text("utf-8")
        assert "bollettino" not in shown, "no marks: a sample stands in their place"
        assert "anteprima@example.it" in shown
        assert href in shown
    assert site("newsletter", "list", "--json").lines == []
    assert "settimanale.html" in site("--now", FRIDAY, "newsletter", "preview").out


def test_a_trial_mail_goes_to_one_address_and_leaves_the_issue_that_is_due_alone(site: Desk) -> None:
    site("--now", MONDAY, "newsletter", "compose")
    ran = site("--now", MONDAY, "newsletter", "test", "redazione@example.it", "--json")
    assert ran.told["counts"]["accepted"] == 1
    (mail,) = site.mails()
    assert b"redazione@example.it" in mail.read_bytes()
    assert site("newsletter", "list", "--json").told["state"] == "draft"


def test_a_trial_mail_to_nowhere_is_refused(site: Desk) -> None:
    ran = site("--now", MONDAY, "newsletter", "test", "redazione")
    assert ran.code == 2
    assert "redazione" in ran.err
    assert site.mails() == []


def test_what_is_held_stays_and_what_is_approved_goes(site: Desk) -> None:
    site("--now", MONDAY, "newsletter", "compose")
    assert site("--now", MONDAY, "newsletter", "hold", "--json").told["state"] == "held"
    ran = site("--now", MONDAY, "newsletter", "send")
    assert ran.code == 0
    assert "settimanale n. 1 is held" in ran.out
    assert site.mails() == []
    approved = site("--now", MONDAY, "newsletter", "approve")
    assert "settimanale n. 1 is approved; its hour is 2026-06-15 08:00" in approved.out
    assert site("--now", MONDAY, "newsletter", "send", "--json").told["counts"]["accepted"] == 1
    nothing = site("--now", MONDAY, "newsletter", "hold")
    assert nothing.code == 2
    assert "no issue is waiting" in nothing.err


def test_issues_are_listed_one_a_line(site: Desk) -> None:
    assert "no issue yet" in site("newsletter", "list").out
    site("--now", MONDAY, "newsletter", "compose")
    told = site("newsletter", "list", "--json").told
    assert (told["newsletter"], told["number"], told["state"]) == ("settimanale", 1, "draft")
    assert (told["opens"], told["closes"]) == ("2026-06-08T06:00:00Z", "2026-06-15T06:00:00Z")


def test_composing_before_the_hour_says_when_that_is(site: Desk) -> None:
    ran = site("--now", FRIDAY, "newsletter", "compose")
    assert ran.code == 0
    assert "no issue is due: settimanale closes 2026-06-15 08:00" in ran.out


def test_the_right_newsletter_must_be_named_where_there_are_several(desk: Desk) -> None:
    desk.write(
        {"a": "https://a.example.it/"},
        NEWSLETTER.replace("mail:", "  - {id: mensile, title: M, when: first mon 08:00}\nmail:"),
    )
    ran = desk("newsletter", "preview")
    assert (ran.code, ran.err) == (2, "which newsletter? name one with --newsletter: settimanale, mensile\n")
    for verb in ("preview", "compose", "send", "hold", "approve", "list"):
        ran = desk("newsletter", verb, "--newsletter", "annuale")
        assert (ran.code, ran.err) == (2, "no newsletter is called 'annuale'; there is: settimanale, mensile\n")
    assert desk("newsletter", "preview", "--newsletter", "mensile").code == 0


def test_a_site_without_a_newsletter_is_told_so(desk: Desk) -> None:
    desk.write({"a": "https://a.example.it/"})
    assert desk("newsletter", "preview").code == 2
    assert "no newsletter" in desk("newsletter", "compose").out
    assert "no newsletter" in desk("status").out


def test_a_status_says_what_is_due_what_is_wrong_and_what_goes_out_next(site: Desk) -> None:
    told = site("--now", FRIDAY, "status", "--json").told
    assert (told["sources"], told["due"]) == (1, ["a"])
    (issue,) = told["next_issues"]
    assert (issue["number"], issue["state"], issue["leaves"]) == (1, "open", "2026-06-15T06:00:00Z")
    ran = site("--now", FRIDAY, "status")
    assert ran.code == 0
    assert "2026-06-15 08:00" in ran.out


def test_a_deadline_read_in_a_text_is_marked_wherever_it_is_shown(desk: Desk) -> None:
    item = b"</title><description>Domande entro il 30 giugno 2026</description>"
    with serve({"/feed": rss(FRESH).replace(b"</title><link>", item + b"<link>")}) as web:
        desk.write({"comune": web.url("/feed")}, NEWSLETTER)
        assert desk("--now", WEDNESDAY, "pull").code == 0
    assert desk("--now", WEDNESDAY, "publish").code == 0
    assert desk("--now", WEDNESDAY, "newsletter", "preview").code == 0
    [page] = (desk.folder / "public/entries").glob("*/index.html")
    [mail] = (desk.folder / "data/preview").rglob("*.html")
    [text] = (desk.folder / "data/preview").rglob("*.txt")
    for shown in (page, mail, text, desk.folder / "public/index.html"):
        assert "(letta nel testo)" in shown.read_text(encoding="utf-8"), shown


# --- subscribers ---


def test_a_subscriber_is_entered_with_the_ground_of_it_and_shown(site: Desk) -> None:
    words = ("--name", "Ufficio anagrafe", "--sections", "news", "--language", "en", "--basis", "convegno, 12/05/2026")
    told = site("--now", FRIDAY, "subscribers", "add", "Anagrafe@Borgo.example.it", *words, "--json").told
    assert (told["consent"], told["sections"], told["language"]) == ("confirmed", ["news"], "en")
    assert told["evidence"] == "convegno, 12/05/2026"
    shown = site("subscribers", "show", "anagrafe@borgo.example.it").out
    assert "convegno, 12/05/2026" in shown
    (line,) = [one for one in site("subscribers", "list", "--json").lines if one["id"] == told["id"]]
    assert line.keys() >= {"id", "address", "consent", "newsletters", "sections", "language", "area"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "nessuno"], "'nessuno' is no e-mail address"),
        (["add", "a@b.example.it", "--sections", "newz"], "no section is called 'newz'; there is: news"),
        (["add", "a@b.example.it", "--newsletters", "x"], "no newsletter is called 'x'; there is: settimanale"),
        (["add", "a@b.example.it", "--language", "de"], "expected it or en, found 'de'"),
        (["add", "a@b.example.it", "--area", "secret"], "expected public or reserved, found 'secret'"),
        (["show", "a@b.example.it"], "a@b.example.it is no subscriber"),
        (["remove", "a@b.example.it"], "a@b.example.it is no subscriber"),
    ],
)
def test_a_wrong_word_about_a_subscriber_is_refused(site: Desk, words: list[str], said: str) -> None:
    ran = site("--now", FRIDAY, "subscribers", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_who_is_taken_out_gets_nothing_and_may_come_back(site: Desk) -> None:
    assert "has left" in site("--now", FRIDAY, "subscribers", "remove", ADDRESS).out
    site("--now", MONDAY, "run", "--once")
    assert site.mails() == []
    assert site("--now", NEXT_MONDAY, "subscribers", "add", ADDRESS, "--json").told["consent"] == "confirmed"


def test_a_list_is_imported_row_by_row_with_its_faults(site: Desk) -> None:
    rows = "Indirizzo;Nome;Sections\nuno@borgo.example.it;Città;news\nnessuno;X;\n\ndue@borgo.example.it;Y;nowhere\n"
    (site.folder / "soci.csv").write_bytes(f"{rows}{ADDRESS};Z;\n".encode("cp1252"))
    refused = site("--now", FRIDAY, "subscribers", "import", "soci.csv")
    assert refused.code == 2
    assert "--basis" in refused.err
    told = site("--now", FRIDAY, "subscribers", "import", "soci.csv", "--basis", "convegno", "--json")
    assert told.code == 1
    assert (told.told["added"], told.told["known"]) == (1, 1)
    assert [fault.split(" ")[0] for fault in told.told["faults"]] == ["soci.csv:3", "soci.csv:5"]
    assert site("subscribers", "show", "uno@borgo.example.it", "--json").told["name"] == "Città"
    again = site("--now", FRIDAY, "subscribers", "import", "soci.csv", "--basis", "convegno")
    assert again.out.splitlines()[0] == "0 added, 2 known already"


def test_a_file_without_addresses_is_refused(site: Desk) -> None:
    for body in (b"", b"nome;cognome\nA;B\n", b"\x00\x01\x02"):
        (site.folder / "soci.csv").write_bytes(body)
        ran = site("--now", FRIDAY, "subscribers", "import", "soci.csv", "--basis", "convegno")
        assert ran.code == 2
        assert "there is no column `address`" in ran.err


def test_each_subscriber_has_a_link_to_leave_by(site: Desk) -> None:
    told = site("subscribers", "list", "--links", "--json").told
    assert told["leave_url"].startswith("mailto:notizie@example.it?subject=")
    assert told["leave_url"] in site("subscribers", "list", "--links").out


def test_with_a_web_side_links_are_addresses_and_a_list_is_asked_to_confirm(site: Desk) -> None:
    told = (site.folder / "feeds.yaml").read_text("utf-8")
    (site.folder / "feeds.yaml").write_text(f"{told}web: {{listen: 127.0.0.1:8080}}\n", "utf-8")
    told = site("subscribers", "list", "--links", "--json").told
    assert told["leave_url"].startswith("https://notizie.example.it/leave/")
    assert told["preferences_url"].startswith("https://notizie.example.it/preferences/")
    assert "https:" not in site("subscribers", "list").out, "no token unless asked"
    (site.folder / "soci.csv").write_text("address\nuno@borgo.example.it\n", "utf-8")
    ran = site("--now", FRIDAY, "subscribers", "import", "soci.csv")
    assert (ran.code, ran.out) == (0, "0 added, 0 known already, 1 asked to confirm\n")
    assert [one["consent"] for one in site("subscribers", "list", "--json").lines] == ["confirmed", "pending"]
    assert site("subscribers", "show", "uno@borgo.example.it", "--json").told["consent"] == "pending"
    assert site("--now", MONDAY, "newsletter", "send", "--json").told["counts"]["accepted"] == 1
    site("--now", "2026-06-30", "run", "--once")
    assert [one["consent"] for one in site("subscribers", "list", "--json").lines] == ["confirmed"], "erased"


def test_what_is_exported_can_be_imported_and_one_is_told_all(site: Desk) -> None:
    site("--now", FRIDAY, "subscribers", "add", "uno@borgo.example.it", "--sections", "news", "--name", 'Uno; e "due"')
    listed = site("subscribers", "export")
    assert listed.out.splitlines()[0] == "address,name,newsletters,sections,language,municipality,area"
    assert len(site("subscribers", "export", "--json").lines) == 2
    known = site("subscribers", "export", "uno@borgo.example.it", "--json").told
    assert known["consents"][0]["evidence"] == "entered by the administrator, 2026-06-12"
    assert "https:" not in listed.out
    (site.folder / "soci.csv").write_text(listed.out, "utf-8")
    told = site("--now", FRIDAY, "subscribers", "import", "soci.csv", "--basis", "convegno", "--json").told
    assert (told["known"], told["faults"]) == (2, [])


def test_who_is_erased_is_gone_and_no_list_revives_them(site: Desk) -> None:
    assert site("--now", FRIDAY, "subscribers", "erase", ADDRESS, "--json").told["erased"] is True
    assert site("subscribers", "list", "--json").lines == []
    (site.folder / "soci.csv").write_text(f"address\n{ADDRESS}\n", "utf-8")
    ran = site("--now", FRIDAY, "subscribers", "import", "soci.csv", "--basis", "convegno")
    assert (ran.code, "left, and was erased" in ran.out) == (1, True)
    assert site("--now", FRIDAY, "subscribers", "erase", ADDRESS).code == 2


# --- the desk ---


def note(site: Desk, name: str, text: str) -> None:
    folder = site.folder / "newsletters" / "settimanale"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text, "utf-8")


def test_a_note_is_in_the_preview_goes_out_once_and_is_filed_under_its_number(site: Desk) -> None:
    note(site, "next", "Care colleghe, **attenzione** alla scadenza.")
    site("--now", FRIDAY, "newsletter", "preview")
    assert b"<strong>attenzione</strong>" in (site.folder / "data/preview/settimanale.html").read_bytes()
    assert site("--now", MONDAY, "newsletter", "compose").code == 0
    assert sorted(path.name for path in (site.folder / "newsletters/settimanale").iterdir()) == ["1.md"]
    assert site("--now", MONDAY, "newsletter", "send").code == 0
    (mail,) = site.mails()
    assert b"attenzione" in mail.read_bytes()


def test_a_note_that_names_no_entry_is_one_clear_error(site: Desk) -> None:
    note(site, "next", "---\nskip: Nessuna notizia\n---\n")
    ran = site("--now", FRIDAY, "newsletter", "preview")
    assert ran.code == 2
    assert "newsletters/settimanale/next.md:2 skip: no entry is called 'Nessuna notizia'" in ran.err
    ran = site("--now", MONDAY, "newsletter", "compose", "--json")
    assert ran.code == 1
    assert "1.md:2 skip" in ran.told["failures"][0]["error"], "its name by now"
    again = site("--now", MONDAY, "run", "--once", "--quiet")
    assert "works again" not in again.out, "the issue waits, and so does its fault"
    status = site("--now", MONDAY, "status").out
    assert len([line for line in status.splitlines() if line.startswith("settimanale") and "1.md:2 skip" in line]) == 2
    approved = site("--now", MONDAY, "newsletter", "approve")
    assert approved.code == 1
    assert "nothing is sent until this is mended: newsletters/settimanale/1.md:2 skip" in approved.out
    sent = site("--now", MONDAY, "newsletter", "send")
    assert sent.code == 1
    assert "\nwaiting: settimanale n. 1 is approved" in sent.out
    assert site.mails() == []
    note(site, "1", f"---\nlead: {FRESH[0]}\n---\n")
    ran = site("--now", MONDAY, "run", "--once", "--quiet")
    assert (ran.code, ran.out.count("settimanale: works again")) == (0, 2)
    assert len(site.mails()) == 1


def test_an_approval_nobody_gave_is_told_once_its_hour_is_past(site: Desk) -> None:
    asking = (
        (site.folder / "feeds.yaml")
        .read_text("utf-8")
        .replace("when: mon 08:00", "when: mon 08:00, approval: required")
    )
    site.file("feeds.yaml", asking)
    once = ("run", "--once", "--quiet")
    first = site("--now", MONDAY, *once)
    assert "settimanale: issue 1 should have left at 2026-06-15 08:00 and nobody has approved it" in first.out
    assert site("--now", "2026-06-15T09:00", *once).out == ""
    site("--now", "2026-06-15T09:00", "newsletter", "approve")
    assert site("--now", "2026-06-15T09:01", *once).code == 0
    assert len(site.mails()) == 1


def test_skip_takes_an_entry_out_and_an_issue_without_any_is_skipped(site: Desk) -> None:
    site("--now", MONDAY, "newsletter", "compose")
    (entry,) = site("newsletter", "list", "--json").told["entries"]
    assert "left out; the next issue carries it" in site("--now", MONDAY, "newsletter", "skip", entry, "--later").out
    site("--now", MONDAY, "newsletter", "send")
    assert site("newsletter", "list", "--json").told["state"] == "skipped"
    assert site("--now", NEXT_MONDAY, "newsletter", "compose", "--json").told["issues"][0]["entries"] == [entry]
    assert "left out for good" in site("--now", NEXT_MONDAY, "newsletter", "skip", entry).out
    again = site("--now", NEXT_MONDAY, "newsletter", "skip", "niente")
    assert again.code == 2


def test_resend_goes_to_a_subscriber_only(site: Desk) -> None:
    site("--now", MONDAY, "newsletter", "compose")
    site("--now", MONDAY, "newsletter", "send")
    assert site("--now", MONDAY, "newsletter", "resend", "1", ADDRESS, "--json").told["counts"]["accepted"] == 1
    assert len(site.mails()) == 2
    assert site("--now", MONDAY, "newsletter", "resend", "1", "altri@example.it").code == 2
    assert site("--now", MONDAY, "newsletter", "resend", "2", ADDRESS).code == 2
    told = site("newsletter", "list", "--json").told
    assert (len(told["hash"]), told["frozen"]) == (64, "2026-06-15T06:00:00Z")


def test_watching_shows_it_again_when_a_file_is_saved(site: Desk) -> None:
    watching = Process(site.folder, "--now", FRIDAY, "newsletter", "preview", "--watch")
    try:
        said = watching.running.stdout
        assert said is not None
        assert "La settimana n. 1/2026" in said.readline()
        said.readline()
        note(site, "next", "---\nskip: Nessuna\n---\n")
        assert "next.md:2 skip" in said.readline()
        note(site, "next", "Care colleghe")
        assert "La settimana n. 1/2026" in said.readline()
    finally:
        watching.terminate()
        watching.ended()
    assert b"Care colleghe" in (site.folder / "data/preview/settimanale.html").read_bytes()
