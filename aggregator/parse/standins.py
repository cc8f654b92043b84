"""A web page that stands where a feed should -> what sort of page it is, and what to do. Pure.

What an institution writes about must not be taken for what its server suffers from: "manutenzione strade" is news. So
nearly all signs count only on pages with next to nothing to read, or in the title.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

from aggregator import markup

_PARSER = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, collect_ids=False)
_READ = 500_000  # letters; what a page says of itself stands at its beginning
_SHORT = 1_500  # letters to read
_UNSEEN = ("script", "style", "noscript", "template")


def tree(html: str) -> etree._Element | None:
    """The page, however it is written; None where there is nothing in it."""
    return etree.fromstring(markup.legal(html[:_READ]).encode("utf-8"), _PARSER)


class Page(NamedTuple):
    """`title` and `words` are what a reader sees; `code` is the page as written."""

    title: str = ""
    words: str = ""
    code: str = ""
    asks_for_password: bool = False

    @property
    def is_short(self) -> bool:
        return len(self.words) < _SHORT


def read(html: str) -> Page:
    root = tree(html)
    if root is None:
        return Page(code=html[:_READ])
    password = any((field.get("type") or "").strip().lower() == "password" for field in root.iter("input"))
    title = next((_line(found) for found in root.iter("title")), "")
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    return Page(title, _line(root), html[:_READ], password)


def _line(element: etree._Element) -> str:
    return " ".join(" ".join(map(str, element.itertext())).split())


class _Sort(NamedTuple):
    """A page is of this sort by its title, by its words where they are few, or by its code where the words are few."""

    says: str  # to the admin
    title: str = ""
    words: str = ""
    code: str = ""

    def fits(self, page: Page) -> bool:
        return self._found(self.title, page.title) or (
            page.is_short and (self._found(self.words, page.words) or self._found(self.code, page.code))
        )

    @staticmethod
    def _found(pattern: str, text: str) -> bool:
        return bool(pattern) and re.search(pattern, text, re.I) is not None


_AWAY = "look for the institution's new address, and set `paused:` on this source until you have it"
_ILL = (
    _Sort(
        f"this is the first page of an empty web server: the site has moved away, or is not there yet; {_AWAY}",
        title=r"^welcome to (?:nginx|openresty|caddy|tengine)|^apache2? .*default page|^iis(?: windows server|\d|$)"
        r"|^test page for |^http server test page|^default (?:web ?site|plesk|parallels) page|^domain default page"
        r"|web server(?:'s|’s) default page",
        words=r"^(?:it works!? ?)+$|this is the default (?:web|welcome) page|server is up and running"
        r"|(?:web server|nginx) is successfully installed",
    ),
    _Sort(
        "this domain is for sale, or parked by who trades in domains: the institution has given it up, and anything "
        f"may appear there; {_AWAY}",
        words=r"domini\w* (?:è |sono )?in vendita|(?:acquista|compra) (?:ora )?(?:questo|il) dominio"
        r"|dominio (?:è )?(?:scaduto|parcheggiato)|domain (?:name )?(?:is|may be) for sale|(?:buy|get) this domain"
        r"|domain (?:name )?(?:is|has) (?:parked|expired)|parked (?:free|domain|by)",
        code=r"sedoparking|sedo\.com/search/details|parkingcrew|bodis\.com|parklogic|cdn-parking|hugedomains\.com"
        r"|afternic\.com/forsale|godaddy\.com/forsale|dan\.com/buy-domain|window\.park\s*=",
    ),
    _Sort(
        f"this is the placeholder of a provider: the domain is registered, but no site stands there; {_AWAY}",
        words=r"dominio (?:è )?(?:già )?(?:stato )?registrato|domain (?:name )?(?:has been|is) (?:already )?registered"
        r"|(?:sito|pagina|portale) (?:web )?(?:è )?in (?:costruzione|allestimento)"
        r"|(?:site|page) is under construction|^coming soon",
    ),
    _Sort(
        "the site says that it is under maintenance; wait, and ask the webmaster if it lasts for days",
        title=r"^(?:il |questo )?(?:sito|portale)(?: web)? (?:è )?in manutenzione|^(?:site )?(?:is )?under maintenance"
        r"|^maintenance(?: mode)?$|^(?:modalità )?manutenzione$",
        words=r"\b(?:in|per) manutenzione\b|manutenzione (?:programmata|in corso)|scheduled maintenance"
        r"|\bunder(?:going)? (?:\w+ )?maintenance|torn(?:iamo|eremo|erà) (?:presto|subito|online|al più presto)"
        r"|temporaneamente (?:non disponibile|fuori servizio|sospes)|temporarily (?:unavailable|offline|down)"
        r"|(?:saremo|sarà) di nuovo online|(?:be|we(?:'|’)re) (?:right )?back soon|be right back|briefly unavailable",
    ),
    _Sort(
        "the program behind the site has failed, and its message stands in the place of the feed; tell the webmaster",
        title=r"^database error$|^errore (?:del|di) database$",
        words=r"error establishing a database connection|errore nello stabilire una connessione al database"
        r"|(?:fatal error|parse error|warning|uncaught \w+): .{0,300} on line \d+|there has been a critical error"
        r"|si è verificato un errore (?:critico|imprevisto|interno)|internal server error|errore interno del server"
        r"|server error in '/|bad gateway|gateway time-?out|service unavailable|\bora-\d{5}\b",
    ),
)
_LOGIN = _Sort(
    "this is a login page: the feed is only for those who have an account; ask the webmaster for a public address, or "
    "for a key that you can write under `auth:`",
    words=r"\b(?:entra|accedi|login) con (?:spid|cie|l'identità digitale)\b",
    code=r"""name\s*=\s*["']?(?:saml(?:request|response)|j_username)\b|wp-login\.php|wp-submit""",
)
_LOGIN_TITLE = r"\b(?:log ?-?in|sign ?-?in|log ?-?on|accedi|accesso|autenticazione|area riservata|identificazione)\b"
_MISSING = _Sort(
    "this page says that nothing is at its address, though the server answers as if all were well",
    title=r"\b404\b|(?:pagina|risorsa|contenuto) (?:non trovat[ao]|inesistente)|\bnot found\b|pagina non esiste",
    words=r"^404\b|(?:pagina|risorsa) (?:\w+ ){0,3}non (?:è stata trovata|trovata|esiste)"
    r"|page (?:\w+ ){0,3}not (?:be )?found",
)
_LISTING = _Sort(
    "this is the list of a folder's files, not a feed", title=r"^(?:index of|indice di|directory listing)\b"
)


def illness(page: Page) -> str:
    """Why the site is not to be had at all, and what to do; empty where it is."""
    return next((sort.says for sort in _ILL if sort.fits(page)), "")


def login(page: Page) -> str:
    """A site's every page may offer a login; here it is all there is."""
    titled = re.search(_LOGIN_TITLE, page.title, re.I) is not None
    asks = page.asks_for_password and (page.is_short or titled)
    return _LOGIN.says if asks or (titled and page.is_short) or _LOGIN.fits(page) else ""


def other(page: Page) -> str:
    """What sort of page it is besides; empty for one like any other."""
    if not page.words.removeprefix(page.title) and "<script" in page.code.lower():
        return "this is a web page that shows nothing without JavaScript, not a feed"
    return next((sort.says for sort in (_MISSING, _LISTING) if sort.fits(page)), "")
