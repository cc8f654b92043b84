"""What is never closed, or goes on and on, costs no more than its length: a megabyte is read at once."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest

from aggregator.model import Wishes
from aggregator.parse import encoding, instead, strict
from aggregator.parse.wishes import wishes

MEGABYTE = 1_000_000


def asked(text: str) -> Wishes:
    return wishes(text.encode())


ENDLESS: dict[str, tuple[Callable[[str], object], str]] = {
    "blanks in the first line": (lambda text: encoding.decode(text.encode()), "<?xml" + " " * MEGABYTE),
    "entries": (asked, "<ttl>5</ttl>" + "<item>" * (MEGABYTE // 6)),
    "comments": (asked, "<ttl>5</ttl>" + "<!--" * (MEGABYTE // 4)),
    "days": (asked, "<ttl>5</ttl>" + "<skipdays>" * (MEGABYTE // 10)),
    "empty lines": (lambda text: strict._DOCTYPE.sub(b"", text.encode()), "<?xml?>" + "\n" * MEGABYTE + "<!DOCTYPE x>"),
    "blanks where a page leads on": (instead._REFRESH.match, " " * MEGABYTE),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_it_is_read_at_once(name: str) -> None:
    step, text = ENDLESS[name]
    began = process_time()
    step(text)
    assert process_time() - began < 2.0
