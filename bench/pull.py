"""What a pull costs against the bare loop of bench/bare.py, over the same feeds, served on loopback; only ratios count.

    .venv/bin/python bench/pull.py               1,000 generated feeds, 3 rounds, in turn
    .venv/bin/python bench/pull.py 200 2         200 feeds, 2 rounds

cold        a first pull, as a whole process, start-up included (wall and CPU), against the bare loop
unchanged   304 to everything: CPU of a source, beyond the start-up of a pull in which nothing is due
same bytes  no validators: everything is sent again, nothing is read
5 % new     one source in twenty has changed: CPU against the cold pull

nginx serves the feeds (Debian: nginx-light).
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "bench"))

from generated import feeds  # noqa: E402

PORT = 18_391
BASE = f"http://127.0.0.1:{PORT}"
NGINX = """worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{ access_log off; etag {etag}; if_modified_since {since}; max_ranges 0; client_body_temp_path {folder}/body;
server {{ listen 127.0.0.1:{port}; root {folder}/www; {bare} }} }}"""
HEAD = """site: {{title: Banco, url: https://banco.example.it/}}
sections: [News]
network: {{allow_private: 127.0.0.0/8, per_host: 32}}
sources:
"""


def main(count: int = 1000, rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder, count)
        bench(folder, count, rounds)


def lay_out(folder: Path, count: int) -> None:
    """The feeds, to be served, and a site that reads them."""
    folder.chmod(0o755)  # nginx serves as somebody else
    (folder / "www").mkdir()
    for number, body in enumerate(feeds(count)):
        (folder / "www" / f"{number:04}.xml").write_bytes(body)
    sources = "".join(f"  - {{id: s{n:04}, url: {BASE}/{n:04}.xml}}\n" for n in range(count))
    (folder / "feeds.yaml").write_text(HEAD.format() + sources)


def bench(folder: Path, count: int, rounds: int) -> None:
    told: dict[str, list[float]] = {}

    def tell(name: str, value: float) -> None:
        told.setdefault(name, []).append(value)

    for _ in range(rounds):
        with serving(folder, validators=True):
            bare = cost(sys.executable, str(ROOT / "bench/bare.py"), BASE, str(count), str(folder / "bare.db"))
            (folder / "bare.db").unlink()
            cold = pulled(folder, fresh=True)
            start, unchanged = beyond_start(folder)
            for number in range(0, count, 20):
                file = folder / "www" / f"{number:04}.xml"
                file.write_bytes(file.read_bytes().replace(b"<title>", b"<title>Nuovo: ", 3))
            some = pulled(folder)
        with serving(folder, validators=False):
            pulled(folder, fresh=True)
            same = pulled(folder)
        tell("cold, wall: times the bare loop", cold[0] / bare[0])
        tell("cold, CPU: times the bare loop", cold[1] / bare[1])
        tell("unchanged: ms of CPU a source", unchanged / count * 1000)
        tell("same bytes: ms of CPU a source", (same[1] - start) / count * 1000)
        tell("5 % new: CPU beyond start-up, of a cold pull's", (some[1] - start) / (cold[1] - start))
    for name, values in told.items():
        print(f"{name:50} {median(values):8.2f}   ({min(values):.2f} to {max(values):.2f})")


_IN_TURN = 7


def beyond_start(folder: Path) -> tuple[float, float]:
    """CPU seconds of a start and of an unchanged pull beyond it: medians of several in turn, as the start is most of it
    and differs from one to the next by more than all the sources cost."""
    starts, pulls = [], []
    for _ in range(_IN_TURN):
        starts.append(cost(*command(folder), "s0000")[1])
        pulls.append(pulled(folder)[1])
    return median(starts), median(pulls) - median(starts)


def command(folder: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "aggregator.cli", "--config", str(folder / "feeds.yaml"), "pull")


def pulled(folder: Path, *, fresh: bool = False) -> tuple[float, float]:
    if fresh:
        shutil.rmtree(folder / "data", ignore_errors=True)
    return cost(*command(folder), "--force")


def cost(*words: str) -> tuple[float, float]:
    """(wall, CPU) seconds of a whole process and its children."""
    # An installed program is compiled once: elsewhere 0.2 s of every start would go into that.
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, cpu


@contextmanager
def serving(folder: Path, *, validators: bool) -> Iterator[None]:
    """The feeds over HTTP, with ETag and Last-Modified or without; not a child whose time is counted."""
    settings = {"etag": "on", "since": "exact", "bare": ""}
    if not validators:
        settings = {"etag": "off", "since": "off", "bare": 'add_header Last-Modified "";'}
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=PORT, **settings))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    with subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]) as server:
        time.sleep(0.5)
        try:
            yield
        finally:
            server.terminate()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
