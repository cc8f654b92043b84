"""What the web side answers while a pull and a send run, against a bare Starlette hello in the same run.

    .venv/bin/python bench/web.py [SECONDS]

The daemon pulls 40 feeds of 130 kB and publishes them, and an issue goes to 5,000 subscribers, while wrk (of Debian)
asks its web side for pages, each in turn with the hello. Told is how often the hello answers for one answer of ours,
the median of some rounds, and how many were no success. nginx serves the feeds, smtp-sink takes the mails.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.request import urlopen

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import deliver  # noqa: E402
import pull  # noqa: E402
from generated import feeds  # noqa: E402

from aggregator.app import open_app  # noqa: E402

OURS, HELLO = 18_401, 18_402
COUNT, MAILS, ROUNDS = 40, 5000, 5
SITE = """site: {{title: Banco, url: "http://127.0.0.1:{web}/"}}
sections: [News]
web: {{listen: 127.0.0.1:{web}}}
newsletters: [{{id: settimanale, when: mon 08:00}}]
mail:
  from: Banco <notizie@example.it>
  smtp: {{host: 127.0.0.1, port: {smtp}, security: none}}
  rate: 3600/min
network: {{allow_private: 127.0.0.0/8, per_host: 8}}
sources:
"""
# Beside the hello the least that a page of a person is: a row of a database, a small template, a thread to wait in.
BARE = f"""import jinja2, uvicorn
from sqlalchemy import create_engine, text
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
engine = create_engine("sqlite:///bare.db")
with engine.begin() as connection:
    connection.execute(text("CREATE TABLE reader (id TEXT PRIMARY KEY, address TEXT)"))
    connection.execute(text("INSERT INTO reader VALUES ('s1', 'ufficio@comune.example.it')"))
template = jinja2.Environment(autoescape=True).from_string("<!doctype html>" + "<p>{{{{ one }}}}</p>" * 10)
wanted = text("SELECT address FROM reader WHERE id = :id")
async def hello(request): return PlainTextResponse("hello")
def page(request):
    with engine.connect() as connection: one = connection.execute(wanted, {{"id": "s1"}}).scalar()
    return Response(template.render(one=one), media_type="text/html")
routes = [Route("/", hello), Route("/page", page)]
uvicorn.run(Starlette(routes=routes), port={HELLO}, log_level="warning", access_log=False)
"""
BARE_PAGE = "(a bare page)"
ONE_CLICK = """wrk.method = "POST"; wrk.body = "List-Unsubscribe=One-Click"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
"""


def main(seconds: int = 2) -> None:
    if not shutil.which("wrk"):
        sys.exit("wrk is not there; on Debian: apt-get install wrk")
    with TemporaryDirectory() as folder, ExitStack() as stack:
        place = Path(folder)
        place.chmod(0o755)
        (place / "www").mkdir()
        for number, body in enumerate(feeds(COUNT)):
            (place / "www" / f"{number:04}.xml").write_bytes(body)
        stack.enter_context(pull.serving(place, validators=False))
        pages = filled(place, stack.enter_context(deliver.sink()))
        stack.enter_context(running(place, (sys.executable, "-c", BARE)))
        stack.enter_context(running(place, (sys.executable, "-m", "aggregator.cli", "run")))
        ready()
        tell(*measured(place, pages, seconds))
        tell_work(place)


def filled(place: Path, smtp: int) -> dict[str, str]:
    """A site that was published once, with an issue that is owed; {page: its path}."""
    sources = "".join(f"  - {{id: s{n:04}, url: {pull.BASE}/{n:04}.xml}}\n" for n in range(COUNT))
    (place / "feeds.yaml").write_text(SITE.format(web=OURS, smtp=smtp) + sources, encoding="utf-8")
    site = open_app(place / "feeds.yaml")
    deliver.owe(site.store, MAILS, deliver.EDITION)
    site.publish()
    one, other, *_ = site.store.subscribers()
    leave = site.leave_link(other.id).removeprefix(f"http://127.0.0.1:{OURS}")
    pages = {
        "/": "/", "/feeds/all.atom": "/feeds/all.atom", "/subscribe": "/subscribe", "/search?q=": "/search?q=comune",
        "/preferences/": str(site.preferences_link(one.id)).removeprefix(f"http://127.0.0.1:{OURS}"),
        "/leave/": leave, "/leave/ one click": leave,
    }  # fmt: skip
    (place / "click.lua").write_text(ONE_CLICK)
    site.close()
    return pages


@contextmanager
def running(place: Path, words: tuple[str, ...]) -> Iterator[None]:
    with subprocess.Popen(words, cwd=place, env={"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as process:  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:  # a daemon ends what it has begun: nothing here is worth waiting for
                process.kill()


def ready() -> None:
    for port in (OURS, HELLO):
        for _ in range(100):
            with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                break
            time.sleep(0.1)


def measured(place: Path, pages: dict[str, str], seconds: int) -> tuple[dict[str, float], Counter[str]]:
    ratios: dict[str, list[float]] = {page: [] for page in (BARE_PAGE, *pages)}
    failed: Counter[str] = Counter()
    ours_at, bare_at = f"http://127.0.0.1:{OURS}", f"http://127.0.0.1:{HELLO}"
    named = {BARE_PAGE: f"{bare_at}/page", **{page: f"{ours_at}{path}" for page, path in pages.items()}}
    for _ in range(ROUNDS):
        for page, address in named.items():
            script = ("-s", str(place / "click.lua")) if page.endswith("click") else ()
            ours, wrong = asked(address, seconds, script)
            hello, _ = asked(f"{bare_at}/", seconds)
            ratios[page].append(hello / ours)
            failed[page] += wrong
    return {page: median(found) for page, found in ratios.items()}, failed


def asked(url: str, seconds: int, script: tuple[str, ...] = ()) -> tuple[float, int]:
    """(answers a second, how many of them, or of the connections, failed)"""
    told = subprocess.run(
        ("wrk", "-t1", "-c16", f"-d{seconds}s", "--timeout", "10s", *script, url),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    errors = re.search(r"Socket errors: .*read (\d+).*timeout (\d+)", told)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert rate, told
    return max(float(rate[1]), 0.1), sum(int(m) for found in (wrong, errors) if found for m in found.groups())


def tell(ratios: dict[str, float], failed: Counter[str]) -> None:
    for page, ratio in ratios.items():
        print(f"{page:20} 1 / {ratio:5.2f} of the hello's rate, {failed[page]} failed")


def tell_work(place: Path) -> None:
    site = open_app(place / "feeds.yaml")
    pulled = sum(1 for check in site.store.checks().values() if check.last_success)
    print(f"meanwhile: {pulled} sources pulled, outbox {dict(site.store.outbox_counts())}")
    site.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
