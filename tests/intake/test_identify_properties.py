"""Whatever a source does: documents made from a small pool of guids, links, titles and dates, so that all collide."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.intake.identify import Identified, identify
from aggregator.intake.keys import ALL, keys_of, signature
from aggregator.intake.match import Identity
from aggregator.intake.policy import Policy
from aggregator.model import Entry, Known
from tests.build import NOW, source
from tests.intake.watching import CHANNEL, Watch, told

DATES = ("", "(error)", "8 giugno 2026", "Mon, 08 Jun 2026 09:00:00 +0200", "Tue, 09 Jun 2026 09:00:00 +0200")
LINKS = (None, CHANNEL, "https://www.example.it/1", "http://example.it/1", "https://www.example.it/2")

entries = st.builds(
    told,
    st.sampled_from((None, "0", "1", "https://www.example.it/1", "http://example.it/1")),
    url=st.sampled_from(LINKS),
    title=st.sampled_from(("", "Determina", "DETERMINA", "Bando")),
    date=st.sampled_from(DATES),
    text=st.sampled_from(("", "Testo", "<p>Testo</p>", "Altro testo")),
    tags=st.sampled_from(((), ("Albo",))),
)
documents = st.lists(entries, max_size=8)
histories = st.lists(documents, min_size=1, max_size=5)
identities: st.SearchStrategy[Identity] = st.sampled_from(("auto", "guid", "link", "guid+link", "title+date"))


def watched(history: list[list[Entry]], identity: Identity) -> Watch:
    watch = Watch(Policy(source(identity=identity)))
    for document in history:
        watch.pull(*document)
    return watch


def stored(one: Identified) -> Known:
    return Known(one.id, one.keys, "", "", NOW, NOW, False, "", None, 0)


@settings(max_examples=100)
@given(histories, identities, st.randoms(use_true_random=False))
def test_deciding_twice_finds_nothing_new(history: list[list[Entry]], identity: Identity, random: Random) -> None:
    watch = watched(history, identity)
    document = history[-1]
    random.shuffle(document)
    again = watch.pull(*document)

    assert (again.new, again.changed, again.reappeared, again.keys) == ((), (), (), {})


@settings(max_examples=100)
@given(histories, documents, identities)
def test_every_entry_of_a_document_is_accounted_for(
    history: list[list[Entry]], document: list[Entry], identity: Identity
) -> None:
    """What anybody could tell apart by reading it gets an id of its own, and no id is given twice."""
    found = identify(document, watched(history, identity).known, identity, CHANNEL)
    legible = {signature(keys_of(e, CHANNEL), ("title", "date", "text")) for e in document}
    distinct = {signature(keys_of(e, CHANNEL), ALL) for e in document}

    assert len({one.id for one in found}) == len(found)
    assert legible == {signature(one.keys, ("title", "date", "text")) for one in found}
    if identity == "auto":
        assert distinct == {signature(one.keys, ALL) for one in found}


@settings(max_examples=100)
@given(histories, documents, identities, st.randoms(use_true_random=False))
def test_ids_do_not_depend_on_the_order_of_the_document(
    history: list[list[Entry]], document: list[Entry], identity: Identity, random: Random
) -> None:
    known = watched(history, identity).known
    shuffled = list(document)
    random.shuffle(shuffled)
    one, other = (identify(some, known, identity, CHANNEL) for some in (document, shuffled))

    assert {(i.id, i.entry) for i in one} == {(i.id, i.entry) for i in other}


@settings(max_examples=100)
@given(histories, documents)
def test_an_entry_whose_keys_are_all_known_is_never_new(history: list[list[Entry]], document: list[Entry]) -> None:
    known = watched(history, "auto").known
    by_keys = {signature(k.keys, ALL): k.id for k in known}

    for one in identify(document, known, "auto", CHANNEL):
        if signature(one.keys, ALL) in by_keys:
            assert one.id == by_keys[signature(one.keys, ALL)]


@settings(max_examples=100)
@given(documents, documents, identities)
def test_a_longer_document_recognises_all_that_stood_in_the_shorter(
    old: list[Entry], more: list[Entry], identity: Identity
) -> None:
    """New entries beside them take nobody's place."""
    known = [stored(one) for one in identify(old, (), identity, CHANNEL)]
    found = identify([*more, *old], known, identity, CHANNEL)

    assert {k.id for k in known} <= {one.id for one in found}


@settings(max_examples=100)
@given(st.lists(documents, min_size=2, max_size=4))
def test_documents_that_alternate_bring_nothing_new_in_the_end(history: list[list[Entry]]) -> None:
    """Servers behind a balancer, each with its own state: what is in doubt settles, if need be one entry a round."""
    watch = watched(history * (len(history) + 2), "auto")
    known = len(watch.known)
    for document in history:
        watch.pull(*document)

    assert len(watch.known) == known
