"""GET shows a button, POST acts: /leave/TOKEN, /confirm/TOKEN, /preferences/TOKEN/erase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aggregator import i18n
from aggregator.addresses import masked
from aggregator.errors import TokenError
from aggregator.jobs.people import preferences, signup
from aggregator.jobs.people.leave import leave
from aggregator.jobs.people.office import Office
from aggregator.model import Subscriber
from aggregator.render.site.people import People
from aggregator.web.choices import offered, titles
from aggregator.web.forms import Asked, Page
from aggregator.web.limits import Limits

_ONE_CLICK = b"List-Unsubscribe=One-Click"  # RFC 8058, 3.2: as a form, or as a part of one
_PARTS = b'name="List-Unsubscribe"'


@dataclass(frozen=True, slots=True)
class Acts:
    office: Office
    people: People
    limits: Limits

    def leave(self, asked: Asked) -> Page:
        """Also answers the one click of a mail provider (RFC 8058): 200, no redirect, no cookie, whatever the body."""
        try:
            subscriber_id = self.office.keyring.read_leave(asked.token)
        except TokenError:
            return self._refused(1)
        found = self.office.store.subscriber_by_id(subscriber_id) or self.office.store.pending(subscriber_id)
        say = self._words(found)
        if asked.method == "POST":
            one_click = _ONE_CLICK in asked.body or _PARTS in asked.body
            leave(self.office, subscriber_id, f"left by {'one click' if one_click else 'the page'} of a mail's link")
            self.limits.leave()
        elif found and found.consent != "withdrawn":
            line = say("Shall %(address)s get no more mails?") % {"address": masked(found.address)}
            return self._page(found, 1, say("Leave the newsletter"), line, button=say("Leave"))
        lines = [say("This address gets no more mails of this newsletter.")]
        if found and found.consent in ("confirmed", "withdrawn"):  # nobody else is mailed a goodbye
            lines.append(say("Was it a mistake? The goodbye mail has a link to come back."))
        return self._page(found, 1, say("You have unsubscribed"), *lines)

    def confirm(self, asked: Asked) -> Page:
        try:
            found = (signup.confirm if asked.method == "POST" else signup.confirmable)(self.office, asked.token)
        except TokenError:
            return self._refused(1)
        one, say = found.subscriber, self._words(found.subscriber)
        if one is None:
            return self._refused(1)
        address = {"address": masked(one.address)}
        if found.state == "in" or asked.method == "POST":
            line = say("%(address)s gets the next issue.") % address
            return self._page(one, 1, say("You are subscribed"), line)
        line = say("Shall %(address)s get the newsletter?") % address
        chosen = titles(one, offered(self.office.config, one.area), self.office.config.site.title)
        what = say("It is about: %(titles)s") % {"titles": i18n.listing(chosen, self._language(one))}
        return self._page(one, 1, say("Confirm the subscription"), line, what, button=say("Confirm"))

    def erase(self, asked: Asked) -> Page:
        try:
            subscriber_id = self.office.keyring.read_erase(asked.token, self.office.clock())
        except TokenError:
            return self._refused(2)
        found = self.office.store.subscriber_by_id(subscriber_id)
        say = self._words(found)
        if found and asked.method == "GET":
            line = say("Shall all we know about %(address)s be erased? It cannot be undone.")
            line %= {"address": masked(found.address)}
            return self._page(found, 2, say("Erase everything"), line, button=say("Erase everything"))
        if found:
            preferences.erase(self.office, found)
        return self._page(None, 2, say("You have been erased"), say("Nothing is left but a last mail to say so."))

    def _refused(self, depth: int) -> Page:
        """Of a token that is forged, cut, too old or another's; it is not said which."""
        say = self._words(None)
        line = say("The link is not whole, too old, or not one of ours. Copy all of it from the mail, or ask anew.")
        joining = bool(offered(self.office.config).newsletters)
        return Page(self._page(None, depth, say("This link does not work"), line, subscribe=joining).html, 404)

    def _page(
        self, reader: Subscriber | None, depth: int, title: str, *lines: str, button: str = "", subscribe: bool = False
    ) -> Page:
        told = {"title": title, "lines": lines, "button": button, "subscribe": subscribe}
        return Page(self.people.page("act", self._language(reader), depth, **told))

    def _language(self, reader: Subscriber | None) -> str:
        return (reader.language if reader else "") or self.office.config.site.language

    def _words(self, reader: Subscriber | None) -> Callable[[str], str]:
        return i18n.translations(self._language(reader)).gettext
