import pytest
from toy_corpus import toy_records
from written_engine import WrittenEngine, gold_answers

from text2mdt.document_gold import GoldDocument
from text2mdt.errors import Text2MDTError
from text2mdt.evaluate_documents import evaluate_documents
from text2mdt.extract import Extractor
from text2mdt.predictor import Predictor

RECORDS = [record for record in toy_records(8) if record.tree][:4]


class PassageEngine(WrittenEngine):
    """Answers a longer passage by the answers of all the records that it holds."""

    def generate(self, prompts, progress=None):
        for prompt in prompts:
            passage = prompt.text.rpartition("\nText: ")[2].removesuffix("\nTree:\n")
            if passage not in self.answers:
                held = [answer for text, answer in self.answers.items() if text in passage]
                self.answers = {**self.answers, passage: "\n".join(held) or "none"}
        return super().generate(prompts, progress)


def evaluated(tmp_path, answers, records=RECORDS, title=None):
    documents = []
    for name, part in (("one.md", records[:2]), ("two.txt", records[2:])):
        words = "\n\n".join(record.text for record in part)
        (tmp_path / name).write_text(
            f"# {title or part[0].population}\n\n## Scope\n\nThis text is about gout.\n\n## Advice\n\n{words}\n"
        )
        documents.append(GoldDocument(tmp_path / name, tuple(part)))
    engine = PassageEngine(answers)
    heard = []
    extractor = Extractor(Predictor(engine, use_grammar=False), "written", None)
    return evaluate_documents(extractor, documents, heard.append), heard


def test_gold_answers(tmp_path):
    found, heard = evaluated(tmp_path, gold_answers(RECORDS))
    assert heard == [1, 2]
    assert (found.passages.recall, found.passages.precision, found.passages.off_target_with_tree) == (1, 1, None)
    assert found.gold_passages.scores.triple.f1 == 1
    assert found.end_to_end.scores.records == 2
    assert found.any_population.scores.triple.f1 == 1
    if found.passages.population == 1:
        assert found.end_to_end.scores.triple.f1 == found.trees.f1 == 1
    assert set(found.per_document) == {"one.md", "two.txt"}
    figures = {"strategy", "passages", "end_to_end", "any_population", "trees", "gold_passages", "per_document"}
    assert set(found.report()) == figures | {"seconds", "passages_per_second"}


def test_a_population_of_another_name(tmp_path):
    found, _ = evaluated(tmp_path, gold_answers(RECORDS), title="Children with gout")
    assert (found.passages.recall, found.passages.population) == (1, 0)
    assert found.end_to_end.scores.triple.f1 == 0
    assert found.any_population.scores.triple.f1 == 1


def test_a_wrong_answer_counts_in_both(tmp_path):
    answers = {**gold_answers(RECORDS), RECORDS[0].text: "none"}
    found, _ = evaluated(tmp_path, answers)
    assert found.gold_passages.scores.tree_accuracy == pytest.approx(3 / 4)
    assert found.trees.recall < 1
    assert found.end_to_end.scores.triple.f1 < 1


def test_a_document_that_cannot_be_read(tmp_path):
    (tmp_path / "empty.md").write_text("")
    extractor = Extractor(Predictor(WrittenEngine({}), use_grammar=False), "written", None)
    with pytest.raises(Text2MDTError, match="T2M011"):
        evaluate_documents(extractor, [GoldDocument(tmp_path / "empty.md", ())])
