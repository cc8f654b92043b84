"""Names of files in newsletters/ and templates/ -> those that nobody reads, and what was perhaps meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from aggregator.parse.values import suggestion


def notes(paths: Iterable[str], newsletters: Collection[str]) -> Iterator[str]:
    """Of the editors' notes: newsletters/ID/next.md and ID/NUMBER.md are read."""
    for path in paths:
        newsletter, _, name = path.rpartition("/")
        if newsletter not in newsletters:
            hint = suggestion(newsletter, newsletters)
            yield f"newsletters/{path}: no newsletter is called {newsletter!r}; nobody reads it; {hint}"
        elif not re.fullmatch(r"(next|[0-9]+)\.md", name):
            yield f"newsletters/{path}: a note is called next.md, or 14.md after its issue's number; nobody reads it"


def templates(own: Mapping[str, str], packaged: Collection[str], logos: Collection[str]) -> Iterator[str]:
    """Of the site's templates: what takes the place of one of ours, in any look, what another names, and logos."""
    for path in own:
        others = (text for name, text in own.items() if name != path)
        named = re.compile(rf"[\"']{re.escape(path)}[\"']")
        if path in logos or _of_ours(path) in packaged or any(map(named.search, others)):
            continue
        hint = suggestion(path, packaged)
        meant = f"; {hint}" if hint.startswith("did") else ""
        yield f"templates/{path}: takes the place of no template and is no logo; nobody reads it{meant}"


def _of_ours(path: str) -> str:
    """The template it takes the place of: a look of the site's own has the files of ours."""
    return re.sub(r"^newsletter/[^/]+/", "newsletter/default/", path)
