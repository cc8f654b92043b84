"""The world as it stands -> what the site can tell of itself; no fact is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from aggregator import disk
from aggregator.answers import unread
from aggregator.answers.discover import Found, discover
from aggregator.answers.doctor import Diagnosis, Finding, diagnose
from aggregator.answers.installation import installation
from aggregator.answers.online import Tried, tried
from aggregator.answers.plan import Plan, plan
from aggregator.answers.reserved import File, reserved_feed, reserved_file
from aggregator.answers.sources import all_health
from aggregator.answers.vitals import Vitals, vitals
from aggregator.app.world import World, user_agent
from aggregator.config.beside import logos, secrets
from aggregator.config.reading import read
from aggregator.errors import ConfigError
from aggregator.intake.health import Health, health, is_for_its_webmaster
from aggregator.jobs.issues.newsroom import Newsroom
from aggregator.jobs.people import consent, reserved
from aggregator.jobs.people.preferences import known
from aggregator.jobs.pulling.standing import with_stand_ins
from aggregator.model import Check, Failure, Issue, Problem, Subscriber
from aggregator.own_files import former_config
from aggregator.render.mail.alert import Trouble, letter
from aggregator.settings import Config, Source


class Questions(World):
    """A site, and what is asked of it."""

    def reserved_feed(self, name: str, token: str) -> bytes:
        """The feed of a section, or of `all`, for readers of the reserved area, at an address with `token`."""
        with self.finder.reading() as catalogue:
            return reserved_feed(
                name, token, self.config, self.store, catalogue, self.disk, self.templates, self.clock()
            )

    def feed_links(self, one: Subscriber) -> Mapping[str, str]:
        """{section: address} of somebody's reserved feeds; none where there are none."""
        return reserved.addresses(self.office, one)

    def reserved_file(self, entry_id: str, name: str) -> File | None:
        return reserved_file(entry_id, name, self.config, self.store, self.disk, self.clock())

    def standing(self) -> Config:
        """The configuration with the sources that gave us something once."""
        return with_stand_ins(self.config, self.store.checks())

    def states(self) -> tuple[Health, ...]:
        """How every source is, the wrong ones too."""
        wrong = ((failure.source, failure.error) for failure in self.invalid())
        return tuple(all_health(self.config, self.store.checks(), wrong, self.clock()))

    def vitals(self) -> Vitals:
        return vitals(self.config, self.store, self.states(), self.clock())

    def source(self, name: str) -> Source:
        """One of the sources that are right; ConfigError with the name that was meant."""
        known = {s.id: s for s in self.config.sources}
        if name in known:
            return known[name]
        near = get_close_matches(name, known, 1)
        raise ConfigError(f"no source is called {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))

    def invalid(self) -> tuple[Failure, ...]:
        """The sources whose configuration is wrong, with all the faults of each."""
        told: dict[str, list[str]] = {}
        for fault in self.reading.faults:
            told.setdefault(fault.key.partition("]")[0], []).append(str(fault))
        ordered = sorted(told, key=lambda key: int(key.partition("[")[2]))
        return tuple(Failure(id_, "\n".join(told[key])) for id_, key in zip(self.reading.invalid, ordered, strict=True))

    def lacking(self) -> tuple[str, ...]:
        """The logos and secrets that feeds.yaml names and that are not there, each with its line and the remedy."""
        tree, there = self.reading.tree, self.templates.pictures
        told = [
            f"{place}: templates/{name} is not there; add the file, or take the line out"
            for name, _, place in logos(tree)
            if name not in there
        ]
        for name, key, place in secrets(tree):
            kind = key.removeprefix("password_")
            try:
                self._secret(name, name if kind == "file" else "", place.removesuffix(kind))
            except ConfigError as error:
                told.append(str(error))
        return tuple(dict.fromkeys(told))

    def unread(self) -> tuple[str, ...]:
        """The editors' notes and templates that nobody reads."""
        written, named = disk.templates(self.root), [logo.name for logo in logos(self.reading.tree)]
        own = {name: written.get(name, "") for name in disk.names(self.root / "templates")}
        notes = disk.names(self.root / "newsletters")
        return (
            *unread.notes(notes, [newsletter.id for newsletter in self.config.newsletters]),
            *unread.templates(own, disk.templates(None).keys(), named),
        )

    def rule_place(self, rule: str) -> str:
        """`rules[3]` with its line in feeds.yaml; whatever else placed an entry, as it is."""
        number = re.fullmatch(r"rules\[(\d+)\]", rule)
        return f"{rule}, {self.file.name}:{self.reading.rules[int(number[1])]}" if number else rule

    def plan(self) -> Plan:
        """What feeds.yaml and the announcements would change of the site as it was published last."""
        return plan(self._published(), self.config, self.store, self.disk, self.clock())

    def _published(self) -> Config | None:
        text = former_config(self.root / "data")
        try:
            return read(text, root=self.root).config if text is not None else None
        except ConfigError:  # an older program's: what it meant nobody knows any more
            return None

    def letter(self, source_id: str) -> tuple[str, str] | None:
        """(subject, text) of a letter to the webmaster of a source; None where nothing is wrong with it."""
        source = self.source(source_id)
        check = self.store.checks().get(source.id, Check(source.id))
        told = health(source, check, self.clock())
        if not is_for_its_webmaster(source, check, told):
            return None
        trouble = Trouble(source.id, told.state, check.problem or told.problem)
        agent = self.config.network.user_agent or user_agent(self.config.site.url)
        return letter(self.config, source, check, trouble, agent, self.templates)

    def note_faults(self, issue: Issue) -> tuple[str, ...]:
        """What is wrong with the note of an issue that waits."""
        newsletter = self.config.newsletter(issue.newsletter)
        standing = self.standing()
        return Newsroom(newsletter, standing, self.store, self.clock()).faults(issue, self.desk) if newsletter else ()

    # --- sources, as they answer now ---

    def tried(self) -> Iterator[Tried]:
        """What every source would give now."""
        usable, headers, locked_out = self._usable()
        yield from tried(usable, self._network(), headers)
        yield from (Tried(source_id, problem=why) for source_id, why in locked_out.items())

    def discover(self, url: str) -> tuple[Found, ...] | Problem:
        """The feeds behind an address that somebody typed: whoever types it may ask it."""
        return discover(url, self._anywhere(), self.config.site.zone)

    def diagnose(self, url: str) -> Diagnosis | Problem:
        found = self.discover(url)
        if isinstance(found, Problem):
            return found
        return diagnose(found[0], found[1:], self._anywhere(), self.config.site.zone, self.clock())

    def installation(self) -> Iterator[Finding]:
        return installation(self.config, self.root, lambda: self.store.checks())

    # --- subscribers ---

    def subscriber(self, address: str) -> Subscriber:
        return consent.find(self.store, address)

    def known_of(self, address: str) -> str:
        """All that is stored about a subscriber, as JSON."""
        return known(self.office, self.subscriber(address))

    def leave_link(self, subscriber_id: str) -> str:
        links = self.post.links(self.keyring, subscriber_id)
        return links["leave"][0]

    def preferences_link(self, subscriber_id: str) -> str | None:
        return self.post.links(self.keyring, subscriber_id)["preferences"] or None
