"""Entry + rules -> the sections it belongs to, and the rule that says so. First placement wins, tags add up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from aggregator import acts, markup, words
from aggregator.model import Act, Area, Entry, Placement
from aggregator.reasons import FORGOTTEN
from aggregator.settings import Condition, Config, Rule

_ACTS = 12  # a text that names more is a list of laws


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry with what the rules say of it; no placement: dropped."""

    entry: Entry
    placements: tuple[Placement, ...]
    area: Area
    rank: int = 0  # of its source
    evidence: str = ""  # why it stands with the entries before it: `merge.cluster`


def route(entry: Entry, config: Config, named: tuple[Act, ...] | None = None) -> Placed:
    """Where an entry belongs today: its own front matter, else the first rule that names a section, else its source.
    The acts it names are among its tags, for the rules too; `named` are those, where they are known already."""
    entry = _with_acts(entry, _acts(entry) if named is None else named)
    matching = [(f"rules[{n}]", rule) for n, rule in enumerate(config.rules) if applies(rule.when, entry)]
    source = config.source(entry.source_id)
    placements = () if any(rule.drop for _, rule in matching) else tuple(_placements(entry, matching, config))
    tags = tuple(dict.fromkeys((*entry.tags, *(tag for _, rule in matching for tag in rule.tag))))
    pin = entry.pin or any(rule.pin for _, rule in matching)
    area = _area(entry, matching, config)
    # The entry itself must know: what is reserved has no page and no copied files that a mail could link to.
    return Placed(replace(entry, tags=tags, pin=pin, area=area), placements, area, source.rank if source else 0)


def _acts(entry: Entry) -> tuple[Act, ...]:
    named = acts.found(f"{entry.title}. {markup.text(entry.summary)} {markup.text(entry.content)}")[:_ACTS]
    if entry.url and (linked := acts.linked(entry.url)) and linked not in named:
        named = (linked, *named)
    return named


def _with_acts(entry: Entry, named: tuple[Act, ...]) -> Entry:
    tags = tuple(dict.fromkeys((*entry.tags, *(act.label for act in named))))
    return replace(entry, acts=named, tags=tags) if named else entry


def _placements(entry: Entry, matching: list[tuple[str, Rule]], config: Config) -> Iterator[Placement]:
    main = _main(entry, matching, config)
    yield main
    also = {section: Placement(section, name) for name, rule in matching for section in rule.also}
    yield from (placement for section, placement in also.items() if section != main.section)


def _main(entry: Entry, matching: list[tuple[str, Rule]], config: Config) -> Placement:
    if entry.section and (asked := config.section(entry.section)):
        return Placement(asked.id, "front matter")
    for name, rule in matching:
        if rule.section:
            return Placement(rule.section, name)
    source = config.source(entry.source_id)
    if source and source.section:
        return Placement(source.section, "source")
    return Placement(config.defaults.section or config.sections[0].id, "defaults")


def _area(entry: Entry, matching: list[tuple[str, Rule]], config: Config) -> Area:
    """Reserved where anything says so. A source that is still configured speaks for its entries as it stands today;
    one that was taken out, as it stood when they came in. What is forgotten has no words for a rule any more: it stays
    as it was."""
    source = config.source(entry.source_id)
    said = [source.area if source else entry.area, *(rule.area for _, rule in matching if rule.area)]
    said += [entry.area] if entry.left_out == FORGOTTEN else []
    return "reserved" if "reserved" in said else "public"


def applies(when: Condition, entry: Entry) -> bool:
    """Whether everything the condition names holds; a condition that names nothing holds of nothing."""
    fields: dict[str, Callable[[], bool]] = {
        "title": lambda: _any(when.title, entry.title),
        "text": lambda: _any(when.text, entry.title, markup.text(entry.summary), markup.text(entry.content)),
        "source": lambda: entry.source_id in when.source,
        "author": lambda: _any(when.author, *entry.authors),
        "tag": lambda: _any(when.tag, *entry.tags),
        "language": lambda: _speaks(entry.language, when.language),
        "link": lambda: _any(when.link, entry.url or ""),
        "all_": lambda: all(applies(inner, entry) for inner in when.all_),
        "any_": lambda: any(applies(inner, entry) for inner in when.any_),
        "not_": lambda: when.not_ is not None and not applies(when.not_, entry),
    }
    named = [holds for name, holds in fields.items() if getattr(when, name)]
    return bool(named) and all(holds() for holds in named)


def _any(patterns: tuple[str, ...], *texts: str) -> bool:
    return words.matcher(patterns).matches(*texts) is not None


def _speaks(language: str, wanted: tuple[str, ...]) -> bool:
    """`it` means `it-IT` too (RFC 4647, basic filtering)."""
    return any(language.lower() == w.lower() or language.lower().startswith(f"{w.lower()}-") for w in wanted)
