"""Two years in which everything runs: pulls, announcements, hiding, quarantine, editors, issues and their mails.

`world` does what people and sources do, by a die; `reckoning` says, beside the jobs, what each issue must carry and
each reader must find. Both are compared at every step: every story in exactly one issue of each newsletter that wants
it, the first that could; every real change told once; one mail a reader where there is something for him; none empty.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

from aggregator import disk as folders
from aggregator.jobs.issues.compose import compose
from aggregator.jobs.pulling.answer import accept
from aggregator.jobs.pulling.pull import pull
from aggregator.jobs.sending.deliver import deliver
from aggregator.ports import Store
from aggregator.render.templates import Templates
from tests.build import subscriber
from tests.fakes import FakeDesk, FakeDisk, FakeMail, FakeNetwork
from tests.jobs.reckoning import Ledger, Note, Piece, Reader
from tests.jobs.sending import KEYRING, POST
from tests.jobs.world import NEW_SOURCE, SECTION, SITE, WIDENED, Sources, announcement, document, site, token_of
from tests.jobs.years import DAY, END, START, later, turns

STEPS = (9, 31, 140, 220, 290)
HELD = datetime(2027, 1, 20, 10, tzinfo=UTC)
LEFT, JOINED = datetime(2027, 1, 15, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
MASS_CHANGES = {datetime(2026, 6, 9, tzinfo=UTC): False, datetime(2027, 5, 11, tzinfo=UTC): True}  # announced or not
READERS = {
    "tutti": subscriber("tutti", newsletters=("settimanale", "giornaliera", "nuova")),
    "atti": subscriber("atti", newsletters=("settimanale", "giornaliera"), sections=("atti",)),
    "ufficio": subscriber("ufficio", newsletters=("uffici",), area="reserved"),
    "inglese": subscriber("inglese", newsletters=("settimanale",), language="en"),
    "curioso": subscriber("curioso", newsletters=("uffici",)),  # may not read what he wants
    "attesa": subscriber("attesa", consent="pending"),
    "va": subscriber("va", newsletters=("settimanale",)),
    "viene": subscriber("viene", newsletters=("settimanale",), consent="pending"),
}


@dataclass
class World(Sources):
    """A clock that moves, what admin and editors do, and what must come of it all."""

    templates: Templates = field(kw_only=True)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    desk: FakeDesk = field(default_factory=FakeDesk)
    slow: Callable[[], None] | None = None
    titles: dict[str, tuple[str, str]] = field(default_factory=dict)
    mails: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def live(self) -> None:
        self.begin(START)
        now = START
        while now < END:
            self.step(now)
            now = later(now, self.dice, STEPS)
        for further in range(1, 9):  # nothing new any more
            self.run_slow()
            self.work(now + further * 9 * DAY)

    def begin(self, now: datetime) -> None:
        """What is there on the first day is archive."""
        for name in SECTION:
            self.feeds[name] = [self.item(self.words(), "Mon, 02 Jun 2025 08:00:00 +0200") for _ in range(5)]
        self.files["vecchio.md"] = announcement("Vecchio avviso", "Testo", date="02/06/2025")
        for one in READERS.values():
            self.store.save_subscriber(one)
        self.pull(now)

    def step(self, now: datetime) -> None:
        if self.slow:  # a pull that began before this hour, and is saved after its issues
            self.work(now)
            self.run_slow()
        self.people(now)
        for _ in range(self.dice.choice([0, 1, 1, 2])):
            self.publish(now)
        due = [plan for plan in self.plans if plan[0] <= now]
        self.plans = [plan for plan in self.plans if plan[0] > now]
        for _, act in due:
            act(now)
        if self.dice.random() < 0.15:
            self.slow = self.pulling(now)
        else:
            self.pull(now)
        self.work(now)

    def run_slow(self) -> None:
        if self.slow:
            self.slow()
            self.slow = None

    # --- what the admin and the editors do ---

    def people(self, now: datetime) -> None:
        for moment, announced in list(MASS_CHANGES.items()):
            if once(self.happened, f"mass change {moment}", now >= moment):
                self.change_everything()
                self.plans.append((now + 12 * DAY, lambda then, loud=announced: self.accept(then, announce=loud)))  # type: ignore[misc]
        if once(self.happened, "left", now >= LEFT):
            self.store.save_subscriber(replace(READERS["va"], consent="withdrawn"))
        if once(self.happened, "joined", now >= JOINED):
            self.store.save_subscriber(replace(READERS["viene"], consent="confirmed"))
        if once(self.happened, "source", now >= NEW_SOURCE):
            self.first_pull(now)
        if once(self.happened, "held", now >= HELD):
            self.note("settimanale", Note(hold=True), "hold: true")
            self.plans.append((now + 45 * DAY, self.approve_the_held))
        if self.dice.random() < 0.15:
            self.take_notes(now)
        if self.dice.random() < 0.1:
            self.skip_one(now)
        for issue in self.ledgers["uffici"].issues:
            if issue.state == "draft" and (self.dice.random() < 0.5 or now > HELD + 300 * DAY):
                self.approve("uffici", issue.number)

    def accept(self, now: datetime, *, announce: bool) -> None:
        if self.slow:
            self.run_slow()
        assert self.store.checks()["cms"].quarantined
        cms = next(one for one in site(now).sources if one.id == "cms")
        waiting = {token_of(e) for e in self.store.entries(source="cms") if e.left_out.startswith("quarantine: says")}
        accept(cms, self.store, now, lambda _address: None, announce=announce)
        for made in self.pieces.values():
            if made.held:
                made.held = False
                made.show(now)
        if announce:
            for token in waiting:  # told once more, as the admin wants it
                self.pieces[f"{token}-bis"] = Piece(f"{token}-bis", shown={"news": now})

    def untold(self, ledger: Ledger, now: datetime) -> list[Piece]:
        """What waits for its issue, or in one."""
        waiting = {token for issue in ledger.issues if issue.state != "sent" for token in issue.news}
        news = (
            p for p in self.pieces.values() if p.visible(now, ledger.area) and ledger.wants(p) and "-" not in p.token
        )
        named = ledger.note.skip | ledger.note.later if ledger.note else set()
        fresh = [p for p in news if any(moment and moment > now - 5 * DAY for moment in p.shown.values())]
        return [
            p for p in fresh if p.token not in (ledger.carried - waiting) | ledger.skipped | ledger.told.keys() | named
        ]

    def skip_one(self, now: datetime) -> None:
        ledger = self.ledgers[self.dice.choice(sorted(self.ledgers))]
        if found := self.untold(ledger, now):
            self.skip(ledger, self.dice.choice(found), put_off=self.dice.random() < 0.6)

    def skip(self, ledger: Ledger, made: Piece, *, put_off: bool) -> None:
        ids = [e.id for e in self.store.entries() if token_of(e) == made.token]
        self.store.skip(ledger.id, ids, later=put_off)
        ledger.put_off(made.token, later=put_off)
        self.happened["later" if put_off else "skipped"] += 1

    def take_notes(self, now: datetime) -> None:
        ledger = self.ledgers[self.dice.choice(["settimanale", "giornaliera"])]
        found = [p for p in self.untold(ledger, now) if len(p.shown) == 1]
        if ledger.note is None and found:
            made, put_off = self.dice.choice(found), self.dice.random() < 0.7
            entry = self.entry(made)
            assert entry
            note = Note(later={made.token}) if put_off else Note(skip={made.token})
            self.note(ledger.id, note, f"{'later' if put_off else 'skip'}: {entry.title}")
            self.happened["note"] += 1

    def note(self, letter: str, note: Note, line: str) -> None:
        self.ledgers[letter].note = note
        self.desk.notes[f"{letter}/next"] = f"---\n{line}\n---\nBuona lettura."

    def approve(self, letter: str, number: int) -> None:
        self.store.set_issue_state(letter, number, "approved")
        self.ledgers[letter].issues[number - 1].state = "approved"

    def approve_the_held(self, _now: datetime) -> None:
        """After six weeks, and one of its stories still later."""
        ledger = self.ledgers["settimanale"]
        (held,) = (issue for issue in ledger.issues if issue.state == "held")
        put_off = self.pieces[min(held.news)]
        self.skip(ledger, put_off, put_off=True)
        self.approve("settimanale", held.number)
        self.happened["held for six weeks"] += 1

    # --- the jobs ---

    def pulling(self, now: datetime) -> Callable[[], None]:
        """A pull that begins now, to be saved when it is called."""
        network = FakeNetwork({name: document(items[-8:]) for name, items in self.feeds.items()})
        disk, known = FakeDisk(dict(self.files)), self.known
        self.known = []

        def saved() -> None:
            report = pull(site(now), self.store, network, disk, now, force=True)
            assert report.failures == ()
            for learnt in known:
                learnt(now)

        return saved

    def pull(self, now: datetime) -> None:
        self.run_slow()
        self.pulling(now)()
        self.open_ledgers(now)

    def open_ledgers(self, now: datetime) -> None:
        """Each newsletter owes from one period before its first close on."""
        rhythms: dict[str, Any] = {
            "settimanale": ({0}, 8),
            "uffici": ({0}, 8, (4, 12)),
            "giornaliera": ({0, 1, 2, 3, 4}, 8),
            "nuova": ({2}, 18),
        }
        for letter in site(now).newsletters:
            if letter.id not in self.ledgers:
                table = turns(*rhythms[letter.id])
                opens = max(turn.closes for turn in table if turn.closes <= now)
                self.ledgers[letter.id] = Ledger(
                    letter.id, table, self.pieces, opens, letter.sections, letter.area, letter.approval
                )
            self.ledgers[letter.id].sections = letter.sections

    def work(self, now: datetime) -> None:
        """Compose and send, now and then twice at once."""
        self.open_ledgers(now)
        twice = self.dice.random() < 0.05
        store: Any = Interrupted(self.store, lambda: self.composed(self.store, now)) if twice else self.store
        found = self.composed(store, now)
        assert not (twice and found)
        expected = {id_: issue for id_, ledger in self.ledgers.items() if (issue := ledger.compose(now))}
        past = {id_: self.store.issues(id_) for id_ in self.ledgers}
        for id_, ledger in self.ledgers.items():
            assert len(past[id_]) == len(ledger.issues), (id_, now)
        for id_, issue in expected.items():
            mine = past[id_][-1]
            assert (mine.number, mine.opens, mine.closes, mine.due) == (issue.number, *vars(issue.turn).values())
            assert self.tokens(mine.entries) == issue.news, (id_, now)
        self.send(now, twice=twice)

    def composed(self, store: Any, now: datetime) -> tuple[object, ...]:
        report = compose(site(now), store, self.desk, now)
        assert report.failures == ()
        return report.issues

    def send(self, now: datetime, *, twice: bool) -> None:
        mail = FakeMail()
        if twice:
            self.deliver(Interrupted(self.store, lambda: self.deliver(self.store, mail, now)), mail, now)
        self.deliver(self.store, mail, now)
        expected = {
            (reader, id_, number): tokens
            for id_, ledger in self.ledgers.items()
            for (reader, number), tokens in ledger.send(now, self.readers()).items()
        }
        assert sorted(mail_of(to, raw) for to, raw in mail.sent) == sorted(expected), now
        for to, raw in mail.sent:
            assert self.named(raw) == {t.removesuffix("-bis") for t in expected[mail_of(to, raw)]}, (
                mail_of(to, raw),
                now,
            )
        self.mails.update(expected.keys())
        for id_, ledger in self.ledgers.items():
            for issue, mine in zip(ledger.issues, self.store.issues(id_), strict=True):
                assert (self.tokens(mine.entries), mine.waits) == (issue.news, issue.state != "sent"), (
                    id_,
                    mine.number,
                )

    def deliver(self, store: Any, mail: FakeMail, now: datetime) -> None:
        disk = FakeDisk(dict(self.files))
        report = deliver(site(now), store, disk, self.desk, mail, POST, KEYRING, self.templates, now)
        assert report.failures == ()

    def readers(self) -> tuple[Reader, ...]:
        confirmed = (one for one in self.store.subscribers() if one.consent == "confirmed")
        return tuple(Reader(one.id, one.newsletters, one.sections, one.area) for one in confirmed)

    def tokens(self, ids: Iterable[str]) -> set[str]:
        """The pieces these entries tell; those that were announced again are others."""
        wanted = set(ids)
        if wanted - self.titles.keys():
            self.titles |= {e.id: (token_of(e), e.guid or "") for e in self.store.entries(ids=wanted)}
        return {self.of(*self.titles[id_]) for id_ in wanted}

    def of(self, token: str, guid: str) -> str:
        return f"{token}-bis" if "-bis2" in guid and f"{token}-bis" in self.pieces else token

    def named(self, raw: bytes) -> set[str]:
        """The pieces a mail tells of."""
        body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
        assert body is not None
        return {token.removesuffix("-bis") for token in self.pieces} & set(re.findall(r"\w+", str(body.get_content())))


class Interrupted:
    """A store whose other user does everything between our look and our word."""

    def __init__(self, store: Store, other: Callable[[], object]) -> None:
        self._store, self._other = store, other

    def __getattr__(self, name: str) -> Any:
        if name in ("add_issue", "queue_issue"):
            other, self._other = self._other, lambda: None
            other()
        return getattr(self._store, name)


def once(happened: Counter[str], what: str, it_is_time: bool) -> bool:
    if happened[what] or not it_is_time:
        return False
    happened[what] += 1
    return True


def mail_of(recipient: str, raw: bytes) -> tuple[str, str, int]:
    """(reader, newsletter, number)"""
    found = re.search(rb"Message-ID:\s*<issue\.([a-z]+)\.([0-9]+)\.", raw)
    assert found
    reader = recipient.partition("@")[0].removeprefix("anagrafe-")
    return reader, found[1].decode(), int(found[2])


def plain() -> Templates:
    """The packaged look, but for the HTML: the words tell the same in half the time."""
    page = "<html><head></head><body>{{ subject }} {{ address_mark }} {{ leave_mark }}</body></html>"
    return Templates(folders.templates(None) | {"newsletter/default/issue.html": page}, SITE.zone)


def test_two_years_in_which_everything_runs(store: Store) -> None:
    world = World(store, random.Random(17), templates=plain())
    world.live()
    assert set(world.mails.values()) == {1}
    for ledger in world.ledgers.values():
        assert len(ledger.issues) > 8
        in_one_issue_or_for_a_reason_in_none(world, ledger)
    happened = {what for what, times in world.happened.items() if times}
    assert happened >= {"story", "excluded", "embargo", "draft", "typo", "update", "change", "withdrawn", "back"}
    assert happened >= {"hidden", "unhidden", "mass", "note", "later", "held for six weeks"}


def in_one_issue_or_for_a_reason_in_none(world: World, ledger: Ledger) -> None:
    told = Counter(token for issue in ledger.issues for token in issue.news)
    assert set(told.values()) == {1}
    for made in world.pieces.values():
        news = [moment for moment in made.shown.values() if moment and moment >= ledger.first_opens]
        if not told[made.token] and news and ledger.wants(made) and made.visible(END + 99 * DAY, ledger.area):
            too_old = ledger.id == "giornaliera" and made.sections == {"atti"} and max(news) < WIDENED
            assert made.token in ledger.skipped or too_old, (ledger.id, made)
