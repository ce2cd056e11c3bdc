"""Check: a dose of the passage that no node holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from text2mdt.grounding import Place
from text2mdt.safety.drug_mentions import DrugMention, drug_mentions
from text2mdt.safety.placed_forest import PlacedForest
from text2mdt.safety.quantities import Quantity, quantities
from text2mdt.safety.text_pieces import overlap, piece_at
from text2mdt.schema import NodeWarning, Span

KIND = "missing_dose"
EXPLANATION = "The passage gives a drug in a dose that stands in no node."
_UNIT = re.compile(
    r"(?:mg|g|µg|ng|ml|mmol|(?:million )?unit|drop|tablet|capsule|puff)(?:/(?:kg|m²|day|hour|minute|kg/\w+))?"
)
_BETWEEN = re.compile(r"\s\(?(?:(?:at|in|as|to) )?(?:(?:an? |the )?(?:\w+ )?dose of |up to |about )?")
_OFTEN = re.compile(r"[^.;:,]{0,25}?\b(?:once|twice|times|daily|every|hourly|weekly|a day|per day|at night|for \d)\b")
_NOT_ADVISED = re.compile(  # reported, compared, or for all
    r"\b(?:trials?|stud(?:y|ies|ied)|tested|tried|series|placebo|versus|compar\w+|lowered|reduced|shortened|"
    r"once given|formerly|no (?:longer|advantage|benefit|better)|never|not differ|every(?:one|body)|in all|at every|"
    r"(?:all|every) (?:patients?|child|children|adults?|wom[ae]n|m[ae]n|infants?|cases?|others)|for all|may worsen|"
    r"maximum|total|contains?|releases?|mg tablets)\b",
    re.IGNORECASE,
)


def missing_dose(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Doses right behind the name of a drug, or told with how often; what is only reported, or for all, is left out.

    The warning stands on the decision with the drug, else on the one before it in the text.
    """
    taken = {place for item in forest.items for place in forest.mentions(item.triple.object)}
    drugs = drug_mentions(forest)
    actions = [action for action in forest.actions if action.place]
    for quantity in quantities(forest.text):
        place = (quantity.start, quantity.end)
        if not actions or not _UNIT.fullmatch(quantity.unit) or any(overlap(place, other) for other in taken):
            continue
        drug = _drug_before(forest.text, quantity, drugs)
        if drug is None and not _OFTEN.match(forest.text, quantity.end):
            continue
        if _NOT_ADVISED.search(forest.text[slice(*piece_at(forest.statements, place))]):
            continue
        named = [action for action in actions if drug and action.triple.object.lower() == drug.name]
        before = [action for action in actions if action.place and action.place[0] < quantity.start]
        owner = (named or before or actions)[-1 if before and not named else 0]
        start = drug.place[0] if drug else quantity.start
        words = forest.text[max(0, start - 20) : quantity.end + 20].strip()
        text = f"No node holds the dose in '… {words} …'."
        yield NodeWarning(kind=KIND, node=owner.node, text=text, passage_span=Span(start=start, end=quantity.end))


def _drug_before(text: str, quantity: Quantity, drugs: Sequence[DrugMention]) -> DrugMention | None:
    """The drug whose name stands right before a quantity."""
    before: list[DrugMention] = [drug for drug in drugs if drug.place[1] <= quantity.start]
    gap: Place = (before[-1].place[1], quantity.start) if before else (0, 0)
    return before[-1] if before and _BETWEEN.fullmatch(text[slice(*gap)]) else None
