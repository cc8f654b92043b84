"""SIGTERM and Ctrl-C -> a wish to stop, heard between one source or message and the next."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

_LOOK_SECONDS = 0.25


class Wish:
    """What a signal may set at any moment.

    A `threading.Event` would not do: its lock may be held by the very thread that the handler interrupts, which then
    waits for itself for ever; and a thread that is about to wait for a lock does not hear what came just before.
    """

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def wait(self) -> None:
        while not self._is_set:
            time.sleep(_LOOK_SECONDS)


@contextmanager
def stop_on_signal() -> Iterator[Wish]:
    """Set by SIGTERM and SIGINT: whoever works finishes the source or message in hand, commits and ends."""
    stop = Wish()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
