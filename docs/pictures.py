"""The demo, as Chromium shows it -> docs/pictures/*.png, which README and docs show.

    .venv/bin/python docs/pictures.py

Needs Debian's `chromium`. The samples and the clock of the demo are the same each time, and so are the pictures.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from aggregator.app import open_app
from aggregator.demo.run import Done, run
from aggregator.jobs.issues.editions import render_edition
from aggregator.jobs.issues.newsroom import Newsroom, with_files

PICTURES = Path(__file__).parent / "pictures"
FLAGS = "--no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --force-color-profile=srgb".split()


@dataclass(frozen=True, slots=True)
class Shot:
    """What to open: a page of the portal, or else the newsletter in a look; and through which window."""

    name: str
    width: int
    height: int
    page: str = ""
    look: str = "default"
    scheme: str = "light"


SHOTS = (
    Shot("portal", 1280, 1180, "index.html"),
    Shot("calendar", 1280, 900, "calendar/2026-06.html"),
    Shot("newsletter", 720, 1180),
    Shot("newsletter-dark", 640, 760, scheme="dark"),
    Shot("newsletter-phone", 320, 760),
    Shot("newsletter-phone-dark", 320, 760, scheme="dark"),
    Shot("newsletter-plain", 640, 760, look="plain"),
    Shot("newsletter-plain-phone", 320, 760, look="plain"),
)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        done = run(Path(place) / "site", "it")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for shot in SHOTS:
            take(shot, done, browser)
        browser.close()


def take(shot: Shot, done: Done, browser: Browser) -> None:
    page = browser.new_page(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
    )
    if shot.page:
        page.goto((done.portal.parent / shot.page).as_uri())
    else:
        page.set_content(newsletter(done, shot.look))
    picture = PICTURES / f"{shot.name}.png"
    page.screenshot(path=picture)
    page.close()
    sys.stdout.write(f"{picture.name}: {picture.stat().st_size // 1024} kB\n")


def newsletter(done: Done, look: str) -> str:
    """The demo's issue, whole and in Italian, as it would be in this look."""
    with closing(open_app(done.site)) as app:
        (issue,), config = app.store.issues(), app.standing()
        dressed = replace(config.newsletters[0], look=look)
        prepared = Newsroom(dressed, config, app.store, issue.due).of(issue, app.desk)
        told = with_files(prepared.content, config, app.disk)
        return render_edition(issue, dressed, told, ("it", ()), config, app.store, app.templates).html


if __name__ == "__main__":
    main()
