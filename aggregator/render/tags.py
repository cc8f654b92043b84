"""What tags are called, and in addresses. Acts are no tags here, they have pages of their own."""

from __future__ import annotations

from hashlib import blake2b

from aggregator.model import Entry, Story
from aggregator.slugs import NAMELESS, slug


def tag_slug(tag: str) -> str:
    """`Più Comuni` -> `piu-comuni`: two spellings of one tag are one. A tag without a Latin letter is called by its
    hash."""
    found = slug(tag)
    if found != NAMELESS:
        return found
    return blake2b(tag.strip().encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def own_tags(entry: Entry) -> list[str]:
    """Its tags, each once, without the acts it names."""
    acts = {act.label for act in entry.acts}
    return [tag for tag in dict.fromkeys(tag.strip() for tag in entry.tags) if tag and tag not in acts]


def story_tags(story: Story) -> tuple[str, ...]:
    """Those of all who tell it, each once; the acts they name among them."""
    return tuple(dict.fromkeys(tag.strip() for entry in story.entries for tag in entry.tags if tag.strip()))
