"""Passages: exact mapping, size, what stays together, what is left out."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text2mdt.documents import Document, read_document
from text2mdt.passages import FoundPassages, find_passages

SAMPLES = sorted(
    path for path in (Path(__file__).parents[2] / "data" / "samples").iterdir() if path.name != "README.md"
)

MARKED = "**amoxicillin** 500 mg &amp; *stop* [a link](b) `code` <br> 2.5 e.g. | ok. é"
WORDS = st.sampled_from(["if", "the", "fever", "persists", "give", "should", *MARKED.split(" ")])
SENTENCE = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)
BLOCK = st.one_of(
    SENTENCE,
    SENTENCE.map(lambda words: words + "."),
    SENTENCE.map(lambda words: "# " + words),
    SENTENCE.map(lambda words: "## " + words),
    SENTENCE.map(lambda words: words + ":"),
    st.lists(SENTENCE, min_size=1, max_size=6).map(lambda items: "\n".join("- " + item for item in items)),
    st.lists(SENTENCE, min_size=1, max_size=3).map(lambda items: "\n".join("  1. " + item for item in items)),
    st.lists(SENTENCE, min_size=1, max_size=4).map(
        lambda rows: "| A | B |\n|---|---|\n" + "\n".join(f"| {row} | x |" for row in rows)
    ),
    st.lists(SENTENCE, min_size=1, max_size=20).map(". If so, ".join),
    st.just("> quoted\n> words"),
    st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t\r"), max_size=60),
)


def check_mapping(document: Document, found: FoundPassages) -> None:
    for passage in found.passages:
        end = 0
        for segment in passage.segments:
            assert segment.passage_start >= end
            end = segment.passage_start + segment.length
            piece = document.text[segment.document_start : segment.document_start + segment.length]
            assert passage.text[segment.passage_start : end] == piece
        assert end <= len(passage.text)
        assert passage.segments
        assert len(passage.text.split()) <= 200
        assert passage.population
    for skipped in found.skipped:
        assert skipped.reason
        assert skipped.span.end <= len(document.text)


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCK, min_size=1, max_size=12), st.sampled_from(["a.md", "a.txt"]))
def test_segments_map_exactly(blocks: list[str], name: str) -> None:
    document = read_document("\n\n".join(["words", *blocks]).encode(), name)
    check_mapping(document, find_passages(document))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    document = read_document(path)
    found = find_passages(document)
    check_mapping(document, found)
    assert 8 <= len(found.passages) <= 14
    group = "Children" if "children" in path.name else "Adults"
    topic = path.stem.rsplit("-", 1)[0].replace("-", " ")
    for passage in found.passages:
        assert 30 <= len(passage.text.split()) <= 180
        assert passage.population == f"{group} with {topic}"
        assert passage.id.startswith(path.stem + "-")
    reasons = {skipped.heading_path[-1].lstrip("0123456789 "): skipped.reason for skipped in found.skipped}
    assert reasons["Background"] == "no decision cue"
    assert reasons["References"].startswith("section")
    assert len({passage.id for passage in found.passages}) == len(found.passages)


def passages_of(text: str) -> list[str]:
    return [passage.text for passage in find_passages(read_document(text.encode(), "a.md")).passages]


def test_a_list_keeps_its_lead_in() -> None:
    assert passages_of("If sepsis is suspected, give one of:\n\n- ceftriaxone 2 g\n- in allergy, meropenem\n") == [
        "If sepsis is suspected, give one of: ceftriaxone 2 g; in allergy, meropenem."
    ]


@pytest.mark.parametrize("grade", ["(strong recommendation)", "[1B]"])
def test_a_grade_behind_the_full_stop_ends_an_item(grade: str) -> None:
    text = f"- Offer heparin if the leg is swollen. {grade}\n- Stop it when bleeding occurs. {grade}\n- if pain, rest\n"
    assert passages_of(text) == [
        f"Offer heparin if the leg is swollen. {grade} Stop it when bleeding occurs. {grade} if pain, rest."
    ]


def test_a_long_list_repeats_its_lead_in() -> None:
    items = "\n".join(f"- if marker {number} is raised, " + "measure it again " * 6 for number in range(20))
    found = passages_of(f"Act as follows:\n\n{items}")
    assert len(found) > 2
    assert all(text.startswith("Act as follows: if marker") for text in found)
    assert all(len(text.split()) <= 180 for text in found)


def test_nested_items_keep_the_item_above() -> None:
    items = "\n".join(f"  - if marker {number} is raised, " + "measure it again " * 6 for number in range(20))
    found = passages_of(f"Act as follows:\n\n- in adults:\n{items}")
    assert len(found) > 2
    assert all(text.startswith("Act as follows: in adults: if marker") for text in found)


def test_table_rows_name_their_headers() -> None:
    table = "**Table 1. Doses**\n\n| Age | Dose |\n|---|---|\n| 1 year | 5 mg once daily |\n| 2 years | 10 mg |\n"
    assert passages_of(table) == ["Table 1. Doses. Age: 1 year; Dose: 5 mg once daily. Age: 2 years; Dose: 10 mg."]


def test_short_blocks_are_joined_under_one_heading_only() -> None:
    text = "# Gout in adults\n\n## A\n\nIf acute, rest.\n\nIf not, walk.\n\n## B\n\nIf febrile, refer.\n"
    assert passages_of(text) == ["If acute, rest. If not, walk.", "If febrile, refer."]


def test_long_paragraphs_are_split_at_sentences() -> None:
    text = "If the level is above 2.5 mg i.v. twice daily should be given. " * 40
    found = passages_of(text)
    assert len(found) > 3
    assert all(passage.startswith("If the level") and passage.endswith("given.") for passage in found)
    assert sum(len(passage.split()) for passage in found) == len(text.split())


def test_one_endless_sentence_is_cut_between_words() -> None:
    assert [len(passage.split()) for passage in passages_of("if so should stop " * 100)] == [180, 180, 40]


@pytest.mark.parametrize(
    "heading",
    [
        "References",
        "7. References",
        "Bibliography",
        "Table of contents",
        "Contents",
        "Authors",
        "Authors and funding",
        "Funding",
        "Search strategy",
        "Appendix B: Search strategy",
        "Conflicts of interest",
        "Methods",
        "Abbreviations",
    ],
)
def test_dropped_sections(heading: str) -> None:
    text = (
        f"# Gout\n\n## {heading}\n\nIf fever persists, refer.\n\n### Below\n\nIf so, stop.\n\n## Care\n\nIf so, wait.\n"
    )
    found = find_passages(read_document(text.encode(), "a.md"))
    assert [passage.text for passage in found.passages] == ["If so, wait."]
    assert [skipped.reason for skipped in found.skipped] == [f"section '{heading}'"] * 2


@pytest.mark.parametrize(
    "heading", ["Methods of insulin delivery", "Contents of the emergency kit", "Search for a cause"]
)
def test_kept_sections(heading: str) -> None:
    assert passages_of(f"## {heading}\n\nIf fever persists, refer.\n") == ["If fever persists, refer."]


def test_a_large_document_is_quick() -> None:
    document = read_document(
        ("If the fever persists, the child should be seen again. " * 8 + "\n\n").encode() * 500, "a.md"
    )
    start = time.perf_counter()
    found = find_passages(document)
    assert len(found.passages) == 500
    assert time.perf_counter() - start < 10


def test_a_document_without_words() -> None:
    found = find_passages(read_document(b"```\ncode\n```\n", "a.md"))
    assert found.passages == ()
