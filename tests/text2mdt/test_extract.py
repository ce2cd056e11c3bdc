import json
from pathlib import Path

import pytest
from tiny_model import save_tiny_adapter, save_tiny_model
from written_engine import WrittenEngine

from text2mdt import Extraction, Extractor, predictor
from text2mdt.documents import read_document
from text2mdt.errors import Text2MDTError
from text2mdt.passages import find_passages
from text2mdt.predictor import Predictor
from text2mdt.schema import Passage, Record, Span

GUIDELINE = """# Gout in adults

## Background

Gout is caused by crystals of urate. It has been known since antiquity and affects one adult in forty.

## Treatment

If the kidneys are healthy, naproxen 500 mg twice daily should be given. If naproxen is not
tolerated, colchicine 0.5 mg is given instead, and the dose is reduced in those with kidney disease.

## Follow-up

Urate should be measured after 4 weeks:

- if it is above 360 µmol/L, allopurinol should be started;
- if tophi are present, refer to a rheumatologist.
"""
BACKGROUND = "# Gout in adults\n\nGout is caused by crystals of urate. It has been known since antiquity.\n"
LIMIT = 120


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def extractor(model) -> Extractor:
    return Extractor.from_pretrained(model, None, "cpu", max_new_tokens=LIMIT)


@pytest.fixture(scope="module")
def extraction(extractor) -> Extraction:
    return extractor.extract(GUIDELINE.encode(), "gout.md")


def passages() -> tuple[Passage, ...]:
    return find_passages(read_document(GUIDELINE.encode(), "gout.md")).passages


def written(*answers: str) -> Extractor:
    """An extractor that gives these answers to the passages of the guideline."""
    texts = [passage.text for passage in passages()]
    engine = WrittenEngine(dict(zip(texts, answers, strict=True)))
    return Extractor(Predictor(engine), "written", None)


FIRST = (
    "1 if feature: kidneys are healthy\n"
    "1 yes drug: naproxen & dose: 500 mg twice daily\n"
    "1 no none\n"
    "1 if feature: naproxen is not tolerated\n"
    "1 yes drug: colchicine & dose: 0.5 mg\n"
    "1 no none"
)
SECOND = "1 if feature: tophi are present\n1 yes refer: rheumatologist\n1 no none"


def test_what_the_extraction_is_of(extraction, model):
    document = read_document(GUIDELINE.encode(), "gout.md")
    assert extraction.document == document.info
    assert extraction.text == GUIDELINE
    assert (extraction.model, extraction.adapter, extraction.schema_version) == (model, None, 1)
    assert [result.passage for result in extraction.passages] == list(passages())
    assert len(extraction.passages) == 2


def test_a_random_model_yields_legal_trees_of_the_words_of_each_passage(extraction):
    assert extraction.trees  # `DecisionTree` itself refuses what is not legal
    assert extraction.reason is None
    for result in extraction.passages:
        assert result.generated
        for node in result.tree:
            assert all(triple.object in result.text for triple in node.triples)


def grounded(results) -> int:
    """Checks that every grounding shows the words of its triple in passage and document; how many there are."""
    count = 0
    for result in results:
        places = {(item.node, item.triple): item for item in result.groundings if item.part == "object"}
        for number, node in enumerate(result.tree):
            for index, triple in enumerate(node.triples):
                item = places.pop((number, index))
                span = item.passage_span
                assert result.text[span.start : span.end] == triple.object
                assert document_words(item.document_spans) == covered(result.passage, span)
                count += 1
        assert not places
    return count


def document_words(spans) -> str:
    return "".join(GUIDELINE[span.start : span.end] for span in spans)


def covered(passage: Passage, span: Span) -> str:
    """The characters of a span that come from the document."""
    own = [False] * len(passage.text)
    for segment in passage.segments:
        own[segment.passage_start : segment.passage_start + segment.length] = [True] * segment.length
    return "".join(passage.text[place] for place in range(span.start, span.end) if own[place])


def test_every_object_is_traced_to_its_characters(extraction):
    assert grounded(extraction.passages) > 4


def test_objects_over_a_line_end_and_in_a_list_are_traced_too():
    found = written(FIRST, SECOND).extract(GUIDELINE.encode(), "gout.md")
    assert grounded(found.passages) == 8
    first = found.passages[0]
    crossing = next(item for item in first.groundings if item.node == 3 and item.part == "object")
    assert len(crossing.document_spans) == 2 or "\n" in document_words(crossing.document_spans)
    drug = next(item for item in first.groundings if item.node == 4 and item.triple == 1 and item.part == "subject")
    assert document_words(drug.document_spans) == "colchicine"
    assert drug.document_spans[0].start == GUIDELINE.index("colchicine")


def test_progress_counts_passages(extractor):
    heard: list[tuple[int, int]] = []
    extractor.extract(GUIDELINE.encode(), "gout.md", lambda done, total: heard.append((done, total)))
    assert heard == [(0, 2), (1, 2), (2, 2)]


