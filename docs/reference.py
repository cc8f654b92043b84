"""The settings' own nouns -> docs/feeds-yaml.md, so that no key is missing from it. `./run.sh docs` writes it anew."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from aggregator.config.meanings import MEANINGS

# Each table of feeds.yaml under the key it stands at, in the order of the file.
PLACES = {
    "Config": "",
    "Site": "site",
    "Publisher": "site.publisher",
    "Partner": "site.partners[]",
    "Theme": "site.theme",
    "Links": "site.links",
    "Holidays": "site.holidays",
    "Section": "sections[]",
    "Defaults": "defaults",
    "Source": "sources[]",
    "Auth": "sources[].auth",
    "Select": "sources[].select",
    "Rule": "rules[]",
    "Condition": "rules[].when",
    "Newsletter": "newsletters[]",
    "Alerts": "alerts",
    "Mail": "mail",
    "Smtp": "mail.smtp",
    "Bounces": "mail.bounces",
    "Web": "web",
    "Publish": "publish",
    "Network": "network",
}

HEAD = """\
# Every key of feeds.yaml

Made from the code by `./run.sh docs`. Durations are written `30s 15m 6h 2d`, sizes `500kB 10MB`; where a list is
expected, a single value will do.

**Words** (`include`, `exclude`, the conditions of `rules`) fold case and accents and match whole words in title, text
and tags; `*` ends a stem (`immigra*`), several words match in sequence (`richiedent* asilo`), `/…/` is a regular
expression, `$name` uses a list from `words:`. `include: all` undoes what `defaults` says. What is left out is stored
all the same; changed words count from then on, never backwards.
"""


def reference() -> Iterator[str]:
    yield HEAD
    assert PLACES.keys() == MEANINGS.keys(), PLACES.keys() ^ MEANINGS.keys()
    for noun, place in PLACES.items():
        yield f"\n## {place or 'at the top'}\n\n| key | meaning |\n|---|---|\n"
        for key, meaning in MEANINGS[noun].items():
            yield f"| `{key}` | {meaning.replace('|', chr(92) + '|')} |\n"


if __name__ == "__main__":
    sys.stdout.writelines(reference())
