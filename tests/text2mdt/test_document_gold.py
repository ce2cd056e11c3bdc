import json

import pytest
from toy_corpus import toy_records

from text2mdt.document_gold import read_document_gold
from text2mdt.errors import Text2MDTError

LINE = {"document": "a.md", "passages": [record.model_dump(mode="json") for record in toy_records(2)]}


def folder(path, *lines, documents=("a.md",)):
    (path / "gold.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for name in documents:
        (path / name).write_text("words")
    return path


def test_documents_and_their_passages(tmp_path):
    second = {**LINE, "document": "b.md", "passages": []}
    first, other = read_document_gold(folder(tmp_path, LINE, second, documents=("a.md", "b.md")))
    assert (first.path, other.path) == (tmp_path / "a.md", tmp_path / "b.md")
    assert list(first.passages) == toy_records(2)
    assert other.passages == ()


@pytest.mark.parametrize(
    ("lines", "documents", "code"),
    [
        ([], (), "T2M033"),
        ([LINE], (), "T2M010"),
        ([{"document": "a.md"}], ("a.md",), "T2M031"),
        ([{**LINE, "other": 1}], ("a.md",), "T2M031"),
    ],
)
def test_bad_folders(tmp_path, lines, documents, code):
    with pytest.raises(Text2MDTError) as found:
        read_document_gold(folder(tmp_path, *lines, documents=documents))
    assert found.value.code == code


def test_a_folder_without_gold(tmp_path):
    with pytest.raises(Text2MDTError, match="T2M010"):
        read_document_gold(tmp_path)
