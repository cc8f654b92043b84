"""The site, opened -> the routes and guards of its web side."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute

from aggregator.app import App
from aggregator.render.press import Look
from aggregator.render.site.people import People
from aggregator.web.acts import Acts
from aggregator.web.choices import offered
from aggregator.web.forms import form_route
from aggregator.web.limits import Limits
from aggregator.web.preferences import Preferences
from aggregator.web.reserved import reserved_routes
from aggregator.web.search import search_route
from aggregator.web.subscribe import Subscribe
from aggregator.web.vitals import vital_routes


def routes(site: App) -> Sequence[BaseRoute]:
    """None without `web:`; the form to subscribe only where there is a public newsletter."""
    if site.config.web == "none":
        return ()
    look = Look(site.config, site.templates)
    office, people, limits = site.office, People(look), Limits()
    acts = Acts(office, people, limits)
    subscribe = Subscribe(office, people, limits)
    joining = [form_route("/subscribe", subscribe.take, subscribe.show)] if offered(site.config).newsletters else []
    return [
        search_route(site.root / site.config.output, site.finder, look),
        *joining,
        form_route("/confirm/{token}", acts.confirm),
        form_route("/leave/{token}", acts.leave),
        form_route("/preferences/{token}", Preferences(office, people, limits)),
        form_route("/preferences/{token}/erase", acts.erase),
        *reserved_routes(site),
        *vital_routes(site),
    ]


def guards(site: App, listen: str) -> Sequence[Middleware]:
    """Only who asks for this site is answered: links in our mails are never made of what a request claims."""
    if site.config.web == "none":
        return ()
    own = listen.rpartition(":")[0].strip("[]")
    hosts = sorted({site.config.site.host, own, "localhost", "127.0.0.1", "::1", "[::1]"})
    return [Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)]
