"""Time | store: who has not confirmed, and who has left, is forgotten when their days are over."""

from __future__ import annotations

from aggregator.jobs.people.office import Office
from aggregator.jobs.people.preferences import erase
from aggregator.model import Report
from aggregator.tokens import DAYS_TO_ANSWER


def forget_people(office: Office) -> Report:
    """Pending wishes and the addresses of who left, `DAYS_TO_ANSWER` later; and mails to one person, once settled."""
    now = office.clock()
    over = now - DAYS_TO_ANSWER
    expired = office.store.expire_pending(over)
    gone = office.store.left_before(over)
    for one in gone:
        erase(office, one, tell=False)
    office.store.drop_letters()
    return Report("forget", now, now, {"expired": expired, "erased": len(gone)})
