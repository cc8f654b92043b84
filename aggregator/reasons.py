"""Why an entry is shown nowhere, in the words that are stored with it (`Entry.left_out`)."""

from __future__ import annotations

from datetime import UTC, datetime

# Nothing is known of it any more but by what it is recognised.
FORGOTTEN = "past its keep_days"
HIDDEN = "hidden by the admin on "


def hidden(at: datetime) -> str:
    return f"{HIDDEN}{at.astimezone(UTC).isoformat()}"


def hidden_at(left_out: str) -> datetime | None:
    """Since when the admin hides it; None where it is another reason, or none."""
    return datetime.fromisoformat(left_out.removeprefix(HIDDEN)) if left_out.startswith(HIDDEN) else None
