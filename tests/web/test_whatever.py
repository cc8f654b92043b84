"""Whatever is sent to the web side is answered: never a 5xx, no header of the sender's, nobody in or out by chance."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.people import FORM, Desk

PLACES = ("/subscribe", "/confirm/", "/leave/", "/preferences/", "/search")
NAMES = st.sampled_from("address section newsletter language municipality person certified website shown act".split())
TEXTS = st.one_of(
    st.text(max_size=200),
    st.sampled_from(["uno@comune.example.it", "yes", "it", "en", "news", "settimanale", "change", "export", "c_h501"]),
    st.sampled_from(["\r\nBcc: tutti@example.it", "<script>", "{{ 7*7 }}", "%s%(x)s", "' OR 1=1 --", "\x00"]),
    st.just("a" * 9_000),
)
FIELDS = st.lists(st.tuples(NAMES, TEXTS), max_size=12)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("fuzz") / "site")
    made.join()
    with made.served():
        yield made


def tokens(site: Desk) -> list[str]:
    ring = site.app.keyring
    made = [ring.leave("s1"), ring.preferences("s1"), ring.confirm("s1", site.now), ring.erase("s1", site.now)]
    return [*made, ring.leave("nobody"), ring.leave(""), ring.shown(site.now)]


def seen(site: Desk) -> tuple[object, ...]:
    return tuple(site.store.subscribers())


patient = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


@patient
@given(place=st.sampled_from(PLACES), rest=st.binary(max_size=80), query=FIELDS)
def test_any_address_may_be_asked_for(site: Desk, place: str, rest: bytes, query: list[tuple[str, str]]) -> None:
    before = seen(site)
    asked = urlencode(query, errors="replace")
    for path in (f"{place}{quote_from_bytes(rest)}?{asked}", f"{place}{quote_from_bytes(rest, safe='/.')}"):
        assert site.get(path).status < 500
    assert seen(site) == before


@patient
@given(place=st.sampled_from(PLACES[1:4]), number=st.integers(0, 6), cut=st.integers(0, 60), more=st.text(max_size=5))
def test_any_piece_of_a_token_may_be_tried(site: Desk, place: str, number: int, cut: int, more: str) -> None:
    before = seen(site)
    token = tokens(site)[number]
    path = f"{place}{quote(token[:cut] + more + token[cut:], safe='')}"
    assert site.get(path).status < 500
    if more:
        assert 400 <= site.post(path).status < 500
    assert seen(site) == before


@patient
@given(fields=FIELDS, raw=st.binary(max_size=300), kind=st.sampled_from([FORM, "text/plain", "multipart/form-data"]))
def test_any_body_may_be_posted(site: Desk, fields: list[tuple[str, str]], raw: bytes, kind: str) -> None:
    before = seen(site)
    typed = urlencode(fields, errors="replace").encode()
    for body in (typed, raw, typed + b"&" + raw):
        told = site("POST", "/subscribe", body, content_type=kind)
        assert told.status in (200, 413, 422, 429)
        assert "bcc" not in told.headers
        assert "<script>" not in told.text
    assert seen(site) == before, "nobody is in without a confirmation"


@patient
@given(fields=FIELDS)
def test_preferences_take_any_form_and_keep_the_consent(site: Desk, fields: list[tuple[str, str]]) -> None:
    site.join()
    told = site("POST", f"/preferences/{tokens(site)[1]}", urlencode(fields, errors="replace").encode())
    assert told.status in (200, 413, 422)
    one = site.store.subscriber_by_id("s1")
    assert one is not None
    assert one.consent == "confirmed"
    assert set(one.newsletters) <= {"settimanale"}
    assert set(one.sections) <= {"news", "atti"}


HOSTS = ["", "evil.example", "notizie.example.it.evil.example", "[", "a" * 300, "notizie.example.it:99999"]


@pytest.mark.parametrize("host", HOSTS)
def test_any_host_may_be_claimed(site: Desk, host: str) -> None:
    assert site.get("/subscribe", Host=host).status < 500


@pytest.mark.parametrize("claimed", ["1.2.3.4", "::1", "nobody", "1.2.3.4, 5.6.7.8", "%00", "a" * 2_000])
def test_any_origin_may_be_claimed(site: Desk, claimed: str) -> None:
    assert site.get("/subscribe", X_Forwarded_For=claimed).status == 200
