from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.errors import RenderError
from aggregator.render.templates import Templates

ROME = ZoneInfo("Europe/Rome")
PAGE = "site/page.html"
PART = "site/part.html"
LAYOUT = "site/layout.html"

BROKEN: Mapping[str, tuple[dict[str, str], str]] = {
    "syntax error": ({PAGE: "uno\n{% if %}"}, "site/page.html:2: "),
    "unknown tag": ({PAGE: "uno\ndue\n{% fi %}"}, "site/page.html:3: "),
    "undefined variable": ({PAGE: "uno\n\n{{ nessuno }}"}, "site/page.html:3: 'nessuno' is undefined"),
    "undefined attribute": ({PAGE: "\n{{ day.giorno }}"}, "site/page.html:2: 'datetime.date object' has no attribute"),
    "unknown filter": ({PAGE: "uno\n{{ day|lunga }}"}, "site/page.html:2: No filter named 'lunga'"),
    "filter on the wrong thing": ({PAGE: "uno\n{{ nothing|length }}"}, "site/page.html:2: TypeError: "),
    "date of no date": ({PAGE: "uno\n{{ word|long_date }}"}, "site/page.html:2: "),
    "sum that cannot be": ({PAGE: "uno\n\n{{ 1 / 0 }}"}, "site/page.html:3: ZeroDivisionError: "),
    "lone percent sign": ({PAGE: "\n{{ _('100 %') }}"}, "site/page.html:2: ValueError: "),
    "included file": ({PAGE: "{% include 'site/part.html' %}", PART: "a\nb\n{{ nessuno }}"}, "site/part.html:3: "),
    "syntax of an included file": ({PAGE: "{% include 'site/part.html' %}", PART: "a\n{% fi %}"}, "site/part.html:2: "),
    "macro": (
        {
            PAGE: "{% from 'site/part.html' import row %}\n{{ row(day) }}",
            PART: "{% macro row(x) %}\n\n{{ x.giorno.primo }}\n{% endmacro %}",
        },
        "site/part.html:3: ",
    ),
    "block of a layout": (
        {
            PAGE: "{% extends 'site/layout.html' %}\n{% block main %}\n{{ nessuno }}{% endblock %}",
            LAYOUT: "<main>{% block main %}{% endblock %}</main>",
        },
        "site/page.html:3: ",
    ),
    "missing include": (
        {PAGE: "uno\n{% include 'site/no.html' %}"},
        "site/page.html:2: no template named 'site/no.html'",
    ),
    "missing template": ({}, "site/page.html: no template named 'site/page.html'"),
}


def render(text: str, language: str = "it", name: str = PAGE, **context: object) -> str:
    return Templates({name: text}, ROME).render(name, language, **context)


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_template_is_named_with_file_and_line(fault: str) -> None:
    sources, start = BROKEN[fault]
    with pytest.raises(RenderError) as caught:
        Templates(sources, ROME).render(PAGE, "it", day=date(2026, 6, 30), word="ieri", nothing=None)
    assert str(caught.value).startswith(f"templates/{start}")


def test_the_cause_of_a_render_error_is_kept() -> None:
    with pytest.raises(RenderError) as caught:
        render("{{ 1 / 0 }}")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_html_templates_escape_and_text_templates_do_not() -> None:
    assert render("{{ title }}", title="<b>") == "&lt;b&gt;"
    assert render("{{ title }}", name="mail/page.txt", title="<b>") == "<b>"


def test_dates_are_those_of_the_sites_zone() -> None:
    late = datetime(2018, 5, 10, 22, 30, tzinfo=UTC)  # 00:30 of the 11th in Rome
    patterns = (
        "{{ d|long_date }} | {{ d|short_date }} | {{ d|iso_date }} | {{ d|clock_time }} | {{ d|date_as('LLLL y') }}"
    )
    assert render(patterns, d=late) == "11 maggio 2018 | 11/05/2018 | 2018-05-11 | 00:30 | maggio 2018"


def test_english_writes_its_own_dates_and_sizes() -> None:
    assert (
        render("{{ d|weekday_date }}, {{ n|file_size }}", "en", d=date(2026, 6, 30), n=1_400_000)
        == "Tuesday 30 June, 1.4 MB"
    )
    assert (
        render("{{ d|weekday_date }}, {{ n|file_size }}", "it", d=date(2026, 6, 30), n=1_400_000)
        == "martedì 30 giugno, 1,4 MB"
    )


def test_a_language_without_a_catalogue_speaks_english() -> None:
    assert render("{{ _('No such word') }}", "de") == "No such word"
