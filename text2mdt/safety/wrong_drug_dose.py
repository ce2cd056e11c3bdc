"""Check: a dose that the passage gives to another drug."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from text2mdt.grounding import Place
from text2mdt.safety.drug_mentions import DrugMention, drug_mentions
from text2mdt.safety.placed_forest import Item, PlacedForest, warning
from text2mdt.safety.text_pieces import piece_at
from text2mdt.schema import NodeWarning

KIND = "wrong_drug_dose"
EXPLANATION = "A dose stands, in the passage, beside another drug than the one that the tree attaches it to."
_JOINED = re.compile(
    r"\W*(?:(?:and|or|plus|with|either|both|together|combined|then|followed by|in combination)\W*)*", re.IGNORECASE
)


def wrong_drug_dose(forest: PlacedForest) -> Iterator[NodeWarning]:
    named = drug_mentions(forest)
    for item in forest.items:
        if not forest.is_dose(item):
            continue
        if item.triple.subject not in {
            other.triple.object for other in forest.of_node(item.node) if forest.is_drug(other)
        }:
            text = f"The dose '{item.triple.object}' belongs to '{item.triple.subject}', no drug of this decision."
            yield warning(KIND, item, text, item.place)
        elif item.place and (owner := _other_owner(forest, item, item.place, named)):
            place = min(owner.place[0], item.place[0]), max(owner.place[1], item.place[1])
            text = (
                f"The tree gives '{item.triple.object}' to '{item.triple.subject}'; the passage says "
                f"'{forest.text[slice(*place)]}'."
            )
            yield warning(KIND, item, text, place)


def _other_owner(forest: PlacedForest, item: Item, place: Place, named: Sequence[DrugMention]) -> DrugMention | None:
    """The drug that the passage gives the dose to, where no mention of the dose can belong to the drug of the tree."""
    own = item.triple.subject.lower()
    owners = {other: _owner(forest, other, named) for other in {place, *forest.mentions(item.triple.object)}}
    for other, owner in owners.items():
        if owner is None or _same(owner.name, own) or _shared(forest.text, other, owner, own, named):
            return None
    owner = owners[place]
    shared_by_tree = any(
        forest.is_dose(other)
        and other.triple.object == item.triple.object
        and owner
        and _same(owner.name, other.triple.subject)
        for other in forest.of_node(item.node)
    )
    return None if shared_by_tree else owner


def _same(name: str, other: str) -> bool:
    """Whether one name is in the other ("iron", "intravenous iron")."""
    return name in other.lower() or other.lower() in name


def _owner(forest: PlacedForest, dose: Place, named: Sequence[DrugMention]) -> DrugMention | None:
    """The drug right behind a dose ("5 mg of X"), else the last one before it in its statement."""
    start, end = piece_at(forest.statements, dose)
    behind = next((mention for mention in named if dose[1] <= mention.place[0] < end), None)
    if behind and re.fullmatch(r"\s(?:of\s)?(?:oral |intravenous )?", forest.text[dose[1] : behind.place[0]]):
        return behind
    return next(
        (mention for mention in reversed(named) if start <= mention.place[0] and mention.place[1] <= dose[0]), None
    )


def _shared(text: str, dose: Place, owner: DrugMention, own: str, named: Sequence[DrugMention]) -> bool:
    """Whether a dose stands behind several drugs in a row ("A or B 5 mg", "A and B, each 5 mg")."""
    row = [mention for mention in named if mention.place <= owner.place]
    end = owner.place[0]
    for mention in reversed(row):
        if mention is not owner:
            if not _JOINED.fullmatch(text[mention.place[1] : end]):
                return False
            if _same(mention.name, own):
                return True
        end = mention.place[0]
    return False
