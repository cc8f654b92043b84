"""From an empty folder to a reader who has left again, as an administrator would type it."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

from tests.cli.desk import FRESH, FRESHER, FRIDAY, MONDAY, NEWSLETTER, NEXT_MONDAY, OLD, WEDNESDAY, Desk, rss
from tests.servers import Route, serve


def test_a_site_from_its_first_day_to_the_day_its_only_reader_leaves(desk: Desk) -> None:
    routes: dict[str, Route] = {"/feed": rss(OLD, FRESH)}
    assert desk("init").code == 0
    with serve(routes) as web:
        desk.write({"comune": web.url("/feed")}, f"announcements: announcements/\n{NEWSLETTER}")
        assert desk("check").code == 0
        assert desk("--now", WEDNESDAY, "pull", "--json").told["counts"]["new"] == 2
        assert desk("--now", WEDNESDAY, "publish").code == 0
        page = (desk.folder / "public" / "index.html").read_text(encoding="utf-8")
        assert FRESH[0] in page
        assert OLD[0] in page
        added = desk("--now", WEDNESDAY, "subscribers", "add", "anagrafe@comune.example.it", "--basis", "modulo")
        assert "confirmed" in added.out

        routes["/feed"] = rss(OLD, FRESH, FRESHER)
        assert desk("--now", FRIDAY, "pull", "--json").told["counts"] | {"new": 1} == {
            "sources": 1, "fetched": 1, "unchanged": 0, "failed": 0,
            "new": 1, "changed": 0, "reappeared": 0, "withdrawn": 0,
        }  # fmt: skip

        shown = desk("--now", FRIDAY, "newsletter", "preview", "--json").told
        assert len(shown["entries"]) == 2, "what came before the first window is archive"
        assert desk("--now", FRIDAY, "newsletter", "compose", "--json").told["issues"] == []

        (issue,) = desk("--now", MONDAY, "newsletter", "compose", "--json").told["issues"]
        assert sorted(issue["entries"]) == sorted(shown["entries"])
        assert desk("--now", MONDAY, "newsletter", "send", "--json").told["counts"]["accepted"] == 1
        (letter,) = desk.mails()
        mail = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
        assert mail["To"] == "anagrafe@comune.example.it"
        assert FRESH[0] in str(mail.get_body(("plain",)))

        desk.file("bounces/new/1.mx", leaving(mail))
        desk.file("announcements/avviso.md", "---\ntitle: Chiusi per ferie\ndate: 17/06/2026\n---\nDal 10 agosto.\n")
        reports = desk("--now", NEXT_MONDAY, "run", "--once", "--json").lines
        assert [report["job"] for report in reports] == [
            "subscribe", "pull", "newsletter compose", "publish", "newsletter send",
        ]  # fmt: skip
        counts = {"left": 1, "back": 0, "waiting": 0, "returned": 0, "complaints": 0, "suppressed": 0}
        assert reports[0]["counts"] == counts
        (goodbye,) = (path for path in desk.mails() if path != letter)  # no issue goes to who has left
        assert desk("subscribers", "list", "--json").told["consent"] == "withdrawn"

        mail = email.message_from_bytes(goodbye.read_bytes(), policy=email.policy.default)
        assert (mail["To"], mail["Auto-Submitted"]) == ("anagrafe@comune.example.it", "auto-generated")
        text = mail.get_body(("plain",)).get_content()
        assert "http" not in text.replace("https://notizie.example.it/", ""), "there is no page to answer on"
        desk.file("bounces/new/2.mx", "Subject: Re: " + re.search(r"\?subject=(\S+)", text)[1] + "\n\n")
        assert desk("--now", NEXT_MONDAY, "run", "--once", "--json").lines[0]["counts"] == counts | {
            "left": 0,
            "back": 1,
        }
        assert desk("subscribers", "list", "--json").told["consent"] == "confirmed"


def leaving(mail: EmailMessage) -> str:
    """The letter that a mail program writes for who clicks on the way out."""
    match = re.search(r"<mailto:([^?>]+)\?subject=([^>]+)>", str(mail["List-Unsubscribe"]))
    assert match is not None
    return f"From: anagrafe@comune.example.it\nTo: {match[1]}\nSubject: {match[2]}\n\n"
