"""Requests -> answers as they arrive: `ports.Network` over the pump."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from ipaddress import ip_network
from itertools import islice

from aggregator import settings
from aggregator.model import Request
from aggregator.network.certificates import Certificates
from aggregator.network.hosts import Hosts
from aggregator.network.pump import Pump
from aggregator.network.transfer import Answer, Transfer

_AHEAD = 8  # requests taken in advance for each that may be in flight: work for other hosts while one is full
_LISTEN_SECONDS = 0.2  # how long a wish to stop may go unheard


class CurlNetwork:
    """The web, as `ports.Network`."""

    def __init__(
        self, settings: settings.Network, default_user_agent: str, stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """Once `stopping()` is true, `fetch` ends at once: a source that never answers keeps nobody waiting."""
        self._settings = settings
        self._user_agent = settings.user_agent or default_user_agent
        self._allowed = tuple(map(ip_network, settings.allow_private))
        self._stopping = stopping
        self._certificates = Certificates()
        self._peace: dict[str, float] = {}

    def fetch(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Exactly one answer for each request, as they arrive; what goes wrong out there is a `Problem`.

        Requests are taken lazily, some times `concurrency` ahead, in the consumer's own thread; curl runs in another,
        so that a consumer busy parsing lets no transfer time out. To close the iterator abandons what is under way.
        """
        waiting, owed = iter(requests), 0
        hosts = Hosts(self._settings.per_host, self._peace)
        with closing(Pump(self._transfer, self._settings.concurrency, hosts)) as pump:
            while True:
                for request in islice(waiting, self._settings.concurrency * _AHEAD - owed):
                    pump.put(request)
                    owed += 1
                if not owed or (answer := self._next(pump)) is None:
                    return
                yield answer
                owed -= 1

    def _transfer(self, request: Request) -> Transfer:
        return Transfer(request, self._user_agent, self._allowed, self._certificates)

    def _next(self, pump: Pump) -> Answer | None:
        """None where none is there and we are to stop: what has come is not thrown away."""
        while (answer := pump.take(_LISTEN_SECONDS)) is None and not self._stopping():
            pass
        return answer
