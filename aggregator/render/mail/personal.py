"""What one person is told about their own subscription -> the subject, HTML and text of a mail.

Nothing that was typed into a form stands in these mails: who asks may be a stranger, and the address somebody else's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator import i18n
from aggregator.model import Edition
from aggregator.render.mail.inline import inlined
from aggregator.render.mail.message import ADDRESS_MARK
from aggregator.render.templates import Templates
from aggregator.settings import Site


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes them in one language; a `link` is where the reader acts, `until` when it ends."""

    site: Site
    language: str
    templates: Templates

    def confirmation(self, link: str, until: datetime) -> Edition:
        return self._letter(
            self._("Please confirm your subscription"),
            self._("Somebody, we hope you, asked that the newsletter of this site be sent to this address."),
            self._("To get it, open this page and confirm, by %(day)s:") % {"day": self._day(until)},
            link=link,
            label=self._("Confirm the subscription"),
            last=self._("If it was not you, do nothing: nothing more is sent, and the address is erased."),
        )

    def known(self, link: str) -> Edition:
        """To who is subscribed already, and asked, or was asked for, once more."""
        return self._letter(
            self._("You are subscribed already"),
            self._("Somebody, we hope you, asked that the newsletter of this site be sent to this address."),
            self._("It is sent there already, and nothing was changed. Here you change what you get:"),
            link=link,
            label=self._("Change what you get"),
            last=self._("If it was not you, you need not do anything."),
        )

    def goodbye(self, link: str, until: datetime) -> Edition:
        return self._letter(
            self._("You have unsubscribed"),
            self._("The newsletter of this site is not sent to you any more."),
            self._("Was it a mistake? Until %(day)s you can come back:") % {"day": self._day(until)},
            link=link,
            label=self._("Come back"),
            last=self._("If you do nothing, your address is erased on that day."),
        )

    def export(self, told: str) -> Edition:
        return self._letter(
            self._("What we know about you"),
            self._("You asked what this site keeps about you. This is all of it, as JSON that programs read, too."),
            told=told,
        )

    def feeds(self, told: str) -> Edition:
        return self._letter(
            self._("Your reserved feeds"),
            self._("These addresses are yours alone. Give them to your feed reader, and to nobody else."),
            told=told,
            last=self._("If one of them has come into other hands, make new ones by the link in every issue."),
        )

    def erasing(self, link: str, until: datetime) -> Edition:
        return self._letter(
            self._("Do you want to be erased?"),
            self._("Somebody, we hope you, asked that all this site knows about you be erased."),
            self._("To have it erased, open this page and confirm, by %(day)s:") % {"day": self._day(until)},
            link=link,
            label=self._("Erase everything"),
            last=self._("If it was not you, you need not do anything."),
        )

    def erased(self) -> Edition:
        return self._letter(
            self._("You have been erased"),
            self._("All this site knew about you has been erased. This is the last mail you get from it."),
            last=self._("What stays is a code made of your address, from which nobody can read it: it keeps old lists "
                        "from bringing you back, and the proof of your consent beside it."),
        )  # fmt: skip

    def _letter(
        self, title: str, *lines: str, link: str = "", label: str = "", last: str = "", told: str = ""
    ) -> Edition:
        subject = f"{self.site.title}: {title}"
        context = {
            "site": self.site,
            "language": self.language,
            "title": title,
            "subject": subject,
            "lines": lines,
            "link": link,
            "label": label,
            "last": last,
            "told": told,
            "address_mark": ADDRESS_MARK,
        }
        html, text = (
            self.templates.render(f"mail/personal.{kind}", self.language, **context) for kind in ("html", "txt")
        )
        return Edition("people", 0, self.language, (), subject, inlined(html, "mail/personal.html"), text)

    def _day(self, moment: datetime) -> str:
        return i18n.long_date(moment, self.language, self.site.zone)

    def _(self, message: str) -> str:
        return i18n.translations(self.language).gettext(message)
