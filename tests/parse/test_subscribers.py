"""Lists as municipal offices keep them."""

from __future__ import annotations

import codecs

import pytest

from aggregator.config import read
from aggregator.errors import AddressError, ConfigError
from aggregator.model import Subscriber
from aggregator.parse.subscribers import Row, rows, subscriber, subscriber_id
from tests.build import NOW

CONFIG = read(
    """
site: {title: Notizie di prova, url: "https://notizie.example.it/"}
sections: [news, agenda]
defaults: {section: news}
sources: ["https://www.ente.example/feed"]
newsletters:
  - {id: settimanale, title: Notizie, when: mon 08:00}
  - {id: mensile, title: Il mese, when: first mon 08:00}
"""
).config
BASIS = "modulo d'iscrizione al convegno, 12/05/2026"


def imported(body: bytes | str) -> list[Row]:
    raw = body.encode() if isinstance(body, str) else body
    return list(rows(raw, "elenco.csv", CONFIG, BASIS, NOW))


def entered(body: bytes | str) -> list[Subscriber]:
    found = imported(body)
    assert [row.fault for row in found if row.fault] == []
    return [row.subscriber for row in found if row.subscriber]


def faults(body: bytes | str) -> list[str]:
    return [row.fault for row in imported(body) if row.fault]


def test_every_column_is_read() -> None:
    [one] = entered(
        "address,name,newsletters,sections,language,municipality,area\n"
        "anagrafe@comune.example.it,Ufficio anagrafe,settimanale|mensile, news | agenda ,IT,058091,Reserved\n"
    )

    assert one == Subscriber(
        id=subscriber_id("anagrafe@comune.example.it"),
        address="anagrafe@comune.example.it",
        consent="confirmed",
        language="it",
        name="Ufficio anagrafe",
        newsletters=("settimanale", "mensile"),
        sections=("news", "agenda"),
        area="reserved",
        municipality="c_h501",
        since=NOW,
        evidence=BASIS,
    )


def test_a_column_of_addresses_is_enough() -> None:
    [one] = entered("address\nanagrafe@comune.example.it\n")

    assert (one.newsletters, one.sections, one.language, one.area) == ((), (), "", "public")


LIST = "Address;Name\r\nanagrafe@comune.example.it;Città di Prova\r\nurp@comune.example.it;Forlì – “URP”\r\n"


@pytest.mark.parametrize(
    "body",
    [
        LIST.encode("cp1252"),
        LIST.encode("utf-8"),
        LIST.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + LIST.replace(";", "\t").encode("utf-16-le"),
        LIST.replace(";", ",").encode(),
        LIST.replace("\r\n", "\n").encode(),
        LIST.replace("\r\n", "\r").encode(),
        b"sep=;\r\n" + LIST.encode("cp1252"),
        ("\r\n;\r\n" + LIST.replace("urp", "\r\n;;\r\nurp")).encode(),
        LIST.removesuffix("\r\n").encode(),
    ],
    ids=["windows-1252", "utf-8", "bom", "utf-16 tabs", "commas", "unix", "old mac", "sep=", "blank lines", "no end"],
)
def test_a_list_is_read_as_spreadsheets_write_it(body: bytes) -> None:
    assert [(s.address, s.name) for s in entered(body)] == [
        ("anagrafe@comune.example.it", "Città di Prova"),
        ("urp@comune.example.it", "Forlì – “URP”"),
    ]


def test_quoted_cells_may_hold_separators_quotes_and_line_ends() -> None:
    [one, two] = imported('name;address\n"Uff. ""Estero"";\nstanza 3";a@comune.example.it\nUrp;b@comune.example.it\n')

    assert one.subscriber
    assert one.subscriber.name == 'Uff. "Estero";\nstanza 3'
    assert (one.line, two.line) == (2, 4)


def test_indicepa_calls_its_columns_otherwise() -> None:
    [one] = entered(
        "Codice_IPA;Denominazione_ente;Mail1;Tipo_Mail1\nc_h501;Comune di Prova;protocollo@comune.example.it;Altro\n"
    )

    assert (one.address, one.name, one.municipality) == ("protocollo@comune.example.it", "Comune di Prova", "c_h501")


def test_of_the_mailboxes_of_an_office_the_first_ordinary_one_is_taken() -> None:
    head = "Mail1;Tipo_Mail1;Mail2;Tipo_Mail2\n"
    told = ["a@uno.example.it;Pec;b@uno.example.it;Altro", "c@pec.example.it;Altro;d@uno.example.it;",
            "e@uno.example.it;Altro;f@uno.example.it;Pec"]  # fmt: skip
    assert [one.address for one in entered(head + "\n".join(told))] == [
        "b@uno.example.it",
        "d@uno.example.it",
        "e@uno.example.it",
    ]
    (fault,) = faults(f"{head}protocollo@comune.example.it;PEC;;\n")
    assert fault.startswith("elenco.csv:2 'protocollo@comune.example.it' is certified mail (PEC)")
    assert faults("address\nprotocollo@comune.peccioli.example.it\n") == []


