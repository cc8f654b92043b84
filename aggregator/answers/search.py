"""What somebody looks for | stems | the catalogue's index: a page of the stories that tell of it."""

from __future__ import annotations

from aggregator.errors import StoreError
from aggregator.markup import legal
from aggregator.ports import Finder
from aggregator.render.rows import unpacked
from aggregator.render.site.search import Found
from aggregator.stems import asked, cut

_A_PAGE = 20  # results
_DEEPEST = 50  # pages; whoever would look further does better with more words


def search(finder: Finder, text: str, number: int, language: str) -> Found:
    """The page of this number, or the nearest there is, whatever the text; `language` is the site's."""
    typed, wanted = legal(cut(text)).strip(), asked(text, language)
    if not wanted.stems:
        return Found(typed)
    number = min(max(number, 1), _DEEPEST)
    try:
        total, lines = finder.found(wanted.stems, wanted.start, (number - 1) * _A_PAGE, _A_PAGE)
    except StoreError:
        return Found(typed, away=True)
    pages = min(-(-total // _A_PAGE), _DEEPEST)
    if number > max(pages, 1):
        return search(finder, text, pages, language)
    return Found(typed, tuple(map(unpacked, lines)), total, number, pages)
