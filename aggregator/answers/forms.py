"""Nouns -> the objects `--json` prints, as contract.md spells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aggregator.answers.explain import Explained
from aggregator.answers.online import Tried
from aggregator.answers.plan import NOT_THERE, Plan, Standing
from aggregator.answers.status import Status
from aggregator.intake.health import Health
from aggregator.model import Entry, Feed, Issue, Placement, Problem, Problems, Report, Subscriber


def moment(value: datetime | None) -> str | None:
    """ISO 8601, UTC, with a Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def report(told: Report) -> dict[str, Any]:
    form: dict[str, Any] = {
        "job": told.job,
        "started": moment(told.started),
        "ended": moment(told.ended),
        "counts": dict(told.counts),
        "failures": [{"source": f.source, "error": f.error} for f in told.failures],
    }
    if told.questions:
        form["questions"] = [{"source": q.source, "question": q.error} for q in told.questions]
    return form | ({"issues": [issue(i) for i in told.issues]} if told.job == "newsletter compose" else {})


def tried(told: Tried) -> dict[str, Any]:
    return {
        "source": told.source,
        "kept": list(told.kept),
        "left_out": [{"title": title, "why": why} for title, why in told.left_out],
        "problem": told.problem or None,
    }


def issue(told: Issue) -> dict[str, Any]:
    return {
        "newsletter": told.newsletter,
        "number": told.number,
        "opens": moment(told.opens),
        "closes": moment(told.closes),
        "due": moment(told.due),
        "entries": list(told.entries),
        "state": told.state,
        "hash": told.hash or None,
        "frozen": moment(told.frozen) if told.frozen else None,
    }


def entry(told: Entry) -> dict[str, Any]:
    return {
        "id": told.id,
        "guid": told.guid,
        "url": told.url,
        "title": told.title,
        "summary": told.summary,
        "content": told.content,
        "authors": list(told.authors),
        "tags": list(told.tags),
        "language": told.language,
        "published": moment(told.published),
        "date_quality": told.date_quality,
        "updated": moment(told.updated),
        "enclosures": [{"url": e.url, "type": e.type, "length": e.length, "title": e.title} for e in told.enclosures],
    }


def stored_entry(told: Entry, placements: tuple[Placement, ...], area: str) -> dict[str, Any]:
    return entry(told) | {
        "source": told.source_id,
        "sections": [p.section for p in placements],
        "area": area,
        "first_seen": moment(told.first_seen),
        "shown": moment(told.shown),
        "archive": told.archive,
        "left_out": told.left_out,
        "withdrawn": moment(told.withdrawn),
        "fingerprint": told.fingerprint,
    }


def explained(told: Explained, rule_place: Callable[[str], str]) -> dict[str, Any]:
    return stored_entry(told.entry, told.placements, told.area) | {
        "keys": [{"kind": key.kind, "known": key.known, "shared": key.shared} for key in told.keys],
        "revisions": [{"at": moment(c.at), "kind": c.kind, "changes": list(c.words)} for c in told.changes],
        "story": [
            {"id": m.entry.id, "source": m.entry.source_id, "title": m.entry.title, "evidence": m.evidence or None}
            for m in told.story
        ],
        "placements": [{"section": p.section, "rule": rule_place(p.rule)} for p in told.placements],
        "acts": [{"label": act.label, "url": act.url or None} for act in told.entry.acts],
        "withheld": told.withheld or None,
        "outputs": list(told.outputs),
        "issues": list(told.issues),
    }


def plan(told: Plan, rule_place: Callable[[str], str]) -> dict[str, Any]:
    def standing(one: Standing) -> dict[str, Any] | None:
        if one.withheld == NOT_THERE:
            return None
        return {
            "sections": [] if one.withheld else list(one.sections),
            "rules": [] if one.withheld else [rule_place(p.rule) for p in one.placements],
            "area": one.area,
            "tags": list(one.tags),
            "pin": one.pin,
            "told_by": one.lead or None,
            "withheld": one.withheld or None,
        }

    found = told.announcements
    return {
        "published_before": told.former,
        "sources": {
            "added": list(told.sources_added),
            "gone": list(told.sources_gone),
            "changed": [{"id": id_, "keys": list(keys)} for id_, keys in told.sources_changed],
        },
        "settings": list(told.settings),
        "announcements": {
            "new": [e.id for e in found.new] if found else [],
            "changed": [e.id for e in found.changed] if found else [],
            "withdrawn": list(found.withdrawn) if found else [],
            "reappeared": list(found.reappeared) if found else [],
        },
        "failures": [{"source": f.source, "error": f.error} for f in told.failures],
        "entries": [
            {"id": m.entry.id, "title": m.entry.title, "before": standing(m.before), "after": standing(m.after)}
            for m in told.moves
        ],
        "issues": [
            {"newsletter": n.newsletter, "enters": [e.id for e in n.enters], "leaves": [e.id for e in n.leaves]}
            for n in told.issues
        ],
    }


def parsed(file: str, parser: str | None, found: Feed | Problem) -> dict[str, Any]:
    if isinstance(found, Problem):
        return {"file": file, "parser": parser, "error": found.text, "feed": None}
    feed = {
        "title": found.title,
        "home": found.home,
        "language": found.language,
        "entries": [entry(e) for e in found.entries],
    }
    return {"file": file, "parser": parser, "error": None, "feed": feed}


def health(told: Health) -> dict[str, Any]:
    return {
        "id": told.id,
        "state": told.state,
        "problem": told.problem,
        "last_success": moment(told.last_success),
        "next_check": moment(told.next_check),
        "remarks": list(told.remarks),
    }


def subscriber(told: Subscriber) -> dict[str, Any]:
    return {
        "id": told.id,
        "address": told.address,
        "consent": told.consent,
        "newsletters": list(told.newsletters),
        "sections": list(told.sections),
        "language": told.language,
        "area": told.area,
        "name": told.name,
        "municipality": told.municipality,
        "since": moment(told.since),
        "evidence": told.evidence,
    }


def problems(told: Problems | None) -> dict[str, Any]:
    return {
        "came_back": told.times if told else 0,
        "last_return": moment(told.at) if told else None,
        "why": told.words if told else "",
    }


def status(told: Status) -> Mapping[str, Any]:
    return {
        "sources": told.sources,
        "due": list(told.due),
        "problems": [health(h) for h in told.problems],
        "failures": [{"job": job, "source": f.source, "error": f.error} for job, f in told.failures],
        "next_issues": [
            {
                "newsletter": n.newsletter,
                "number": n.number,
                "state": n.state,
                "closes": moment(n.closes),
                "leaves": moment(n.leaves),
            }
            for n in told.next_issues
        ],
        "outbox": told.outbox,
    }
