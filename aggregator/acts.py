"""Text and addresses -> the acts they name, each by one label: `D. Lgs. 29 dicembre 2016, n. 253` is D.Lgs. 253/2016.

Only what names one act: a number with its year, or a day where acts of that kind go by their day. In doubt, nothing.
Sources: circolare 20 aprile 2001 on the form of citations; urn:nir (AIPA 2001), ELI, ECLI, CELEX.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from aggregator.model import Act

_MONTHS = "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split()

# --- statutes: label -> how it is written, its name in a urn:nir, whether its day alone names it ---

_DEC = r"decret[oi]\s+del\s+presidente"
_STATUTES: dict[str, tuple[str, str]] = {
    "D.Lgs.": (r"d\.?\s?lgs\.?|d\.?\s?leg\.?(?:vo)?\.?|decret[oi]\s+legislativ[oi]", "stato:decreto.legislativo"),
    "D.L.": (r"d\.\s?l\.|dl|decret[oi](?:\s?[-–]\s?|\s+)legge", "stato:decreto.legge"),
    "D.P.C.M.": (rf"d\.?\s?p\.?\s?c\.?\s?m\.?|{_DEC}\s+del\s+consiglio(?:\s+dei\s+ministri)?", ""),
    "D.P.R.": (
        rf"d\.?\s?p\.?\s?r\.?|{_DEC}\s+della\s+repubblica",
        "stato:decreto.del.presidente.della.repubblica",
    ),
    "D.M.": (r"d\.\s?m\.|dm|decret[oi]\s+(?:inter)?ministerial[ei]", ""),
    "R.D.": (r"r\.\s?d\.|regio\s+decreto", "stato:regio.decreto"),
    "L. cost.": (r"l\.\s?cost\.|legge\s+costituzionale", "stato:legge.costituzionale"),
    "L.": (r"l\.|legg[ei]", "stato:legge"),
}
_BY_DAY = ("D.P.C.M.", "D.M.", "Circ.")
_BILL = "".join(rf"(?<!{bill}[oi]\sdi\s)" for bill in ("disegn", "progett")) + r"(?<!propost[ae]\sdi\s)"

# --- what stands between a court, or an office, and its number ---

_COURTS = {
    "Cass.": r"cass(?:azione|\.)",
    "Corte cost.": r"c(?:orte|\.)\s+cost(?:ituzionale|\.)",
    "Cons. Stato": r"cons(?:iglio|\.)\s+(?:di\s+)?stato",
}
_OF_A_COURT = (
    r"(?:[\s,.–-]|sez(?:ioni?|\.)?\s*(?:[ivx]+|\d{1,2})(?:\s?-\s?\d)?\b|sezioni|sez|unite|un|civile|civ|penale|pen|lavoro|lav"
    r"|ss\.?\s?uu|s\.?\s?u|sentenza|sent|ordinanza|ord|decreto|con|la|nella)*"
)
_OFFICES = {
    "Min. Interno": r"intern[oi]|viminale",
    "Min. Lavoro": r"lavoro",
    "Min. Salute": r"salute",
    "Min. Giustizia": r"giustizia",
    "Min. Istruzione": r"istruzione|miur|mim",
    "INPS": r"inps",
    "INAIL": r"inail",
    "ANCI": r"anci",
    "Ag. Entrate": r"entrate",
    "Funzione pubblica": r"funzione\s+pubblica",
}
_OF_AN_OFFICE = (
    rf"(?:[\s,.:-]|del(?:la|l['’])?\b|de[ig](?:li)?\b|min(?:istero)?\b|ministeriale|agenzia|delle|dipartimento|prot(?:ocollo)?\b"
    rf"|congiunta|{'|'.join(_OFFICES.values())})*"
)

# --- numbers ---

_N = r"n(?:r|um|umero)?\s?[.°º]*\s*"
_DAY = rf"(?P<day>\d{{1,2}})[°º]?\s+(?P<month>{'|'.join(_MONTHS)})\s+(?P<year>\d{{4}})"
_FIGURES = r"(?P<day>\d{1,2})(?P<sep>[./-])(?P<month>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})(?!\d)"
_OF = r"\s*,?\s*(?:del(?:l['’](?:anno\s)?)?|di)?\s*"
_NUMBERED = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\s*(?:{_N})?(?P<number>\d{{1,6}})\s*[/\\]\s*(?P<year>\d{{4}}|\d{{2}})(?![\d/.\\-]\d|\d)",
        rf"{_OF}{_DAY}\s*,?\s*{_N}(?P<number>\d{{1,6}})(?!\d)",
        rf"{_OF}{_FIGURES}\s*,?\s*{_N}(?P<number>\d{{1,6}})(?!\d)",
        rf"\s*{_N}(?P<number>\d{{1,6}}){_OF}{_DAY}",
        rf"\s*{_N}(?P<number>\d{{1,6}}){_OF}{_FIGURES}",
        rf"\s*{_N}(?P<number>\d{{1,6}})\s+del(?:l['’](?:anno\s)?)?\s*(?P<year>\d{{4}})(?!\d)",
        rf"{_OF}(?P<year>\d{{4}})\s*,?\s*{_N}(?P<number>\d{{1,6}})(?!\d)",
    )
)
_DATED = tuple(re.compile(_OF + day, re.IGNORECASE) for day in (_DAY, _FIGURES))
_AND = re.compile(r"\s*(?:,|,?\s+ed?)\s+(?=n\.|\d)", re.IGNORECASE)

# --- the Union: kind -> label, ELI's name, CELEX's letter ---

_UNION = {
    "dir": ("Dir.", "dir", "L"),
    "reg": ("Reg.", "reg", "R"),
    "decisione quadro": ("Dec. quadro", "dec_framw", "F"),
    "dec": ("Dec.", "dec", "D"),
}
_OF_THE_UNION = re.compile(
    r"\b(?P<kind>dir|reg|decisione\s+quadro|dec)(?:ettiv[ae]|olament[oi]|isione|\.)?(?:\s+(?:di\s+esecuzione|delegat[oa]))?"
    r"\s*\(?(?P<before>UE|CEE|CE|EU|Euratom)?\)?\s*(?P<n>n[.°]\s*)?"
    r"(?P<one>\d{1,4})\s?/\s?(?P<two>\d{1,4})(?:\s?/\s?(?P<after>UE|CEE|CE|EU|GAI))?(?![\d/])",
    re.IGNORECASE,
)
_ELI = re.compile(r"/eli/(dir|reg|dec|dec_framw)(?:_impl|_del)?/(\d{4})/(\d{1,4})\b", re.IGNORECASE)
_CELEX = re.compile(r"CELEX\W{0,2}\s?(?:%3A)?3(\d{4})([LRDF])0*(\d{1,4})\b", re.IGNORECASE)
_ECLI = re.compile(r"\bECLI:([A-Z]{2}):([A-Z0-9.]{1,7}):(\d{4}):([A-Z0-9.]*[A-Z0-9])", re.IGNORECASE)
_URN = re.compile(r"\burn:nir:([a-z.]+:[a-z.]+):(\d{4})(?:-\d\d-\d\d)?;(\d{1,6})", re.IGNORECASE)
_GAZZETTA = re.compile(
    r"gazzettaufficiale\.it/(?:eli/id/\d{4}/\d\d?/\d\d?/|.*codiceRedazionale=)(\d{2}[A-Z]\d{5})", re.IGNORECASE
)


def found(text: str) -> tuple[Act, ...]:
    """The acts a plain text names, in its order, each once."""
    if not _MAYBE.search(text):
        return ()
    named = sorted((at, n, act) for n, (at, act) in enumerate(_named(text)))
    return tuple(dict.fromkeys(act for _, _, act in named))


def opening(title: str) -> tuple[Act | None, str]:
    """The act a title begins with, and what the title says of it; (None, title) where it begins with none."""
    for at, end, act in _spelt(title):
        if not title[:at].strip(" \"«“'("):
            return act, title[end:].lstrip(" -–—:.,;()").strip()
    return None, title


def linked(url: str) -> Act | None:
    """The act whose text an address leads to: a urn:nir, ELI, CELEX, ECLI, or a number of the Gazzetta Ufficiale."""
    address = unquote(url)
    if code := _GAZZETTA.search(address):
        return Act(f"GU {code[1].upper()}", url)
    return next((act for _, act in _coded(address)), None)


# Most texts name no act, and are passed over by these alone.
_MAYBE = re.compile(
    r"\b(?:[dr]\.\s?[lmd]|d\.?\s?lgs|d\.?\s?leg|d\.?p\.?[cr]|d[lm]\b|l\.|legg[ei]\b|decret[oi]\b|circ\.|circolar[ei]\b|cass(?:\.|azione)|c\.\s?cost"
    r"|corte\s|cons(?:\.|iglio\s)|sent(?:\.|enza)|ord(?:\.|inanza)|dir(?:\.|ettiv[ae])|reg(?:\.|olament[oi]|io\s)|dec(?:\.|isione)|celex|ecli:|urn:nir)|/eli/",
    re.IGNORECASE,
)


def _named(text: str) -> Iterator[tuple[int, Act]]:
    yield from ((at, act) for at, _, act in _spelt(text))
    yield from _coded(text)


def _spelt(text: str) -> Iterator[tuple[int, int, Act]]:
    """(start, end, act) of those named in words."""
    for match in _KIND.finditer(text):
        label = next(name for name, value in match.groupdict().items() if value)
        yield from _numbered(text, match, _LABELS[label])
    for match in _JUDGMENT.finditer(text):
        for end, number, year, _ in _numbers(text, match.end(), by_day=False):
            if court := _COURT_BEHIND.match(text, end):
                label = next(name for name, value in court.groupdict().items() if value)
                yield match.start(), court.end(), _act(_LABELS[label], number, year)
    for match in _OF_THE_UNION.finditer(text):
        if act := _of_the_union(match):
            yield match.start(), match.end(), act


_LABELS = {f"k{n}": label for n, label in enumerate([*_STATUTES, *_COURTS, "Circ."])}
_FORMS = [
    *(_BILL + f"(?:{form})" for form, _ in _STATUTES.values()),
    *(f"(?:{form}){_OF_A_COURT}" for form in _COURTS.values()),
    rf"circ(?:olar[ei]|\.){_OF_AN_OFFICE}",
]
_KIND = re.compile(
    r"(?<![\w.])(?:"
    + "|".join(f"(?P<{name}>{form})" for name, form in zip(_LABELS, _FORMS, strict=True))
    + r")(?=[\s\d,.n])",
    re.IGNORECASE,
)
_JUDGMENT = re.compile(r"\b(?:sent(?:enza|\.)|ord(?:inanza|\.))\s*(?=n|\d)", re.IGNORECASE)
_COURT_BEHIND = re.compile(
    r"\s*,?\s*(?:della|del)\s+(?:corte\s+di\s+)?(?:"
    + "|".join(f"(?P<{name}>{_COURTS[label]})" for name, label in _LABELS.items() if label in _COURTS)
    + ")",
    re.IGNORECASE,
)


def _numbered(text: str, match: re.Match[str], label: str) -> Iterator[tuple[int, int, Act]]:
    start = match.start()
    for end, number, year, day in _numbers(text, match.end(), by_day=label in _BY_DAY):
        name = f"{label} {office}" if label == "Circ." and (office := _office(text, match)) else label
        yield start, end, _act(name, number, year, day)
        start = end


def _numbers(text: str, at: int, *, by_day: bool) -> Iterator[tuple[int, str, int, str]]:
    """(end, number, year, day) of what stands at a place: `286/1998`, and `142/2015` where it goes on so."""
    while True:
        match = next(filter(None, (form.match(text, at) for form in _NUMBERED)), None)
        if match is None:
            break
        year = _year(match["year"])
        yield match.end(), str(int(match["number"])), year, ""
        more = _AND.match(text, match.end())
        if more is None:
            return
        at, by_day = more.end(), False
    if by_day and (dated := next(filter(None, (form.match(text, at) for form in _DATED)), None)):
        yield dated.end(), "", _year(dated["year"]), f"{int(dated['day'])}/{_month(dated['month'])}"


def _act(label: str, number: str, year: int, day: str = "") -> Act:
    if not number:
        return Act(f"{label} {day}/{year}")
    return Act(f"{label} {number}/{year}", _address(label, number, year))


def _address(label: str, number: str, year: int) -> str:
    if label in _STATUTES and (urn := _STATUTES[label][1]):
        return f"https://www.normattiva.it/uri-res/N2Ls?urn:nir:{urn}:{year};{number}"
    if label == "Corte cost.":
        return f"https://www.cortecostituzionale.it/actionSchedaPronuncia.do?param_ecli=ECLI:IT:COST:{year}:{number}"
    return ""


def _office(text: str, match: re.Match[str]) -> str:
    """Whose circular: said behind the word, or right before it (`INPS, circolare n. 45`)."""
    behind, before = match[0], text[max(0, match.start() - 25) : match.start()]
    for label, form in _OFFICES.items():
        if re.search(rf"\b(?:{form})\b", behind, re.I) or re.search(rf"\b(?:{form})[\s,:–-]*$", before, re.I):
            return label
    return ""


def _coded(text: str) -> Iterator[tuple[int, Act]]:
    """(start, act) of those named by a code."""
    for match in _ELI.finditer(text):
        kind = next(k for k, (_, eli, _) in _UNION.items() if eli == match[1].lower())
        yield match.start(), _union_act(kind, int(match[2]), int(match[3]))
    for match in _CELEX.finditer(text):
        kind = next(k for k, (_, _, letter) in _UNION.items() if letter == match[2].upper())
        yield match.start(), _union_act(kind, int(match[1]), int(match[3]))
    for match in _ECLI.finditer(text):
        yield match.start(), _by_ecli(match)
    for match in _URN.finditer(text):
        if label := _by_urn(match[1].lower()):
            yield match.start(), _act(label, str(int(match[3])), int(match[2]))


def _by_ecli(match: re.Match[str]) -> Act:
    code, (country, court, year, number) = match[0].upper(), (part.upper() for part in match.groups())
    italian = {"COST": "Corte cost.", "CASS": "Cass."}.get(court) if country == "IT" else None
    if italian and (digits := re.match(r"\d+", number)):
        return _act(italian, digits[0], int(year))
    return Act(code, f"https://eur-lex.europa.eu/legal-content/IT/TXT/?uri={code}" if country == "EU" else "")


def _by_urn(name: str) -> str:
    """`presidente.repubblica:decreto` is the other official name of a DPR."""
    told = {urn: label for label, (_, urn) in _STATUTES.items() if urn} | {"presidente.repubblica:decreto": "D.P.R."}
    return told.get(name, "")


def _of_the_union(match: re.Match[str]) -> Act | None:
    one, two = int(match["one"]), int(match["two"])
    # Until 2014 regulations were `n. 810/2009`; directives, and everything since 2015, have the year in front.
    first = match["kind"].lower() == "reg" and (match["n"] or not 2015 <= one <= 2100)
    year, number = (two, one) if first else (one, two)
    if not (match["before"] or match["after"]) and match["kind"].lower() != "dir":
        return None  # `Regolamento 12/2018` may be any municipality's
    year += 1900 if 50 < year < 100 else 0
    return _union_act(" ".join(match["kind"].lower().split()), year, number) if 1952 <= year <= 2100 else None


def _union_act(kind: str, year: int, number: int) -> Act:
    label, eli, _ = _UNION[kind]
    union = "UE" if year >= 2010 else "CE" if year >= 1993 else "CEE"
    url = f"http://data.europa.eu/eli/{eli}/{year}/{number}/oj"
    if kind == "reg":
        return Act(f"Reg. {union} {year}/{number}" if year >= 2015 else f"Reg. {union} {number}/{year}", url)
    return Act(f"{label} {year}/{number}/{'GAI' if kind == 'decisione quadro' else union}", url)


def _year(figures: str) -> int:
    """Two figures are 1940 to 2039."""
    return int(figures) if len(figures) > 2 else int(figures) + (2000 if int(figures) < 40 else 1900)


def _month(name: str) -> int:
    return int(name) if name.isdigit() else _MONTHS.index(name.lower()) + 1
