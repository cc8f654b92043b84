"""/preferences/TOKEN: what a subscriber gets; change it, leave, have what we know mailed, or the link to be erased."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aggregator import i18n
from aggregator.addresses import masked
from aggregator.errors import TokenError
from aggregator.jobs.people import preferences, reserved
from aggregator.jobs.people.leave import leave
from aggregator.jobs.people.office import Office
from aggregator.model import Subscriber
from aggregator.render.site.people import People
from aggregator.web.choices import chosen, faults, of_subscriber, offered, wish
from aggregator.web.forms import Asked, Page
from aggregator.web.limits import Limits

# What comes by mail, as the page may be open to others.
_MAILED = {"export": preferences.export, "erase": preferences.ask_erasure}
_FEEDS = {"feeds": reserved.mail_addresses, "new-feeds": reserved.mail_others}


@dataclass(frozen=True, slots=True)
class Preferences:
    office: Office
    people: People
    limits: Limits

    def __call__(self, asked: Asked) -> Page:
        site = self.office.config.site
        try:
            found = self.office.store.subscriber_by_id(self.office.keyring.read_preferences(asked.token))
        except TokenError:
            found = None
        if found is None or found.consent == "withdrawn":
            say = i18n.translations(site.language).gettext
            line = say("The link is not whole, or nobody is subscribed by it any more.")
            return self._told(site.language, say("This link does not work"), line, status=404)
        if asked.method == "GET":
            return self._form(found)
        return self._acted(asked, found)

    def _acted(self, asked: Asked, found: Subscriber) -> Page:
        language = found.language or self.office.config.site.language
        say = i18n.translations(language).gettext
        act, mailed = asked.form.get("act", ""), self._mailed(found)
        if act == "leave":
            leave(self.office, found.id, "left by the page of preferences")
            self.limits.leave()
            line = say("This address gets no more mails of this newsletter.")
            return self._told(language, say("You have unsubscribed"), line)
        if act in mailed:
            if self.limits.mail(self.office.keyring.fingerprint(found.address)):
                mailed[act](self.office, found)
            line = say("A mail is on its way to %(address)s.") % {"address": masked(found.address)}
            return self._told(language, say("Look into your mailbox"), line)
        return self._changed(asked, found, language)

    def _changed(self, asked: Asked, found: Subscriber, language: str) -> Page:
        offer = offered(self.office.config, found.area)
        made = chosen(asked, offer, language)
        if told := faults(made, i18n.translations(language).gettext, kept=found.municipality):
            return self._form(found, *told, status=422)
        return self._form(
            preferences.change(self.office, found, wish(made, offer, kept=found.municipality)), saved=True
        )

    def _form(self, found: Subscriber, *told: str, saved: bool = False, status: int = 200) -> Page:
        language = found.language or self.office.config.site.language
        offer = offered(self.office.config, found.area)
        values = {
            "offer": offer,
            "chosen": of_subscriber(found, offer, language),
            "told": told,
            "saved": saved,
            "masked": masked(found.address),
            "has_feeds": "feeds" in self._mailed(found),
        }
        return Page(self.people.page("preferences", language, 1, **values), status)

    def _mailed(self, found: Subscriber) -> Mapping[str, Callable[[Office, Subscriber], None]]:
        """What the administrator took away nobody gives back to themselves."""
        return _MAILED | (_FEEDS if reserved.addresses(self.office, found) else {})

    def _told(self, language: str, title: str, line: str, *, status: int = 200) -> Page:
        values = {"title": title, "lines": (line,), "button": "", "subscribe": False}
        return Page(self.people.page("act", language, 1, **values), status)
