"""What an applied PlanDefinition decides, beside what its tree decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from plan_interpreter import Applied, Json, chain, leaves

from text2mdt.export.fhir.wording import NOTHING, action_title
from text2mdt.schema import DecisionTree, Logic


def check_decision(applied: list[Applied], tree: DecisionTree, reached: int | None) -> None:
    """Raises AssertionError unless exactly the decision of index `reached` applies; with None, no decision at all."""
    if reached is None:
        assert not [one for one in leaves(applied) if one["id"].startswith("n") and "action" not in one]
        return
    node = tree.nodes[reached]
    groups = [one for one in chain(applied) if one["id"] == f"n{reached}"]
    assert len(groups) == 1
    if not node.triples:
        assert [one["description"] for one in leaves(applied)] == [NOTHING]
        return
    assert groups[0]["selectionBehavior"] == ("one-or-more" if node.logical_rel is Logic.OR else "all")
    found = Counter(title for title in titles(groups[0]["action"]))
    assert found == Counter(action_title(triple) for triple in node.triples)
    done = {one["id"].partition("-")[0] for one in leaves(applied)}
    assert done == {f"n{reached}"}


def titles(actions: list[Json]) -> Iterator[str]:
    """The titles of single actions, a dose behind its drug."""
    for one in actions:
        assert "condition" not in one
        yield one["title"]
        yield from titles(one.get("action", ()))
