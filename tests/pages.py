"""HTML of a page -> what a test asks about it: its text, its outline."""

import re
from collections import Counter
from html.parser import HTMLParser


def text(html: str) -> str:
    """What is read on the page, as one line."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    Reader().feed(html)
    return " ".join("".join(found).split())


class Outline(HTMLParser):
    """Tags of a document: every start has its end, ids are unique; addresses it loads or links to."""

    VOID = frozenset("meta link br img hr wbr input".split())

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.scripts: list[str] = []
        self.headings: list[int] = []
        self.tags: Counter[str] = Counter()
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs), f"an attribute twice in <{tag}>"
        assert not any(name.startswith("on") or name == "style" for name in found)
        self.tags[tag] += 1
        self.ids[found.get("id") or ""] += 1
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(found["href"] or "")
        elif tag == "script":
            self.scripts.append(found.get("src") or "written into the page")
        elif "src" in found or (tag == "link" and found.get("rel") in ("stylesheet", "icon")):
            self.loads.append(found.get("src") or found["href"] or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
