"""A document that names files and addresses for us to open: none is ever opened, whichever parser reads it."""

from __future__ import annotations

import pytest

from tests.cli.desk import Desk
from tests.servers import serve

SECRET = "canarino-7319"
ENTRY = "<rss version='2.0'><channel><title>Comune</title><item><title>Bando {}</title></item></channel></rss>"
DOCUMENTS = {
    "an external entity": "<!DOCTYPE rss [<!ENTITY x SYSTEM '{target}'>]>" + ENTRY.format("&x;"),
    "a parameter entity": "<!DOCTYPE rss [<!ENTITY % p SYSTEM '{target}'> %p;]>" + ENTRY.format("&x;"),
    "an external document type": "<!DOCTYPE rss SYSTEM '{target}'>" + ENTRY.format(""),
    "an inclusion": ENTRY.format("<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='{target}' parse='text'/>"),
    "a style sheet": "<?xml-stylesheet type='text/xsl' href='{target}'?>" + ENTRY.format(""),
    "an unfinished document": "<!DOCTYPE rss [<!ENTITY x SYSTEM '{target}'>]>" + ENTRY.format("&x;")[:-6],
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("where", ["file", "web"])
def test_nothing_a_document_names_is_opened(desk: Desk, name: str, where: str) -> None:
    file = desk.file("segreto.txt", SECRET)
    with serve({"/canarino": SECRET.encode()}) as canary:
        target = file.as_uri() if where == "file" else canary.url("/canarino")
        with serve({"/feed": DOCUMENTS[name].replace("{target}", target).encode()}) as web:
            desk.write({"comune": web.url("/feed")})
            desk("pull")
            assert len(web.requests) == 1
        assert canary.requests == []
    assert SECRET not in desk("entries", "--json").out


def test_the_canary_would_be_heard() -> None:
    import urllib.request

    with serve({"/canarino": SECRET.encode()}) as canary:
        urllib.request.urlopen(canary.url("/canarino")).read()
        assert len(canary.requests) == 1
