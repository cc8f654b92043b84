"""Who may see what is reserved | a key | addresses of feeds that nobody else has: given, changed, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_hex

from aggregator.errors import SubscriptionError, TokenError
from aggregator.jobs.office import Office
from aggregator.model import Subscriber
from aggregator.render import paths


def keyed(one: Subscriber) -> Subscriber:
    """With a key, where they may see what is reserved."""
    return replace(one, feeds_key=token_hex(8)) if one.area == "reserved" and not one.feeds_key else one


def reader(office: Office, token: str) -> Subscriber:
    """Whose addresses have this token; TokenError where it is none of ours, or worth nothing any more."""
    subscriber_id, key = office.keyring.read_feeds(token)
    found = office.store.subscriber_by_id(subscriber_id)
    if found is None or not _is_admitted(found) or not key or found.feeds_key != key:
        raise TokenError("this token opens no reserved feeds any more")
    return found


def addresses(office: Office, found: Subscriber) -> Mapping[str, str]:
    """{name: address} of their feeds, by section, that of `all` first; none where they have none."""
    if not office.post.web or not _is_admitted(found) or not found.feeds_key:
        return {}
    token = office.keyring.feeds(found.id, found.feeds_key)
    names = ("all", *(section.id for section in office.config.sections))
    return {name: paths.address(office.config.site, paths.reserved_feed(token, name)) for name in names}


def rekey(office: Office, found: Subscriber, *, revoke: bool = False) -> Subscriber:
    """From now on the addresses there were lead nowhere; there are others, or with `revoke` none. SubscriptionError
    where they may have none."""
    if not office.post.web:
        raise SubscriptionError("reserved feeds are served by the web side only: set web: in feeds.yaml")
    if not _is_admitted(found):
        why = f"is {found.consent}, of the {found.area} area"
        raise SubscriptionError(f"subscriber {found.id} {why}: only who is confirmed, and reserved, has reserved feeds")
    changed = replace(found, feeds_key="" if revoke else token_hex(8))
    office.store.save_subscriber(changed)
    office.store.touch(office.clock())
    return changed


def mail_addresses(office: Office, found: Subscriber) -> None:
    """To the address itself: who holds a forwarded mail does not get them."""
    if not found.feeds_key:
        found = rekey(office, found)
    now = office.clock()
    titles = {"all": office.config.site.title, **{section.id: section.title for section in office.config.sections}}
    told = "\n\n".join(f"{titles[name]}\n{address}" for name, address in addresses(office, found).items())
    office.owe("export", f"feeds-{now:%Y%m%dT%H%M%S%f}", office.letters(found).feeds(told), found, now)


def _is_admitted(found: Subscriber) -> bool:
    return found.consent == "confirmed" and found.area == "reserved"
