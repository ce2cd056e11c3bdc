"""Check: a drug and a dose, or two drugs, in one object (English)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.relations import ENGLISH
from text2mdt.safety.drug_mentions import DrugMention, drug_mentions
from text2mdt.safety.placed_forest import Item, PlacedForest, warning
from text2mdt.schema import NodeWarning

KIND = "drug_with_dose"
EXPLANATION = "The name of a drug ends in its dose, or a dose holds a further drug; each wants a triple of its own."
_FIGURE = r"\d[\d.,]*(?:(?: ?[-–] ?| to )\d[\d.,]*)?"
_UNIT = r"(?:mg|g|ml|micrograms?|mcg|µg|units?|IU|mmol|puffs?|drops?)(?:/kg)?"
_OFTEN = r"(?:(?:once|twice|(?:three|four) times) (?:a day|daily|a week|weekly)|daily|weekly|every \d+ \w+)"
# "weekly methotrexate", "adrenaline 1 mg/ml", "clotrimazole 500 mg pessary" are names: a dose ends them or goes on.
_DOSE = re.compile(
    rf"\s(?:{_FIGURE} ?{_UNIT}|{_OFTEN}|for \d+ (?:days?|weeks?|months?))"
    r"(?=$|,? (?:for|at|by|in|over|until|with|every|once|twice|three|four|daily|weekly|per|a) )",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    r"\b(?:or|and|plus|then|followed by) (?:(?:oral|intravenous|intramuscular|subcutaneous|inhaled|topical) )?$",
    re.IGNORECASE,
)


def drug_with_dose(forest: PlacedForest) -> Iterator[NodeWarning]:
    if forest.relations is not ENGLISH:
        return
    named = drug_mentions(forest)
    for item in forest.items:
        words = item.triple.object
        if forest.is_drug(item) and not forest.forbids(item) and (found := _DOSE.search(words)):
            yield warning(KIND, item, f"'{words}' is a drug and a dose ('{found[0].strip()}').", item.place)
        elif forest.is_dose(item) and (further := _further_drug(forest, item, named)):
            name = forest.text[slice(*further.place)]
            yield warning(KIND, item, f"The dose '{words}' holds a further drug, '{name}'.", further.place)


def _further_drug(forest: PlacedForest, item: Item, named: list[DrugMention]) -> DrugMention | None:
    """The drug that is joined to a dose within its words, if it is not the drug of the dose."""
    if not item.place:
        return None
    start, end = item.place
    inside = (mention for mention in named if start < mention.place[0] and mention.place[1] <= end)
    own = item.triple.subject.lower()
    return next(
        (
            mention
            for mention in inside
            if mention.name not in own and _FURTHER.search(forest.text[start : mention.place[0]])
        ),
        None,
    )
