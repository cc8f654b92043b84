"""What sources and writers of announcements do in two years, by a die, told to the `reckoning` as a pull finds it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aggregator.jobs.pulling.hide import hide, unhide
from aggregator.model import Entry
from aggregator.ports import Store
from aggregator.settings import Config, Holidays, Newsletter, Site
from tests.build import config, newsletter, source
from tests.jobs.reckoning import Piece
from tests.jobs.years import DAY, HOUR, START

ADDED = datetime(2026, 9, 1, 10, tzinfo=UTC)  # a newsletter
NEW_SOURCE = datetime(2026, 11, 12, 10, tzinfo=UTC)
WIDENED = datetime(2027, 3, 10, 10, tzinfo=UTC)

SECTION = {"anci": "news", "interno": "atti", "questura": "news", "cms": "news", "nuova-fonte": "atti"}
SITE = Site(
    "Permessi di soggiorno",
    "https://notizie.example.it/",
    holidays=Holidays("IT", patron="06-29", pause=("08-08 to 08-23",)),
)
TEXT = 14  # words of a text: a mistyped letter is less than a twentieth of it


def letters(now: datetime) -> tuple[Newsletter, ...]:
    """As feeds.yaml names them at a moment."""
    narrow = ("news",) if now < WIDENED else ("news", "atti")
    told = [
        newsletter("settimanale", limit=90),
        newsletter("uffici", draft="fri 12:00", area="reserved", approval="required", limit=90),
        newsletter("giornaliera", when="mon-fri 08:00", sections=narrow, limit=90),
    ]
    new = newsletter("nuova", when="wed 18:00", sections=("atti",), limit=90)
    return tuple(told if now < ADDED else [*told, new])


@cache
def feeds_yaml(edited: datetime) -> Config:
    """As it was edited then."""
    sources = [source("anci", exclude=("escluso",)), source("interno", section="atti"), source("cms", identity="guid")]
    sources.append(source("questura", area="reserved"))
    sources += [source("nuova-fonte", section="atti")] if edited >= NEW_SOURCE else []
    return config(site=SITE, sources=tuple(sources), newsletters=letters(edited), announcements="announcements/")


def site(now: datetime) -> Config:
    return feeds_yaml(max(edited for edited in (START, ADDED, NEW_SOURCE, WIDENED) if edited <= now))


@dataclass
class Sources:
    """What there is to pull, and what will be done to it."""

    store: Store
    dice: random.Random
    pieces: dict[str, Piece] = field(default_factory=dict)
    feeds: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    known: list[Callable[[datetime], None]] = field(default_factory=list)  # what the next pull makes known
    plans: list[tuple[datetime, Callable[[datetime], None]]] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)

    def words(self) -> str:
        """A title or a text in words nobody else uses."""
        syllables = [c + v for c in "bdfglmprtz" for v in "aeiou"]
        return " ".join("".join(self.dice.choice(syllables) for _ in range(4)) for _ in range(4))

    def text(self) -> str:
        return " ".join(self.words() for _ in range(TEXT // 4))

    def item(self, title: str, date: str = "", page: str = "") -> dict[str, str]:
        name = title.split()[0]
        return {"guid": name, "title": title, "text": self.text(), "date": date, "page": page}

    def publish(self, now: datetime) -> None:
        kind = self.dice.choice(
            ["plain"] * 4 + ["story", "excluded", "announcement", "embargo", "draft", "withdrawn", "typo", "change"]
        )
        self.happened[kind] += 1
        {"plain": self.plain, "story": self.told_twice, "excluded": self.excluded}.get(kind, self.announce)(now, kind)

    def piece(self, title: str, *, reserved: bool = False) -> Piece:
        made = Piece(title.split()[0], reserved)
        self.pieces[made.token] = made
        return made

    def plain(self, now: datetime, _kind: str) -> None:
        names = ["anci", "interno", "questura", "cms"] + (["nuova-fonte"] if now > NEW_SOURCE + 20 * DAY else [])
        name, title = self.dice.choice(names), self.words()
        made, item = self.piece(title, reserved=name == "questura"), self.item(title)
        self.feeds[name].append(item)
        self.comes(made, name)
        match "" if name == "cms" else self.dice.choice(["", "", "", "typo", "update", "hide", "hide for good"]):
            case "typo":
                self.plan(now, lambda _now: item.update(text=item["text"].replace("a", "e", 1)))
            case "update":
                self.plan(now, lambda _now: self.revise(made, item))
            case "hide":
                self.plan(now, lambda then: self.hide(made, then, for_good=False))
            case "hide for good":
                self.plan(now, lambda then: self.hide(made, then, for_good=True))

    def comes(self, made: Piece, name: str) -> None:
        """From the pull on that finds it."""

        def known(moment: datetime) -> None:
            made.shown[SECTION[name]] = moment
            made.held = name == "cms" and self.store.checks()["cms"].quarantined is not None

        self.known.append(known)

    def told_twice(self, now: datetime, _kind: str) -> None:
        """The same page, by another source at once or a while later."""
        title = self.words()
        made, page = self.piece(title), f"https://www.interno.example.it/notizie/{title.split()[0]}"
        self.feeds["anci"].append(self.item(title, page=page))
        self.comes(made, "anci")

        def tells_too(_now: datetime) -> None:
            self.feeds["interno"].append(self.item(title, page=page))
            self.comes(made, "interno")

        if self.dice.random() < 0.5:
            tells_too(now)
        else:
            self.plan(now, tells_too)

    def excluded(self, _now: datetime, _kind: str) -> None:
        self.feeds["anci"].append(self.item(f"{self.words()} escluso"))

    def revise(self, made: Piece, item: dict[str, str]) -> None:
        item["text"] += " con altre 77 pagine"
        self.known.append(lambda _moment: setattr(made, "updates", made.updates + 1))
        self.happened["update"] += 1

    def announce(self, now: datetime, kind: str) -> None:
        title, text = self.words(), self.text()
        made, path = self.piece(title), f"{title.split()[0]}.md"

        def write(words: str = text, **fields: str) -> None:
            self.files[path] = announcement(title, words, **fields)

        def shows(moment: datetime) -> None:
            made.shown["news"] = moment

        def comes(_now: datetime) -> None:
            write()
            self.known.append(shows)

        match kind:
            case "embargo":
                hour = now + self.dice.randrange(1, 30) * DAY
                write(publish_at=f"{hour.astimezone(SITE.zone):%d/%m/%Y %H:%M}")
                self.known.append(lambda moment: made.shown.update(news=max(moment, minute(hour))))
                return
            case "draft":
                write(draft="true")
                self.plan(now, comes)
                return
        comes(now)
        match kind:
            case "withdrawn":
                self.plan(now, lambda then: self.withdraw(made, path, then))
            case "typo":
                self.plan(now, lambda _now: write(text.replace("a", "e", 1)))
            case "change":
                self.plan(now, lambda _now: (write(change=f"Rettifica {title.split()[0]}"), self.corrected(made)))

    def corrected(self, made: Piece) -> None:
        def known(_moment: datetime) -> None:
            made.updates += 1
            made.announced += 1

        self.known.append(known)

    def withdraw(self, made: Piece, path: str, now: datetime) -> None:
        """Its file is deleted, or a draft again; most come back."""
        file = self.files.pop(path)
        if self.dice.random() < 0.5:
            self.files[path] = file.replace("---\n", "---\ndraft: true\n", 1)
        self.known.append(lambda moment: setattr(made, "withdrawn", moment))

        def back(_now: datetime) -> None:
            self.files[path] = file
            self.known.append(made.back)
            self.happened["back"] += 1

        if self.dice.random() < 0.7:
            self.plan(now, back, most=60)

    def change_everything(self) -> None:
        """Another CMS: the same words under new guids and addresses."""
        self.happened["mass"] += 1
        for item in self.feeds["cms"]:
            item["guid"] = f"{item['guid']}-bis{self.happened['mass']}"

    def first_pull(self, now: datetime) -> None:
        """Of what a new source holds only what is dated in the open week is news."""
        recent, old, undated = (self.words() for _ in range(3))
        dates = {recent: now - HOUR, old: now - 40 * DAY}
        made = {title: self.piece(title) for title in (recent, old, undated)}
        self.feeds["nuova-fonte"] = [
            self.item(title, f"{dates[title]:%a, %d %b %Y %H:%M:%S +0000}" if title in dates else "") for title in made
        ]
        self.known.append(lambda moment: made[recent].shown.update(atti=moment))
        self.known.append(lambda _moment: made[old].shown.update(atti=None))
        self.known.append(lambda _moment: made[undated].shown.update(atti=None))

    def hide(self, made: Piece, now: datetime, *, for_good: bool) -> None:
        entry = self.entry(made)
        if entry is None or made.held or made.hidden:
            return
        hide(entry, self.store, now)
        made.hidden = True
        self.happened["hidden"] += 1
        if not for_good:
            self.plan(now, lambda then: self.unhide(made, then), most=70)

    def unhide(self, made: Piece, now: datetime) -> None:
        entry = self.entry(made)
        assert entry
        unhide(entry, self.store, now)
        made.hidden = False
        made.show(now)
        self.happened["unhidden"] += 1

    def entry(self, made: Piece) -> Entry | None:
        return next(
            (e for e in self.store.entries() if token_of(e) == made.token and not e.left_out.startswith("q")), None
        )

    def plan(self, now: datetime, act: Callable[[datetime], Any], most: int = 25) -> None:
        self.plans.append((now + self.dice.randrange(1, most) * DAY, act))


def minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def token_of(entry: Entry) -> str:
    return entry.title.split()[0]


def announcement(title: str, text: str, **fields: str) -> str:
    lines = [f"title: {title}", "section: news", *(f"{key}: {value}" for key, value in fields.items())]
    return "\n".join(["---", *lines, "---", text])


def document(items: list[dict[str, str]]) -> bytes:
    told = "".join(
        f"<item><guid isPermaLink='false'>{i['guid']}</guid><title>{i['title']}</title>"
        f"<link>{i['page'] or 'https://www.example.it/' + i['guid']}</link><description>{i['text']}</description>"
        + (f"<pubDate>{i['date']}</pubDate>" if i["date"] else "")
        + "</item>"
        for i in items
    )
    return f"<rss version='2.0'><channel><title>Prova</title>{told}</channel></rss>".encode()
