"""Check: conditions on one number that overlap so that a branch is never reached, or that leave a gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from text2mdt.safety.placed_forest import PlacedForest, Step, warning
from text2mdt.safety.quantities import quantities
from text2mdt.safety.units import in_base_unit
from text2mdt.safety.value_ranges import LINE, Interval, ValueRange, common, value_range, without
from text2mdt.schema import Logic, NodeWarning, Span

KIND = "not_exclusive"
EXPLANATION = "By the numbers above it a branch is never reached, or values between two ranges end in the wrong branch."


def not_exclusive(forest: PlacedForest) -> Iterator[NodeWarning]:
    for node, children in enumerate(forest.children):
        path = forest.paths[node]
        if children is None:
            yield from _gap(forest, node, path)
        elif len(forest.nodes[node].triples) == 1 and (asked := _range_of(forest, node)):
            item = next(forest.of_node(node))
            before = _ranges(forest, path, asked)
            left = _left(before)
            if not before:
                continue
            if not common(left, asked.interval):
                text = f"After the answers above it, '{item.triple.object}' can never hold."
                yield warning(KIND, item, text, item.place)
            elif not without(left, asked.interval) and forest.nodes[children[1]].triples:
                text = (
                    f"After the answers above it, '{item.triple.object}' always holds; its no-branch is never reached."
                )
                yield warning(KIND, item, text, item.place)


def _range_of(forest: PlacedForest, node: int) -> ValueRange | None:
    return value_range(forest.nodes[node].triples[0].object)


def _ranges(forest: PlacedForest, path: Sequence[Step], asked: ValueRange) -> list[tuple[Interval, bool]]:
    """The intervals of the same measure on a path, each with whether the value is known to be in it."""
    known = []
    for node, answer in path:
        if forest.nodes[node].logical_rel is (Logic.OR if answer else Logic.AND):
            continue
        for triple in forest.nodes[node].triples:
            found = value_range(triple.object)
            if found and found.same_measure(asked):
                known.append((found.interval, answer))
    return known


def _left(known: Sequence[tuple[Interval, bool]]) -> list[Interval]:
    """The values that are still possible."""
    left = [LINE]
    for interval, answer in known:
        left = common(left, interval) if answer else without(left, interval)
    return left


def _gap(forest: PlacedForest, leaf: int, path: Sequence[Step]) -> Iterator[NodeWarning]:
    """Values between two ranges that end in a leaf: with values outside of both, or with nothing done for them."""
    denied = [node for node, answer in path if not answer and quantities(_object(forest, node))]
    asked = [_range_of(forest, node) for node in denied]
    if len(denied) < 2 or not all(found and asked[0] and found.same_measure(asked[0]) for found in asked):
        return
    left = _left([(found.interval, False) for found in asked if found])
    between = [part for part in left if part[0] > LINE[0] and part[1] < LINE[1] and part[0][0] < part[1][0]]
    if not between:
        return
    named = _named(forest, between[0])
    is_empty = not forest.nodes[leaf].triples
    if len(left) > 1 if not is_empty else named:
        ranges = "', '".join(_object(forest, node) for node in denied)
        text = f"Values that lie between the ranges above ('{ranges}') end in this decision."
        span = Span(start=named[0], end=named[1]) if named else None
        yield NodeWarning(kind=KIND, node=leaf, text=text, passage_span=span)


def _object(forest: PlacedForest, node: int) -> str:
    return " ".join(triple.object for triple in forest.nodes[node].triples)


def _named(forest: PlacedForest, between: Interval) -> tuple[int, int] | None:
    """Where the passage names a range with both ends that lies between two others."""
    for quantity in quantities(forest.text):
        low, high = (in_base_unit(end, quantity.unit)[0] for end in (quantity.low, quantity.high))
        if low < high and common([((low, 0), (high, 0))], between) == [((low, 0), (high, 0))]:
            return quantity.start, quantity.end
    return None
