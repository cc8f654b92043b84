"""Every edition of the demo and of the replayed corpus, in both looks and languages, as judges of mail take it.

All are weighed and compared. The judges that take their time get whole issues, of which those with chosen sections are
parts; and of the corpus the largest, the smallest and the one between, as the others are made of the same rows.
"""

from __future__ import annotations

import json
import mailbox
import re
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from tests.clients.desk import PICTURES, TOOLS, WCAG, in_a_browser, needs, needs_npm, node, run
from tests.clients.mails import Mailed
from tests.corpus.shelf import needs_corpus

pytestmark = [pytest.mark.clients, pytest.mark.timeout(600)]

CLIPPED = 90_000  # octets; Gmail hides what is beyond 102 kB of a message
SPAM = 1.0  # points; five are spam

# What the validator says of HTML that is made for mail, and why it stays.
INVALID = {
    r"Attribute “xmlns:o” not allowed here\.": "Outlook reads its own settings only in its own namespace",
    r"CSS: “mso-hide”: Property “mso-hide” doesn't exist\.": "Outlook hides the preview's words by it alone",
    r"The “\w+” attribute on the “(table|td|body)” element is obsolete\..*": "Outlook for Windows lays out by these",
}
# What some Gmail or Outlook lacks, by caniemail's name of it, and what happens there.
LACKED = {
    "<style> element": "Gmail on the mobile web: the styles that matter stand on the elements",
    "@media": "Outlook for Windows: light colours always, which it paints dark itself; its windows are no phone's",
    "Class selector": "only in the sheet of the head, as above",
    "Type selector": "only in the sheet of the head, as above",
    "Attribute selector": "only for Outlook's own dark colours, in a sheet apart",
    "Chaining selectors": "so it calls two classes in one selector, as below",
    "Descendant combinator": "only in the sheets of the head: titles are underlined, as links are",
    "display:none": "Gmail on the mobile web shows the preview's words, which say what is inside",
    "overflow-wrap": "a word that is longer than a line makes the page wider, and its reader scrolls",
    "overflow": "one of three ways to hide the preview's words; Outlook has its own",
    "<body> element": "its ground stands on the table inside as well",
    "aria-hidden attribute": "a listener hears the day of an event twice",
    "aria-label attribute": "a listener is told the subject by the program itself",
    "role attribute": "Windows Mail does not tell what is layout; the order of reading is the order on the page",
}


@pytest.fixture(params=["demo", pytest.param("corpus", marks=needs_corpus)])
def every(request: pytest.FixtureRequest) -> Sequence[Mailed]:
    found: Sequence[Mailed] = request.getfixturevalue(f"{request.param}_mails")
    return found


