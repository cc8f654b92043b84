"""Pages by which a person subscribes, confirms, changes and leaves: a template of templates/web -> HTML."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from aggregator.render import paths
from aggregator.render.press import Look
from aggregator.render.site.pages import page

# Another one whenever the meaning of templates/web/wording.txt changes: it stands in the evidence of each consent.
WORDING = 1


@dataclass(frozen=True, slots=True)
class People:
    """`depth`: how many slashes the address of a page has below the site's root."""

    look: Look

    def page(self, name: str, language: str, depth: int, **values: object) -> str:
        """The address of a page holds a token: no page names its own."""
        look, site = self._in(language), self.look.config.site
        path = "/".join([paths.SUBSCRIBE, *["-"] * depth])
        address = paths.address(site, paths.SUBSCRIBE)
        told = {"subscribe_path": paths.SUBSCRIBE, "address": address}
        return page(look, path, f"web/{name}.html", **(told | values)).body.decode()

    def wording(self, language: str) -> tuple[str, str]:
        """What somebody agrees to, and how the evidence names it: version and hash."""
        look = self._in(language)
        words = look.templates.render("web/wording.txt", language, site=look.config.site).strip()
        return words, f"wording {WORDING} sha256:{hashlib.sha256(words.encode()).hexdigest()[:16]}"

    def _in(self, language: str) -> Look:
        site = replace(self.look.config.site, language="en" if language == "en" else "it")
        return replace(self.look, config=replace(self.look.config, site=site))
