"""what changed | route | group | shelve | render | write: the portal and its feeds, as they should stand now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from aggregator.errors import DamagedError, RenderError, StoreError
from aggregator.jobs.publishing.derive import Derivation, signature
from aggregator.jobs.publishing.making import Making
from aggregator.jobs.publishing.stock import Stock
from aggregator.jobs.pulling.standing import take_over, with_stand_ins
from aggregator.model import ANNOUNCEMENTS, Check, Failure, Issue, Report
from aggregator.ports import Catalogue, Disk, Store
from aggregator.render import parts
from aggregator.render.heads import heads, titles
from aggregator.render.press import Press
from aggregator.render.templates import Templates
from aggregator.settings import Config


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

    A template that is wrong whatever it is filled with stops it before anything is written: the folder stays as it was.
    """
    if whole:
        catalogue.make_anew()
    try:
        return _published(config, store, disk, catalogue, templates, now, program)
    except DamagedError as error:
        catalogue.make_anew()
        report = _published(config, store, disk, catalogue, templates, now, program)
        damage = Failure("publish", f"{error}; it was made anew, and all that hangs on it", once=True)
        return replace(report, failures=(damage, *report.failures))


def _published(
    config: Config, store: Store, disk: Disk, catalogue: Catalogue, templates: Templates, now: datetime, program: str
) -> Report:
    checks = take_over(config, store, now)
    config = with_stand_ins(config, checks)
    frame = signature(program, replace(config, sources=()), templates.signature)
    try:
        anew = _is_stale(store, catalogue, disk, frame, now)
        if anew:
            _begin(catalogue, disk, config)
        stock = Stock(config, store, catalogue, disk, now)
        named, known, issues = titles(config, checks), heads(config, checks), _public_issues(config, store)
        press = Press(config, templates, catalogue.shelves, stock, named, known, now, issues)
        gone = _derive(Derivation(stock, press, anew), checks, now)
        catalogue.note("frame", frame)  # from here on the catalogue is whole, and tells of this site
        catalogue.owe(part for part, _ in _altered(catalogue, disk, config))
        if catalogue.owed():
            _mark_anew(catalogue, now)
        catalogue.owe(parts.by_the_hour())
        catalogue.commit()  # what is owed now, the next run makes where this one does not
        making = Making(press, stock)
        made = making.made([part for part in catalogue.owed() if part not in gone])
        counts = disk.write(made, gone=sorted(gone), mark=catalogue.state("mark"), done=catalogue.done)
        catalogue.note("former mark", "")
        for part, mark in _altered(catalogue, disk, config):
            catalogue.note(f"left {part}", mark)
        catalogue.commit()
    except DamagedError:
        raise
    except (RenderError, StoreError) as error:
        failures = (*_unattached(catalogue), Failure("publish", str(error)))
        return Report("publish", now, now, error.counts, failures, broken=("publish",))
    return Report(
        "publish", now, now, counts, (*_unattached(catalogue), *making.failures(), *making.broken_links(disk))
    )


def _altered(catalogue: Catalogue, disk: Disk, config: Config) -> Iterator[tuple[str, str]]:
    """(part, mark of its files) of the main ones that are not as the last publish left them: somebody deleted one, or
    wrote into it."""
    left = catalogue.states("left ")
    for part, files in parts.main(config):
        mark = disk.output_mark(files)
        if left.get(part) != mark:
            yield part, mark


def _is_stale(store: Store, catalogue: Catalogue, disk: Disk, frame: str, now: datetime) -> bool:
    """Whether the catalogue tells nothing of this site, this store, this folder or this hour: one of them may have been
    put back from a backup."""
    last, change = catalogue.state("now"), int(catalogue.state("change") or 0)
    return (
        catalogue.state("frame") != frame
        or not last
        or now < datetime.fromisoformat(last)
        or disk.mark() not in filter(None, (catalogue.state("mark"), catalogue.state("former mark")))
        or store.change_name(change) != catalogue.state("change name")
    )


def _mark_anew(catalogue: Catalogue, now: datetime) -> None:
    """The folder bears the mark of the publish that wrote to it last. Until that has begun it bears the former one, and
    all that has changed since is owed."""
    if not catalogue.state("former mark"):
        catalogue.note("former mark", catalogue.state("mark"))
    catalogue.note("mark", f"{now.isoformat()} {catalogue.state('change')}")


def _begin(catalogue: Catalogue, disk: Disk, config: Config) -> None:
    """Everything is owed: what there is in any case, and what the folder holds, which may be nothing any more."""
    catalogue.make_anew()
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
    derivation.turn(datetime.fromisoformat(last) if last else None)
    for id_, sign in told.items():
        catalogue.note(f"source {id_}", sign)
    catalogue.note("change", str(number))
    catalogue.note("change name", store.change_name(number))
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
