"""Training data: reading files of records, describing them, and splitting them by topic."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean, median
from typing import TypeVar

from pydantic import ValidationError

from text2mdt.bounded_file import named_errors
from text2mdt.errors import Text2MDTError
from text2mdt.json_problem import json_problem, validation_problem
from text2mdt.schema import Record
from text2mdt.text2dt import is_text2dt, parse_text2dt

Parsed = TypeVar("Parsed")


def read_corpus(path: str | Path) -> list[Record]:
    """The records of a JSON Lines file, blank lines passed over, or of a file of Text2DT (`text2mdt.text2dt`).

    Raises:
        Text2MDTError: T2M010 (no such file), T2M013 (not UTF-8), T2M016 (unreadable), T2M031 (a line is no JSON
            object), T2M030 (a line is no valid record), T2M033 (no records), each with the file and the line; T2M171
            for a JSON list that is no Text2DT.
    """
    content = _read_text(path)
    if is_text2dt(content):
        return parse_text2dt(content, path)
    return [record for _, record in _parsed(content, path, parse_record)]


def parsed_lines(path: str | Path, parse: Callable[[str], Parsed]) -> list[tuple[str, Parsed]]:
    """What each line of a JSON Lines file holds, with its place (`file:line`); raises as `read_corpus`."""
    return _parsed(_read_text(path), path, parse)


def _parsed(text: str, path: str | Path, parse: Callable[[str], Parsed]) -> list[tuple[str, Parsed]]:
    found = []
    for line, content in _lines(text):
        where = f"{path}:{line}"
        try:
            found.append((where, parse(content)))
        except (json.JSONDecodeError, RecursionError) as error:
            raise Text2MDTError("T2M031", where, detail=json_problem(error)) from error
        except ValidationError as error:
            raise Text2MDTError("T2M030", where, detail=validation_problem(error)) from error
    if not found:
        raise Text2MDTError("T2M033", path)
    return found


def write_corpus(records: Iterable[Record], path: str | Path) -> None:
    """Writes the records as JSON Lines (UTF-8); raises T2M041 where the file cannot be written."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(corpus_text(records), encoding="utf-8")
    except OSError as error:
        raise Text2MDTError("T2M041", path, detail=error.strerror) from error


def corpus_text(records: Iterable[Record]) -> str:
    """The records as JSON Lines."""
    return "".join(json.dumps(record.model_dump(mode="json"), ensure_ascii=False) + "\n" for record in records)


def corpus_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not blank, each with its number from 1."""
    return _lines(_read_text(path))


def _read_text(path: str | Path) -> str:
    path = Path(path)
    with named_errors(path):
        return path.read_text(encoding="utf-8-sig")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    # Not splitlines(): a text may hold U+2028 or U+0085, which JSON leaves unescaped.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


def parse_record(line: str) -> Record:
    """One line as a record; raises json.JSONDecodeError or pydantic's ValidationError."""
    return Record.model_validate(json.loads(line))


@dataclass(frozen=True)
class Statistics:
    """What a set of records holds. The word counts are of the texts, split at blanks."""

    records: int
    negatives: int
    trees: int
    topics: int
    words_min: int
    words_median: float
    words_mean: float
    words_max: int
    shapes: dict[str, int]
    relations: dict[str, int]
    logic: dict[str, int]
    specialties: dict[str, int]
    topic_records: dict[str, int]


def corpus_statistics(records: Sequence[Record]) -> Statistics:
    """Counts over the records; raises T2M033 when there are none."""
    if not records:
        raise Text2MDTError("T2M033")
    words = [len(record.text.split()) for record in records]
    topics = Counter(record.topic for record in records)
    nodes = [node for record in records for node in record.tree]
    return Statistics(
        records=len(records),
        negatives=sum(not record.tree for record in records),
        trees=sum(len(record.trees) for record in records),
        topics=len(topics),
        words_min=min(words),
        words_median=median(words),
        words_mean=mean(words),
        words_max=max(words),
        shapes=_ranked(Counter(record_shape(record) for record in records)),
        relations=_ranked(Counter(triple.relation for node in nodes for triple in node.triples)),
        logic=_ranked(Counter(str(node.logical_rel) for node in nodes)),
        specialties=_ranked(Counter(record.specialty or "(none)" for record in records)),
        topic_records=_ranked(topics),
    )


def record_shape(record: Record) -> str:
    """The node counts of its trees: "5", "3+5", or "negative" where there is none."""
    return "+".join(str(len(tree)) for tree in record.trees) or "negative"


def _ranked(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def split_by_topic(records: Sequence[Record], shares: Mapping[str, float], seed: int = 0) -> dict[str, list[Record]]:
    """Splits the records so that no topic stands in two parts.

    Topics are drawn in random order, those with negatives first, each going to the part that is fullest short of
    its share of all records and, with a quarter of the weight, of the topic's specialty. So every part gets
    negatives as long as there are as many topics with negatives as parts.

    Args:
        records: of any topics.
        shares: part name → positive share; only their ratios matter.
        seed: of the random order; the same seed gives the same parts.

    Returns:
        Part name → its records, in their given order.

    Raises:
        Text2MDTError: T2M032 for a share that is not positive, T2M036 with fewer topics than parts.
    """
    if not shares or any(not 0 < share < float("inf") for share in shares.values()):
        raise Text2MDTError("T2M032", "shares", detail="every share must be a positive number")
    topics: dict[str, list[Record]] = {}
    for record in records:
        topics.setdefault(record.topic, []).append(record)
    if len(topics) < len(shares):
        raise Text2MDTError("T2M036", topics=len(topics), parts=len(shares))
    names = sorted(topics)
    Random(seed).shuffle(names)
    names.sort(key=lambda name: all(record.tree for record in topics[name]))

    part_of: dict[str, str] = {}
    filled: Counter[tuple[str, str]] = Counter()
    for name in names:
        specialty = Counter(record.specialty for record in topics[name]).most_common(1)[0][0]
        part = min(
            shares,
            key=lambda part: (
                filled[part, ""] / shares[part] + filled[part, f"={specialty}"] / shares[part] / 4,
                -shares[part],
            ),
        )
        part_of[name] = part
        filled[part, ""] += len(topics[name])
        filled[part, f"={specialty}"] += len(topics[name])
    return {part: [record for record in records if part_of[record.topic] == part] for part in shares}
