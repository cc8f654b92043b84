"""(number of feeds, seed) -> feeds of notices in Italian as municipal sites write them; the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from random import Random

_WORDS = (
    "il la i gli le un una di a da in con per tra che non come quando dove chi questa quello è sarà possono "
    "comune città ufficio sportello cittadini domanda bando avviso scadenza graduatoria contributo scuola "
    "iscrizione modulo allegato delibera ordinanza consiglio giunta sindaco assessore lavori viabilità rifiuti "
    "biblioteca anagrafe tributi permesso soggiorno rinnovo questura prefettura sportello integrazione corso lingua "
    "società libertà attività novità comunità perché così più già ogni presso entro giorni mese orario mattina"
).split()
_TAGS = "Bandi Avvisi Scuola Ambiente Tributi Viabilità Cultura Anagrafe Sociale Lavoro".split()
_OFFICES = ("Ufficio relazioni con il pubblico", "Servizi sociali", "Polizia locale", "Segreteria generale")
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_DECLARED = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())


def feeds(count: int, seed: int = 1) -> Iterator[bytes]:
    """RSS with a summary and a text, RSS with escaped HTML, RSS in CDATA with enclosures, Atom; by turns."""
    for number in range(count):
        yield _feed(Random(seed * 1_000_003 + number), number).encode("utf-8")


def _feed(random: Random, number: int) -> str:
    host = f"https://www.comune{number:04d}.example.it"
    moment = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)
    entries = []
    for entry in range(random.randint(20, 50)):
        moment -= timedelta(minutes=random.randint(10, 900))
        entries.append(_entry(random, number % 4, f"{host}/notizie/{moment:%Y/%m}/{number}-{entry}", moment))
    title = f"Comune di Borgo n. {number}"
    if number % 4 == 3:
        start = f'<feed xmlns="{_NAMESPACES["atom"]}" xml:lang="it"><title>{title}</title><id>{host}/</id>'
        start += f'<link href="{host}/"/><updated>{moment.isoformat()}</updated>'
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{start}\n{"".join(entries)}</feed>\n'
    start = f'<rss version="2.0"{_DECLARED}><channel><title>{title}</title><link>{host}/</link>'
    start += f"<description>{_sentence(random)}</description><language>it-IT</language>"
    start += f'<atom:link href="{host}/feed.xml" rel="self" type="application/rss+xml"/>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{start}\n{"".join(entries)}</channel></rss>\n'


def _entry(random: Random, kind: int, url: str, moment: datetime) -> str:
    title, body = _sentence(random)[:-1], _body(random)
    tags, office = random.sample(_TAGS, random.randint(1, 3)), random.choice(_OFFICES)
    if kind == 3:
        terms = "".join(f'<category term="{tag}"/>' for tag in tags)
        return (
            f'<entry>\n<title>{escape(title)}</title>\n<link href="{url}"/>\n<id>{url}</id>\n'
            f"<published>{moment.isoformat()}</published>\n<updated>{moment.isoformat()}</updated>\n"
            f"<author><name>{office}</name></author>\n{terms}\n<summary>{_sentence(random)}</summary>\n"
            f'<content type="html">{escape(body)}</content>\n</entry>\n'
        )
    texts = (
        f"<description><![CDATA[<p>{_sentence(random)}</p>]]></description>\n"
        f"<content:encoded><![CDATA[{body}]]></content:encoded>\n",
        f"<description>{escape(body)}</description>\n",
        f"<description><![CDATA[{body}]]></description>\n"
        f'<enclosure url="{url}.pdf" length="{len(body) * 9}" type="application/pdf"/>\n',
    )[kind]
    terms = "".join(f"<category>{tag}</category>" for tag in tags)
    return (
        f'<item>\n<title>{escape(title)}</title>\n<link>{url}</link>\n<guid isPermaLink="false">{url}</guid>\n'
        f"<pubDate>{format_datetime(moment)}</pubDate>\n<dc:creator>{office}</dc:creator>\n{terms}\n{texts}</item>\n"
    )


def _body(random: Random) -> str:
    """One to five kB of HTML: paragraphs mostly, and now and then a list, a picture, a heading, a script."""
    wanted, parts = random.triangular(900, 5000, 2400), []
    while sum(map(len, parts)) < wanted:
        parts.append(random.choices(_BLOCKS, _SHARES)[0](random))
    return "\n".join(parts)


def _paragraph(random: Random) -> str:
    sentences = [_sentence(random) for _ in range(random.randint(2, 5))]
    link = f'<a href="https://www.esempio{random.randint(1, 99)}.example.it/atti?id={random.randint(1, 9999)}&amp;v=1">'
    sentences[0] = random.choice((f"{link}{sentences[0]}</a>", f"<strong>{sentences[0]}</strong>", sentences[0]))
    return f"<p>{' '.join(sentences)}</p>"


def _list(random: Random) -> str:
    return f"<ul>{''.join(f'<li>{_sentence(random)}</li>' for _ in range(random.randint(2, 5)))}</ul>"


def _picture(random: Random) -> str:
    number = random.randint(1, 10**6)
    return (
        f'<figure><img src="https://media.example.it/{number}.jpg" width="800" height="450" alt="{_sentence(random)}" '
        f'loading="lazy"><figcaption>{_sentence(random)}</figcaption></figure>'
    )


def _heading(random: Random) -> str:
    return f'<h3 class="titolo">{_sentence(random)}</h3>'


def _script(_random: Random) -> str:
    return '<script>conta("visita");</script>'


_BLOCKS, _SHARES = (_paragraph, _list, _picture, _heading, _script), (75, 10, 8, 5, 2)


def _sentence(random: Random) -> str:
    words = random.choices(_WORDS, k=random.randint(5, 20))
    return f"{' '.join(words).capitalize()}."
