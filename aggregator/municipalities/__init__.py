"""What somebody wrote -> the Italian municipality that is meant, by name or by code.

`list.tsv` holds one a line: cadastral code, ISTAT code, name, province, name in the other language, as ISTAT and ANPR,
the register of residents, told them in 2026 (open data, CC BY 4.0).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from aggregator.folding import fold

_MOST = 5  # names proposed at once
_LONGEST = 80  # letters that are looked at
_PLACED = re.compile(r"(.+?)\s*[(,/-]\s*([a-z]{2})\s*\)?", re.DOTALL)
_OFFICE = re.compile(r"(?:comune|municipio|gemeinde|commune) (?:(?:di|d|von|de) )?")


@dataclass(frozen=True, slots=True)
class Municipality:
    """`code` is what IndicePA calls it, and what is kept of it: it outlives the renumberings of ISTAT."""

    code: str
    istat: str
    name: str
    province: str
    other: str = ""  # in German, French or Slovene

    def __str__(self) -> str:
        return f"{self.name} ({self.province})"


def find(text: str) -> tuple[Municipality, ...]:
    """By IPA code (`c_h501`), cadastral code, ISTAT code (`058091`) or name, with the province where several have that
    name: `Castro (BG)`. More than one where the text says too little, none where it says nothing known."""
    written = fold(text[:_LONGEST]).strip()
    if one := _by_code().get(written.removeprefix("c_")):
        return (one,)
    if whole := _named(written):
        return whole
    placed = _PLACED.fullmatch(written)
    return tuple(one for one in _named(placed[1]) if one.province.lower() == placed[2]) if placed else ()


def near(text: str) -> tuple[Municipality, ...]:
    """Those whose names are most like a text that names none."""
    names = _by_name()
    alike = get_close_matches(_key(fold(text[:_LONGEST])), names, _MOST, 0.8)
    return tuple(one for name in alike for one in names[name])[:_MOST]


def called(code: str) -> str:
    """`Roma (RM)`; the code itself where it is none of ours."""
    one = _by_code().get(code.removeprefix("c_"))
    return str(one) if one else code


def _named(name: str) -> tuple[Municipality, ...]:
    """Where two names are written, such as `Bolzano/Bozen`, the first will do."""
    names = _by_name()
    halves = re.split("/| - ", name)
    return names.get(_key(name)) or (names.get(_key(halves[0]), ()) if len(halves) == 2 else ())


def _key(name: str) -> str:
    """`Comune di Forlì` is `forli`."""
    return _OFFICE.sub("", " ".join(re.findall(r"[^\W_]+", name)), count=1)


@cache
def _all() -> tuple[Municipality, ...]:
    text = files(__package__).joinpath("list.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines())
    return tuple(Municipality(f"c_{code.lower()}", *rest) for code, *rest in lines)


@cache
def _by_code() -> Mapping[str, Municipality]:
    return {code: one for one in _all() for code in (one.code.removeprefix("c_"), one.istat) if code}


@cache
def _by_name() -> Mapping[str, tuple[Municipality, ...]]:
    found: dict[str, tuple[Municipality, ...]] = {}
    for one in _all():
        for name in {_key(fold(name)) for name in (one.name, one.other) if name}:
            found[name] = (*found.get(name, ()), one)
    return found
