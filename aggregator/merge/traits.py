"""An entry -> what it is recognised by when others tell the same news: its page, act, words, numbers, turns. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from sys import intern
from zlib import crc32

from aggregator import acts, markup, urls, words
from aggregator.folding import fold
from aggregator.model import Entry

_PAGE = re.compile(r"//[^/?#]+/[^?#]")  # a key of `urls`
_READ = 150  # words of a text: what is the same so far is the same
_NOTICE_TITLE = 4  # words that say what it is about: a title with fewer could stand over many notices
_LONG = 15  # words that tell something, from which a text may be the same under another title
_SKETCH = 4  # hashes a text is found by

# Words that tell nothing of what the news is about: small ones, and those every notice and every press office uses.
_SMALL = """
a ad ai al all alla alle allo agli anche c che chi ci come con cosa cui d da dai dal dall dalla dalle dallo dagli
degli dei del dell della delle dello di e ed essere fra gli ha hanno i il in io l la le lo ma n ne nei nel nell nella
nelle nello negli o od ogni per piu presso quale quali quanto quella quelle quelli quello questa queste questi questo
qui se si sia sono su sua sue sugli sui sul sull sulla sulle sullo suo suoi tra un una uno ve vi art comma lett prot
nr num ecc the of and to in on for an is are"""
_NOTICES = """
albo pretorio atto atti avviso avvisi avvio bando bandi comunicato comunicati comunicazione comunale comunali comune
comuni concorso consiglio convocazione decreto decreti delibera delibere deliberazione deliberazioni determina
determinazione determinazioni dirigenziale dirigenziali giunta matrimonio pubblicazione pubblicazioni ordinanza
ordinanze ordine ordinaria oggetto prima pubblico pubblica pubblicato pubblicata pubblicati pubblicate registro seduta
sindaco sindacale straordinaria stampa esito graduatoria nomina numero oggi ieri domani nuovo nuova nuovi nuove via
online on line disponibile disponibili aperto aperta aperti aperte informa chiusura uffici legge leggi legislativo lgs
circolare circolari sentenza sentenze corte cost costituzionale cassazione direttiva regolamento"""
_TELL_NOTHING = frozenset((_SMALL + _NOTICES).split())

_MONTHS = "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split()
_DAY_IN_WORDS = re.compile(rf"\b(\d{{1,2}})\W?\s({'|'.join(_MONTHS)})\b")
_DAY_IN_FIGURES = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](20\d\d)\b")
_LOCAL = re.compile(r"(?:^|\.)(?:comune|albo|albopretorio|albo-pretorio)\.")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Traits:
    """Words are folded, a day is `d3006` however it was written."""

    page: str
    act: str  # the label of the act its title begins with
    town: str  # the host, where it is a municipality's
    heading: tuple[str, ...]  # all words of the title
    title: frozenset[str]  # those that say what it is about, beside the act it may begin with
    title_numbers: frozenset[str]
    text: tuple[str, ...]  # its first words, all of them
    told: frozenset[str]  # the words of the text that tell something
    words: frozenset[str]  # of title and text, as are the numbers
    numbers: frozenset[str]
    rows: frozenset[int]  # a hash of each four words in a row of a long text
    turns: frozenset[str]  # of the title, or of the text under a title that tells nothing: "proroga", "non"

    @property
    def is_notice(self) -> bool:
        """Only its page or its act tells which one it is."""
        return len(self.title) < _NOTICE_TITLE

    @property
    def sketch(self) -> list[int]:
        """A few of the rows, of which a text that is nearly the same has at least one as well."""
        return sorted(self.rows)[:_SKETCH]


def traits(entry: Entry) -> Traits:
    told = entry.content if len(entry.content) > len(entry.summary) else entry.summary
    act, about = acts.opening(entry.title)
    named, title = _words(entry.title), frozenset(filter(tells, _words(about)))
    host = urls.host(entry.url or "")
    text = _words(markup.text(told))[:_READ]
    said, about_text = frozenset((*named, *text)), frozenset(filter(tells, text))
    implied = {str(entry.published.year)} if entry.published else set()
    return Traits(
        page=page_of(entry),
        act=act.label if act else "",
        town=host if _LOCAL.search(host) else "",
        heading=named,
        title=title,
        title_numbers=frozenset(filter(_is_number, named)) - implied,
        text=text,
        told=about_text,
        words=said,
        numbers=frozenset(filter(_is_number, said)) - implied,
        rows=_rows(text) if len(about_text) >= _LONG else frozenset(),
        turns=frozenset(words.turns(" ".join(named if title else text))),
    )


def page_of(entry: Entry) -> str:
    """The key of the page it links to, of an act's text its label, at whatever address; none for a front page, which
    tells no news."""
    if not entry.url:
        return ""
    if act := acts.linked(entry.url):
        return act.label
    link = urls.key(entry.url)
    return link if _PAGE.match(link) else ""


def tells(word: str) -> bool:
    """Whether a word says what the news is about."""
    return len(word) > 1 and not _is_number(word) and word not in _TELL_NOTHING


def _plain(text: str) -> str:
    """Folded, every day written the same way."""
    folded = fold(text)
    folded = _DAY_IN_WORDS.sub(lambda m: f"d{int(m[1]):02}{_MONTHS.index(m[2]) + 1:02}", folded)
    return _DAY_IN_FIGURES.sub(lambda m: f"d{int(m[1]):02}{int(m[2]):02} {m[3]}", folded)


def _words(text: str) -> tuple[str, ...]:
    words = _WORD.findall(_plain(text))
    return tuple(intern(word.lstrip("0") or "0") if word.isdigit() else intern(word) for word in words)


def _rows(text: tuple[str, ...]) -> frozenset[int]:
    return frozenset(crc32(" ".join(text[n : n + 4]).encode()) for n in range(len(text) - 3))


def _is_number(word: str) -> bool:
    return word[0].isdigit() or word[-1].isdigit()
