"""Stories -> by tag. Two spellings of one tag are one; acts are no tags here, they have pages of their own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from aggregator.model import Story
from aggregator.slugs import NAMELESS, slug


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag as most write it, its name in addresses, and its stories in their order."""

    name: str
    slug: str
    stories: tuple[Story, ...]


def by_tag(stories: Iterable[Story]) -> tuple[Tagged, ...]:
    """Every tag some entry has, by name."""
    told: dict[str, list[Story]] = defaultdict(list)
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    for story in stories:
        names = [name for entry in story.entries for name in _own(entry.tags, {act.label for act in entry.acts})]
        for name in names:
            spelt[tag_slug(name)][name] += 1
        for key in dict.fromkeys(map(tag_slug, names)):
            told[key].append(story)
    found = (Tagged(_usual(spelt[key]), key, tuple(told[key])) for key in told)
    return tuple(sorted(found, key=lambda tagged: (tagged.name.casefold(), tagged.slug)))


def tag_slug(tag: str) -> str:
    """`Più Comuni` -> `piu-comuni`; a tag without a Latin letter is called by its hash."""
    found = slug(tag)
    if found != NAMELESS:
        return found
    return blake2b(tag.strip().encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def _own(tags: Iterable[str], acts: set[str]) -> list[str]:
    return [tag for tag in dict.fromkeys(tag.strip() for tag in tags) if tag and tag not in acts]


def _usual(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda name: (-spellings[name], name))
