"""What the conflicts of a guideline find: silence on passages that agree, and the share of planted contradictions.

    python benchmarks/guideline_conflicts.py

Takes all records of a topic of the corpus for one document, and all their populations for one; counts the conflicts:
the records were not written to contradict each other. Then puts beside each record of dev and test a copy with one
contradiction in its trees, and counts how often a conflict of this kind is found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from text2mdt.corpus import read_corpus
from text2mdt.guideline import build_guideline
from text2mdt.schema import DocumentInfo, Extraction, Node, Passage, PassageResult, Record, Triple

CORPUS = Path(__file__).resolve().parents[1] / "data" / "corpus"
_NUMBER = re.compile(r"(?<![\w.,])[1-9]\d*(?![\w.,])")
_COMPARED = re.compile(r"\b(?:above|below|under|over|less than|more than|or (?:higher|more|over|older))\b")


def document(records: Sequence[Record]) -> Extraction:
    """Records as the passages of one document about one population."""
    passages = []
    for number, record in enumerate(records, start=1):
        passage = Passage(id=f"{number}", population="Patients", text=record.text)
        passages.append(
            PassageResult(id=passage.id, population="Patients", text=record.text, tree=record.tree, passage=passage)
        )
    info = DocumentInfo(name="corpus", sha256="0" * 64, characters=0)
    return Extraction(document=info, text="", model="gold", adapter=None, passages=tuple(passages))


def contradictions(triple: Triple, node: Node) -> Iterator[tuple[str, Triple]]:
    """The kinds of conflict that a change of one triple makes, each with the changed triple."""
    doubled = triple._replace(object=_NUMBER.sub(lambda match: str(2 * int(match[0])), triple.object, count=1))
    if triple.relation == "dosage" and doubled != triple:
        yield "different_dose", doubled
    if triple.relation == "therapeutic_drug":
        yield "given_and_forbidden", triple._replace(relation="contraindicated_drug")
        yield "different_decision", triple._replace(object="another drug entirely")
    if node.is_condition and _COMPARED.search(triple.object) and doubled != triple:
        yield "different_threshold", doubled


def with_triple(record: Record, node: int, index: int, new: Triple) -> Record:
    """The record with one triple changed; the doses of a drug follow it."""
    old = record.tree[node].triples[index]
    triples = [
        triple._replace(subject=new.object) if (triple.relation, triple.subject) == ("dosage", old.object) else triple
        for triple in record.tree[node].triples
    ]
    triples[index] = new
    nodes = list(record.tree)
    nodes[node] = nodes[node].model_copy(update={"triples": tuple(triples)})
    return record.model_copy(update={"tree": tuple(nodes)})


def main() -> None:
    corpus = {name: read_corpus(CORPUS / f"{name}.jsonl") for name in ("train", "dev", "test")}
    topics: dict[str, list[Record]] = {}
    for records in corpus.values():
        for record in records:
            topics.setdefault(record.topic, []).append(record)
    false_alarms: Counter[str] = Counter()
    trees = 0
    for records in topics.values():
        guideline = build_guideline(document(records))
        false_alarms.update(conflict.kind for conflict in guideline.conflicts)
        trees += sum(len(group.trees) for group in guideline.all_groups)
    print(f"{trees} trees in {len(topics)} topics: {false_alarms.total()} conflicts {dict(false_alarms)}")

    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for record in (*corpus["dev"], *corpus["test"]):
        for number, node in enumerate(record.tree):
            for index, triple in enumerate(node.triples):
                for kind, new in contradictions(triple, node):
                    guideline = build_guideline(document([record, with_triple(record, number, index, new)]))
                    planted[kind] += 1
                    found[kind] += any(conflict.kind == kind for conflict in guideline.conflicts)
    for kind, number in planted.items():
        print(f"{kind}: {found[kind]} of {number} found ({found[kind] / number:.0%})")


if __name__ == "__main__":
    main()
