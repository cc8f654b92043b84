"""An <item> or <entry> -> Told, as feedparser would take it apart: an element means the same in RSS and Atom. Pure.

A walk over the element: what is known is read, what is unknown is looked through (so media:group gives its title), what
feedparser would read in a way of its own is refused. Where an element comes twice, the outer and then the later counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from aggregator.errors import NotWellFormed
from aggregator.parse.elements import Scope, guessed, joined, mended, plain, text, words
from aggregator.parse.names import Attributes, attributes, name
from aggregator.parse.people import PARTS, named, person
from aggregator.parse.told import File, Tag, Told, Words, media

_ITUNES = "http://www.itunes.com/"
_MEDIA = "http://search.yahoo.com/mrss/category_schema"


@dataclass(slots=True)
class _State:
    """What is told so far, and what feedparser would remember of how it was told."""

    told: Told
    depths: dict[str, int] = field(default_factory=dict)
    tags: set[Tag] = field(default_factory=set)
    titled_at: int = -1
    has_summary: bool = False
    has_content: bool = False
    has_plain_author: bool = False

    def takes(self, key: str, depth: int) -> bool:
        """Whether a value from this depth counts: not below one that is there already."""
        if depth > self.depths.get(key, depth):
            return False
        self.depths[key] = depth
        return True


_Reader = Callable[[_State, etree._Element, Attributes, Scope, int], None]


def read(entry: etree._Element, scope: Scope) -> Told:
    """One entry; `scope` is that of its parent."""
    own = attributes(entry)
    if "href" in own or "lastmod" in own:
        raise NotWellFormed("an entry with attributes of CDF")
    state = _State(Told(id=own.get("rdf:about", "")))
    _walk(state, entry, scope.inside(own), 0)
    return state.told


def _walk(state: _State, parent: etree._Element, scope: Scope, depth: int) -> None:
    for element in parent:
        found = attributes(element)
        inner = scope.inside(found) if found else scope
        known = name(element)
        reader = _READERS.get(known)
        if reader:
            reader(state, element, found, inner, depth)
        elif known in REFUSED or known.startswith(REFUSED_PREFIXES):
            raise NotWellFormed(f"an entry with {element.tag[:80]!r}")
        elif len(element):
            if known in LEAVES:
                raise NotWellFormed(f"there are elements inside {element.tag[:80]!r}")
            _walk(state, element, inner, depth + 1)


# Names that feedparser gives a meaning we do not follow, or that would overwrite what it keeps under them.
REFUSED = frozenset(
    "abstract authors body channel contributors date enclosures entries entry feed fullitem geom georss_where "
    "georssgeom guidislink item items license links newlocation publishers rss tags textinput where xhtml_body".split()
)
REFUSED_PREFIXES = ("gml_", "psc_")
# Not read, but feedparser takes elements inside them for markup.
LEAVES = frozenset("subtitle tagline itunes_subtitle info feedburner_browserfriendly".split())


# --- texts ---


def _title(state: _State, element: etree._Element, found: Attributes, scope: Scope, depth: int) -> None:
    title = words(element, found, scope, "text/plain")
    if not 0 <= state.titled_at <= depth:
        if not state.takes("title", depth):
            raise NotWellFormed("a title below an empty one")
        state.told.title = title
    if title.value and name(element) != "media_title":
        state.titled_at = depth


def _summary(default: str) -> _Reader:
    """A second summary is the content, as long as there is none: <description> twice, or itunes:summary beside it."""

    def read_summary(state: _State, element: etree._Element, found: Attributes, scope: Scope, _depth: int) -> None:
        if state.has_summary and not state.has_content:
            _hold(state, guessed(words(element, found, scope, "text/plain"), scope))
        else:
            state.told.summary = guessed(words(element, found, scope, default), scope)
            state.has_summary = True

    return read_summary


def _content(default: str) -> _Reader:
    def read_content(state: _State, element: etree._Element, found: Attributes, scope: Scope, _depth: int) -> None:
        _hold(state, guessed(words(element, found, scope, default), scope))

    return read_content


def _hold(state: _State, content: Words) -> None:
    state.told.contents.append(content)
    state.has_content = state.has_summary = True


def _rights(state: _State, element: etree._Element, found: Attributes, scope: Scope, depth: int) -> None:
    rights = words(element, found, scope, "text/plain").value
    if state.takes("rights", depth):
        state.told.rights = rights


def _field(key: str) -> _Reader:
    def read_field(state: _State, element: etree._Element, _found: Attributes, _scope: Scope, depth: int) -> None:
        value = plain(element)
        if state.takes(key, depth):
            setattr(state.told, key, value)

    return read_field


def _event(key: str) -> _Reader:
    read_field = _field(key)

    def read_event(state: _State, element: etree._Element, found: Attributes, scope: Scope, depth: int) -> None:
        if found:  # feedparser keeps the attributes instead of the text
            raise NotWellFormed("an event with attributes")
        read_field(state, element, found, scope, depth)

    return read_event


# --- addresses ---


def _guid(state: _State, element: etree._Element, found: Attributes, scope: Scope, depth: int) -> None:
    value, is_link = identifier(element, found, scope)
    if state.takes("id", depth):
        state.told.id = value
    if is_link and state.told.link is None:
        state.told.link = value


def identifier(element: etree._Element, found: Attributes, scope: Scope) -> tuple[str, bool]:
    """An id, and whether it may serve as the link. Then it is resolved; RSS may say that a guid is no address."""
    is_link = found.get("ispermalink", "true") == "true"
    value = text(element)
    return mended(joined(scope.base, value) if is_link and value else value), is_link


def _link(state: _State, element: etree._Element, found: Attributes, scope: Scope, _depth: int) -> None:
    rel, href = found.get("rel", "alternate"), reference(found)
    if href is None:
        if rel == "enclosure":
            raise NotWellFormed("an enclosure without an address")
        state.told.link = written(element, scope)
        return
    if len(element):
        raise NotWellFormed("there are elements inside a link")
    href = joined(scope.base, href)
    if rel == "enclosure":
        _attach(state, href, found, "text/html")
    elif rel == "alternate" and found.get("type", "html") in PAGES:
        state.told.link = href


PAGES = frozenset(("html", "text/html", "xhtml", "application/xhtml+xml"))
_ENTITY = re.compile(r"&([A-Za-z0-9_]+);")


def reference(found: Attributes) -> str | None:
    """The address among the attributes of a link or an enclosure."""
    return found.get("url", found.get("uri", found.get("href"))) or found.get("href")


def written(element: etree._Element, scope: Scope) -> str:
    """The address that is the text of a link."""
    value = text(element)
    value = mended(joined(scope.base, value)) if value else ""
    return _ENTITY.sub(r"&\1", value.replace("&amp;", "&")) if "&" in value else value


def _enclosure(state: _State, element: etree._Element, found: Attributes, _scope: Scope, _depth: int) -> None:
    if len(element):
        raise NotWellFormed("there are elements inside an enclosure")
    _attach(state, reference(found) or "", found, "")


def _attach(state: _State, url: str, found: Attributes, default: str) -> None:
    type_, length, title = found.get("type", default), found.get("length", ""), found.get("title", "")
    state.told.files.append(File(url, type_, length, title))


def _media(state: _State, element: etree._Element, found: Attributes, scope: Scope, depth: int) -> None:
    state.told.media += media(*(found.get(key, "") for key in ("url", "type", "medium", "filesize")))
    _walk(state, element, scope, depth + 1)


# --- people and tags ---


def _author(state: _State, element: etree._Element, _found: Attributes, _scope: Scope, depth: int) -> None:
    if not state.takes("author", depth):
        raise NotWellFormed("an author below another")
    if not len(element):
        state.told.authors.append(named(element))
        state.has_plain_author = True
        return
    name, mail = person(element)
    # feedparser writes the parts of a later author into the first one's, if that was a text, and lends it his name.
    if state.told.authors and (state.has_plain_author or not name):
        raise NotWellFormed("authors of several kinds")
    state.told.authors.append(name or mail)


def _category(state: _State, element: etree._Element, found: Attributes, _scope: Scope, _depth: int) -> None:
    scheme = found.get("scheme", found.get("domain", ""))
    _tag(state, element, Tag(found.get("term", ""), scheme, found.get("label", "")))


def _media_category(state: _State, element: etree._Element, found: Attributes, _scope: Scope, _depth: int) -> None:
    _tag(state, element, Tag(found.get("term", ""), found.get("scheme", _MEDIA), found.get("label", "")))


def _itunes_category(state: _State, element: etree._Element, found: Attributes, _scope: Scope, _depth: int) -> None:
    _tag(state, element, Tag(found.get("text", ""), _ITUNES))


def _tag(state: _State, element: etree._Element, tag: Tag) -> None:
    """What its attributes say, and its text: the term of the last tag where that has none, else a tag of its own."""
    tags, term = state.told.tags, plain(element)
    if any(tag):
        _add(state, tag)
    if term and tags and not tags[-1].term:
        state.tags.remove(tags[-1])
        tags[-1] = tags[-1]._replace(term=term)
        state.tags.add(tags[-1])
    elif term:
        _add(state, Tag(term))


def _add(state: _State, tag: Tag) -> None:
    if tag not in state.tags:
        state.tags.add(tag)
        state.told.tags.append(tag)


def _keywords(scheme: str) -> _Reader:
    def read_keywords(state: _State, element: etree._Element, found: Attributes, _scope: Scope, _depth: int) -> None:
        if found:
            raise NotWellFormed("keywords with attributes")
        for word in filter(None, map(str.strip, plain(element).split(","))):
            _add(state, Tag(word, scheme))

    return read_keywords


# --- what stands beside ---

_OF_A_SOURCE = frozenset(
    "author category contributor generator icon id link logo published rights subtitle title updated".split()
)
_OF_AN_IMAGE = frozenset("url width height".split())


def _source(state: _State, element: etree._Element, _found: Attributes, scope: Scope, depth: int) -> None:
    """RSS names the feed an entry was taken from in a text, Atom by elements; neither is the entry's own."""
    state.titled_at = -1
    state.told.origin = "" if len(element) else plain(element)
    for child in element:
        part = name(child)
        if part not in _OF_A_SOURCE or any(name(inner) not in PARTS or len(inner) for inner in child):
            raise NotWellFormed(f"a source with {child.tag[:80]!r}")
        if part == "title" and text(child):
            state.titled_at = depth + 1
            state.told.origin = state.told.origin or words(child, attributes(child), scope, "text/plain").value


