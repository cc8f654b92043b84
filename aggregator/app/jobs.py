"""The world and the hour -> the jobs, bound, a few lines each; a report of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from dataclasses import replace

from aggregator import observe
from aggregator.app.questions import Questions
from aggregator.errors import AggregatorError, ConfigError, LockedError
from aggregator.jobs.issues.compose import compose
from aggregator.jobs.issues.freeze import freeze_due
from aggregator.jobs.people.erasure import forget_people
from aggregator.jobs.people.subscribe import subscribe
from aggregator.jobs.publishing.publish import publish
from aggregator.jobs.pulling import announcements
from aggregator.jobs.pulling.pages import Ahead
from aggregator.jobs.pulling.pull import MANY, Map, pull
from aggregator.jobs.pulling.reading import Work, given_up, is_heavy
from aggregator.jobs.sending.alert import alert
from aggregator.jobs.sending.deliver import deliver
from aggregator.jobs.sending.returned import read_returns
from aggregator.maildir import MaildirLetters
from aggregator.model import ANNOUNCEMENTS, Changes, Failure, Report
from aggregator.own_files import keep_published, program
from aggregator.processes import Crew, processors
from aggregator.threads import Threads

_SAVING = 2  # batches: one is written, one may wait for its turn while the next is read
_CONNECTIONS = 3  # to the mail server; with more there is more waiting for each other


class Jobs(Questions):
    """A site, and what is due there."""

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
        """What fails so at each run is told once, where that can be written down."""
        now = self.clock()
        failure = Failure(job, str(error))
        if job != "alert":  # its report says what the admins know
            with suppress(AggregatorError, OSError):
                before = self.store.last_report(job)
                others = [f for f in before.failures if f.source != job and not f.once] if before else []
                return self._recorded(Report(job, now, now, {}, (failure, *others)))  # nobody has seen those mended
        return Report(job, now, now, {}, (failure,), broken=(job,))

    def pull(
        self,
        only: Collection[str] = (),
        *,
        force: bool = False,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Report:
        self._refuse_unknown_sources(only)
        usable, headers, locked_out = self._usable()
        network = self._network()
        with self.locked("pull"):
            failing = [check.source_id for check in self.store.checks().values() if check.problem]
            report = pull(
                usable, self.store, network, self.disk, self.clock(),
                only=only, force=force, headers=headers, edited=self.edited, spread=self._spread,
                beside=Threads(_SAVING).map, stopping=self.stopping, progress=progress,
            )  # fmt: skip
            wrong = (*(Failure(id_, text) for id_, text in locked_out.items()), *self.invalid())
            unread = [ANNOUNCEMENTS] if only else []  # nothing is known of them by a pull of named sources
            return self._recorded(self._with(report, wrong), judged=[*failing, *unread])

    def _spread(self, sources: int) -> Map:
        """A map over processes, so that no document can hold up or take down a run; several where it pays."""
        count = processors() if sources >= MANY else 1
        crew: Crew[Work, Changes | Ahead] = Crew(
            is_heavy, given_up, count, birth="forkserver" if self.stays else "fork"
        )
        return crew.map

    def _refuse_unknown_sources(self, only: Collection[str]) -> None:
        for name in only:
            self.source(name)

    def publish(self, *, whole: bool = False) -> Report:
        with self.locked("publish"), closing(self._catalogue()) as catalogue:
            wrong = self._read_announcements()
            report = publish(
                self.config, self.store, self.disk, catalogue, self.templates, self.clock(),
                program=program(), whole=whole,
            )  # fmt: skip
            if not report.broken:
                keep_published(self.root / "data", self.reading.text)
            return self._recorded(self._with(replace(report, broken=()), wrong))  # news it is the first time only

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

    def read_letters(self) -> Report:
        """Forget whom it is time to forget; take out who asked by mail to leave, where `mail.bounces` is read."""
        now = self.clock()
        with self.locked("subscribe"):
            forget_people(self.office)
            if self.config.mail.bounces is None:
                return Report("subscribe", now, now, {"left": 0, "back": 0, "waiting": 0})
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

    # --- what they need ---

    def _read_announcements(self) -> tuple[Failure, ...]:
        if not self.config.announcements or self.announcements_are_read:
            return ()
        return announcements.read(self.config, self.store, self.disk, self.clock())[1]

    def _with(self, report: Report, failures: tuple[Failure, ...]) -> Report:
        return replace(report, failures=(*report.failures, *failures))

    def _recorded(self, report: Report, judged: Collection[str] = ()) -> Report:
        told = observe.compared(replace(report, ended=self.clock()), self.store.last_report(report.job), judged)
        self.store.save_report(told)
        return told
