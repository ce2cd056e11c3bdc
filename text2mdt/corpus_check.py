"""The mechanical rules of the annotation guide, checked over corpus files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from text2mdt.corpus import corpus_lines, parse_record
from text2mdt.errors import Text2MDTError
from text2mdt.json_problem import json_problem, validation_problem
from text2mdt.relations import ENGLISH, RelationSet
from text2mdt.schema import DecisionTree, Node, Record

WORDS = (30, 180)
"""Fewest and most words of a text."""
NODES = (3, 11)
"""Fewest and most nodes of a tree."""
NEAR_DUPLICATE = 0.3
"""Jaccard similarity of word 5-grams from which two texts are called near-duplicates."""

_CARRIER = re.compile(
    r"(has|have|had|give|given|giving|offer|consider|with|the|a|an|is|are|should|use|start|prescribe|if|who)\s", re.I
)
_DECIMAL_BEFORE, _DECIMAL_AFTER = re.compile(r"\d[.,·]$"), re.compile(r"[.,·]\d")


@dataclass(frozen=True)
class Finding:
    """One broken rule or doubtful place."""

    path: str
    line: int
    record: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.path}:{self.line}", self.record, self.message) if part)


@dataclass(frozen=True)
class Report:
    """What a check found; a corpus is sound when there are no errors."""

    records: int
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not self.errors

    def raise_first(self) -> None:
        """Raises T2M030 with the first error, if there is one."""
        if self.errors:
            first = self.errors[0]
            raise Text2MDTError("T2M030", f"{first.path}:{first.line} {first.record}".rstrip(), detail=first.message)


@dataclass(frozen=True)
class _Placed:
    path: str
    line: int
    record: Record

    def finding(self, message: str) -> Finding:
        return Finding(self.path, self.line, self.record.id, message)


def check_corpus(paths: Sequence[str | Path], relations: RelationSet = ENGLISH) -> Report:
    """Checks files against docs/annotation.md; each file is a split of its own.

    Errors are broken rules, warnings are places that the rules make unlikely (see `record_errors`,
    `record_warnings`). Across files: ids are unique, no topic stands in two files, and texts that share many word
    5-grams are near-duplicates (a warning).

    Raises:
        Text2MDTError: T2M010, T2M013 or T2M016 for a file that cannot be read at all.
    """
    errors: list[Finding] = []
    warnings: list[Finding] = []
    placed: list[_Placed] = []
    for path in paths:
        found = list(_read(str(path), errors))
        if not found and not any(error.path == str(path) for error in errors):
            errors.append(Finding(str(path), 1, "", "the file has no records"))
        placed += found
    for item in placed:
        errors += [item.finding(message) for message in record_errors(item.record, relations)]
        warnings += [item.finding(message) for message in record_warnings(item.record)]
    errors += [*_repeated_ids(placed), *_shared_topics(placed)]
    warnings += _near_duplicates(placed)
    order = {str(path): number for number, path in enumerate(paths)}

    def position(finding: Finding) -> tuple[int, int]:
        return order[finding.path], finding.line

    return Report(len(placed), tuple(sorted(errors, key=position)), tuple(sorted(warnings, key=position)))


def _read(path: str, errors: list[Finding]) -> Iterator[_Placed]:
    for line, content in corpus_lines(path):
        try:
            yield _Placed(path, line, parse_record(content))
        except (json.JSONDecodeError, RecursionError) as error:
            errors.append(Finding(path, line, "", f"not JSON: {json_problem(error)}"))
        except ValidationError as error:
            errors.append(Finding(path, line, _id_of(content), validation_problem(error)))


def _id_of(content: str) -> str:
    value = json.loads(content)
    return str(value.get("id", "")) if isinstance(value, dict) else ""


def record_errors(record: Record, relations: RelationSet = ENGLISH) -> list[str]:
    """The rules that a record breaks by itself, in words; empty when it keeps them all."""
    messages = []
    if not record.id.strip():
        messages.append("the id is empty")
    if not record.population.strip():
        messages.append("the population is empty")
    if "@" in record.population or "\n" in record.population:
        messages.append("the population holds an @ or a line break, which end it in the model's input")
    words = len(record.text.split())
    if not WORDS[0] <= words <= WORDS[1]:
        messages.append(f"the text has {words} words, {WORDS[0]} to {WORDS[1]} are wanted")
    for number, tree in enumerate(record.trees, 1):
        if not NODES[0] <= len(tree) <= NODES[1]:
            messages.append(f"tree {number} has {len(tree)} node(s), {NODES[0]} to {NODES[1]} are wanted")
    for index, node in enumerate(record.tree, 1):
        messages += [f"node {index}: {message}" for message in _node_errors(node, record, relations)]
    return messages


def _node_errors(node: Node, record: Record, relations: RelationSet) -> Iterator[str]:
    drugs = {triple.object for triple in node.triples if triple.relation in relations.drugs}
    for triple, number in Counter(node.triples).items():
        if number > 1:
            yield f"the triple '{triple.object}' stands {number} times"
        relation = relations.by_name.get(triple.relation)
        if relation is None:
            yield f"unknown relation '{triple.relation}'"
        elif relation.role != node.role:
            yield f"{triple.relation} does not stand in a {node.role} node"
        if triple.relation == relations.dosage:
            if triple.subject not in drugs:
                yield f"the subject of dosage, '{triple.subject}', is no drug of this node"
        elif triple.subject != record.population:
            yield f"the subject '{triple.subject}' is not the population"
        if problem := object_problem(triple.object, record.text):
            yield problem


def object_problem(piece: str, text: str) -> str | None:
    """Why a piece is no object of a text, in words; None for whole words that stand there, letter for letter."""
    if not piece.strip():
        return "an object is empty"
    if piece not in text:
        return f"the object '{piece}' does not stand in the text"
    if not any(_whole_words(text, match.start(), match.start() + len(piece)) for match in _occurrences(piece, text)):
        return f"the object '{piece}' cuts a word"
    return None


def _occurrences(piece: str, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(f"(?={re.escape(piece)})", text)


def _whole_words(text: str, start: int, end: int) -> bool:
    return not _inside_word(text, start) and not _inside_word(text, end)


def _inside_word(text: str, cut: int) -> bool:
    """Whether a cut before character `cut` separates two characters of one word or of a number such as 0.5.

    Chinese has no word borders.
    """
    if not 0 < cut < len(text):
        return False
    if _DECIMAL_BEFORE.search(text, max(cut - 2, 0), cut) and text[cut].isdigit():
        return True
    if text[cut - 1].isdigit() and _DECIMAL_AFTER.match(text, cut):
        return True
    return all(char.isalnum() and not "\u3400" <= char <= "\u9fff" for char in text[cut - 1 : cut + 1])


def record_warnings(record: Record) -> list[str]:
    """The doubtful places of a record, in words."""
    messages = []
    if not record.source.strip():
        messages.append("no source is given")
    if record.text != record.text.strip():
        messages.append("the text starts or ends with blanks")
    for index, node in enumerate(record.tree, 1):
        for triple in node.triples:
            messages += [f"node {index}: the object '{triple.object}' {doubt}" for doubt in _doubts(triple.object)]
    for tree in record.trees:
        messages += _branch_doubts(tree)
    return messages


def _doubts(piece: str) -> Iterator[str]:
    if match := _CARRIER.match(piece):
        yield f"starts with '{match[1]}'"
    if piece[-1:] in tuple(",.;:"):
        yield "ends in punctuation"
    if piece != piece.strip():
        yield "starts or ends with blanks"


def _branch_doubts(tree: DecisionTree) -> Iterator[str]:
    children = tree.children()
    ends = _subtree_ends(children)
    for index, pair in enumerate(children):
        if pair is None:
            continue
        yes, no = (tree.nodes[child : ends[child]] for child in pair)
        name = tree.nodes[index].triples[0].object
        if len(yes) == len(no) == 1 and not yes[0].triples and not no[0].triples:
            yield f"the condition '{name}' leads to nothing on either branch"
        elif yes == no:
            yield f"the condition '{name}' leads to the same on both branches"


def _subtree_ends(children: Sequence[tuple[int, int] | None]) -> list[int]:
    ends = [index + 1 for index in range(len(children))]
    for index in reversed(range(len(children))):
        pair = children[index]
        if pair is not None:
            ends[index] = ends[pair[1]]
    return ends


def _first_seen(placed: Sequence[_Placed], key: Callable[[_Placed], str]) -> dict[str, _Placed]:
    first: dict[str, _Placed] = {}
    for item in placed:
        first.setdefault(key(item), item)
    return first


def _repeated_ids(placed: Sequence[_Placed]) -> Iterator[Finding]:
    first = _first_seen(placed, lambda item: item.record.id)
    for item in placed:
        earlier = first[item.record.id]
        if earlier is not item:
            yield item.finding(f"the id stands already at {earlier.path}:{earlier.line}")


def _shared_topics(placed: Sequence[_Placed]) -> Iterator[Finding]:
    first = _first_seen(placed, lambda item: item.record.topic)
    told = set()
    for item in placed:
        topic = item.record.topic
        earlier = first[topic]
        if earlier.path != item.path and (topic, item.path) not in told:
            told.add((topic, item.path))
            yield item.finding(f"the topic '{topic}' stands also in {earlier.path} (line {earlier.line})")


def _near_duplicates(placed: Sequence[_Placed]) -> Iterator[Finding]:
    seen: dict[tuple[str, ...], list[int]] = {}
    sizes: list[int] = []
    for number, item in enumerate(placed):
        grams = five_grams(item.record.text)
        shared = Counter(earlier for gram in grams for earlier in seen.get(gram, ()))
        for earlier, common in sorted(shared.items()):
            similarity = common / (len(grams) + sizes[earlier] - common)
            if similarity >= NEAR_DUPLICATE:
                other = placed[earlier]
                place = f"{other.record.id} at {other.path}:{other.line}"
                yield item.finding(f"the text is a near-duplicate of {place} (Jaccard {similarity:.2f})")
        sizes.append(len(grams))
        for gram in grams:
            seen.setdefault(gram, []).append(number)


def five_grams(text: str) -> set[tuple[str, ...]]:
    """The runs of five words of a text, in lower case, signs left out."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}
