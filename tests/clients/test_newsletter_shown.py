"""Real programs for mail show an issue of the demo: Thunderbird draws it, neomutt tells it in words."""

from __future__ import annotations

import mailbox
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.clients.desk import PICTURES, needs, run
from tests.clients.mails import LOOKS, Mailed

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]


@pytest.fixture(params=LOOKS)
def mail(request: pytest.FixtureRequest, demo_mails: Sequence[Mailed]) -> Mailed:
    """The whole issue in Italian."""
    return next(mail for mail in demo_mails if mail.name == f"demo-{request.param}-it")


# --- neomutt ---

NEOMUTT = """\
set folder="{folder}" record="" charset=utf-8 prompt_after=no pager="cp -t {folder}/shown"
"""


@needs("neomutt", "neomutt")
@needs("script", "bsdutils")
def test_neomutt_shows_the_words(mail: Mailed, tmp_path: Path) -> None:
    """What it would page through on a terminal is copied into a file."""
    mailbox.Maildir(tmp_path / "box").add(mail.raw)
    (tmp_path / "shown").mkdir()
    (tmp_path / "rc").write_text(NEOMUTT.format(folder=tmp_path))
    show = f"neomutt -n -R -F {tmp_path}/rc -f {tmp_path}/box -e 'push <display-message><exit>'"
    run("env", "LC_ALL=C.UTF-8", "TERM=xterm", "script", "-qec", show, "/dev/null", home=tmp_path)
    (file,) = (tmp_path / "shown").iterdir()
    shown = file.read_text(encoding="utf-8")
    assert mail.subject in " ".join(shown.split())
    assert mail.text.replace("\r\n", "\n").strip() in shown


# --- Thunderbird ---

# No first steps, no news from its makers, and a mail in a window of its own.
PREFERENCES = """\
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mailnews.start_page.enabled", false);
user_pref("mailnews.start_page_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("app.donation.eoy.version.viewed", 999);
user_pref("app.update.enabled", false);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("mail.openMessageBehavior", 1);
user_pref("ui.systemUsesDarkTheme", {dark});
"""


@pytest.fixture
def display() -> Iterator[str]:
    """A screen that nobody sees; it chooses its own number."""
    told, tell = os.pipe()
    command = ["Xvfb", "-displayfd", str(tell), "-screen", "0", "1000x1400x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[tell], stderr=subprocess.DEVNULL)
    os.close(tell)
    with os.fdopen(told) as answer:
        yield f":{answer.readline().strip()}"
    server.terminate()
    server.wait(10)


@needs("thunderbird", "thunderbird")
@needs("Xvfb", "xvfb")
@needs("xdotool", "xdotool")
@needs("import", "imagemagick")
@pytest.mark.parametrize(
    ("mail", "scheme"), [("default", "light"), ("default", "dark"), ("plain", "light")], indirect=["mail"]
)
def test_thunderbird_draws_the_page(mail: Mailed, display: str, tmp_path: Path, scheme: str) -> None:
    (tmp_path / "user.js").write_text(PREFERENCES.format(dark=int(scheme == "dark")))
    (tmp_path / "issue.eml").write_bytes(mail.raw)
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture = PICTURES / f"thunderbird-{mail.name}-{scheme}.png"
    environment = os.environ | {"DISPLAY": display, "HOME": str(tmp_path)}

    def look(*command: str) -> str:
        done = subprocess.run(command, capture_output=True, timeout=60, env=environment, check=False)
        return done.stdout.decode(errors="replace")

    def title() -> str:
        return look("xdotool", "search", "--name", "Mozilla Thunderbird", "getwindowname", "%@")

    def colours() -> int:
        look("import", "-window", "root", str(picture))
        return int(look("identify", "-format", "%k", str(picture)) or 0)

    command = ["thunderbird", "--no-remote", "-profile", str(tmp_path), "-file", str(tmp_path / "issue.eml")]
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        wait_for(lambda: mail.subject in title())
        wait_for(lambda: colours() > 500)  # its letters have soft edges, in the colours of the look
    finally:
        program.terminate()
        program.wait(30)


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.5)
