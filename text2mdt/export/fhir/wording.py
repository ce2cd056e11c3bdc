"""How triples and conditions read in a PlanDefinition, and how a text that a person may have edited is read back."""

from __future__ import annotations

from text2mdt.export.dot import relation_label
from text2mdt.export.fhir.legal import words
from text2mdt.relations import ENGLISH
from text2mdt.schema import Node, Triple

_IF = {True: "If: ", False: "If not: "}
_NOT = {True: "", False: "NOT: "}
NOTHING = "The text gives no recommendation for this case."

_LABELS = {
    "therapeutic_drug": "Give",
    "contraindicated_drug": "Avoid or stop",
    "treatment_plan": "Plan",
    "investigation": "Investigation",
    "referral": "Referral",
}
_DOSE = "Dose of "


def action_label(triple: Triple) -> str:
    """What stands in front of an action's words: "Give: ", "Dose of amoxicillin: "."""
    if triple.relation == ENGLISH.dosage:
        return f"{_DOSE}{words(triple.subject)}: "
    return f"{_LABELS.get(triple.relation) or relation_label(words(triple.relation))}: "


def action_title(triple: Triple) -> str:
    """An action as shown; what to avoid says so, since engines show titles as proposals."""
    return action_label(triple) + words(triple.object)


def condition_text(node: Node, holds: bool) -> str:
    """What a condition says: "fever OR otorrhoea"; of the other branch "NOT: (fever OR otorrhoea)"."""
    return _NOT[holds] + _asked(node, holds)


def branch_title(node: Node, holds: bool) -> str:
    """The title of a branch: "If: fever", "If not: fever"."""
    return _IF[holds] + _asked(node, holds)


def words_of_text(text: str, holds: bool) -> str | None:
    """The words in the text of a condition of one triple, which may have been edited; None where they are not clear."""
    if not text.startswith(_NOT[holds]) or (holds and text.startswith(_NOT[False])):
        return None
    rest = text.removeprefix(_NOT[holds])
    return rest if rest.strip() else None


def says_something_else(title: str, node: Node, holds: bool) -> bool:
    """Whether the title of a branch states a condition, and not this one; a title of another form is a mere label."""
    return title.startswith(tuple(_IF.values())) and title != branch_title(node, holds)


def _asked(node: Node, holds: bool) -> str:
    told = f" {node.logical_rel.upper()} ".join(words(triple.object) for triple in node.triples)
    return told if holds or len(node.triples) == 1 else f"({told})"


def words_of_title(title: str, triple: Triple) -> str | None:
    """The words of an action from its title, which a person may have edited; None where they are not clear.

    A title that kept its label gives what follows. One without any label gives itself, except of a drug to avoid:
    it could mean the opposite now. A label of another relation is not clear.
    """
    label = action_label(triple)
    if title.startswith(label):
        rest = title.removeprefix(label)
        return rest if rest.strip() else None
    if title.startswith((*(f"{other}:" for other in _LABELS.values()), _DOSE)):
        return None
    return None if triple.relation == "contraindicated_drug" else title.strip() or None
