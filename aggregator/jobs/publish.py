"""what changed | route | group | shelve | render | write: the portal and its feeds, as they should stand now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from aggregator.errors import RenderError, StoreError
from aggregator.jobs.derive import Derivation, signature
from aggregator.jobs.standing import standing
from aggregator.jobs.stock import Stock
from aggregator.model import ANNOUNCEMENTS, Check, Document, Failure, Issue, Part, Report
from aggregator.ports import Catalogue, Disk, Store
from aggregator.render import parts
from aggregator.render.checks import linked
from aggregator.render.heads import heads, titles
from aggregator.render.press import Press
from aggregator.render.templates import Templates
from aggregator.settings import Config

_AHEAD = 200  # parts whose entries are read at once


def publish(
    config: Config,
    store: Store,
    disk: Disk,
    catalogue: Catalogue,
    templates: Templates,
    now: datetime,
    *,
    program: str = "",
    whole: bool = False,
) -> Report:
    """Make the output folder what the facts, the rules and the hour say, at the cost of what changed since the last
    time; of everything, where `whole` says so, or what everything hangs on is another: the settings, the templates, the
    `program`, the catalogue or the folder. What a run leaves undone, the next one does.

    A template that is broken for all of its kind stops it before anything is written: the folder stays as it was.
    """
    config = standing(config, store, now)
    checks = store.checks()
    stock = Stock(config, store, catalogue, disk, now)
    press = Press(
        config,
        templates,
        catalogue.shelves,
        stock,
        titles(config, checks),
        heads(config, checks),
        now,
        _public_issues(config, store),
    )
    frame = signature(program, replace(config, sources=()), templates.signature)
    try:
        anew = whole or _is_stale(store, catalogue, disk, frame, now)
        if anew:
            _begin(catalogue, disk, config)
        gone = _derive(Derivation(stock, press, anew), checks, now)
        catalogue.note("frame", frame)  # from here on the catalogue is whole, and tells of this site
        if catalogue.owed():
            _mark_anew(catalogue, now)
        catalogue.owe(parts.always(press))
        catalogue.commit()  # what is owed now, the next run makes where this one does not
        made = _made([part for part in catalogue.owed() if part not in gone], press, stock, links := _Links(disk))
        counts = disk.write(made, gone=sorted(gone), mark=catalogue.state("mark"), done=catalogue.done)
        catalogue.note("former mark", "")
        catalogue.commit()
    except (RenderError, StoreError) as error:
        failures = (*_unattached(catalogue), Failure("publish", str(error)))
        return Report("publish", now, now, {}, failures, broken=("publish",))
    return Report("publish", now, now, counts, (*_unattached(catalogue), *links.broken()))


@dataclass(frozen=True, slots=True)
class _Links:
    """Where the pages that were made lead to, on the site itself: {path: the first of them}."""

    disk: Disk
    known: dict[str, str] = field(default_factory=dict)

    def noted(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            yield document
            for path in linked(document):
                self.known.setdefault(path, document.path)

    def broken(self) -> Iterator[Failure]:
        """To be asked when everything is written."""
        for path in self.disk.missing(self.known):
            remedy = "mend the template or the setting; if the file was deleted: aggregator publish --all"
            yield Failure("publish", f"{self.known[path]}: leads to {path}, and there is no such file; {remedy}")


def _is_stale(store: Store, catalogue: Catalogue, disk: Disk, frame: str, now: datetime) -> bool:
    """Whether the catalogue tells nothing of this site, this store, this folder or this hour: one of them may have been
    put back from a backup."""
    last, change = catalogue.state("now"), int(catalogue.state("change") or 0)
    return (
        catalogue.state("frame") != frame
        or not last
        or now < datetime.fromisoformat(last)
        or disk.mark() not in filter(None, (catalogue.state("mark"), catalogue.state("former mark")))
        or store.changed(change)[0] < change
    )


def _mark_anew(catalogue: Catalogue, now: datetime) -> None:
    """The folder bears the mark of the publish that wrote to it last. Until that has begun it bears the former one, and
    all that has changed since is owed."""
    if not catalogue.state("former mark"):
        catalogue.note("former mark", catalogue.state("mark"))
    catalogue.note("mark", f"{now.isoformat()} {catalogue.state('change')}")


def _begin(catalogue: Catalogue, disk: Disk, config: Config) -> None:
    """Everything is owed: what there is in any case, and what the folder holds, which may be nothing any more."""
    catalogue.forget_all()
    catalogue.owe(parts.whole(config))
    catalogue.owe(sorted(disk.parts()))


def _derive(derivation: Derivation, checks: Mapping[str, Check], now: datetime) -> set[str]:
    """Bring the catalogue up to date; the parts that are to be removed."""
    stock = derivation.stock
    catalogue, store = stock.catalogue, stock.store
    since = int(catalogue.state("change") or 0)
    number, written = store.changed(since)
    told = {source.id: signature(source, _head(checks.get(source.id))) for source in stock.config.sources}
    former = catalogue.states("source ")
    others = catalogue.of_sources(id_ for id_, sign in told.items() if former.get(id_, sign) != sign)
    leads = [lead for path, mark, lead, _ in catalogue.attached() if stock.disk.attachment_mark(path) != mark]
    last = catalogue.state("now")
    derivation.take([*written, *catalogue.overdue(now), *others, *_of_changed_issues(derivation)], leads)
    if last:
        derivation.turn(datetime.fromisoformat(last))
    for id_, sign in told.items():
        catalogue.note(f"source {id_}", sign)
    catalogue.note("change", str(number))
    catalogue.note("now", now.isoformat())
    return derivation.gone


def _public_issues(config: Config, store: Store) -> Mapping[str, tuple[Issue, ...]]:
    """Those that have been sent, of the newsletters that anybody may read; the latest first."""
    public = {newsletter.id for newsletter in config.newsletters if newsletter.area == "public"}
    sent = [i for i in reversed(store.issue_heads()) if i.newsletter in public and i.state in ("sending", "sent")]
    return {id_: tuple(issue for issue in sent if issue.newsletter == id_) for id_ in public}


def _of_changed_issues(derivation: Derivation) -> Iterator[str]:
    """The entries of the issues that were sent since; their pages are owed."""
    catalogue, store = derivation.stock.catalogue, derivation.stock.store
    issues = [issue for sent in derivation.press.issues.values() for issue in sent]
    former = catalogue.states("issue ")
    for issue in issues:
        name, sign = f"{issue.newsletter}/{issue.number}", signature(issue.hash, issue.note, issue.frozen)
        if former.get(name) != sign:
            catalogue.owe((*parts.issue_parts(issue.newsletter, issue.number), "sitemap"))
            # The one before now has one to lead to.
            catalogue.owe(f"issue:{one.newsletter}/{one.number}" for one in _beside(issue, issues))
            catalogue.note(f"issue {name}", sign)
            yield from store.told_by(issue.newsletter, issue.number)


def _beside(issue: Issue, issues: Iterable[Issue]) -> Iterator[Issue]:
    """The issues before and after one, latest first."""
    own = [one for one in issues if one.newsletter == issue.newsletter]
    at = own.index(issue)
    yield from (*own[at + 1 : at + 2], *own[max(0, at - 1) : at])


def _head(check: Check | None) -> tuple[str, ...]:
    """What is shown of a source beside its entries."""
    return (check.title, check.url, check.home, check.language) if check else ()


def _unattached(catalogue: Catalogue) -> Iterator[Failure]:
    return (Failure(ANNOUNCEMENTS, fault) for _, _, _, fault in catalogue.attached() if fault)


def _made(owed: Sequence[str], press: Press, stock: Stock, links: _Links) -> Iterator[Part]:
    for start in range(0, len(owed), _AHEAD):
        some = owed[start : start + _AHEAD]
        entries = [part.removeprefix("entry:") for part in some if part.startswith("entry:")]
        stock.prefetch(stock.catalogue.groups.leads(entries))
        for part in some:
            kind, _, name = part.partition(":")
            files = stock.files(name) if kind == "entry" else ()
            yield Part(part, chain(links.noted(parts.documents(part, press)), files))
