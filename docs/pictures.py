"""The demo, as Chromium shows it -> docs/pictures/*.png, which README and docs show.

    .venv/bin/python docs/pictures.py

Needs Debian's `chromium`. The samples and the clock of the demo are the same each time, and so are the pictures.
"""

from __future__ import annotations

import email
import email.policy
import subprocess
import sys
import tempfile
from pathlib import Path

from aggregator.demo.run import Done, run

PICTURES = Path(__file__).parent / "pictures"
# {name: (what to open, width, height)}
PAGES = {"portal": ("index.html", 1280, 1180), "calendar": ("calendar/2026-06.html", 1280, 900)}
NEWSLETTER = (720, 1180)
QUIET = """--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking
--disable-component-update --disable-sync --hide-scrollbars --force-color-profile=srgb""".split()


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        done = run(folder / "site", "it")
        for name, (page, *size) in PAGES.items():
            take(done.portal.parent / page, PICTURES / f"{name}.png", *size, profile=folder / "profile")
        take(newsletter(done, folder), PICTURES / "newsletter.png", *NEWSLETTER, profile=folder / "profile")


def newsletter(done: Done, folder: Path) -> Path:
    """The first mail in Italian, as a page."""
    page = folder / "newsletter.html"
    page.write_text(next(html for html in map(html_of, sorted(done.mails)) if 'lang="it"' in html[:500]), "utf-8")
    return page


def html_of(file: Path) -> str:
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def take(page: Path, picture: Path, width: int, height: int, profile: Path) -> None:
    command = ["chromium", *QUIET, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
    subprocess.run([*command, f"--screenshot={picture}", page.as_uri()], check=True, capture_output=True, timeout=120)
    sys.stdout.write(f"{picture.name}: {picture.stat().st_size // 1024} kB\n")


if __name__ == "__main__":
    main()
