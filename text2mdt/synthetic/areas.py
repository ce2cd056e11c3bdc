"""The areas of medicine that passages are drawn from: lists of facts in `areas/*.yaml`.

An area is a mapping of names to lists written as `a; b; c`. Articles stand with the facts ("a chest X-ray") and are
taken off when a fact becomes an object. Marks in front of an entry:

- basics: `~pregnant` follows "who are"; without the mark an entry follows "with".
- plans: `!reduce the dose` is an imperative; without the mark it follows "offer".
- referrals: `^a dietitian` follows "refer to"; without the mark it follows "arrange".
- drugs: `name = dose / other dose`.
- measures: `name | unit | thresholds`; scores: `name | lowest highest | first value of each upper band`.
- groups: lists whose members exclude one another, in their natural order.
- facts: background, with `{3-5}` for a number to be drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Measure:
    """A quantity with thresholds, lowest first. Scores count in whole points, from `low` to `high`."""

    name: str
    unit: str
    thresholds: tuple[str, ...]
    low: int | None = None


@dataclass(frozen=True)
class Area:
    """One area; entries as they stand in the file, marks and articles included."""

    name: str
    specialty: str
    disease: str
    problem: str
    populations: tuple[str, ...]
    times: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    measures: tuple[Measure, ...]
    ages: tuple[str, ...]
    weights: tuple[str, ...]
    features: tuple[str, ...]
    states: tuple[str, ...]
    basics: tuple[str, ...]
    drugs: tuple[str, ...]
    avoid: tuple[str, ...]
    plans: tuple[str, ...]
    tests: tuple[str, ...]
    referrals: tuple[str, ...]
    facts: tuple[str, ...]


@cache
def all_areas() -> tuple[Area, ...]:
    """Every area of the package, in the order of the file names."""
    folder = files("text2mdt.synthetic") / "areas"
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda entry: entry.name
    )
    areas = []
    for entry in entries:
        content = yaml.safe_load(entry.read_text(encoding="utf-8"))
        areas += [_area(name, values) for name, values in content.items()]
    return tuple(areas)


def _area(name: str, values: dict[str, str]) -> Area:
    lists = ("populations", "times", "ages", "weights", "features", "states", "basics", "drugs", "avoid", "plans")
    parts = {key: _items(values.get(key, "")) for key in (*lists, "tests", "referrals", "facts")}
    measures = [_measure(entry) for entry in _items(values["measures"])]
    measures += [_score(entry) for entry in _items(values.get("scores", ""))]
    return Area(
        name=name,
        specialty=values["specialty"],
        disease=values["disease"],
        problem=values["problem"],
        groups=tuple(_items(group) for group in values["groups"]),
        measures=tuple(measures),
        **parts,
    )


def _items(text: object) -> tuple[str, ...]:
    return tuple(item.strip() for item in str(text).split(";") if item.strip())


def _measure(entry: str) -> Measure:
    name, unit, thresholds = (part.strip() for part in entry.split("|"))
    return Measure(name, unit, tuple(thresholds.split()))


def _score(entry: str) -> Measure:
    name, span, thresholds = (part.strip() for part in entry.split("|"))
    return Measure(name, "", tuple(thresholds.split()), low=int(span.split()[0]))


def split_article(entry: str) -> tuple[str, str]:
    """`a chest X-ray` as (`a `, `chest X-ray`)."""
    match = re.match(r"(a|an|the) ", entry)
    return (match[0], entry[match.end() :]) if match else ("", entry)


_AN = re.compile(r"(?!uni|uro|ure|uri|ute|use|one|eu)[aeiou]|[AEIO]|INR|HbA|HBV|LDL|FEV|NT-|MMSE|mMRC|HAS|NIHSS|MR[ I]")


def article_for(noun: str) -> str:
    """`a ` or `an ` by the sound of the noun's beginning."""
    return "an " if _AN.match(noun) else "a "


_NOT_PLURAL = re.compile(r"(ss|us|is)$|^(diabetes|ascites|herpes|rabies|measles|gas|tremens|dolens)$", re.I)
_BREAK = re.compile(
    r" (?:of|in|for|to|with|at|by|after|every|within|on|from|over|under|between|above|below|despite|per|who|that|"
    r"before|until|without|larger|longer|lasting|containing|due|as|then|causing|deeper|more|around|during|outside)\b"
)


def is_plural(noun: str) -> bool:
    """Whether the noun takes "are": its head, the last word before a preposition, ends in a plural s."""
    head = _BREAK.split(re.sub(r"\(.*?\)", "", noun).split(",")[0], maxsplit=1)[0].split()[-1]
    if noun.startswith("two or more"):
        return True
    if head in ("feet", "women", "men", "children", "people", "criteria", "bullae", "tophi"):
        return True
    return head.endswith("s") and not head.isupper() and not _NOT_PLURAL.search(head)
