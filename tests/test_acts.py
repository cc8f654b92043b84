"""Acts as people write them, the seed page's typing errors included, and as addresses name them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import acts

NORMATTIVA = "https://www.normattiva.it/uri-res/N2Ls?urn:nir:stato:"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        # the page we follow
        ("Con il D. Lgs. 29 dicembre 2016, n. 253, attua la direttiva 2014/66/UE", "D.Lgs. 253/2016; Dir. 2014/66/UE"),
        ("correttive del decreto legislativo 18 agosto 2015, n. 142, di attuazione", "D.Lgs. 142/2015"),
        ("Circolare Ministero degli Interni del 31 luglio 2017 - Digitalizzazione", "Circ. Min. Interno 31/7/2017"),
        ("Sulla scorta di quanto disposto dal decreto legislativo 142\\2015, l'iscrizione", "D.Lgs. 142/2015"),
        # statutes
        ("LEGGE 7 aprile 2017, n. 47", "L. 47/2017"),
        ("legge n. 47 del 2017 e L. 40/98", "L. 47/2017; L. 40/1998"),
        ("legge 5 febbraio 1992 n. 104; la L. n. 633/41", "L. 104/1992; L. 633/1941"),
        ("d.lgs. n. 286/98 e n. 142/2015; DLgs 33/2013", "D.Lgs. 286/1998; D.Lgs. 142/2015; D.Lgs. 33/2013"),
        ("Dlgs. 18/8/2015 n.142 o D.lgs 25.07.1998, n. 286", "D.Lgs. 142/2015; D.Lgs. 286/1998"),
        ("il d.lgs. n. 286 del 25 luglio 1998", "D.Lgs. 286/1998"),
        ("D.L. 17 febbraio 2017, n. 13; decreto-legge n. 113/2018", "D.L. 13/2017; D.L. 113/2018"),
        ("convertito dalla legge 1° dicembre 2018, n. 132", "L. 132/2018"),
        ("DPR 445/2000, d.P.R. 31 agosto 1999, n. 394", "D.P.R. 445/2000; D.P.R. 394/1999"),
        ("decreto del Presidente della Repubblica 28 dicembre 2000, n. 445", "D.P.R. 445/2000"),
        ("DPCM 12 gennaio 2017 e D.P.C.M. 5 dicembre 2013, n. 159", "D.P.C.M. 12/1/2017; D.P.C.M. 159/2013"),
        ("D.M. 5 febbraio 2010; decreto ministeriale n. 14/2016", "D.M. 5/2/2010; D.M. 14/2016"),
        ("R.D. 773/1931; legge costituzionale 18 ottobre 2001, n. 3", "R.D. 773/1931; L. cost. 3/2001"),
        # circulars
        ("INPS, circolare n. 45/2018", "Circ. INPS 45/2018"),
        ("circolare INPS n. 3 del 12 marzo 2018", "Circ. INPS 3/2018"),
        ("circolare del Ministero dell'Interno n. 3738 del 4/12/2017", "Circ. Min. Interno 3738/2017"),
        ("la circ. 12/2017 chiarisce il d.lgs. 286/1998", "Circ. 12/2017; D.Lgs. 286/1998"),
        # judgments
        ("Cass., sez. un., sent. n. 24413/2021", "Cass. 24413/2021"),
        ("Cassazione civile, sez. I, ordinanza 5 maggio 2021, n. 1234", "Cass. 1234/2021"),
        ("Cass. civ. Sez. VI-1, 12.3.2019 n. 7155", "Cass. 7155/2019"),
        ("ordinanza n. 4512/2023 della Corte di Cassazione", "Cass. 4512/2023"),
        ("sentenza n. 63 del 2018 della Corte costituzionale", "Corte cost. 63/2018"),
        ("Corte cost. n. 186/2020; sentenza della Corte costituzionale n. 194 del 2019",
         "Corte cost. 186/2020; Corte cost. 194/2019"),
        ("ECLI:EU:C:2018:257 e ECLI:IT:COST:2018:63.", "ECLI:EU:C:2018:257; Corte cost. 63/2018"),
        # the Union's
        ("Regolamento (UE) 2016/679; reg. (CE) n. 810/2009", "Reg. UE 2016/679; Reg. CE 810/2009"),
        ("Reg. UE 604/2013; regolamento UE n. 1231/2010", "Reg. UE 604/2013; Reg. UE 1231/2010"),
        ("Direttiva 2003/86/CE, dir. 2011/98/UE, direttiva (UE) 2016/801",
         "Dir. 2003/86/CE; Dir. 2011/98/UE; Dir. 2016/801/UE"),
        ("decisione quadro 2002/584/GAI; decisione (UE) 2015/1523", "Dec. quadro 2002/584/GAI; Dec. 2015/1523/UE"),
        ("CELEX: 32014L0066; urn:nir:stato:decreto.legislativo:1998-07-25;286", "Dir. 2014/66/UE; D.Lgs. 286/1998"),
        # each once
        ("La legge 104/92 e la legge 5 febbraio 1992, n. 104", "L. 104/1992"),
    ],
)  # fmt: skip
def test_an_act_has_one_label_however_it_is_written(text: str, labels: str) -> None:
    assert "; ".join(act.label for act in acts.found(text)) == labels


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Atto numero 2026/136",
        "Ordinanza n. 12 del 3 giugno 2026",
        "Delibera di Giunta n. 33/2020",
        "legge regionale n. 8/2016 della Lombardia; L.R. 12/2009",
        "disegno di legge n. 12/2018; proposta di legge n. 3/2019",
        "circolare n. 5",
        "la legge di bilancio",
        "La Cassazione ha stabilito che nel 2020",
        "regolamento comunale n. 12/2018; Regolamento 12/2018; dec. 12/2018",
        "direttiva n. 1/2019 del Ministro",
        "il 25/07/1998 la legge entrava in vigore",
        "D.Lgs. 25/7",
    ],
)
def test_what_names_no_one_act_is_none(text: str) -> None:
    assert acts.found(text) == ()


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("L. 47/2017", f"{NORMATTIVA}legge:2017;47"),
        ("DPR 445/2000", f"{NORMATTIVA}decreto.del.presidente.della.repubblica:2000;445"),
        ("dir. 2014/66/UE", "http://data.europa.eu/eli/dir/2014/66/oj"),
        ("reg. (CE) n. 810/2009", "http://data.europa.eu/eli/reg/2009/810/oj"),
        ("DPCM 12 gennaio 2017", ""),
    ],
)
def test_an_act_leads_to_its_text_where_that_has_a_lasting_address(text: str, url: str) -> None:
    assert [act.url for act in acts.found(text)] == [url]


@pytest.mark.parametrize(
    ("url", "label"),
    [
        (f"{NORMATTIVA}legge:2017-04-07;47", "L. 47/2017"),
        ("https://normattiva.example.it/N2Ls?urn:nir:presidente.repubblica:decreto:2000-12-28;445", "D.P.R. 445/2000"),
        ("https://eur-lex.europa.eu/legal-content/IT/TXT/?uri=CELEX:32014L0066", "Dir. 2014/66/UE"),
        ("https://eur-lex.europa.eu/legal-content/IT/TXT/?uri=CELEX%3A32016R0679", "Reg. UE 2016/679"),
        ("http://data.europa.eu/eli/dir/2014/66/oj", "Dir. 2014/66/UE"),
        ("https://www.gazzettaufficiale.it/eli/id/2017/04/21/17G00062/sg", "GU 17G00062"),
        (
            "http://www.gazzettaufficiale.it/atto/serie_generale/caricaDettaglioAtto/originario"
            "?atto.dataPubblicazioneGazzetta=2017-04-21&atto.codiceRedazionale=17g00062",
            "GU 17G00062",
        ),
        ("https://www.example.it/notizie/legge-47-2017", None),
    ],
)  # fmt: skip
def test_an_address_names_the_act_it_leads_to(url: str, label: str | None) -> None:
    act = acts.linked(url)
    assert (act.label if act else None) == label


def test_a_title_may_begin_with_an_act_and_go_on_about_it() -> None:
    act, rest = acts.opening("«LEGGE 7 aprile 2017, n. 47 – Minori non accompagnati")
    assert (act.label if act else "", rest) == ("L. 47/2017", "Minori non accompagnati")
    assert acts.opening("La nota sulla legge 47/2017") == (None, "La nota sulla legge 47/2017")


pieces = st.sampled_from(
    [
        *"d.lgs. legge L. n. 286 /1998 142\\2015 del , Cass. sez. VI-1 circolare INPS dir. (UE) 2014/66/UE".split(),
        "25 luglio 1998",
    ]
)


@given(st.one_of(st.text(), st.lists(pieces, max_size=12).map(" ".join)))
def test_whatever_is_written_the_label_of_what_is_found_names_it_again(text: str) -> None:
    for act in acts.found(text):
        assert acts.found(act.label)[0] == act
