"""What somebody does by hand -> what becomes of the store, of feeds.yaml, of the outbox."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from aggregator.addresses import bare
from aggregator.answers.explain import find
from aggregator.app.jobs import Jobs
from aggregator.config import edit
from aggregator.config.reading import read
from aggregator.errors import AddressError
from aggregator.jobs.issues.preview import Preview, as_read_at, preview, trial_message
from aggregator.jobs.issues.resend import resend
from aggregator.jobs.issues.skip import skip
from aggregator.jobs.people import consent, reserved
from aggregator.jobs.pulling.answer import accept, reject
from aggregator.jobs.pulling.hide import hide, unhide
from aggregator.model import Delivery, Edition, Failure, Issue, Report, Subscriber
from aggregator.own_files import edit_config
from aggregator.render.mail.message import message_id_for
from aggregator.settings import Newsletter


class App(Jobs):
    """One site, opened: its world, what it can tell, its jobs, and what is done to it by hand."""

    # --- sources and entries ---

    def append_source(self, table: Mapping[str, str]) -> str:
        """Write one more source into feeds.yaml; the id it has there."""
        edit_config(self.file, lambda text: edit.append_source(text, table))
        return read(self.file.read_bytes(), self.file.name, self.root).config.sources[-1].id

    def append_all(self, sections: Sequence[Mapping[str, str]], sources: Sequence[Mapping[str, str]]) -> None:
        """The same with several, and sections: all of them or none."""
        edit_config(self.file, lambda text: edit.append_all(text, sections, sources))

    def _move(self, source_id: str, url: str) -> None:
        edit_config(self.file, lambda text: edit.set_source_url(text, source_id, url))

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
            entry = find(self.store, name, self.config.site.url)
            return unhide(entry, self.store, self.clock(), self.config.source(entry.source_id))

    # --- newsletters ---

    def preview(self, newsletter: Newsletter) -> Preview:
        if not self.rehearsing:  # nothing is first seen at an hour that has not come
            self._read_announcements()
        return preview(self.config, self.store, self.disk, self.desk, self.templates, newsletter, self.clock())

    def trial_read(self, shown: Preview, address: str) -> Edition:
        return as_read_at(shown, address, self.post, self.keyring)

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
        return self._sent_now(newsletter, id_)

    def skip(self, name: str, newsletter: Newsletter, *, later: bool) -> Issue | None:
        entry = find(self.store, name, self.config.site.url)
        with self.locked("compose"):
            return skip(entry, newsletter, self.standing(), self.store, self.clock(), later=later)

    def resend(self, newsletter: Newsletter, number: int, address: str) -> Report:
        subscriber = self.subscriber(address)
        post, keyring = self.post, self.keyring
        return self._sent_now(
            newsletter, resend(newsletter, number, subscriber, self.config, self.store, post, keyring, self.clock())
        )

    def _sent_now(self, newsletter: Newsletter, id_: str) -> Report:
        """Who types this waits for one mail: whatever keeps it back is a failure, what was told before is not."""
        report = self.send(newsletter.id, freeze=False)
        (one,) = (owed for owed in self.store.deliveries(newsletter.id) if owed.id == id_)
        failures = [f for f in report.failures if f.source in report.broken]
        if one.state != "accepted" and not any(one.address in failure.error for failure in failures):
            when = (
                f"; it is tried again at {one.next_try.astimezone(self.config.site.zone):%H:%M}" if one.next_try else ""
            )
            failures.append(Failure(newsletter.id, f"{one.address}: {one.detail or one.state}{when}", once=True))
        return replace(report, failures=tuple(failures))

    # --- subscribers ---

    def add_subscriber(self, told: Mapping[str, str], basis: str) -> Subscriber:
        added = consent.add(self.office, told, basis)
        self.store.lift(self._returns.hashed(added.address))  # by name and on purpose: they want it again
        return added

    def import_subscribers(self, body: bytes, name: str, basis: str) -> consent.Imported:
        return consent.import_file(self.office, body, name, basis)

    def feeds_of(self, address: str, *, rekey: bool = False, revoke: bool = False) -> Mapping[str, str]:
        """{section: address} of somebody's reserved feeds, none where they were taken away; changed first, or taken
        away, where that is asked."""
        found = self.subscriber(address)
        reserved.refuse_others(self.office, found)
        if rekey or revoke:
            found = reserved.rekey(self.office, found, revoke=revoke)
        return reserved.addresses(self.office, found)

    def remove_subscriber(self, address: str) -> Subscriber:
        return consent.remove(self.office, address)

    def erase_subscriber(self, address: str) -> Subscriber:
        return consent.erase(self.office, address)
