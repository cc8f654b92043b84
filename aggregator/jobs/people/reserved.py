"""Who may see what is reserved | a key | addresses of feeds that nobody else has: given, changed, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_hex

from aggregator.errors import SubscriptionError, TokenError
from aggregator.jobs.people.office import Office
from aggregator.model import Subscriber
from aggregator.render import paths


def keyed(told: Subscriber, former: Subscriber | None) -> Subscriber:
    """With the key they had, be it taken away; with a fresh one where what is reserved is opened to them by this."""
    if former and former.area == "reserved":
        return replace(told, feeds_key=former.feeds_key)
    return replace(told, feeds_key=token_hex(8) if told.area == "reserved" else "")


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
    refuse_others(office, found)
    changed = replace(found, feeds_key="" if revoke else token_hex(8))
    office.store.save_subscriber(changed)
    office.store.touch(office.clock())
    return changed


def refuse_others(office: Office, found: Subscriber) -> None:
    """SubscriptionError where somebody may have no reserved feeds, whatever their key."""
    if not office.post.web:
        raise SubscriptionError("reserved feeds are served by the web side only: set web: in feeds.yaml")
    if not _is_admitted(found):
        raise SubscriptionError(
            f"subscriber {found.id} is {found.consent}, of the {found.area} area: only who is confirmed, and reserved, "
            "has reserved feeds; to admit somebody: subscribers add ADDRESS --area reserved"
        )


def mail_addresses(office: Office, found: Subscriber) -> None:
    """To the address itself: who holds a forwarded mail does not get them."""
    now = office.clock()
    titles = {"all": office.config.site.title, **{section.id: section.title for section in office.config.sections}}
    told = "\n\n".join(f"{titles[name]}\n{address}" for name, address in addresses(office, found).items())
    office.owe("export", f"feeds-{now:%Y%m%dT%H%M%S%f}", office.letters(found).feeds(told), found, now)


def mail_others(office: Office, found: Subscriber) -> None:
    """The same, of new ones."""
    mail_addresses(office, rekey(office, found))


def _is_admitted(found: Subscriber) -> bool:
    return found.consent == "confirmed" and found.area == "reserved"
