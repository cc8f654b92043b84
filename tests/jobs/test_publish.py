"""The portal and its feeds: as they should stand now, twice the same, and nothing reserved in any byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator import disk as folders
from aggregator import reasons
from aggregator.catalogue import Catalogue
from aggregator.errors import StoreError
from aggregator.jobs.issues.preview import preview
from aggregator.jobs.publishing.publish import publish
from aggregator.jobs.pulling import announcements
from aggregator.jobs.pulling.hide import hide, unhide
from aggregator.jobs.pulling.retention import forget
from aggregator.model import Enclosure, Entry, Event, Failure, Link, Report
from aggregator.ports import Store
from aggregator.reasons import FORGOTTEN
from aggregator.render.templates import Templates
from aggregator.settings import Condition, Config, Rule, Web
from aggregator.store import open_store
from tests import rfc4287
from tests.build import NOW, changes, check, config, days, entry, hours, newsletter, source
from tests.fakes import FakeDesk, FakeDisk
from tests.rfc4287 import ATOM

SITE = config(announcements="announcements/")
NOTICE = "---\ntitle: Avviso con allegato\nattachments: scheda.pdf Scheda di adesione\n---\nTesto."
PDF = b"%PDF-1.7 scheda"


@pytest.fixture
def press(store: Store, catalogue: Catalogue, templates: Templates) -> Any:
    def run(
        disk: FakeDisk | None = None, now: datetime = NOW, site: Config = SITE, look: Templates = templates
    ) -> Report:
        return publish(site, store, disk or FakeDisk({}), catalogue, look, now)

    return run


def save(store: Store, *entries: Entry) -> None:
    for one in entries:
        known = check(one.source_id, url=f"https://{one.source_id}.example.it/feed")
        store.save(changes(one.source_id, new=[one], at=one.first_seen, check=known))


def read(store: Store, disk: FakeDisk, now: datetime = NOW) -> None:
    assert announcements.read(SITE, store, disk, now)[1] == ()


def page_of(disk: FakeDisk, name: str) -> list[str]:
    return [path for path in disk.output if path.startswith("entries/") and name in path]


def test_an_empty_site_is_a_portal_too(press: Any) -> None:
    disk = FakeDisk({})
    report = press(disk)
    assert (report.job, report.failures, report.broken) == ("publish", (), ())
    assert report.counts == {"written": len(disk.output), "same": 0, "removed": 0}
    assert {"index.html", "news/index.html", "feeds/all.atom", "feeds/news.atom"} <= disk.output.keys()


def test_publishing_twice_writes_nothing(store: Store, press: Any) -> None:
    save(store, entry("a", first_seen=days(-1), shown=days(-1)))
    disk = FakeDisk({"avviso.md": NOTICE, "scheda.pdf": PDF.decode()})
    read(store, disk)
    press(disk)
    report = press(disk, hours(1))
    assert (report.counts["written"], report.counts["removed"]) == (0, 0)
    assert report.counts["same"] < 10, "what did not change is not even made"


def test_an_attachment_is_copied_beside_its_page(store: Store, press: Any) -> None:
    disk = FakeDisk({"avviso.md": NOTICE, "scheda.pdf": PDF.decode()})
    read(store, disk)
    press(disk)
    (path,) = (p for p in disk.output if p.endswith("scheda.pdf"))
    assert disk.output[path] == PDF
    assert "avviso-con-allegato" in path
    assert b"https://notizie.example.it/" + path.encode() in disk.output["feeds/all.atom"]
    assert f'length="{len(PDF)}"'.encode() in disk.output["feeds/all.atom"]


def test_a_missing_attachment_is_a_failure_that_names_the_file_and_costs_only_its_line(
    store: Store, press: Any
) -> None:
    disk = FakeDisk({"avviso.md": NOTICE})
    read(store, disk)
    report = press(disk)
    assert report.failures == (
        Failure("announcements", "announcements/avviso.md: scheda.pdf is not there; add the file or take the line out"),
    )
    assert page_of(disk, "avviso")
    assert b"scheda.pdf" not in b"".join(disk.output.values())


def test_a_file_a_source_keeps_itself_is_only_linked(store: Store, press: Any) -> None:
    save(store, entry("a", enclosures=(Enclosure("https://anci.example.it/bando.pdf", "application/pdf"),)))
    disk = FakeDisk()
    assert press(disk).failures == ()
    assert b"https://anci.example.it/bando.pdf" in disk.output["feeds/all.atom"]


def test_what_is_withdrawn_is_removed_with_its_files(store: Store, press: Any) -> None:
    disk = FakeDisk({"avviso.md": NOTICE, "scheda.pdf": PDF.decode()})
    read(store, disk)
    press(disk)
    before = set(disk.output)
    del disk.files["avviso.md"]  # type: ignore[union-attr]
    read(store, disk, hours(1))
    report = press(disk, hours(1))
    gone = before - set(disk.output)
    assert report.counts["removed"] == len(gone)
    assert sorted(path.partition("/")[0] for path in gone) == [
        "entries", "entries", "news", "search", "search", "sitemap-2026-06.xml", "sources",
    ]  # fmt: skip
    assert b"Avviso con allegato" not in b"".join(disk.output.values())


def test_the_hour_alone_brings_and_takes_entries(store: Store, press: Any) -> None:
    embargo = entry("e", source_id="announcements", title="Embargo", publish_at=days(1), shown=days(1), expires=days(2))
    save(store, embargo)
    disk = FakeDisk({})
    seen = []
    for day in (0, 1, 2):
        press(disk, days(day))
        seen.append(b"Embargo" in disk.output["index.html"])
    assert seen == [False, True, False]


def test_a_broken_template_writes_nothing_and_says_where(store: Store, press: Any) -> None:
    disk = FakeDisk({})
    press(disk)
    before = dict(disk.output)
    save(store, entry("a"))
    look = Templates(folders.templates(None) | {"site/home.html": "\n{{ nobody.knows }}"}, SITE.site.zone)
    report = press(disk, look=look)
    (failure,) = report.failures
    assert (failure.source, report.broken) == ("publish", ("publish",))
    assert "site/home.html:2" in failure.error
    assert disk.output == before
    assert press(disk).failures == ()


def test_a_page_that_is_none_any_more_does_not_replace_a_good_one(store: Store, press: Any) -> None:
    disk = FakeDisk({})
    save(store, entry("a"))
    press(disk)
    before = dict(disk.output)
    save(store, entry("b", title="Bando", first_seen=hours(1), shown=hours(1)))
    whole = folders.templates(None)
    look = Templates(whole | {"site/section.html": "{{ current.title }}"}, SITE.site.zone)
    report = press(disk, hours(1), look=look)
    assert report.broken == ("publish",)
    assert "news/index.html: not written: it is no whole page" in report.failures[0].error
    assert disk.output["news/index.html"] == before["news/index.html"]
    assert "entries/avviso-b/index.html" in disk.output, "all else is done"
    assert press(disk, hours(1)).failures == ()
    assert b"Bando" in disk.output["news/index.html"]


def test_a_link_that_leads_nowhere_is_a_failure_that_names_page_and_target(store: Store, press: Any) -> None:
    home = folders.templates(None)["site/home.html"].replace("{{ follow_path }}", "seguici.html")
    report = press(FakeDisk({}), look=Templates(folders.templates(None) | {"site/home.html": home}, SITE.site.zone))
    assert [failure.error for failure in report.failures] == [
        "index.html: leads to seguici.html, and there is no such file; mend the template or the setting; "
        "if the file was deleted: aggregator publish --all"
    ]


def test_a_folder_that_cannot_be_written_is_a_failure_in_words(press: Any) -> None:
    disk = FakeDisk({})
    disk.fault = StoreError("output folder public/: is full")
    report = press(disk)
    assert report.failures == (Failure("publish", "output folder public/: is full"),)
    assert report.broken


# --- no byte of what is reserved ---

ITS_OWN = Rule(Condition(source=("cittalia",)), section="agenda")

SECRET = "Segretissimo"
PAGE = "https://www.interno.example.it/notizie/decreto"


def secretive(one: Entry) -> Entry:
    """The same with a word in every field that could ever be printed."""
    return replace(
        one,
        guid=f"https://{SECRET}.example.it/{one.id}",
        title=f"{SECRET} {one.title}",
        summary=f"<p>{SECRET}</p>",
        content=f"<p>{SECRET}</p>",
        authors=(SECRET,),
        tags=(SECRET,),
        slug=f"{SECRET}-{one.id}",
        origin=SECRET,
        licence=SECRET,
        type=SECRET,
        change=SECRET,
        links=(Link(f"https://a.example.it/{SECRET}", SECRET),),
        events=(Event(days(3), place=SECRET, online=f"https://meet.example.it/{SECRET}"),),
        deadline=days(4).date(),
        enclosures=(Enclosure(f"https://a.example.it/{SECRET}.pdf", title=SECRET), Enclosure(path=f"{SECRET}.pdf")),
    )


KINDS = (
    "public, by itself, by its source, by a rule, dropped, left out, hidden, forgotten, withdrawn, later, over, "
    "past its days"
)
HAD = ("hidden", "forgotten", "withdrawn", "over", "past its days")
kinds = st.sampled_from(KINDS.split(", "))


def hidden(number: int, kind: str, url: str | None) -> Entry:
    """Numbers are moments: what comes first would lead a story. Of a public one nothing is hidden."""
    at = days(-20 + number)
    told = entry(f"e{number}", url=url, first_seen=at, shown=at, source_id=("anci", "cittalia", "altra")[number % 3])
    changed: dict[str, dict[str, Any]] = {
        "public": {},
        "by itself": {"source_id": "announcements", "area": "reserved"},
        "by its source": {"source_id": "interno"},
        "by a rule": {"language": "de"},
        "dropped": {"language": "fr"},
        "left out": {"left_out": "exclude: nido"},
        "hidden": {"left_out": reasons.hidden(days(-1))},
        "forgotten": {"left_out": FORGOTTEN},
        "withdrawn": {"withdrawn": days(-1)},
        "later": {"shown": days(1)},
        "over": {"source_id": "announcements", "expires": days(-1)},
        "past its days": {"source_id": "albo"},
    }
    told = replace(told, **changed[kind])
    if kind == "public":
        return told
    # What readers have had is told to be gone, by its id.
    return replace(secretive(told), guid=told.guid) if kind in HAD else secretive(told)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.lists(st.tuples(kinds, st.sampled_from([None, PAGE, f"{PAGE}-2"])), min_size=1, max_size=8))
def test_no_byte_of_what_is_kept_back_is_in_any_document_or_public_newsletter(
    tmp_path_factory: pytest.TempPathFactory, templates: Templates, mixture: list[tuple[str, str | None]]
) -> None:
    site = config(
        sources=(
            source("anci", text="full"),
            source("cittalia"),
            source("interno", area="reserved", title=SECRET),
            source("albo", keep_days=1, title=SECRET),
        ),
        newsletters=(newsletter("settimanale"),),
        rules=(
            Rule(Condition(language=("de",)), area="reserved"),
            Rule(Condition(language=("fr",)), drop=True),
            ITS_OWN,
        ),
        web=Web(),
    )
    entries = [hidden(number, kind, url) for number, (kind, url) in enumerate(mixture)]
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('bytes')}/a.db")
    try:
        save(store, *entries)
        disk = FakeDisk({f"{SECRET}.pdf": SECRET})
        assert publish(site, store, disk, Catalogue(":memory:"), templates, NOW).failures == ()
        store.opened("settimanale", days(-60))
        seen = preview(site, store, disk, FakeDesk(), templates, site.newsletters[0], NOW)
    finally:
        store.close()
    letter = {"subject": seen.edition.subject, "html": seen.edition.html, "text": seen.edition.text}
    for path, body in (disk.output | {name: told.encode() for name, told in letter.items()}).items():
        assert SECRET.lower() not in path.lower()
        assert SECRET.lower().encode() not in body.lower(), path
    public = [e for e, (kind, _) in zip(entries, mixture, strict=True) if kind == "public"]
    assert all(f"entries/{e.slug}/index.html" in disk.output for e in public)
    assert {e.id for story in seen.content.news for e in story.entries} == {e.id for e in public}


def test_publish_reads_the_real_folder_too(
    tmp_path: Path, store: Store, catalogue: Catalogue, templates: Templates
) -> None:
    """The fake folder above answers as the real one does."""
    (tmp_path / "announcements").mkdir()
    (tmp_path / "announcements" / "avviso.md").write_text(NOTICE, "utf-8")
    disk = folders.FolderDisk(tmp_path / "announcements", tmp_path / "public")
    announcements.read(SITE, store, disk, NOW)
    assert [f.source for f in publish(SITE, store, disk, catalogue, templates, NOW).failures] == ["announcements"]
    (tmp_path / "announcements" / "scheda.pdf").write_bytes(PDF)
    assert publish(SITE, store, disk, catalogue, templates, NOW).failures == ()
    assert next((tmp_path / "public").rglob("scheda.pdf")).read_bytes() == PDF


def test_whatever_strangers_wrote_is_published(store: Store, press: Any) -> None:
    odd = 'metà \ud800 \x01 \u202e " </p> {{ 7 }}'
    told = dict.fromkeys(("title", "summary", "content", "origin", "type", "change", "licence", "language"), odd)
    event = Event(NOW, hours(1), odd, odd)
    save(store, entry("a", **told, tags=(odd, "\ud800"), events=(event,), url=f"https://anci.example.it/{odd}",
                      links=(Link(f"https://anci.example.it/{odd}", odd),), authors=(odd,)))  # fmt: skip
    disk = FakeDisk({})
    assert press(disk).failures == ()
    assert "met\u00e0" in disk.output["news/index.html"].decode()
    assert etree.fromstring(disk.output["feeds/news.rss"]).findtext("channel/item/title", "").startswith("metà")


# --- what is gone ---


def tombstones(disk: FakeDisk, name: str) -> dict[str, str]:
    feed = etree.fromstring(disk.output[f"feeds/{name}.atom"])
    assert rfc4287.violations(disk.output[f"feeds/{name}.atom"]) == []
    return {one.get("ref"): one.get("when") for one in feed.findall(rfc4287.DELETED)}


def test_an_announcement_that_was_deleted_leaves_a_tombstone_in_the_feeds_it_stood_in(store: Store, press: Any) -> None:
    disk = FakeDisk({"avviso.md": NOTICE, "scheda.pdf": PDF.decode()})
    read(store, disk)
    press(disk)
    (own_id,) = [
        e.findtext(f"{ATOM}id") for e in etree.fromstring(disk.output["feeds/news.atom"]).findall(f"{ATOM}entry")
    ]
    assert tombstones(disk, "news") == {}
    del disk.files["avviso.md"]  # type: ignore[union-attr]
    read(store, disk, hours(1))
    press(disk, hours(1))
    assert tombstones(disk, "news") == tombstones(disk, "all") == {own_id: hours(1).isoformat()}
    assert tombstones(disk, "atti") == {}
    assert etree.fromstring(disk.output["feeds/news.atom"]).findtext(f"{ATOM}updated") == hours(1).isoformat()


def test_what_an_admin_hides_leaves_a_tombstone_until_it_is_shown_again(store: Store, press: Any) -> None:
    save(store, entry("a", first_seen=days(-1), shown=days(-1)))
    (one,) = store.entries()
    hide(one, store, hours(1))
    disk = FakeDisk({})
    press(disk, hours(2))
    assert tombstones(disk, "news") == {one.guid: hours(1).isoformat()}
    (one,) = store.entries()
    unhide(one, store, hours(3))
    press(disk, hours(4))
    assert tombstones(disk, "news") == {}
    assert b"<entry>" in disk.output["feeds/news.atom"]


def test_what_is_forgotten_leaves_a_tombstone_in_its_section(store: Store, press: Any) -> None:
    rules = (Rule(Condition(title=("matrimonio",)), area="reserved"), Rule(Condition(title=("bando",)), section="atti"))
    site = config(sources=(source("anci", keep_days=15),), rules=rules, announcements="announcements/")
    posted = {"published": NOW, "expires": days(15)}
    save(store, entry("a", title="Bando", **posted), entry("b", title="Matrimonio", **posted), entry("c", **posted))
    forget(site, store, days(16))
    disk = FakeDisk({})
    press(disk, days(16), site)
    assert {ref[-1]: when for ref, when in tombstones(disk, "atti").items()} == {"a": days(15).isoformat()}
    assert {ref[-1] for ref in tombstones(disk, "all")} == {"a", "c"}
    assert b"Bando" not in b"".join(disk.output.values())
