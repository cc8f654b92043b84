"""A folder -> a site to fill in; a headline -> a draft announcement."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from aggregator.app import App
from aggregator.config.schema import schema
from aggregator.errors import ConfigError
from aggregator.i18n import local_day
from aggregator.own_files import load_or_make_key
from aggregator.parse.announcement import draft

_GITIGNORE = """\
# Facts, keys and output of this machine: no place for them in a repository.
data/
public/
outbox/
bounces/
.env
"""


def make(folder: Path, language: str) -> list[Path]:
    """Everything a new site begins with; ConfigError where one is there already. Nothing is overwritten."""
    if (folder / "feeds.yaml").exists():
        raise ConfigError(f"{folder / 'feeds.yaml'} is there already; nothing was changed")
    (folder / "announcements").mkdir(parents=True, exist_ok=True)
    load_or_make_key(folder / "data" / "secret.key")
    begun = {
        "feeds.yaml": (files(__package__) / f"feeds.{language}.yaml").read_text(encoding="utf-8"),
        "feeds.schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
        ".gitignore": _GITIGNORE,
    }
    return [path for name, text in begun.items() if (path := _begin(folder / name, text))]


def announcement(site: App, title: str, section: str) -> Path:
    """A draft in announcements/, beside any other of that name."""
    if not title.strip():
        raise ConfigError('an announcement needs a title, as in: aggregator new "Orari d\'agosto"')
    if not site.config.announcements:
        raise ConfigError("feeds.yaml names no announcements folder; add the line `announcements: announcements/`")
    known = [s.id for s in site.config.sections]
    if section and section not in known:
        raise ConfigError(f"no section is called {section!r}; there is: {', '.join(known)}")
    today = local_day(site.clock(), site.config.site.zone)
    name, text = draft(title, section or site.config.defaults.section or known[0], today, site.config.site.language)
    folder = site.root / site.config.announcements
    folder.mkdir(parents=True, exist_ok=True)
    stem = name.removesuffix(".md")
    free = (path for n in range(1, 1000) if not (path := folder / f"{stem}{f'-{n}' if n > 1 else ''}.md").exists())
    path = next(free)
    path.write_text(text, encoding="utf-8")
    return path


def _begin(path: Path, text: str) -> Path | None:
    if path.exists():
        return None
    path.write_text(text, encoding="utf-8")
    return path
