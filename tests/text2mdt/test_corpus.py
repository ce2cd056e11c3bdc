import pytest
from corpus_records import GOOD, TEXT, TREE, node, record, with_node, write
from hypothesis import given, settings
from hypothesis import strategies as st

from text2mdt.corpus import corpus_statistics, read_corpus, split_by_topic, write_corpus
from text2mdt.corpus_check import check_corpus, five_grams, record_errors, record_warnings
from text2mdt.errors import Text2MDTError
from text2mdt.schema import Record


def test_reading_and_writing_give_the_same_records(tmp_path):
    path = write(tmp_path / "a.jsonl", GOOD, "", record(id="otitis-002", tree=[]))
    records = read_corpus(path)
    assert [item.id for item in records] == ["otitis-001", "otitis-002"]
    assert records[0].tree[1].triples[1].subject == "amoxicillin"
    write_corpus(records, tmp_path / "deep" / "b.jsonl")
    assert read_corpus(tmp_path / "deep" / "b.jsonl") == records


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path):
    text = TEXT.replace(". In", ".\u2028In")
    assert read_corpus(write(tmp_path / "a.jsonl", record(text=text)))[0].text == text


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("{not json", "T2M031", "column 2"),
        ("[" * 100_000, "T2M031", ""),
        ("[1]", "T2M030", "dictionary"),
        (record(colour="red"), "T2M030", "colour"),
        (record(tree=TREE[:-1]), "T2M030", "does not close"),
        (with_node(2, {**TREE[2], "logical_rel": "and"}), "T2M030", "logical_rel 'and' with 1 triple"),
        (with_node(2, node("C")), "T2M030", "condition without triples"),
        ({key: value for key, value in GOOD.items() if key != "text"}, "T2M030", "text"),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_number(tmp_path, line, code, words):
    path = write(tmp_path / "a.jsonl", GOOD, "", line)
    with pytest.raises(Text2MDTError) as caught:
        read_corpus(path)
    assert caught.value.code == code
    assert caught.value.where == f"{path}:3"
    assert words in str(caught.value)
    report = check_corpus([path])
    assert [(error.line, error.path) for error in report.errors] == [(3, str(path))]


def test_unreadable_files(tmp_path):
    with pytest.raises(Text2MDTError, match="T2M010"):
        read_corpus(tmp_path / "none.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "\xe9"}')
    with pytest.raises(Text2MDTError, match="T2M013"):
        read_corpus(tmp_path / "latin.jsonl")
    with pytest.raises(Text2MDTError, match="T2M016"):
        read_corpus(tmp_path)
    with pytest.raises(Text2MDTError, match="T2M033"):
        read_corpus(write(tmp_path / "empty.jsonl", ""))
    assert not check_corpus([tmp_path / "empty.jsonl"]).sound


def test_a_good_record_breaks_nothing():
    assert record_errors(Record.model_validate(GOOD)) == []
    assert record_warnings(Record.model_validate(GOOD)) == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (record(text="Too short."), "the text has 2 words"),
        (record(text=TEXT + " more" * 180), "words, 30 to 180"),
        (record(population=""), "the population is empty"),
        (record(population="a@b"), "@"),
        (record(id=" "), "the id is empty"),
        (record(tree=[node("D", ("therapeutic_drug", "amoxicillin"))]), "tree 1 has 1 node(s)"),
        (record(tree=[*TREE, node("D")]), "tree 2 has 1 node(s)"),
        (record(tree=[node("C", ("clinical_feature", "otorrhoea")), node("D")] * 6 + [node("D")]), "has 13 node(s)"),
        (with_node(2, node("C", ("clinical_feature", "Severe symptoms"))), "does not stand in the text"),
        (with_node(2, node("C", ("clinical_feature", "evere symptoms"))), "cuts a word"),
        (with_node(2, node("C", ("clinical_feature", "severe symptom"))), "cuts a word"),
        (with_node(2, node("C", ("clinical_feature", " "))), "an object is empty"),
        (with_node(2, node("C", ("treatment_plan", "severe symptoms"))), "does not stand in a C node"),
        (with_node(3, node("D", ("clinical_feature", "amoxicillin"))), "does not stand in a D node"),
        (with_node(3, node("D", ("drug", "amoxicillin"))), "unknown relation 'drug'"),
        (with_node(3, node("D", ("therapeutic_drug", "amoxicillin", "children"))), "is not the population"),
        (with_node(3, node("D", ("dosage", "7 days", "amoxicillin"))), "no drug of this node"),
        (
            with_node(3, node("D", ("therapeutic_drug", "amoxicillin"), ("dosage", "7 days", "Amoxicillin"))),
            "no drug of this node",
        ),
        (
            with_node(3, node("D", ("therapeutic_drug", "amoxicillin"), ("therapeutic_drug", "amoxicillin"))),
            "stands 2 times",
        ),
    ],
)
def test_each_rule_is_told(changed, message):
    assert any(message in error for error in record_errors(Record.model_validate(changed)))


def test_a_drug_to_avoid_may_have_a_dose_and_a_later_whole_word_counts():
    tree = with_node(3, node("D", ("contraindicated_drug", "amoxicillin"), ("dosage", "7 days", "amoxicillin")))
    assert record_errors(Record.model_validate(tree)) == []
    text = TEXT.replace("Children younger", "Unsevere symptomsx were seen. Children younger")
    assert record_errors(Record.model_validate(record(text=text))) == []