def test_of_columns_that_mean_the_same_the_first_that_is_given_counts() -> None:
    assert [s.address for s in entered("email;mail1\na@comune.example.it;\n;b@comune.example.it\n")] == [
        "a@comune.example.it",
        "b@comune.example.it",
    ]


def test_a_row_may_be_shorter_or_longer_than_the_head() -> None:
    assert len(entered("address;name\na@comune.example.it\nb@comune.example.it;Urp;altro;;\n")) == 2


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("anagrafe.comune.example.it;;;;", "elenco.csv:3 'anagrafe.comune.example.it' is no e-mail address"),
        (";Ufficio senza indirizzo;;;", "elenco.csv:3 '' is no e-mail address"),
        ("a@comune.example.it;;de;;", "elenco.csv:3 language 'de': expected it or en"),
        ("a@comune.example.it;;;segreta;", "elenco.csv:3 area 'segreta': expected public or reserved"),
        (
            "a@comune.example.it;;;;quotidiana",
            "elenco.csv:3 no newsletter is called 'quotidiana'; there is: settimanale, mensile",
        ),
    ],
)
def test_a_fault_costs_its_row_and_names_the_line(row: str, fault: str) -> None:
    found = imported(
        f"address;name;language;area;newsletters\nprima@comune.example.it\n{row}\ndopo@comune.example.it\n"
    )

    assert [r.subscriber.address for r in found if r.subscriber] == [
        "prima@comune.example.it",
        "dopo@comune.example.it",
    ]
    assert found[1].line == 3
    assert found[1].fault.startswith(fault)


def test_where_there_is_nothing_to_choose_from_it_is_said() -> None:
    config = read(
        'site: {title: Prova, url: "https://notizie.example.it/"}\n'
        "sections: [news]\ndefaults: {section: news}\nsources: [https://www.ente.example/feed]\n"
    ).config
    with pytest.raises(ConfigError, match="there is: none"):
        subscriber({"address": "a@comune.example.it", "newsletters": "x"}, config, BASIS, NOW)


def test_who_stands_twice_in_a_list_is_one() -> None:
    one, two = entered("address;name\na@comune.example.it;Urp\nA@Comune.Example.IT;Ufficio relazioni\n")

    assert one.id == two.id


def test_who_stands_twice_with_other_wishes_is_a_fault() -> None:
    found = imported("address;sections\na@comune.example.it;news\na@comune.example.it;agenda\n")

    assert found[0].subscriber
    assert found[1].fault == "elenco.csv:3 has other wishes for the address of line 2"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "elenco.csv:1 there is no column `address` (found: nothing)"),
        (b"\r\n\r\n", "elenco.csv:1 there is no column `address` (found: nothing)"),
        (b"nome;telefono\n", "elenco.csv:1 there is no column `address` (found: name, telefono)"),
        (b"a@comune.example.it\n", "elenco.csv:1 there is no column `address` (found: a@comune.example.it)"),
        (b"PK\x03\x04\x14\x00\x06", "elenco.csv:1 there is no column `address`"),
        (b'"address;name\na@comune.example.it;Urp\n', "elenco.csv:1 there is no column `address` (found: a quotation"),
    ],
)
def test_a_file_without_a_column_of_addresses_is_refused(body: bytes, fault: str) -> None:
    with pytest.raises(ConfigError) as error:
        imported(body)

    assert str(error.value).startswith(fault)


def test_a_head_without_rows_is_an_empty_list() -> None:
    assert imported("address;name\n") == []


def test_a_cell_that_is_far_too_long_costs_its_row() -> None:
    found = imported("address;name\na@comune.example.it;" + "x" * 200_000 + "\nb@comune.example.it;Urp\n")

    assert [row.line for row in found] == [2, 3]
    assert found[0].fault == "elenco.csv:2 a cell of this line is longer than anything a list can mean"
    assert found[1].subscriber


def test_a_quotation_mark_that_is_never_closed_is_a_fault_where_it_opens() -> None:
    found = imported('address;name\na@comune.example.it;Urp\nb@comune.example.it;"Urp\nc@comune.example.it;Urp\n')

    assert [bool(row.subscriber) for row in found] == [True, False]
    assert found[1].fault.startswith("elenco.csv:3 a quotation mark is opened here and never closed")


def test_what_follows_a_closed_quotation_mark_is_a_fault() -> None:
    found = imported('address;name\na@comune.example.it;"Urp" estero\nb@comune.example.it;Urp\n')

    assert (found[0].line, bool(found[0].fault)) == (2, True)
    assert found[1].subscriber


def test_an_address_is_one_whatever_its_letters() -> None:
    assert subscriber_id("Anagrafe@Comune.Example.it") == subscriber_id("anagrafe@comune.example.it")
    assert "anagrafe" not in subscriber_id("anagrafe@comune.example.it")


def test_an_address_as_long_as_a_book_is_quoted_in_short() -> None:
    with pytest.raises(AddressError) as error:
        subscriber({"address": "x" * 10_000 + "@comune.example.it"}, CONFIG, BASIS, NOW)

    assert len(str(error.value)) < 300
