"""Numbers as conditions: the two sides of a threshold, bands of a measure, ages and weights."""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random

from text2mdt.synthetic.areas import Measure, article_for, is_plural
from text2mdt.synthetic.tree import Condition

_BACKGROUND = re.compile(
    r"body (?:weight|mass)|gestational age|alcohol intake|(?:prednisolone|methadone|morphine) dose|CPAP use"
)
"""Measures of what people bring along, not of their illness: weight, weeks of gestation, habits, drugs taken."""

_LOW = (("below {0}", "is below {0}"), ("of less than {0}", "is less than {0}"), ("under {0}", "is under {0}"))
_HIGH = (
    ("of {0} or higher", "is {0} or higher"),
    ("of {0} or more", "is {0} or more"),
    ("of at least {0}", "is at least {0}"),
)
_AT_MOST = (("of {0} or less", "is {0} or less"), ("of {0} or lower", "is {0} or lower"))
_OVER = (("above {0}", "is above {0}"), ("of more than {0}", "exceeds {0}"), ("over {0}", "is over {0}"))
_BETWEEN = (
    ("of {0} to {1}", "is {0} to {1}"),
    ("between {0} and {1}", "is between {0} and {1}"),
    ("from {0} to {1}", "lies between {0} and {1}"),
    ("of {0}–{1}", "is {0}–{1}"),
)


def sides(measure: Measure, rng: Random) -> list[Condition]:
    """The low and the high side of one threshold; together they leave no other case."""
    cut = rng.choice(measure.thresholds)
    if measure.low is not None:
        return _score_bands(measure, [cut], rng)
    low, high = rng.choice(((_LOW, _HIGH), (_AT_MOST, _OVER)))
    value = _with_unit(cut, measure.unit)
    return [_quantity(measure, rng.choice(forms), (value,)) for forms in (low, high)]


def one_side(measure: Measure, rng: Random) -> Condition:
    return rng.choice(sides(measure, rng))


def outside(measure: Measure, rng: Random) -> Condition:
    """Outside two thresholds, one object: "sodium below 120 or above 150 mmol/L"."""
    if measure.low is not None:
        return one_side(measure, rng)
    first, last = measure.thresholds[0], _with_unit(measure.thresholds[-1], measure.unit)
    return _quantity(measure, (f"below {first} or above {last}", f"is below {first} or above {last}"), ())


def bands(measure: Measure, number: int, rng: Random) -> list[Condition]:
    """Adjoining bands that cover every value, lowest first; one threshold fewer than bands is needed."""
    if number == 2:
        return sides(measure, rng)
    start = rng.randrange(len(measure.thresholds) - number + 2)
    cuts = list(measure.thresholds[start : start + number - 1])
    if measure.low is not None:
        return _score_bands(measure, cuts, rng)
    between = rng.choice(_BETWEEN)
    found = [_quantity(measure, rng.choice(_LOW), (_with_unit(cuts[0], measure.unit),))]
    for low, high in pairwise(cuts):
        found.append(_quantity(measure, between, (low, _with_unit(high, measure.unit))))
    return [*found, _quantity(measure, rng.choice(_OVER), (_with_unit(cuts[-1], measure.unit),))]


def _score_bands(measure: Measure, cuts: list[str], rng: Random) -> list[Condition]:
    starts = [measure.low or 0, *(int(cut) for cut in cuts)]
    found = []
    for first, after in pairwise(starts):
        last = after - 1
        forms, values = rng.choice((_BETWEEN[0], _BETWEEN[3])), [first, last]
        if first == last:
            forms, values = ("of {0}", "is {0}"), [first]
        elif last - first == 1:
            forms = ("of {0} or {1}", "is {0} or {1}")
        elif first == starts[0] and rng.random() < 0.6:
            forms, values = rng.choice(((_LOW[0], [after]), (_AT_MOST[0], [last])))
        found.append(_quantity(measure, forms, tuple(str(value) for value in values)))
    return [*found, _quantity(measure, rng.choice(_HIGH), (str(starts[-1]),))]


def ages(thresholds: tuple[str, ...], number: int, rng: Random) -> list[Condition]:
    """Age bands, youngest first, that leave no other case."""
    cuts = rng.sample(range(len(thresholds)), number - 1)
    values = [thresholds[index] for index in sorted(cuts)]
    found = [_age(rng.choice(("younger than {0}", "under {0}", "below {0} of age")).format(values[0]))]
    for low, high in pairwise(values):
        same = low.split()[1] == high.split()[1]
        found.append(_age(f"aged {low.split()[0] if same else low} to {high}"))
    last = ("{0} or older", "aged {0} or over") if number > 2 else ("{0} or older", "aged {0} and over")
    return [*found, _age(rng.choice(last).format(values[-1]))]


def _age(state: str) -> Condition:
    return Condition("basic_information", state=state)


def weights(thresholds: tuple[str, ...], number: int, rng: Random) -> list[Condition]:
    """Weight bands, lightest first, that leave no other case."""
    start = rng.randrange(len(thresholds) - number + 2)
    cuts = thresholds[start : start + number - 1]
    texts = [f"less than {cuts[0]} kg"]
    texts += [f"{low} to {high} kg" for low, high in pairwise(cuts)]
    texts.append(f"{cuts[-1]} kg or more")
    return [
        Condition("basic_information", state=f"weighing {text}", has=f"weighs {text}", short=text, heading="Weight")
        for text in texts
    ]


def _quantity(measure: Measure, forms: tuple[str, str], values: tuple[str, ...]) -> Condition:
    noun, clause = (form.format(*values) for form in forms)
    plural = is_plural(measure.name)
    if plural:
        clause = clause.replace("is ", "are ", 1).replace("exceeds ", "exceed ", 1).replace("lies ", "lie ", 1)
    return Condition(
        "basic_information" if _BACKGROUND.search(measure.name) else "clinical_feature",
        noun=f"{measure.name} {noun}",
        article="" if plural else article_for(measure.name),
        clause=f"{measure.name} {clause}",
        clause_article="the ",
        short="" if re.fullmatch(r"of \d+", noun) else noun.removeprefix("of ").removeprefix("from "),
        heading=measure.name,
    )


def _with_unit(value: str, unit: str) -> str:
    if not unit or unit.startswith("%"):
        return value + unit
    return f"{value} {unit}"
