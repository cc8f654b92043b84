"""Atom documents of one site -> the sentences of RFC 5005, section 4 (archived feeds), that they break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from tests.rfc4287 import ARCHIVE, ATOM

_RELATIONS = ("self", "current", "prev-archive", "next-archive")


def violations(documents: Mapping[str, bytes]) -> list[str]:
    """`documents` are all Atom feeds of the site by address; empty where they keep what they promise."""
    feeds = {address: etree.fromstring(body) for address, body in documents.items()}
    archives = {address for address, feed in feeds.items() if feed.find(ARCHIVE) is not None}
    found = [f"{address}: {fault}" for address, feed in feeds.items() for fault in _of_links(address, feed, feeds)]
    for address in feeds.keys() - archives:
        found += [f"{address}: {fault}" for fault in _of_chain(address, feeds, archives)]
    reached = {one for address in feeds.keys() - archives for one in chain(address, feeds)}
    return found + [f"{address}: 4: no subscription document leads to this archive" for address in archives - reached]


def chain(address: str, feeds: Mapping[str, etree._Element]) -> list[str]:
    """The archives of a subscription document, the latest first."""
    found: list[str] = []
    while (address := links(feeds[address]).get("prev-archive", "")) and address not in found:
        found.append(address)
    return found


def links(feed: etree._Element) -> dict[str, str]:
    return {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}


def _of_links(address: str, feed: etree._Element, feeds: Mapping[str, etree._Element]) -> Iterator[str]:
    told = [link.get("rel") for link in feed.findall(f"{ATOM}link")]
    yield from (
        f"4: {relation} stands there {told.count(relation)} times"
        for relation in _RELATIONS
        if told.count(relation) > 1
    )
    known = links(feed)
    if known.get("self") != address:
        yield f"4: it calls itself {known.get('self')}"
    for relation in _RELATIONS:
        if relation in known and known[relation] not in feeds:
            yield f"4: its {relation}, {known[relation]}, is not there"
    if feed.findall(f".//{ARCHIVE}") and feed.find(ARCHIVE) is None:
        yield "4: fh:archive is no child of atom:feed"


def _of_chain(address: str, feeds: Mapping[str, etree._Element], archives: set[str]) -> Iterator[str]:
    """4: from the subscription document back to the oldest archive, and the same way forth."""
    if "next-archive" in links(feeds[address]):
        yield "4: a subscription document has no next-archive"
    found, after = chain(address, feeds), ""
    for one in found:
        if one not in archives:
            yield f"4: {one} is no archive"
        if links(feeds[one]).get("current") != address:
            yield f"4: {one} belongs to {links(feeds[one]).get('current')}"
        if links(feeds[one]).get("next-archive", "") != after:
            yield f"4: {one} goes on with {links(feeds[one]).get('next-archive')}, and not with {after}"
        after = one
