"""Where drugs are named in a passage: those of the trees, words that end as names of drugs do, and common names."""

from __future__ import annotations

import re
from itertools import chain
from typing import NamedTuple

from text2mdt.grounding import Place
from text2mdt.safety.placed_forest import PlacedForest
from text2mdt.safety.text_pieces import overlap

_FAMILY = re.compile(  # stems of international names
    r"\b\w{2,}(?:cillin|mycin|micin|oxacin|azole|pril|sartan|statin|olol|dipine|gliptin|gliflozin|parin|xaban|gatran|"
    r"tidine|prazole|sone|solone|nide|triptan|setron|zepam|zolam|mab|nib|ciclovir|cycline|floxacin|penem|fenac|"
    r"profen|proxen|coxib|caine|tropium|terol|butamol|formin|thiazide|semide|olactone|lukast|barbital|gabalin|pentin|"
    r"racetam|(?<!benzodia)zepine|apine|peridol|idone|traline|oxetine|alopram|triptyline|[lr]izine|phenamine|"
    r"(?<!mon)grel|grelor|teplase|trexate|amivir|thoprim|nidazole|coplanin|phylline|lcysteine|cisteine|dronate|"
    r"thyroxine|purinol)\b",
    re.IGNORECASE,
)
_NAMES = re.compile(  # common ones that no stem tells
    r"\b(?:(?:nor)?adrenaline|amiodarone|aspirin|atropine|co-amoxiclav|codeine|colchicine|digoxin|isoniazid|"
    r"lamotrigine|linezolid|loperamide|loratadine|metoclopramide|morphine|naloxone|nitrofurantoin|paracetamol|"
    r"phenytoin|tramadol|valproate)\b",
    re.IGNORECASE,
)
_NOT_GIVEN = re.compile(  # a drug that another one goes with or against
    r"\b(?:added to|revers(?:es|ing)|against|also known as|(?<=\w )take|tak(?:es|ing)) ?$", re.IGNORECASE
)


class DrugMention(NamedTuple):
    """A place of the text, and the name that stands there in lower case."""

    place: Place
    name: str


def drug_mentions(forest: PlacedForest) -> list[DrugMention]:
    """All mentions of drugs in text order; of two that overlap the longer one."""
    names = {item.triple.object for item in forest.items if forest.is_drug(item)}
    found: list[DrugMention] = []
    for name in sorted(names, key=lambda name: (-len(name), name)):
        places = sorted({*forest.mentions(name), *forest.mentions(name.lower())})
        found += [DrugMention(place, name.lower()) for place in places if not _is_taken(place, found)]
    for match in chain(_FAMILY.finditer(forest.text), _NAMES.finditer(forest.text)):
        before = forest.text[max(0, match.start() - 20) : match.start()]
        if not _is_taken(match.span(), found) and not _NOT_GIVEN.search(before):
            found.append(DrugMention(match.span(), match[0].lower()))
    return sorted(found)


def _is_taken(place: Place, found: list[DrugMention]) -> bool:
    return any(overlap(place, mention.place) for mention in found)
