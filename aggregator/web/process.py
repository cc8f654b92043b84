"""The web side in a process of its own, beside a daemon's jobs: their work keeps no reader waiting, an edit of
feeds.yaml or of a template is taken over within seconds, and a web side that dies is begun again.

The daemon holds the socket: who asks while one process goes and the next one comes is answered by the next one.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from aggregator.app import App, open_app
from aggregator.errors import AggregatorError, ConfigError
from aggregator.settings import Config
from aggregator.web.static import listening

log = logging.getLogger(__name__)

_LOOK = 2.0  # seconds between two looks at the files and at the process
_AGAIN = 10.0  # seconds between two beginnings, where it dies at once
_PATIENCE = 10.0  # seconds for a process that was told to end


@contextmanager
def web_process(site: App, options: Sequence[str]) -> Iterator[None]:
    """Keep one up while `with` lasts, as feeds.yaml has it now; none while it has no `web:`. `options` stand before the
    command. ConfigError where the address cannot be had."""
    keeper, over = Keeper(site, options), Event()
    keeper.look()

    def keep() -> None:
        told = ""
        while not over.wait(_LOOK):
            try:
                keeper.look()
                told = "" if keeper.serves else told
            except (AggregatorError, OSError) as error:
                if told != str(error):
                    log.error("web: %s", error)
                told = str(error)

    thread = Thread(target=keep, name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        keeper.end()


class Keeper:
    def __init__(self, site: App, options: Sequence[str]) -> None:
        self._file, self._root, self._options = site.file, site.root, options
        self._config: Config = site.config
        self._files = _sign(self._file)
        self._at: socket.socket | None = None
        self._listen = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = float("-inf")

    def look(self) -> None:
        """Take over what was edited; begin what should be there and is not."""
        if (files := _sign(self._file)) != self._files:
            self._files = files
            try:
                self._config = open_app(self._file).config
            except ConfigError:  # the jobs complain of it; this one goes on with what was right
                return
            self._stop()
            self._begun = float("-inf")
        if self._config.web == "none":
            self.end()
        elif not self.serves and monotonic() - self._begun > _AGAIN:
            self._begin(self._config.web.listen)

    @property
    def serves(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def end(self) -> None:
        self._stop()
        if self._at:
            self._at.close()
        self._at, self._listen = None, ""

    def _begin(self, listen: str) -> None:
        self._begun = monotonic()
        if self._process:
            log.error("web: it has ended by itself, code %s; it is begun again", self._process.returncode)
        if listen != self._listen:
            self.end()
            self._at, self._listen = listening(listen), listen
        assert self._at
        number = self._at.fileno()
        (self._root / self._config.output).mkdir(parents=True, exist_ok=True)  # nothing may have been published yet
        self._process = subprocess.Popen(  # noqa: S603  ourselves
            (sys.executable, "-m", "aggregator.cli", "--config", str(self._file), *self._options, "--quiet", "serve",
             "--socket", str(number)),
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=(number,),
        )  # fmt: skip

    def _stop(self) -> None:
        if self._process and self.serves:
            self._process.terminate()
            try:
                self._process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process and self._process.stdin:
            self._process.stdin.close()
        self._process = None


def _sign(feeds_yaml: Path) -> tuple[tuple[str, int, int], ...]:
    """Another one, if feeds.yaml or a template is another."""
    found = []
    for path in (feeds_yaml, *sorted((feeds_yaml.resolve().parent / "templates").rglob("*"))):
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)
