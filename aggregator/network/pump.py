"""Requests in, answers out, by way of a thread in which curl runs; decides who may begin when."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

import pycurl

from aggregator.errors import FetchError
from aggregator.model import Problem, Request
from aggregator.network.hosts import Hosts
from aggregator.network.transfer import Answer, Transfer

_READY = 8  # finished bodies that may wait for the consumer before no more transfers are begun
_GRACE_SECONDS = 2.0  # closing waits so long for the thread; only a look-up of a name, which nothing stops, is longer
# A transfer that has brought next to nothing for so long no longer counts, though it stays under way: forty silent
# servers must not fill a house of 32 while everybody else waits. `select` knows 1024 descriptors, hence the last limit.
_PATIENCE_SECONDS = 2.0
_LOOK_SECONDS = 0.25  # how soon that is noticed
_LIGHT = 64_000
_CROWD = 4  # under way at most, in times `concurrency`
_DESCRIPTORS = 400


class Pump:
    """Requests in by `put`, answers out by `take`; only the thread touches the rest."""

    def __init__(self, transfer: Callable[[Request], Transfer], concurrency: int, hosts: Hosts) -> None:
        self._transfer, self._concurrency = transfer, concurrency
        self._requests: SimpleQueue[Request] = SimpleQueue()
        self._answers: SimpleQueue[Answer | Exception] = SimpleQueue()
        self._parked: list[Transfer] = []
        self._flying: dict[pycurl.Curl, Transfer] = {}
        self._hosts = hosts
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, concurrency)  # kept open for a next request
        self._bell, self._ear = socket.socketpair()
        self._ear.setblocking(False)
        self._stopping = False
        self._thread = Thread(target=self._run, name="curl", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Abandon what is under way."""
        self._stopping = True
        self._ring()
        self._thread.join(_GRACE_SECONDS)
        self._bell.close()

    def put(self, request: Request) -> None:
        self._requests.put(request)
        self._ring()

    def take(self, seconds: float) -> Answer | None:
        """The next answer, None where none came in time; raises what the thread died of, if it died."""
        try:
            answer = self._answers.get(timeout=seconds)
        except Empty:
            return None
        if self._answers.qsize() == _READY - 1:  # there is room again
            self._ring()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _ring(self) -> None:
        with suppress(ConnectionError):  # a dead thread has no ear; what it died of is among the answers
            self._bell.send(b"!")

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._receive()
                self._begin()
                self._wait()
                self._multi.perform()
                self._finish()
        except Exception as error:  # noqa: BLE001  a bug in here must reach the consumer, who would wait for ever
            self._answers.put(error)
        finally:
            self._release()

    def _receive(self) -> None:
        while not self._requests.empty():
            request = self._requests.get()
            try:
                transfer = self._transfer(request)
            except FetchError as error:
                self._answers.put(Problem(request.source_id, "fetch", str(error)))
            else:
                self._hosts.heed(transfer.host, request.per_host, request.gap)
                self._parked.append(transfer)

    def _begin(self) -> None:
        """Begin what may begin, oldest first; a host that is full or left in peace holds up nobody else's."""
        now, free = time.monotonic(), self._free()
        for transfer in tuple(self._parked):
            if free <= 0 or self._answers.qsize() >= _READY:
                return
            if self._hosts.may_be_asked(transfer.host, now, going_on=transfer.begun > 0):
                self._parked.remove(transfer)
                self._hosts.begun(transfer.host)
                self._flying[transfer.curl] = transfer
                transfer.begun = now
                self._multi.add_handle(transfer.curl)
                free -= 1

    def _free(self) -> int:
        """How many more may begin."""
        limit, late = self._concurrency, time.monotonic() - _PATIENCE_SECONDS
        counted = sum(t.begun > late or t.size > _LIGHT for t in self._flying.values())
        return min(limit - counted, min(limit * _CROWD, _DESCRIPTORS) - len(self._flying))

    def _wait(self) -> None:
        """Until a socket has something for curl, curl wants the time, or the consumer rings."""
        reading, writing, failing = self._multi.fdset()
        wanted = self._multi.timeout()  # milliseconds; -1 for no wish
        seconds = wanted / 1000 if wanted >= 0 else _LOOK_SECONDS
        select.select([*reading, self._ear.fileno()], writing, failing, min(seconds, _LOOK_SECONDS))
        with suppress(BlockingIOError):
            self._ear.recv(4096)

    def _finish(self) -> None:
        _, well, badly = self._multi.info_read()
        for curl, code, detail in [*((curl, 0, "") for curl in well), *badly]:
            transfer = self._flying.pop(curl)
            self._multi.remove_handle(curl)
            self._hosts.ended(transfer.host, transfer.took, time.monotonic())
            if answer := transfer.settle(code, detail):
                curl.close()
                self._answers.put(answer)
            else:
                self._parked.insert(0, transfer)

    def _release(self) -> None:
        for curl in self._flying:
            self._multi.remove_handle(curl)
        for transfer in (*self._flying.values(), *self._parked):
            transfer.curl.close()
        self._ear.close()
        self._multi.close()
