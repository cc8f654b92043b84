"""/subscribe: a form | checked, and asked once more where a robot may have filled it | a wish and its mail."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from aggregator import i18n
from aggregator.addresses import is_certified
from aggregator.errors import AddressError, TokenError
from aggregator.jobs.people.office import Office
from aggregator.jobs.people.signup import ask
from aggregator.parse.subscribers import plain_address, subscriber_id
from aggregator.render.site.people import People
from aggregator.web.choices import Chosen, Offer, chosen, everything, faults, offered, wish
from aggregator.web.forms import Asked, Page
from aggregator.web.limits import Limits

# Nobody reads and fills in a form in less; who does is asked once more, as browsers fill forms by themselves.
_QUICKEST = timedelta(seconds=3)
_NAMES = {"it": "Italiano", "en": "English"}
_SHOWN = "bollettinoShownMoment"  # stands where the moment goes


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form as it was sent, or as it is shown for the first time."""

    asked: Asked
    language: str
    offer: Offer
    made: Chosen

    def say(self, message: str) -> str:
        return i18n.translations(self.language).gettext(message)

    def says(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.asked.form.get(name) == "yes"


@dataclass(frozen=True, slots=True)
class Subscribe:
    office: Office
    people: People
    limits: Limits
    blank: dict[str, str] = field(default_factory=dict)  # by language

    def show(self, asked: Asked) -> Page:
        """The form with nothing in it: made once a language, but for when it is shown."""
        language = self._language(asked)
        if language not in self.blank:
            offer = offered(self.office.config)
            blank = Sheet(asked, language, offer, everything(offer, language))
            self.blank[language] = self._form(blank, shown=_SHOWN).html
        return Page(self.blank[language].replace(_SHOWN, self.office.keyring.shown(self.office.clock())))

    def take(self, asked: Asked) -> Page:
        """What was sent, or the form once more with what is wrong."""
        language = self._language(asked)
        offer = offered(self.office.config)
        sheet = Sheet(asked, language, offer, chosen(asked, offer, language))
        told = faults(sheet.made, sheet.say)
        try:
            sheet = replace(sheet, made=replace(sheet.made, address=plain_address(sheet.made.address)))
        except AddressError:
            told.insert(
                0, sheet.say("This is no e-mail address. One alone is expected, such as ufficio@comune.example.it.")
            )
        return self._form(sheet, *told, status=422) if told else self._unsure(sheet) or self._taken(sheet)

    def _unsure(self, sheet: Sheet) -> Page | None:
        """What is asked once more: nobody is refused, and no answer is asked for twice."""
        told = []
        trapped = bool(sheet.asked.form.get("website")) or self._is_quick(sheet.asked)
        if trapped and not sheet.says("person"):
            told.append(
                sheet.say("This was filled in very fast, or by a program. If you are a person, say so and send it.")
            )
        if is_certified(sheet.made.address) and not sheet.says("certified"):
            told.append(
                sheet.say(
                    "This looks like certified mail (PEC). Such mailboxes mostly refuse ordinary mail: the newsletter "
                    "would not arrive. Give the office's ordinary address, or say that this one takes it."
                )
            )
        return self._form(sheet, *told, trapped=trapped) if told else None

    def _taken(self, sheet: Sheet) -> Page:
        """The same answer whether the address is known, unknown, or asked for too often."""
        if not self.limits.network(sheet.asked.network):
            words = sheet.say("Too many wishes came from your network. Try again in an hour.")
            return self._told(sheet, sheet.say("Please try later"), words, status=429)
        address = sheet.made.address
        if self.limits.mail(self.office.keyring.fingerprint(address)):
            now = self.office.clock()
            evidence = f"asked by the form /subscribe, {self.people.wording(sheet.language)[1]} ({sheet.language})"
            evidence += f", {now:%Y-%m-%dT%H:%M:%SZ}"
            ask(self.office, wish(sheet.made, sheet.offer, id=subscriber_id(address), since=now, evidence=evidence))
        words = sheet.say(
            "Within a few minutes a mail comes to the address you gave. It has a link: the subscription counts from "
            "when you confirm it there. Without your answer the address is erased after seven days."
        )
        return self._told(sheet, sheet.say("Look into your mailbox"), words)

    def _is_quick(self, asked: Asked) -> bool:
        now = self.office.clock()
        try:
            return now - self.office.keyring.read_shown(asked.form.get("shown", ""), now) < _QUICKEST
        except TokenError:
            return True

    def _first_shown(self, asked: Asked) -> str:
        """Who mends a word in a form that came back has had it for longer than that."""
        now, token = self.office.clock(), asked.form.get("shown", "")
        try:
            self.office.keyring.read_shown(token, now)
        except TokenError:
            return self.office.keyring.shown(now)
        return token

    def _form(self, sheet: Sheet, *told: str, status: int = 200, trapped: bool = False, shown: str = "") -> Page:
        other = next(code for code in i18n.LANGUAGES if code != sheet.language)
        values = {
            "offer": sheet.offer,
            "chosen": sheet.made,
            "told": told,
            "ask_person": trapped or sheet.says("person"),
            "is_person": sheet.says("person"),
            "ask_certified": is_certified(sheet.made.address),
            "is_certified": sheet.says("certified"),
            "other": {"code": other, "name": _NAMES[other]},
            "wording": self.people.wording(sheet.language)[0],
            "shown": shown or self._first_shown(sheet.asked),
        }
        return Page(self.people.page("subscribe", sheet.language, 0, **values), status)

    def _told(self, sheet: Sheet, title: str, *lines: str, status: int = 200) -> Page:
        values = {"title": title, "lines": lines, "button": "", "subscribe": False}
        return Page(self.people.page("act", sheet.language, 0, **values), status)

    def _language(self, asked: Asked) -> str:
        wanted = asked.query.get("language", "")
        return wanted if wanted in i18n.LANGUAGES else self.office.config.site.language
