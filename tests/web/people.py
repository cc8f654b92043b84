"""What the tests of the web side share: a site that people join and leave, and its mails.

desk.post("/subscribe", address="ufficio@comune.example.it")     desk.link("confirm")
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from aggregator.app import App
from aggregator.config.reading import read
from aggregator.model import Delivery, Subscriber
from aggregator.web import side
from aggregator.web.static import listening, serving
from tests.build import NOW, subscriber

SITE = """site: {title: Sportello di prova, url: "https://notizie.example.it/"}
sections: [News, {id: atti, title: Atti}]
announcements: announcements/
web: {listen: 127.0.0.1:0}
newsletters:
  - {id: settimanale, title: La settimana, when: mon 08:00}
  - {id: uffici, title: Per gli uffici, when: mon 08:00, area: reserved}
mail: {from: "Sportello <notizie@example.it>"}
"""
ADDRESS = "anagrafe@comune.example.it"


@dataclass(frozen=True)
class Told:
    status: int
    headers: Mapping[str, str]
    text: str


class Desk:
    """The site on the web; its clock is moved by hand."""

    def __init__(self, folder: Path, site: str = SITE) -> None:
        self.now: datetime = NOW
        (folder / "public").mkdir(parents=True)
        self.app = App(folder / "feeds.yaml", read(site), lambda: self.now)
        self.store = self.app.store

    @contextmanager
    def served(self) -> Iterator[None]:
        routes, guards = side.routes(self.app), side.guards(self.app, "127.0.0.1:0")
        with serving(self.app.root / "public", listening("127.0.0.1:0"), routes, guards) as address:
            self._host = urlsplit(address).netloc
            yield
        self.app.close()

    def __call__(self, method: str, path: str, body: bytes = b"", **headers: str) -> Told:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection(self._host)) as connection:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            text = answer.read().decode()
            return Told(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)

    def get(self, path: str, **headers: str) -> Told:
        return self("GET", path, **headers)

    def post(self, path: str, **fields: str | list[str]) -> Told:
        return self("POST", path, urlencode(fields, doseq=True).encode(), content_type=FORM)

    def ask(
        self, address: str = ADDRESS, query: str = "", origin: str = "127.0.0.1", **fields: str | list[str]
    ) -> Told:
        """Fill in the form as a person does, in some seconds."""
        shown = re.search(r'name="shown" value="([^"]+)"', self.get(f"/subscribe{query}").text)
        assert shown
        self.later(seconds=20)
        told: dict[str, str | list[str]] = {"address": address, "section": ["news", "atti"], "language": "it"}
        body = urlencode(told | {"shown": shown[1]} | fields, doseq=True).encode()
        return self("POST", f"/subscribe{query}", body, content_type=FORM, X_Forwarded_For=origin)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def join(self, id: str = "s1", **fields: str) -> Subscriber:
        one = replace(subscriber(id), **fields)  # type: ignore[arg-type]
        self.store.save_subscriber(one)
        return one

    def consent(self, address: str = ADDRESS) -> str:
        found = self.store.subscriber(address)
        return found.consent if found else ""

    def owed(self, kind: str) -> list[Delivery]:
        return [one for one in self.store.deliveries() if one.kind == kind]

    def mail(self, kind: str) -> EmailMessage:
        """The last one of its kind."""
        return message_from_bytes(self.owed(kind)[-1].message, policy=policy.default)

    def text(self, kind: str) -> str:
        body = self.mail(kind).get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def link(self, kind: str) -> str:
        """The path a mail leads to."""
        found = re.search(r"https://notizie\.example\.it(/(?:confirm|preferences)/\S+)", self.text(kind))
        assert found, self.text(kind)
        return found[1]


FORM = "application/x-www-form-urlencoded"
