"""The portal's pages by act."""

from __future__ import annotations

from aggregator.model import Act
from tests.pages import text
from tests.render.test_site import published, story

LAW = Act("L. 47/2017", "https://www.normattiva.it/uri-res/N2Ls?urn:nir:stato:legge:2017;47")
CODE = Act("D.Lgs. 286/1998")
LATER = Act("D.Lgs. 142/2015")


def test_without_any_act_there_are_no_pages_of_acts() -> None:
    assert not [path for path in published(story(1)) if path.startswith("acts/")]


def test_each_act_has_a_page_with_the_stories_that_name_it() -> None:
    pages = published(story(1, acts=(LAW, CODE)), story(2, acts=(LAW,)), story(3))
    law = text(pages["acts/l-47-2017/index.html"])

    assert "Notizia 1" in law
    assert "Notizia 2" in law
    assert "Notizia 3" not in law
    assert "Notizia 2" not in text(pages["acts/d-lgs-286-1998/index.html"])
    assert 'href="../../entries/voce-1/index.html"' in pages["acts/l-47-2017/index.html"]


def test_acts_are_listed_kind_by_kind_the_latest_first_with_how_often_they_are_named() -> None:
    listed = text(published(story(1, acts=(LAW, CODE, LATER)), story(2, acts=(LAW,)))["acts/index.html"])
    assert "D.Lgs. 142/2015 (1) D.Lgs. 286/1998 (1) L. 47/2017 (2)" in " ".join(listed.split())


def test_an_act_that_only_a_mate_names_lists_the_story_once() -> None:
    mate = story(2, acts=(LAW,)).lead
    pages = published(story(1, "news", 1, mate, acts=(LAW,)))
    assert text(pages["acts/l-47-2017/index.html"]).count("Notizia 1") == 1


def test_the_page_of_an_entry_leads_to_its_acts_and_to_their_text_and_does_not_repeat_them_as_tags() -> None:
    page = published(story(1, acts=(LAW, CODE), tags=("L. 47/2017", "minori")))["entries/voce-1/index.html"]
    assert 'href="../../acts/l-47-2017/index.html"' in page
    assert 'href="https://www.normattiva.it/uri-res/N2Ls?urn:nir:stato:legge:2017;47"' in page
    assert "<bdi>minori</bdi>" in page
    assert "<bdi>L. 47/2017</bdi>" not in page
