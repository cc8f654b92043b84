"""What got worse and what got better -> the subject, HTML and text of a mail to the admins; a letter to a webmaster."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator import i18n
from aggregator.model import Check, Edition
from aggregator.render.mail.inline import inlined
from aggregator.render.templates import Templates
from aggregator.settings import Config, Site, Source

_LOCKED = re.compile(r"\b40[13]\b|bot wall")  # in the words of a refusal
_STATES = ("late", "silent", "failing", "gone", "quarantined", "invalid", "paused")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source or a job in trouble: its name, its state in one word, and what is wrong in words."""

    name: str
    state: str
    problem: str = ""


def alert(
    site: Site, worse: Sequence[Trouble], better: Sequence[Trouble], others: int, templates: Templates
) -> Edition:
    """`others`: how many are in trouble as they were."""
    words = i18n.translations(site.language)
    counts = [
        words.ngettext("%(num)s thing got worse", "%(num)s things got worse", len(worse)) % {"num": len(worse)},
        words.ngettext("%(num)s works again", "%(num)s work again", len(better)) % {"num": len(better)},
    ]
    told = [count for count, some in zip(counts, (worse, better), strict=True) if some]
    subject = f"{site.title}: {', '.join(told)}"
    context = {
        "site": site,
        "language": site.language,
        "subject": subject,
        "worse": worse,
        "better": better,
        "others": others,
        "state_words": _state_words(site.language),
    }
    html = inlined(templates.render("mail/alert.html", site.language, **context), "mail/alert.html")
    text = templates.render("mail/alert.txt", site.language, **context)
    return Edition("alerts", 0, site.language, (), subject, html, text)


def _state_words(language: str) -> Mapping[str, str]:
    words = i18n.translations(language)
    return {state: words.gettext(state) for state in _STATES} | {"ok": words.gettext("ok, with a question")}


def letter(
    config: Config, source: Source, check: Check, trouble: Trouble, agent: str, templates: Templates
) -> tuple[str, str]:
    """(subject, text) of a letter to the webmaster of a source, in its language where we speak it."""
    language = (source.language or check.language).partition("-")[0].lower()
    language = language if language in i18n.LANGUAGES else "en"
    since = {
        "quarantined": check.quarantined,
        "silent": check.arrivals[-1] if check.arrivals else check.first_pull,
    }.get(trouble.state, check.problem_since)

    def day(moment: datetime | None) -> str:
        return i18n.long_date(moment, language, config.site.zone) if moment else ""

    publisher = config.site.publisher
    told = templates.render(
        "mail/letter.txt",
        language,
        url=check.url or source.url or source.page,
        institution=publisher.name if publisher else config.site.title,
        contact=publisher.email if publisher else "",
        site=config.site,
        state=trouble.state,
        problem=trouble.problem.partition("; ")[0],  # what comes then is for the admin
        kind=check.problem_kind,
        since=day(since),
        certificate=day(check.certificate_ends) if trouble.state == "ok" else "",
        remarks=check.remarks,
        has_odd_dates=any("date" in remark for remark in check.remarks),
        is_page=bool(source.page),
        is_locked=bool(_LOCKED.search(trouble.problem)),
        agent=agent,
        every=_every(source.every, language),
    )
    subject, _, text = re.sub(r"\n{3,}", "\n\n", told).partition("\n")  # paragraphs that were left out leave no gap
    return subject, text.lstrip("\n")


def _every(every: timedelta, language: str) -> str:
    words = i18n.translations(language)
    minutes = round(every.total_seconds() / 60)
    for unit, message in ((1440, "%(num)s days"), (60, "%(num)s hours")):
        if minutes >= 2 * unit and minutes % unit == 0:
            return words.gettext(message) % {"num": minutes // unit}
    return words.gettext("%(num)s minutes") % {"num": minutes}
