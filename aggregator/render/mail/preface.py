"""What only the editors read above a draft: when it leaves, how to change it, what changed since the last one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aggregator import i18n
from aggregator.content import Draft
from aggregator.model import Issue
from aggregator.settings import Config, Newsletter

_NAMED = 12  # titles of each kind


def draft_subject(subject: str, language: str) -> str:
    return i18n.translations(language).gettext("Draft: %(subject)s") % {"subject": subject}


def preface(
    issue: Issue, newsletter: Newsletter, last: Draft | None, draft: Draft, config: Config, faults: Sequence[str]
) -> Iterator[str]:
    """One sentence a line, in the site's language; `faults` are those of the note."""
    _ = i18n.translations(config.site.language).gettext
    if faults:
        yield _("This is a draft, and its note is wrong: nothing is sent until it is mended.")
        yield from faults
    else:
        yield _when(issue, newsletter, config)
    note = f"newsletters/{issue.newsletter}/{issue.number}.md"
    yield _("To change it, write %(note)s: an introduction, and above it lead:, skip:, later: or hold: true.") % {
        "note": note
    }
    if last is None:
        return
    titles = {
        _("Added since the last draft: %(titles)s"): [t for w, t in _titles(draft) if w not in last.told],
        _("Taken out: %(titles)s"): [t for w, t in _titles(last) if w not in draft.told],
        _("Changed: %(titles)s"): [
            t for w, t in _titles(draft) if w in last.told and last.told[w][1] != draft.told[w][1]
        ],
    }
    for words, named in titles.items():
        if named:
            rest = ["…"] if len(named) > _NAMED else []
            yield words % {"titles": "; ".join([*named[:_NAMED], *rest])}
    if last.told["note"] != draft.told["note"]:
        yield _("The editor's note has changed.")


def _titles(draft: Draft) -> Iterator[tuple[str, str]]:
    return ((what, title) for what, (title, _hash) in draft.told.items() if title)


def _when(issue: Issue, newsletter: Newsletter, config: Config) -> str:
    language, zone = config.site.language, config.site.zone
    _ = i18n.translations(language).gettext
    hour = {
        "day": i18n.weekday_date(issue.due, language, zone),
        "time": i18n.clock_time(issue.due, language, zone),
    }
    if issue.state == "held":
        return _("This is a draft, and it is held: it leaves once it is approved, not before %(day)s, %(time)s.") % hour
    if newsletter.approval == "required" and issue.state != "approved":
        return _("This is a draft. It leaves on %(day)s at %(time)s if it has been approved by then.") % hour
    return _("This is a draft. It leaves on %(day)s at %(time)s unless somebody holds it.") % hour