def test_the_same_from_a_path(extractor, extraction, tmp_path):
    path = tmp_path / "gout.md"
    path.write_text(GUIDELINE, encoding="utf-8")
    assert extractor.extract(path) == extractor.extract(str(path)) == extraction


def test_json_holds_each_passage_as_a_record_of_a_corpus():
    found = written(FIRST, SECOND).extract(GUIDELINE.encode(), "gout.md")
    data = json.loads(found.model_dump_json())
    for passage, result in zip(data["passages"], found.passages, strict=True):
        record = Record.model_validate({key: passage[key] for key in ("id", "population", "text", "tree")})
        assert (record.population, record.text, record.tree) == (result.population, result.text, result.tree)
    assert data["passages"][0]["population"] == "Adults with gout"
    assert data["passages"][1]["tree"] == [
        {
            "role": "C",
            "triples": [["Adults with gout", "clinical_feature", "tophi are present"]],
            "logical_rel": "null",
        },
        {"role": "D", "triples": [["Adults with gout", "referral", "rheumatologist"]], "logical_rel": "null"},
        {"role": "D", "triples": [], "logical_rel": "null"},
    ]
    assert data["passages"][0]["tree"][1]["triples"][1] == ["naproxen", "dosage", "500 mg twice daily"]


def test_json_reads_back_as_the_same(extraction):
    for found in (extraction, written(FIRST, "nothing to read").extract(GUIDELINE.encode(), "gout.md")):
        assert Extraction.model_validate_json(found.model_dump_json()) == found


def test_several_trees_of_a_passage(extraction):
    found = written(FIRST, "none").extract(GUIDELINE.encode(), "gout.md")
    assert [len(result.trees) for result in found.passages] == [2, 0]
    assert found.trees == found.passages[0].trees
    assert found.reason is None


def test_an_answer_that_cannot_be_read_is_an_error_of_its_passage_alone():
    found = written("I would rather not say.", SECOND).extract(GUIDELINE.encode(), "gout.md")
    bad, good = found.passages
    assert (bad.tree, bad.groundings, bad.generated) == ((), (), "I would rather not say.")
    assert bad.error is not None and bad.error.startswith("T2M002: ")
    assert (good.error, len(good.trees), found.reason) == (None, 1, None)


def test_repairs_and_truncation_are_noted():
    extractor = written(FIRST, SECOND)
    extractor.predictor.engine.limit = len(SECOND) - len("\n1 no none")
    first, second = extractor.extract(GUIDELINE.encode(), "gout.md").passages
    assert (first.truncated, second.truncated) == (True, True)
    assert second.repairs
    assert [len(tree) for tree in second.trees] == [3]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (("none", "none"), "the model found no decision in the 2 passages"),
        (("none", "?"), "none of the 2 passages gave a tree (1 could not be read)"),
    ],
)
def test_why_there_is_nothing_in_it(answers, reason):
    assert written(*answers).extract(GUIDELINE.encode(), "gout.md").reason == reason


def test_a_document_of_background_only(extractor):
    found = extractor.extract(BACKGROUND.encode(), "gout.md")
    assert (found.passages, found.trees) == ((), [])
    assert found.reason == "no passage speaks of a decision (1 passed over)"


def test_a_document_of_headings_only(extractor):
    assert extractor.extract(b"# Gout\n\n## Treatment\n", "gout.md").reason == (
        "no passage speaks of a decision (0 passed over)"
    )


def test_a_document_that_cannot_be_read(extractor, tmp_path):
    with pytest.raises(Text2MDTError, match="T2M010"):
        extractor.extract(tmp_path / "none.md")
    with pytest.raises(Text2MDTError, match="T2M014"):
        extractor.extract(GUIDELINE.encode(), "gout.md", max_characters=100)


def test_an_adapter_changes_the_answers_and_is_named(model, extraction, tmp_path):
    adapter = Path(save_tiny_adapter(model, tmp_path / "gout"))
    found = Extractor.from_pretrained(model, adapter, "cpu", max_new_tokens=LIMIT).extract(GUIDELINE.encode(), "a.md")
    assert found.adapter == str(adapter)
    assert [result.generated for result in found.passages] != [result.generated for result in extraction.passages]
    assert Extractor.from_pretrained(model, "none", "cpu").adapter is None


def test_a_passage_whose_grammar_cannot_be_compiled_leaves_the_others(extractor, extraction, monkeypatch):
    grammar = predictor.passage_grammar

    def of_naproxen_nowhere(text, *rest, **options):
        return "start: nowhere" if "naproxen" in text else grammar(text, *rest, **options)

    monkeypatch.setattr(predictor, "passage_grammar", of_naproxen_nowhere)
    failed, *others = extractor.extract(GUIDELINE.encode(), "gout.md").passages
    assert failed.tree == () and failed.error.startswith("T2M027: ")
    assert others == list(extraction.passages[1:]) and others
