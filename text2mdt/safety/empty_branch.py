"""Check: nothing is done on a branch that the passage does something for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.safety.placed_forest import PlacedForest
from text2mdt.safety.text_pieces import piece_at
from text2mdt.schema import NodeWarning, Span

KIND = "empty_branch"
EXPLANATION = (
    "Nothing is done where a condition holds that is no exception, or on a branch that the passage calls 'otherwise'."
)
_EXCEPTION = re.compile(r"\b(?:unless|except\w*|not|no|never|other than|apart from|but for)\b", re.IGNORECASE)
_OTHERWISE = re.compile(
    r"(?:^|[,:;] |\band )(?P<words>otherwise|if not\b(?! )|(?:(?:in|for|to) )?(?:all (?:the )?|any )others?\b|"
    r"(?:(?:in|for|to) )?the (?:others|remaining|rest)\b|everyone else|anyone else)",
    re.IGNORECASE,
)


def empty_branch(forest: PlacedForest) -> Iterator[NodeWarning]:
    empty = [
        (node, *children)
        for node, children in enumerate(forest.children)
        if children is not None and not all(forest.nodes[child].triples for child in children)
    ]
    for node, yes, _ in empty:
        item = next((item for item in forest.of_node(node) if item.place), None)
        if forest.nodes[yes].triples or item is None or item.place is None:
            continue
        if (row := forest.row_at(item.place)) and row.says_nothing:
            continue
        statement = piece_at(forest.statements, item.place)
        if not _EXCEPTION.search(forest.text[statement[0] : item.place[1]]):
            text = f"Nothing is done when '{item.triple.object}' holds; look what the passage says for it."
            yield NodeWarning(kind=KIND, node=yes, text=text, passage_span=Span(start=item.place[0], end=item.place[1]))
    last = next((no for _, _, no in reversed(empty) if not forest.nodes[no].triples), None)
    if last is not None:
        yield from _otherwise(forest, last)


def _otherwise(forest: PlacedForest, leaf: int) -> Iterator[NodeWarning]:
    """The "otherwise" of the passage that no node speaks of."""
    for start, end in forest.statements:
        match = _OTHERWISE.search(forest.text[start:end])
        if match is None:
            continue
        here = start + match.start("words")
        if not any(item.place and start <= item.place[0] and here <= item.place[1] <= end for item in forest.items):
            text = f"Nothing is done on this branch; the passage says '{forest.text[here:end]}'."
            yield NodeWarning(kind=KIND, node=leaf, text=text, passage_span=Span(start=here, end=end))
            return