@pytest.fixture
def some(every: Sequence[Mailed]) -> Sequence[Mailed]:
    """Whole issues: of many the largest, the smallest and the one between."""
    by_issue = defaultdict(list)
    for mail in every:
        if mail.whole:
            by_issue[mail.issue].append(mail)
    ordered = sorted(by_issue.values(), key=lambda mails: len(mails[0].raw))
    places = sorted({0, len(ordered) // 2, len(ordered) - 1})
    return [mail for place in places for mail in ordered[place]]


# --- what is in it ---


def test_no_edition_is_so_long_that_gmail_hides_its_end(every: Sequence[Mailed]) -> None:
    sizes = {mail.name: len(mail.raw.partition(b"Content-Type: text/html")[2]) for mail in every}
    print(f"the largest: {max((size, name) for name, size in sizes.items())}")
    assert {name: size for name, size in sizes.items() if size >= CLIPPED} == {}


def test_the_text_says_what_the_page_says_and_leads_where_it_leads(every: Sequence[Mailed]) -> None:
    for mail in every:
        page, text = lxml_html.document_fromstring(mail.html), " ".join(mail.text.split()).upper()
        place = 0
        for heading in page.iter("h1", "h2", "h3"):  # in this order, so that none is taken for another
            words = " ".join(heading.text_content().split()).upper()
            assert words in text[place:], f"{mail.name}: the text lacks {words!r}"
            place = text.index(words, place)
        links = {str(link.get("href")) for link in page.iter("a")}
        told = set(re.findall(r"(?:https?://|mailto:)\S+", mail.text))
        told |= {f"mailto:{line}" for line in mail.text.splitlines() if re.fullmatch(r"[^\s:]+@\S+", line)}
        assert links - told == set(), mail.name
        assert told - links - in_words(page) == set(), mail.name


def in_words(page: lxml_html.HtmlElement) -> set[str]:
    """Addresses that an entry only speaks of."""
    return set(re.findall(r"https?://\S+", page.text_content()))


# --- judges ---


@needs("spamassassin", "spamassassin")
def test_spamassassin_finds_next_to_nothing(some: Sequence[Mailed], tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for mail in some:
        box.add(mail.raw)
    box.close()
    told = run("spamassassin", "-L", "-x", "--mbox", home=tmp_path, told=(tmp_path / "box").read_bytes())
    verdicts = re.findall(r"X-Spam-Status: \w+, score=(-?[\d.]+) required=\S+ tests=(\S+(?:\n\s+[A-Z_,]+)*)", told)
    assert len(verdicts) == len(some)
    scores = {mail.name: (float(score), tests) for mail, (score, tests) in zip(some, verdicts, strict=True)}
    print(f"the worst: {max((verdict, name) for name, verdict in scores.items())}")
    assert {name: verdict for name, verdict in scores.items() if verdict[0] >= SPAM} == {}


@needs("java", "default-jre-headless")
@needs_npm("vnu-jar")
def test_the_page_is_valid_but_for_what_mail_needs(some: Sequence[Mailed], tmp_path: Path) -> None:
    jar = TOOLS / "node_modules/vnu-jar/build/dist/vnu.jar"
    command = ["java", "-jar", str(jar), "--format", "json", *laid_out(some, tmp_path)]
    done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    messages = [(Path(m["url"]).stem, m["message"]) for m in json.loads(done.stderr)["messages"]]
    excused = {text: {known for known in INVALID if re.fullmatch(known, text, re.S)} for _, text in messages}
    assert [(name, text) for name, text in messages if not excused[text]] == []
    if some[0].issue == "demo":  # it has everything
        assert INVALID.keys() - set().union(*excused.values()) == set(), "these need no excuse any more"


CANIEMAIL = """
import { caniemail } from 'caniemail'
import { readFileSync } from 'node:fs'
for (const file of process.argv.slice(2)) {
  const { issues } = caniemail({ clients: ['gmail.*', 'outlook.*'], html: readFileSync(file, 'utf8') })
  for (const [client, lacks] of issues.errors)
    for (const { title } of lacks) console.log(JSON.stringify({ client, title }))
}
"""


@needs_npm("caniemail")
def test_what_gmail_or_outlook_lacks_has_something_instead(some: Sequence[Mailed], tmp_path: Path) -> None:
    told = node(CANIEMAIL, *laid_out(some, tmp_path), home=tmp_path)
    found = defaultdict(set)
    for line in told.splitlines():
        issue = json.loads(line)
        found[issue["title"]].add(issue["client"])
    assert {title: clients for title, clients in found.items() if title not in LACKED} == {}
    if some[0].issue == "demo":  # it has everything
        assert LACKED.keys() - found.keys() == set(), "these need no excuse any more"


@in_a_browser
@needs_npm("axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark", "bare", "repainted"])
def test_no_edition_keeps_anybody_out(some: Sequence[Mailed], browser: Any, scheme: str) -> None:
    """`bare`: where a program drops the sheets of the head, as Outlook for Windows does; `repainted`: where the dark
    colours are asked for in the way of Outlook on the web."""
    axe = (TOOLS / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    found = {}
    for mail in some:
        html = re.sub("(?s)<style.*?</style>", "", mail.html) if scheme == "bare" else mail.html
        page.set_content(html.replace("<html ", "<html data-ogsc ") if scheme == "repainted" else html)
        page.evaluate(axe)
        violations = page.evaluate("tags => axe.run({runOnly: tags}).then(told => told.violations)", WCAG)
        if violations:
            found[mail.name] = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations]
    page.close()
    assert found == {}


@in_a_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 640])
def test_every_edition_fits_its_window_and_is_pictured(
    some: Sequence[Mailed], browser: Any, width: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    wide = {}
    for mail in some:
        page.set_content(mail.html)
        page.screenshot(path=PICTURES / f"{mail.name}-{width}-{scheme}.png", full_page=True)
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[mail.name] = needed
    page.close()
    assert wide == {}


def laid_out(mails: Sequence[Mailed], folder: Path) -> list[str]:
    """The pages as files, for programs that read those."""
    files = {folder / f"{mail.name}.html": mail.html for mail in mails}
    for file, html in files.items():
        file.write_text(html, encoding="utf-8")
    return [str(file) for file in files]
