"""feeds.yaml -> the edges it names, each opened at first need."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formataddr
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

from aggregator import disk
from aggregator.addresses import bare
from aggregator.catalogue import Catalogue
from aggregator.catalogue.reading import CatalogueFinder
from aggregator.config.reading import Reading
from aggregator.config.secrets import required_secret, secret_file
from aggregator.desk import FolderDesk
from aggregator.errors import ConfigError, LockedError, StoreError
from aggregator.jobs.people.office import Office
from aggregator.jobs.post import Post
from aggregator.jobs.pulling.asking import Headers
from aggregator.mail import FolderMail, SmtpMail
from aggregator.model import ANNOUNCEMENTS
from aggregator.network import CurlNetwork
from aggregator.own_files import load_or_make_key
from aggregator.ports import Finder, Mail, Store
from aggregator.render.templates import Templates
from aggregator.returns import Returns
from aggregator.settings import Config
from aggregator.store import open_store
from aggregator.tokens import Keyring, sound_key

_SQLITE = "sqlite:///"
_CATALOGUE = "data/catalogue.db"


def user_agent(site_url: str) -> str:
    """Who we are, and where to complain."""
    return f"Bollettino/{version('bollettino')} (+{site_url})"


class World:
    """One site, opened: its configuration, and the world as it is wired to it."""

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

    @cached_property
    def store(self) -> Store:
        return open_store(self._store_url())

    @cached_property
    def disk(self) -> disk.FolderDisk:
        folder = self.root / self.config.announcements if self.config.announcements else None
        if folder and not folder.exists():
            self._make(folder)
        return disk.FolderDisk(folder, self.root / self.config.output)

    def _make(self, folder: Path) -> None:
        """The folder of announcements, which git does not keep while it is empty. Where there were some it is gone by
        mishap, and an empty one in its place would withdraw them all."""
        with suppress(OSError, StoreError):
            if all(known.withdrawn for known in self.store.known(ANNOUNCEMENTS)):
                folder.mkdir(parents=True, exist_ok=True)

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

    def _catalogue(self) -> Catalogue:
        """For one publish, which closes it."""
        return Catalogue(self.root / _CATALOGUE)

    @cached_property
    def keyring(self) -> Keyring:
        return Keyring(self._key)

    @cached_property
    def _key(self) -> bytes:
        path = self.root / "data" / "secret.key"
        try:
            return sound_key(load_or_make_key(path))
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
            self._secret(smtp.password_env, smtp.password_file, "mail.smtp.password_") if smtp.user else "",
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
        return Returns(self._key, bare(sender))

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
            with FileLock(folder / f"{job}.lock", timeout=0), self.store.hold(job):
                yield
        except Timeout:
            raise LockedError(f"{job}: another run is at it; try again when it has ended") from None

    def close(self) -> None:
        for name in ("store", "mail"):
            if name in self.__dict__:
                self.__dict__[name].close()

    # --- the network, and secrets ---

    def _usable(self) -> tuple[Config, Headers, Mapping[str, str]]:
        """The configuration less the sources whose secrets are missing, the headers of the others, and why in words."""
        headers, locked_out = self._headers()
        sources = tuple(source for source in self.config.sources if source.id not in locked_out)
        return replace(self.config, sources=sources), headers, locked_out

    def _network(self) -> CurlNetwork:
        return CurlNetwork(self.config.network, user_agent(self.config.site.url), self.stopping)

    def _anywhere(self) -> CurlNetwork:
        anywhere = replace(self.config.network, allow_private=("0.0.0.0/0", "::/0"))
        return CurlNetwork(anywhere, user_agent(self.config.site.url), self.stopping)

    def _headers(self) -> tuple[Headers, Mapping[str, str]]:
        """The headers of sources that need a secret, and in words which ones lack theirs."""
        headers, missing = {}, {}
        for source in self.config.sources:
            if source.auth:
                try:
                    value = self._secret(source.auth.env, source.auth.file, f"sources {source.id}: auth.")
                    headers[source.id] = ((source.auth.header, value),)
                except ConfigError as error:
                    missing[source.id] = str(error)
        return headers, missing

    def _secret(self, name: str, file: str, key: str) -> str:
        """`key`: where feeds.yaml says it, less `env` or `file`."""
        if file:
            return secret_file(file, f"{key}file", self.root)
        return required_secret(name, f"{key}env", self.root, os.environ)

    def _store_url(self) -> str:
        url = self.config.store
        if not url.startswith(_SQLITE):
            return url
        return f"{_SQLITE}{self.root / url.removeprefix(_SQLITE)}"
