"""Trees brought back: what people change elsewhere, what cannot be read, what differs and is taken."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from random import Random

import pytest
from built_extractions import ADULTS, NOTHING, condition, decision, extraction, passage, tree

from text2mdt.errors import Text2MDTError
from text2mdt.export import export
from text2mdt.guideline.normal_triples import same_tree
from text2mdt.imports import (
    ImportedTree,
    differences,
    read_csv,
    read_dmn,
    read_mermaid,
    read_own_json,
    read_trees,
    taken,
)
from text2mdt.schema import Box, Logic

TREE = tree(condition("fever", "rash"), condition("cough"), decision("a", ("dose", "a: 5 mg")), decision("b"), NOTHING)
SECOND = tree(condition("cough"), decision("c"), decision("d"))
FOUND = extraction(passage(1, TREE, SECOND, pages=(3,)), passage(2, SECOND))


def files(name: str) -> str:
    return next(iter(export(FOUND, name).values()))


def objects(found: ImportedTree) -> list[list[str]]:
    return [[triple.object for triple in node.triples] for node in found.tree.nodes]


# --- Mermaid


def test_a_mermaid_chart_drawn_by_hand():
    (found,) = read_mermaid(
        """graph LR
        %% population: "Children"
        A{fever > 38?} -- Yes --> B([paracetamol])
        A -->|no| C{{"cough<br>AND<br/>no red flags"}};
        C -- true --> D[/tea/]
        C ==>|No| B
        B:::green
        style A fill:#f00
        subgraph one
        end
        """
    )
    assert found.population == "Children"
    assert objects(found) == [["fever > 38?"], ["paracetamol"], ["cough", "no red flags"], ["tea"], ["paracetamol"]]
    assert found.tree.nodes[2].logical_rel is Logic.AND
    assert {triple.subject for node in found.tree.nodes for triple in node.triples} == {"Children"}


def test_a_changed_label_of_our_mermaid():
    changed = files("mermaid").replace("clinical feature: cough", "cough or &quot;cold&quot; #gt; 3 d")
    assert objects(read_mermaid(changed)[0])[1] == ["cough or &quot;cold&quot; > 3 d"]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("", 1, "no flowchart"),
        ("hello", 1, "before 'flowchart"),
        ("flowchart TD\nA --> B", 2, "without yes or no"),
        ("flowchart TD\nA -->|maybe| B", 2, "must say yes or no"),
        ("flowchart TD\nA -->|yes| B", 2, "'A' has no edge with 'no'"),
        ("flowchart TD\nA -->|yes| B\nA -->|yes| C", 3, "two edges with 'yes'"),
        ("flowchart TD\nA -->|yes| B\nA -->|no| A", 1, "no edge to it"),
        ("flowchart TD\nR -->|yes| A\nR -->|no| B\nA -->|yes| B\nA -->|no| A", 1, "'A' stands below itself"),
        ("flowchart TD\nA\nB", 1, "no edge to it; here these have: 'A', 'B'"),
        ('flowchart TD\n\nA["fever]', 3, "does not end"),
        ("flowchart TD\nA[fever & B", 2, "does not end"),
        ("flowchart TD\nA & B -->|yes| C", 2, "is not understood"),
        ("flowchart TD\n??", 2, "no name of a node"),
        ('flowchart TD\nA["x<br/>y"] -->|yes| B\nA -->|no| B', 2, "neither AND nor OR"),
        ("```mermaid\nflowchart TD\nA", 3, "does not end"),
    ],
)
def test_mermaid_that_cannot_be_read(content, line, message):
    with pytest.raises(Text2MDTError, match=rf"T2M120.*Mermaid.*{re.escape(message)}.*: a\.mmd, line {line}: "):
        read_mermaid(content, "a.mmd")


def test_a_chart_that_unfolds_without_end_is_refused():
    steps = "\n".join(f"A{n} -->|yes| A{n + 1}\nA{n} -->|no| A{n + 1}" for n in range(60))
    start = time.process_time()
    with pytest.raises(Text2MDTError, match=r"T2M120.*more than 20,000 nodes"):
        read_mermaid("flowchart TD\n" + steps)
    assert time.process_time() - start < 5


# --- CSV


def test_csv_changed_in_a_spreadsheet():
    simple = "Decision;answer_1;condition_1;note\nrest;Yes;fever;x\n-;NO;fever;\n;;;\n"
    (found,) = read_csv(simple)
    assert objects(found) == [["fever"], ["rest"], ["-"]]
    assert found.population == "Patients"
    changed = files("csv").replace("therapeutic drug: b", "therapeutic drug: ibuprofen")
    assert objects(read_csv(changed)[0])[3] == ["ibuprofen"]
    assert [(one.passage, one.number) for one in read_csv(changed)] == [("g-001", 1), ("g-001", 2), ("g-002", 1)]


HEAD = "condition_1,answer_1,condition_2,answer_2,decision\n"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("a,b\n", 1, "no column 'decision'"),
        ("condition_1,decision\n", 1, "no column 'answer_1'"),
        ("condition_01,answer_1,decision\n", 1, "no column 'answer_01'"),
        ("condition_\uff11,answer_1,decision\n", 1, "no column 'answer_\uff11'"),
        (f"condition_{'9' * 5000},decision\n", 1, "no column 'answer_999"),
        (HEAD, 1, "no row"),
        (HEAD + "a,yes,,,x\n", 2, "no row says what holds where 'a' is no"),
        (HEAD + "a,yes,,,x\na,no,,,y\na,no,,,z\n", 3, "another row as well (line 4)"),
        (HEAD + "a,yes,,,x\nb,no,,,y\n", 3, "'b' stands where line 2 asks 'a'"),
        (HEAD + "a,perhaps,,,x\n", 2, "must be yes or no"),
        (HEAD + ",,a,yes,x\n", 2, "missing between"),
        (HEAD + '"a\nb",yes,,,x\n"a\nb",no,,,x\n', 2, "neither AND nor OR"),
        (HEAD + 'a,yes,,,"x\n', 2, "unexpected end of data"),
    ],
)
def test_csv_that_cannot_be_read(content, line, message):
    with pytest.raises(Text2MDTError, match=rf"T2M120.*CSV.*{re.escape(message)}.*: a\.csv, line {line}: "):
        read_csv(content, "a.csv")


# --- DMN


def test_words_changed_in_a_modeller_keep_the_tree():
    changed = files("dmn").replace("clinical feature: rash", "clinical feature: purpura").replace("5 mg", "10 mg")
    changed = re.sub(r"<text2mdt:tree>.*</text2mdt:tree>", re.search("<text2mdt:tree>.*", files("dmn"))[0], changed)
    (found,) = read_dmn(changed)
    assert objects(found) == [["fever", "purpura"], ["cough"], ["a", "10 mg"], ["b"], []]
    assert (found.passage, found.number, found.population) == ("g-001", 1, ADULTS)


def table(rules: str, policy: str = "UNIQUE", inputs: str = "fever cough", more: str = "") -> str:
    """A DMN 1.5 file with rules such as "true,-:rest"."""
    asked = "".join(f'<input id="{n}" label="{n}"><inputExpression><text>{n}</text></inputExpression></input>'
                    for n in inputs.split())  # fmt: skip
    rows = ""
    for number, rule in enumerate(rules.split()):
        answers, _, said = rule.partition(":")
        cells = "".join(f"<inputEntry><text>{answer}</text></inputEntry>" for answer in answers.split(","))
        output = f'"{said}"' if said else ""
        rows += f'<rule id="r{number}">{cells}<outputEntry><text>{output}</text></outputEntry></rule>'
    return (
        f'<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="x">{more}<decision id="d" name="D">'
        f'<decisionTable hitPolicy="{policy}">{asked}<output/>{rows}</decisionTable></decision></definitions>'
    )


@pytest.mark.parametrize(
    ("content", "nodes"),
    [
        (table("true,-:a false,true:a false,false:b"), [["fever", "cough"], ["a"], ["b"]]),
        (table("true,true:a"), [["fever", "cough"], ["a"], []]),
        (table("true,-:a -,-:b", "FIRST"), [["fever"], ["a"], ["b"]]),
        (table("true,-:a -,true:a", "ANY"), [["fever", "cough"], ["a"], []]),
        (table("not(true),-:a true,-:"), [["fever"], [], ["a"]]),
        (table("-,-:a"), [["a"]]),
        (table(""), [[]]),
    ],
)
def test_tables_of_others_become_trees(content, nodes):
    (found,) = read_dmn(content)
    assert objects(found) == nodes
    assert found.passage is None


def test_several_decisions_and_an_escaped_string():
    content = (
        table("true,-:a\\u0041\\nOR\\nb\\\\\\\\").replace("</definitions>", "") + table("-,-:b").partition('"x">')[2]
    )
    one, other = read_dmn(content)
    assert objects(one) == [["fever"], ["aA", "b\\"], []]
    assert objects(other) == [["b"]]


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ("hello", "T2M120", "line 1"),
        ("<a/>", "T2M120", "no decision with a table"),
        (table("true,-:a", "COLLECT"), "T2M120", "hit policy COLLECT"),
        (table("maybe,-:a"), "T2M120", "'maybe' is neither true, false nor -"),
        (table("true:a"), "T2M120", "rule 'r0': 1 and 1 entries for 2 inputs and 1 outputs"),
        (table("true,-:a").replace('"a"', "a + b"), "T2M120", "not a string in quotes"),
        (table("true,-:a -,true:b"), "T2M122", "rules 'r0' (line 1) and 'r1' (line 1) fit the same case"),
        (table("-,-:a -,-:b", "ANY"), "T2M122", "fit the same case"),
        (table("true:a", inputs=" ".join(f"i{n}" for n in range(201))), "T2M121", "200 inputs"),
        (table("-:a " * 10_001, inputs="i"), "T2M121", "10,000 rules"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + table("-,-:&x;"), "T2M120", "document type"),
        (table("-,-:&x;"), "T2M120", "Entity 'x' not defined"),
        ("<a>" * 100_000, "T2M120", "line 1"),
    ],
)
def test_dmn_that_cannot_be_read(content, code, message):
    with pytest.raises(Text2MDTError, match=rf"{code}.*a\.dmn") as caught:
        read_dmn(content, "a.dmn")
    assert message in str(caught.value)


def test_a_table_that_unfolds_without_end_is_refused():
    rows = " ".join(",".join("true" if n == m else "-" for m in range(40)) + f":{n}" for n in range(40))
    start = time.process_time()
    with pytest.raises(Text2MDTError, match=r"T2M12[12]"):
        read_dmn(table(rows, inputs=" ".join(f"i{n}" for n in range(40))))
    sparse = " ".join(
        ",".join("true" if m in (n, (n * 7 + 3) % 40) else "-" for m in range(40)) + ":x" for n in range(40)
    )
    with pytest.raises(Text2MDTError, match="T2M121"):
        read_dmn(table(sparse, inputs=" ".join(f"i{n}" for n in range(40))))
    assert time.process_time() - start < 10


# --- JSON


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{\n\n", "line 3"),
        ("[]", "valid dictionary"),
        ("[" * 100_000, "nested too deeply"),
        (files("json").replace('"role": "D"', '"role": "E"', 1), "passages.0.tree.2.role"),
    ],
)
def test_json_that_cannot_be_read(content, message):
    with pytest.raises(Text2MDTError, match=r"T2M120.*JSON") as caught:
        read_own_json(content, "a.json")
    assert message in str(caught.value)


# --- all of them


@pytest.mark.parametrize(("name", "ending"), [("json", ".json"), ("csv", ".csv"), ("markdown", ".md"), ("dmn", ".dmn")])
def test_a_file_comes_back(tmp_path, name, ending):
    path = tmp_path / f"x{ending.upper()}"
    path.write_text(files(name), encoding="utf-8")
    assert read_trees(path)[0].tree == TREE


def test_files_that_cannot_be_read(tmp_path):
    for name, content, code in [("x.pptx", b"x", "T2M015"), ("x.csv", b"", "T2M011"), ("x.dmn", b"\xff\xfe", "T2M013")]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Text2MDTError, match=code):
            read_trees(tmp_path / name)
    with pytest.raises(Text2MDTError, match="T2M010"):
        read_trees(tmp_path / "none.csv")


def test_too_big_a_file_is_refused(monkeypatch):
    monkeypatch.setattr("text2mdt.imports.imported.MOST_CHARACTERS", 10)
    for read in (read_csv, read_dmn, read_mermaid, read_own_json):
        with pytest.raises(Text2MDTError, match="T2M121"):
            read("x" * 11)


def test_nothing_differs_after_coming_back():
    for read, name in [(read_own_json, "json"), (read_csv, "csv"), (read_mermaid, "markdown")]:
        back = read(files(name))
        assert all(one.identical and not one.changes for one in differences(FOUND, back))
        assert taken(FOUND, back) is not FOUND
        assert taken(FOUND, back) == FOUND


def test_differences_are_told_and_taken():
    content = files("csv").replace("therapeutic drug: b", "therapeutic drug: ibuprofen").replace("5 mg", "10 mg")
    first, *others = differences(FOUND, read_csv(content))
    assert all(one.identical for one in others)
    assert (first.passage, first.old, first.identical) == ("g-001", 1, False)
    assert {change.kind for change in first.changes} == {"dose_changed", "decision_changed"}
    after = taken(FOUND, read_csv(content))
    assert after.passages[1] == FOUND.passages[1]
    assert [triple.object for triple in after.passages[0].tree[3].triples] == ["ibuprofen"]
    grounded = {(one.node, one.triple) for one in after.passages[0].groundings}
    assert (0, 0) in grounded
    assert (3, 0) not in grounded, "ibuprofen is no word of the passage"
    assert any(warning.node == 3 for warning in after.passages[0].warnings)


def test_the_boxes_of_words_stay_where_the_words_do():
    boxed = (
        FOUND.passages[0].groundings[0].model_copy(update={"boxes": (Box(page=3, left=1, top=1, right=2, bottom=2),)})
    )
    first = FOUND.passages[0].model_copy(update={"groundings": (boxed, *FOUND.passages[0].groundings[1:])})
    found = FOUND.model_copy(update={"passages": (first, FOUND.passages[1])})
    after = taken(found, read_csv(files("csv").replace("drug: b", "drug: c")))
    assert after.passages[0].groundings[0] == boxed


def test_trees_without_a_number_find_their_partner():
    changed = tree(*SECOND.nodes[:2], decision("e"))
    one = ImportedTree(tree=changed, population=ADULTS, passage="g-001")
    (told,) = differences(FOUND, [one])
    assert (told.old, [change.kind for change in told.changes]) == (2, ["decision_changed"])
    new = ImportedTree(tree=tree(condition("other"), decision("z"), NOTHING), population="Women", passage="g-002")
    told = differences(FOUND, [new])[0]
    assert told.population == (ADULTS, "Women")
    after = taken(FOUND, [new, ImportedTree(tree=changed)])
    assert after.passages[1].population == "Women"
    assert after.passages[0] == FOUND.passages[0]
    assert differences(FOUND, [ImportedTree(tree=changed)])[0].passage is None


def test_only_the_writing_differs():
    other = tree(condition("Fever", "rash"), *TREE.nodes[1:])
    (told,) = differences(FOUND, [ImportedTree(tree=other, population=ADULTS, passage="g-001", number=1)])
    assert same_tree(TREE, other)
    assert (told.identical, told.changes) == (False, ())
    assert taken(FOUND, [ImportedTree(tree=other, population=ADULTS, passage="g-001", number=1)]).trees[0] == other


def test_an_unknown_passage_is_refused():
    with pytest.raises(Text2MDTError, match=r"T2M123.*'g-009'"):
        differences(FOUND, [ImportedTree(tree=TREE, passage="g-009")])


def test_a_damaged_origin_counts_as_unsaid():
    content = files("dmn").replace('"tree": 1', '"tree": "x"').replace('"passage": "g-001"', '"passage": 7')
    (found,) = read_dmn(content)
    assert (found.passage, found.number) == (None, None)
    assert found.tree == TREE
    assert json.loads(found.model_dump_json())["document"] == "gout.pdf"


def _mutated(content: str, random: Random) -> str:
    """The text with a few pieces cut, doubled, moved or replaced."""
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(content))
        end = min(len(content), start + random.choice([1, 2, 5, 30, 300]))
        piece = random.choice(["", content[start:end] * 2, random.choice('"|[]{}<>&;,\n-\\%\x00yesno'), content[:40]])
        content = content[:start] + piece + content[end:]
    return content


@pytest.mark.parametrize(
    ("name", "read"), [("json", read_own_json), ("csv", read_csv), ("markdown", read_mermaid), ("dmn", read_dmn)]
)
def test_damaged_files_are_read_or_refused_with_a_code(name, read):
    random = Random(name)
    content = files(name)
    for _ in range(300):
        with suppress(Text2MDTError):
            differences(FOUND, [one.model_copy(update={"passage": None}) for one in read(_mutated(content, random))])
