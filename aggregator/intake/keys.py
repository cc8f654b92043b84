"""An entry -> its keys: short hashes of guid, link, title, date and text, by which it is recognised later. Its files
count as text; of one that has any, what is read is known by itself, as `words`."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from aggregator import markup, urls
from aggregator.model import Entry

Keys = Mapping[str, str]

WORDS = ("link", "title", "date", "text")
ALL = ("guid", *WORDS)

# In front of the hash of what stands where a date should: it tells entries apart, but is no date that has changed.
_NO_DATE = "?"


def keys_of(entry: Entry, home: str = "") -> dict[str, str]:
    """The entry's keys; what it lacks has none. A link to `home`, the feed's own page, names no entry and is none."""
    link = _page(entry.url) if entry.url else ""
    told = {
        "guid": _guid(entry.guid or ""),
        "link": "" if home and link == _page(home) else link,
        "title": _folded(entry.title),
        "date": entry.published_raw.strip(),
    }
    keys = {kind: digest(value) for kind, value in told.items() if value}
    essence, files = markup.essence(entry.content or entry.summary), _files(entry)
    if essence or files:
        keys["text"] = _hash(essence + files)
    if files:
        keys["words"] = _hash(essence)
    if "date" in keys and entry.published is None:
        keys["date"] = _NO_DATE + keys["date"]
    return keys


def guid_key(guid: str) -> str:
    """The key under which a guid is known."""
    return digest(_guid(guid))


def has(keys: Keys, kinds: tuple[str, ...]) -> bool:
    return all(kind in keys for kind in kinds)


def differ(mine: Keys, theirs: Keys, kind: str) -> bool:
    """Whether both have one, and not the same; two dates differ only where both are dates."""
    values = (mine.get(kind, ""), theirs.get(kind, ""))
    return all(values) and values[0] != values[1] and not any(v.startswith(_NO_DATE) for v in values)


def signature(keys: Keys, kinds: tuple[str, ...]) -> str:
    return " ".join([f"{kind}:{keys.get(kind, '')}" for kind in kinds])


def digest(value: str, size: int = 8) -> str:
    return _hash(value.encode("utf-8", "surrogatepass"), size)


def _hash(value: bytes, size: int = 8) -> str:
    return blake2b(value, digest_size=size).hexdigest()


def _guid(guid: str) -> str:
    """A guid that is a web address is compared like one: http and https, with www or without."""
    stripped = guid.strip()
    return _page(stripped) if urls.is_web(stripped) else stripped


def _page(url: str) -> str:
    """The fragment counts: pages with an anchor for each of their entries are common."""
    return f"{urls.key(url)}#{url.strip().partition('#')[2]}"


def _files(entry: Entry) -> bytes:
    """Which files belong to it: acts often differ by their PDF alone."""
    files = " ".join(urls.key(enclosure.url or enclosure.path) for enclosure in entry.enclosures)
    return files.encode("utf-8", "surrogatepass")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