def test_chinese_objects_cut_no_words():
    text = "儿童 " * 30 + "有严重症状的患者应使用阿莫西林"
    tree = [
        node("C", ("clinical_feature", "严重症状")), node("D", ("therapeutic_drug", "阿莫西林")), node("D"),
    ]  # fmt: skip
    assert record_errors(Record.model_validate(record(text=text, tree=tree))) == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (with_node(2, node("C", ("clinical_feature", "have severe symptoms"))), "starts with 'have'"),
        (with_node(2, node("C", ("clinical_feature", "severe symptoms,"))), "ends in punctuation"),
        (with_node(4, TREE[3]), "leads to the same on both branches"),
        (record(tree=[TREE[2], node("D"), node("D")]), "leads to nothing on either branch"),
        (record(tree=[TREE[0], *[TREE[2], TREE[1], node("D")] * 2]), "the same on both"),
        (record(source=""), "no source"),
        (record(text=TEXT + " "), "the text starts or ends with blanks"),
    ],
)
def test_each_doubt_is_told(changed, message):
    assert any(message in warning for warning in record_warnings(Record.model_validate(changed)))


def test_what_lies_between_records(tmp_path):
    train = write(tmp_path / "train.jsonl", GOOD, record(text=TEXT.replace("7", "9"), tree=[]))
    dev = write(tmp_path / "dev.jsonl", record(id="otitis-003", tree=[], text=" ".join(f"word{i}" for i in range(40))))
    report = check_corpus([train, dev])
    assert report.records == 3
    assert [(str(error).removeprefix(f"{tmp_path}/")) for error in report.errors] == [
        f"train.jsonl:2: otitis-001: the id stands already at {train}:1",
        f"dev.jsonl:1: otitis-003: the topic 'otitis' stands also in {train} (line 1)",
    ]
    assert len(report.warnings) == 1
    assert "near-duplicate of otitis-001" in report.warnings[0].message
    with pytest.raises(Text2MDTError, match=r"T2M030.*train\.jsonl:2 otitis-001"):
        report.raise_first()


def test_near_duplicates_go_by_jaccard(tmp_path):
    words = [f"w{i}" for i in range(80)]
    one, other, apart = " ".join(words[:40]), " ".join(words[20:60]), " ".join(words[24:64])
    # Of 36 runs each, 20 shared words hold 16 runs: 16 / 56 = 0.286; 22 hold 18: 18 / 54 = 0.333.
    assert len(five_grams(one)) == 36
    nearer = " ".join(words[18:58])
    for second, warned in ((other, False), (apart, False), (nearer, True)):
        lines = [record(id="a-1", text=one, tree=[]), record(id="b-1", text=second, tree=[])]
        assert bool(check_corpus([write(tmp_path / "x.jsonl", *lines)]).warnings) is warned


def test_statistics():
    records = [
        Record.model_validate(item) for item in (GOOD, record(id="b-1", tree=[]), record(id="b-2", tree=TREE * 2))
    ]
    found = corpus_statistics(records)
    assert (found.records, found.negatives, found.trees, found.topics) == (3, 1, 3, 2)
    assert found.shapes == {"5": 1, "5+5": 1, "negative": 1}
    assert found.relations["therapeutic_drug"] == 9
    assert found.topic_records == {"b": 2, "otitis": 1}
    assert found.words_min == found.words_max == len(TEXT.split())
    with pytest.raises(Text2MDTError, match="T2M033"):
        corpus_statistics([])


def corpus(topics: int) -> list[Record]:
    return [
        Record(
            id=f"topic{topic}-{number:03}", population="p", text="t", specialty=f"s{topic % 3}",
            tree=[] if number == 0 else [Record.model_validate(GOOD).tree[3]],
        )
        for topic in range(topics) for number in range(1 + topic % 4)
    ]  # fmt: skip


SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}


@settings(max_examples=30)
@given(st.integers(3, 60), st.integers(0, 1000))
def test_a_split_is_a_partition_by_topic_with_negatives_everywhere(topics, seed):
    records = corpus(topics)
    parts = split_by_topic(records, SHARES, seed)
    assert sorted(item.id for part in parts.values() for item in part) == sorted(item.id for item in records)
    topic_sets = [{item.topic for item in part} for part in parts.values()]
    assert sum(len(names) for names in topic_sets) == topics
    assert all(any(not item.tree for item in part) for part in parts.values())
    assert parts == split_by_topic(records, SHARES, seed)


def test_a_split_keeps_to_its_shares_and_spreads_specialties():
    records = corpus(120)
    parts = split_by_topic(records, SHARES, 1)
    for name, part in parts.items():
        assert len(part) / len(records) == pytest.approx(SHARES[name], abs=0.03)
        assert {item.specialty for item in part} == {"s0", "s1", "s2"}
    assert parts != split_by_topic(records, SHARES, 2)


def test_impossible_splits():
    with pytest.raises(Text2MDTError, match="T2M036"):
        split_by_topic(corpus(2), SHARES)
    for shares in ({}, {"a": 0.0}, {"a": -1.0, "b": 2.0}, {"a": float("nan")}):
        with pytest.raises(Text2MDTError, match="T2M032"):
            split_by_topic(corpus(5), shares)