def _image(state: _State, element: etree._Element, _found: Attributes, _scope: Scope, _depth: int) -> None:
    state.titled_at = -1
    if any(name(child) not in _OF_AN_IMAGE or len(child) for child in element):
        raise NotWellFormed("an entry with a picture that has a title of its own")


_READERS: dict[str, _Reader] = {
    **dict.fromkeys(("title", "dc_title", "media_title"), _title),
    **dict.fromkeys(("description", "dc_description", "media_description"), _summary("text/html")),
    **dict.fromkeys(("summary", "itunes_summary"), _summary("text/plain")),
    "content": _content("text/plain"),
    "content_encoded": _content("text/html"),
    **dict.fromkeys(("rights", "copyright", "dc_rights"), _rights),
    **dict.fromkeys(("published", "pubdate", "issued", "dcterms_issued"), _field("published")),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), _field("updated")),
    "ev_startdate": _event("starts"),
    "ev_enddate": _event("ends"),
    "ev_location": _event("place"),
    **dict.fromkeys(("id", "guid"), _guid),
    "link": _link,
    "enclosure": _enclosure,
    "media_content": _media,
    **dict.fromkeys(("author", "dc_author", "dc_creator", "itunes_author", "managingeditor"), _author),
    **dict.fromkeys(("category", "keywords", "dc_subject"), _category),
    "media_category": _media_category,
    "itunes_category": _itunes_category,
    "itunes_keywords": _keywords(_ITUNES),
    "media_keywords": _keywords(""),
    **dict.fromkeys(("language", "dc_language"), _field("language")),
    "source": _source,
    "image": _image,
}
