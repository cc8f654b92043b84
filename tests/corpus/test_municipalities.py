"""Every municipality of ISTAT's list is known by its codes and by its name."""

from __future__ import annotations

import csv

from aggregator.municipalities import find
from tests.corpus.shelf import CORPUS, needs_corpus

CHANGED = {"Castegnero", "Nanto", "Lirio", "Murisengo", "Ionadi"}  # merged, or renamed, since


@needs_corpus
def test_istats_list_is_ours() -> None:
    with (CORPUS / "lists/comuni_istat.tsv").open(encoding="utf-8", newline="") as stream:
        listed = [row for row in csv.DictReader(stream, delimiter="\t") if row["name"] not in CHANGED]
    assert len(listed) > 7_800
    for row in listed:
        (one,) = find(row["istat"])
        assert one.code == row["ipa_guess"]
        assert find(f"{row['name']} ({row['sigla']})") == (one,), row["name"]
        if row["name_other"].isprintable() and "?" not in row["name_other"]:  # some letters were lost there
            assert not row["name_other"] or one in find(row["name_other"]), row["name_other"]
