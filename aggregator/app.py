"""The only wiring: feeds.yaml and the world -> bound jobs, a few lines each."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from email.utils import formataddr
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

from aggregator import disk, observe
from aggregator.addresses import bare
from aggregator.answers.discover import Found, discover
from aggregator.answers.doctor import Diagnosis, Finding, diagnose
from aggregator.answers.explain import find
from aggregator.answers.installation import installation
from aggregator.answers.online import Tried, tried
from aggregator.answers.plan import Plan, plan
from aggregator.catalogue import Catalogue
from aggregator.catalogue.reading import CatalogueFinder
from aggregator.config import edit
from aggregator.config.reading import Reading, read
from aggregator.config.secrets import required_secret
from aggregator.desk import FolderDesk
from aggregator.errors import AddressError, AggregatorError, ConfigError, LockedError
from aggregator.intake.health import health
from aggregator.jobs import announcements, consent
from aggregator.jobs.alert import alert
from aggregator.jobs.answer import accept, reject
from aggregator.jobs.asking import Headers
from aggregator.jobs.compose import compose
from aggregator.jobs.deliver import deliver
from aggregator.jobs.erasure import forget_people
from aggregator.jobs.freeze import freeze_due
from aggregator.jobs.hide import hide, unhide
from aggregator.jobs.office import Office
from aggregator.jobs.post import Post
from aggregator.jobs.preferences import known
from aggregator.jobs.preview import Preview, preview, trial_message
from aggregator.jobs.publish import publish
from aggregator.jobs.pull import MANY, Map, pull
from aggregator.jobs.reading import given_up, is_heavy
from aggregator.jobs.resend import resend
from aggregator.jobs.returned import read_returns
from aggregator.jobs.skip import skip
from aggregator.jobs.standing import with_stand_ins
from aggregator.jobs.subscribe import subscribe
from aggregator.mail import FolderMail, SmtpMail
from aggregator.maildir import MaildirLetters
from aggregator.model import ANNOUNCEMENTS, Check, Delivery, Failure, Issue, Problem, Report, Subscriber
from aggregator.network import CurlNetwork
from aggregator.network.guard import typed
from aggregator.own_files import edit_config, former_config, keep_published, load_or_make_key, program
from aggregator.ports import Finder, Mail, Store
from aggregator.processes import Crew, processors
from aggregator.render.mail.alert import Trouble, letter
from aggregator.render.mail.message import message_id_for
from aggregator.render.templates import Templates
from aggregator.returns import Returns
from aggregator.settings import Config, Newsletter, Source
from aggregator.store import open_store
from aggregator.threads import Threads
from aggregator.tokens import Keyring

_SQLITE = "sqlite:///"
_CATALOGUE = "data/catalogue.db"
_CONNECTIONS = 3  # to the mail server; with more there is more waiting for each other


def user_agent(site_url: str) -> str:
    """Who we are, and where to complain."""
    return f"Bollettino/{version('bollettino')} (+{site_url})"


class App:
    """One site, opened: its configuration, its edges, and its jobs."""

    def __init__(self, file: Path, reading: Reading, clock: Callable[[], datetime]) -> None:
        self.file = file
        self.root = file.resolve().parent
        self.reading = reading
        self.config: Config = reading.config
        self.clock = clock
        self.announcements_are_read = False  # by somebody else, as often as it matters
        self.stays = False  # it is a daemon's
        self.rehearsing = False  # the clock stands at an hour of the admin's choosing
        self.stopping: Callable[[], bool] = lambda: False

    # --- the world ---

    @cached_property
    def store(self) -> Store:
        return open_store(self._store_url())

    @cached_property
    def disk(self) -> disk.FolderDisk:
        folder = self.root / self.config.announcements if self.config.announcements else None
        return disk.FolderDisk(folder, self.root / self.config.output)

    @cached_property
    def desk(self) -> FolderDesk:
        return FolderDesk(self.root / "newsletters")

    @cached_property
    def templates(self) -> Templates:
        compiled = disk.Compiled(self.root / "data" / "templates.cache")
        return Templates(disk.templates(self.root), self.config.site.zone, disk.pictures(self.root), compiled)

    @property
    def finder(self) -> Finder:
        return CatalogueFinder(self.root / _CATALOGUE)

    @cached_property
    def keyring(self) -> Keyring:
        path = self.root / "data" / "secret.key"
        try:
            return Keyring(load_or_make_key(path))
        except ValueError as error:
            raise ConfigError(
                f"{path}: {error}; put a copy of it back (without it, no link mailed so far lets anybody leave)"
            ) from None

    @cached_property
    def mail(self) -> Mail:
        smtp = self.config.mail.smtp
        if smtp is None:
            return FolderMail(self.root / self.config.mail.folder)
        return SmtpMail(
            smtp,
            self._secret(smtp.password_env, "mail.smtp.password_env") if smtp.password_env else "",
            self.config.mail.rate,
            self.config.mail.per_domain,
            self.config.mail.per_domain_rate,
        )

    @property
    def post(self) -> Post:
        """Requests to leave go where they are read: to the sender's mailbox if it is ours, else to people."""
        mail = self.config.mail
        sender = mail.sender or formataddr((self.config.site.title, f"notizie@{self.config.site.host}"))
        web = "" if self.config.web == "none" else self.config.site.url
        leave_to = bare(sender if mail.bounces else mail.reply_to or sender)
        return Post(sender, mail.reply_to, leave_to, web, self._returns if mail.bounces else None)

    @property
    def office(self) -> Office:
        return Office(self.config, self.store, self.post, self.keyring, self.templates, self.clock)

    @property
    def _returns(self) -> Returns:
        sender = self.config.mail.sender or f"notizie@{self.config.site.host}"
        return Returns(load_or_make_key(self.root / "data" / "secret.key"), bare(sender))

    @property
    def edited(self) -> datetime | None:
        """When feeds.yaml was written last; None while it is away."""
        try:
            return datetime.fromtimestamp(self.file.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    @contextmanager
    def locked(self, job: str) -> Iterator[None]:
        """Hold a job's lock; LockedError where another run holds it. A dead run's lock is free at once."""
        folder = self.root / "data" / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder / f"{job}.lock", timeout=0):
                yield
        except Timeout:
            raise LockedError(f"{job}: another run is at it; try again when it has ended") from None

    def close(self) -> None:
        for name in ("store", "mail"):
            if name in self.__dict__:
                self.__dict__[name].close()

    # --- the jobs ---

    def pull(
        self,
        only: Collection[str] = (),
        *,
        force: bool = False,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Report:
        self._refuse_unknown_sources(only)
        usable, headers, locked_out = self._usable()
        network = self._network(usable)
        with self.locked("pull"):
            failing = [check.source_id for check in self.store.checks().values() if check.problem]
            report = pull(
                usable, self.store, network, self.disk, self.clock(),
                only=only, force=force, headers=headers, edited=self.edited, spread=self._spread,
                stopping=self.stopping, progress=progress,
            )  # fmt: skip
            wrong = (*(Failure(id_, text) for id_, text in locked_out.items()), *self.invalid())
            unread = [ANNOUNCEMENTS] if only else []  # nothing is known of them by a pull of named sources
            return self._recorded(self._with(report, wrong), judged=[*failing, *unread])

    def _usable(self) -> tuple[Config, Headers, Mapping[str, str]]:
        """The configuration less the sources whose secrets are missing, the headers of the others, and why in words."""
        headers, locked_out = self._headers()
        sources = tuple(source for source in self.config.sources if source.id not in locked_out)
        return replace(self.config, sources=sources), headers, locked_out

    def _network(self, usable: Config) -> CurlNetwork:
        private = (*self.config.network.allow_private, *typed(source.url for source in usable.sources))
        settings = replace(self.config.network, allow_private=private)
        return CurlNetwork(settings, user_agent(self.config.site.url), self.stopping)

    def tried(self) -> Iterator[Tried]:
        """What every source would give now."""
        usable, headers, locked_out = self._usable()
        yield from tried(usable, self._network(usable), headers)
        yield from (Tried(source_id, problem=why) for source_id, why in locked_out.items())

    def _spread(self, sources: int) -> Map:
        """A map over processes, so that no document can hold up or take down a run; several where it pays."""
        count = processors() + 1 if sources >= MANY else 1  # one more, as each waits while its result is saved
        return Crew(is_heavy, given_up, count, birth="forkserver" if self.stays else "fork").map

    def accept(self, source_id: str, *, announce: bool = False) -> Report:
        """Answer what a source asks with yes: what waits comes in, or its new address is written into feeds.yaml."""
        source = self.source(source_id)
        with self.locked("pull"):
            return accept(source, self.store, self.clock(), partial(self._move, source.id), announce=announce)

    def reject(self, source_id: str) -> Report:
        with self.locked("pull"):
            return reject(self.source(source_id), self.store, self.clock())

    def hide(self, name: str) -> Report:
        """Also while a pull is running: it leaves what is hidden as it is."""
        with self.locked("hide"):
            return hide(find(self.store, name, self.config.site.url), self.store, self.clock())

    def unhide(self, name: str) -> Report:
        with self.locked("pull"):
            return unhide(find(self.store, name, self.config.site.url), self.store, self.clock())

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

    def _anywhere(self) -> CurlNetwork:
        anywhere = replace(self.config.network, allow_private=("0.0.0.0/0", "::/0"))
        return CurlNetwork(anywhere, user_agent(self.config.site.url), self.stopping)

    def append_source(self, table: Mapping[str, str]) -> str:
        """Write one more source into feeds.yaml; the id it has there."""
        edit_config(self.file, lambda text: edit.append_source(text, table))
        return read(self.file.read_bytes(), self.file.name).config.sources[-1].id

    def append_section(self, table: Mapping[str, str]) -> str:
        """The same with a section."""
        edit_config(self.file, lambda text: edit.append_section(text, table))
        return table["id"]

    def _move(self, source_id: str, url: str) -> None:
        edit_config(self.file, lambda text: edit.set_source_url(text, source_id, url))

    def publish(self, *, whole: bool = False) -> Report:
        with self.locked("publish"), closing(Catalogue(self.root / _CATALOGUE)) as catalogue:
            wrong = self._read_announcements()
            report = publish(
                self.config, self.store, self.disk, catalogue, self.templates, self.clock(),
                program=program(), whole=whole,
            )  # fmt: skip
            if not report.broken:
                keep_published(self.root / "data", self.reading.text)
            return self._recorded(self._with(report, wrong))

    def publish_with_issues(self) -> Report:
        """Publish, the issues about to leave among it: who follows a mail into the browser finds the issue there."""
        self.freeze()
        return self.publish()

    def compose(self, only: str = "") -> Report:
        with self.locked("compose"):
            wrong = self._read_announcements()
            return self._recorded(self._with(compose(self.config, self.store, self.desk, self.clock(), only), wrong))

    def freeze(self) -> bool:
        """Freeze the issues whose hour has come, so that their pages are published before their mails leave; whether
        there were any. What keeps one back is told when it should be sent."""
        with suppress(AggregatorError, OSError), self.locked("send"):
            config, now = self.standing(), self.clock()
            before = self.store.issue_heads()
            tuple(freeze_due(config, self.store, self.disk, self.desk, self.templates, now, ""))
            return self.store.issue_heads() != before
        return False

    def send(self, only: str = "", *, freeze: bool = True) -> Report:
        with self.locked("send"):
            wrong = self._read_announcements()
            report = deliver(
                self.config, self.store, self.disk, self.desk, self.mail, self.post, self.keyring, self.templates,
                self.clock(), only=only, freeze=freeze, spread=Threads(_CONNECTIONS).map, stopping=self.stopping,
            )  # fmt: skip
            return self._recorded(self._with(report, wrong))

    def alert(self) -> Report:
        """Tell the admins what got worse or better, where `alerts:` names them and its hour has come."""
        with self.locked("alert"):
            return alert(self.config, self.store, self.invalid(), self.post, self.templates, self.clock())

    def letter(self, source_id: str) -> tuple[str, str] | None:
        """(subject, text) of a letter to the webmaster of a source; None where nothing is wrong with it."""
        source = self.source(source_id)
        check = self.store.checks().get(source.id, Check(source.id))
        told = health(source, check, self.clock())
        if not told.problem and not told.remarks:
            return None
        trouble = Trouble(source.id, told.state, check.problem or told.problem)
        agent = self.config.network.user_agent or user_agent(self.config.site.url)
        return letter(self.config, source, check, trouble, agent, self.templates)

    def read_letters(self) -> Report:
        """Forget whom it is time to forget; take out who asked by mail to leave, where `mail.bounces` is read."""
        now = self.clock()
        forget_people(self.office)
        if self.config.mail.bounces is None:
            return Report("subscribe", now, now, {"left": 0, "back": 0, "waiting": 0})
        with self.locked("subscribe"):
            letters = MaildirLetters(self.root / self.config.mail.bounces.maildir)
            came_back = read_returns(self.store, letters, self.config.mail.bounces, self._returns, self.keyring, now)
            left = subscribe(self.office, letters)
            return self._recorded(replace(left, counts={**left.counts, **came_back.counts}))

    def take_letter(self, letter: bytes) -> None:
        """Put a letter into the mailbox that is read, where the mail server has only a pipe for it."""
        if self.config.mail.bounces is None:
            raise ConfigError(
                "mail.bounces is not set: say there where letters are kept, such as bounces: {maildir: bounces/}"
            )
        MaildirLetters(self.root / self.config.mail.bounces.maildir).take(letter)

    def once(self, progress: Callable[[int, int], None] = lambda _done, _total: None) -> Iterator[Report]:
        """Everything that is due; a job that cannot be done keeps none of the others. Who asked to leave is taken out
        before anything is sent: where that could not be read, nothing is."""
        steps: dict[str, Callable[[], Report]] = {
            "subscribe": self.read_letters,
            "pull": lambda: self.pull(progress=progress),
            "newsletter compose": self.compose,
            "publish": self.publish_with_issues,
            **({"alert": self.alert} if self.config.alerts else {}),
            "newsletter send": self.send,
        }
        undone = set()
        for name, step in steps.items():
            if self.stopping() or (name == "newsletter send" and "subscribe" in undone):
                return
            try:
                yield step()
            except (LockedError, ConfigError):
                raise
            except (AggregatorError, OSError) as error:
                undone.add(name)
                yield self._undone(name, error)

    def _undone(self, job: str, error: Exception) -> Report:
        now = self.clock()
        return Report(job, now, now, {}, (Failure(job, str(error)),), broken=(job,))

    def standing(self) -> Config:
        """The configuration with the sources that gave us something once."""
        return with_stand_ins(self.config, self.store.checks())

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
            return read(text).config if text is not None else None
        except ConfigError:  # an older program's: what it meant nobody knows any more
            return None

    def preview(self, newsletter: Newsletter) -> Preview:
        if not self.rehearsing:  # nothing is first seen at an hour that has not come
            self._read_announcements()
        return preview(self.config, self.store, self.disk, self.desk, self.templates, newsletter, self.clock())

    def trial_mail(self, shown: Preview, address: str) -> bytes:
        return trial_message(shown, address, self.config, self.post, self.keyring, self.clock())

    def send_test(self, newsletter: Newsletter, address: str) -> Report:
        """What would go out now, to one address, through the outbox like any other mail."""
        try:
            address = bare(address)
        except AddressError as error:
            raise AddressError(f"{address!r} is {error}") from None
        message = self.trial_mail(self.preview(newsletter), address)
        id_ = f"test-{newsletter.id}-{self.clock():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        message_id = message_id_for("test", newsletter.id, 0, id_, self.config.site.host)
        self.store.queue(Delivery(id_, "test", address, message_id, newsletter=newsletter.id, message=message))
        return self.send(newsletter.id, freeze=False)

    def skip(self, name: str, newsletter: Newsletter, *, later: bool) -> Issue | None:
        entry = find(self.store, name, self.config.site.url)
        with self.locked("compose"):
            return skip(entry, newsletter, self.standing(), self.store, self.clock(), later=later)

    def resend(self, newsletter: Newsletter, number: int, address: str) -> Report:
        subscriber = self.subscriber(address)
        resend(newsletter, number, subscriber, self.config, self.store, self.post, self.keyring, self.clock())
        return self.send(newsletter.id, freeze=False)

    # --- subscribers ---

    def subscriber(self, address: str) -> Subscriber:
        return consent.find(self.store, address)

    def add_subscriber(self, told: Mapping[str, str], basis: str) -> Subscriber:
        added = consent.add(self.office, told, basis)
        self.store.lift(self._returns.hashed(added.address))  # by name and on purpose: they want it again
        return added

    def import_subscribers(self, body: bytes, name: str, basis: str) -> consent.Imported:
        return consent.import_file(self.office, body, name, basis)

    def remove_subscriber(self, address: str) -> Subscriber:
        return consent.remove(self.office, address)

    def erase_subscriber(self, address: str) -> Subscriber:
        return consent.erase(self.office, address)

    def known_of(self, address: str) -> str:
        """All that is stored about a subscriber, as JSON."""
        return known(self.office, self.subscriber(address))

    def leave_link(self, subscriber_id: str) -> str:
        links = self.post.links(self.keyring, subscriber_id)
        return links["leave"][0]

    def preferences_link(self, subscriber_id: str) -> str | None:
        return self.post.links(self.keyring, subscriber_id)["preferences"] or None

    # --- what the jobs need ---

    def _read_announcements(self) -> tuple[Failure, ...]:
        if not self.config.announcements or self.announcements_are_read:
            return ()
        return announcements.read(self.config, self.store, self.disk, self.clock())[1]

    def invalid(self) -> tuple[Failure, ...]:
        """The sources whose configuration is wrong, with all the faults of each."""
        told: dict[str, list[str]] = {}
        for fault in self.reading.faults:
            told.setdefault(fault.key.partition("]")[0], []).append(str(fault))
        ordered = sorted(told, key=lambda key: int(key.partition("[")[2]))
        return tuple(Failure(id_, "\n".join(told[key])) for id_, key in zip(self.reading.invalid, ordered, strict=True))

    def _with(self, report: Report, failures: tuple[Failure, ...]) -> Report:
        return replace(report, failures=(*report.failures, *failures))

    def _recorded(self, report: Report, judged: Collection[str] = ()) -> Report:
        told = observe.compared(replace(report, ended=self.clock()), self.store.last_report(report.job), judged)
        self.store.save_report(told)
        return told

    def _headers(self) -> tuple[Headers, Mapping[str, str]]:
        """The headers of sources that need a secret, and in words which ones lack theirs."""
        headers, missing = {}, {}
        for source in self.config.sources:
            if source.auth:
                try:
                    headers[source.id] = (
                        (source.auth.header, self._secret(source.auth.env, f"sources {source.id}: auth.env")),
                    )
                except ConfigError as error:
                    missing[source.id] = str(error)
        return headers, missing

    def _secret(self, name: str, key: str) -> str:
        return required_secret(name, key, self.root, os.environ)

    def _refuse_unknown_sources(self, only: Collection[str]) -> None:
        for name in only:
            self.source(name)

    def source(self, name: str) -> Source:
        """One of the sources that are right; ConfigError with the name that was meant."""
        known = {s.id: s for s in self.config.sources}
        if name in known:
            return known[name]
        near = get_close_matches(name, known, 1)
        raise ConfigError(f"no source is called {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))

    def _store_url(self) -> str:
        url = self.config.store
        if not url.startswith(_SQLITE):
            return url
        return f"{_SQLITE}{self.root / url.removeprefix(_SQLITE)}"


def open_app(file: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> App:
    """Read feeds.yaml; ConfigError with every fault, or where there is no such file, what to type."""
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{file}: there is no such file; make a new site with: aggregator init") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    return App(file, read(text, file.name), clock)
