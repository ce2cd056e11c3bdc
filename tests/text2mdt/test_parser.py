"""Reading generated text: exact where it is well-formed, mended where it is torn, never a crash."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_strategies import forests

from text2mdt.errors import Text2MDTError
from text2mdt.linear import FORMATS, get_format
from text2mdt.parser import ParsedForest, parse
from text2mdt.relations import ENGLISH
from text2mdt.schema import Logic

P = "Adults with asthma"
WHOLE = """1 if feature: wheeze
1 yes drug: salbutamol & dose: 2 puffs
1 no 2 if basic: pregnant
2 yes refer: clinic
2 no none"""


def outline(text: str) -> ParsedForest:
    return parse(text, P, "outline", ENGLISH)


def shape(parsed: ParsedForest) -> str:
    """One letter a node, objects behind it, trees parted by `/`."""
    return " / ".join(
        " ".join(node.role + "".join(f"({triple.object})" for triple in node.triples) for node in tree.nodes)
        for tree in parsed.trees
    )


def test_subject_defaults():
    parsed = outline("1 if feature: a\n1 yes drug: x & plan: z & dose: 5 mg & dose [y]: 3 mg\n1 no dose: 1 mg")
    assert parsed.repairs == ()
    triples = [triple for node in parsed.trees[0].nodes for triple in node.triples]
    assert [triple.subject for triple in triples] == [P, P, P, "x", "y", P]


def test_brackets_that_say_the_default_are_well_formed():
    assert outline(f"1 if feature [{P}]: a\n1 yes drug: x & dose [x]: 5 mg\n1 no none").repairs == ()


@pytest.mark.parametrize(
    ("text", "wanted", "repair"),
    [
        ("1 if feature: a", "C(a) D D", "missing branches closed"),
        (WHOLE[:-7], "C(wheeze) D(salbutamol)(2 puffs) C(pregnant) D(clinic) D", "missing branches closed"),
        (
            "1 if feature: a\n1 yes plan: b\n1 no 2 if feature: c\n2 no plan: d",
            "C(a) D(b) C(c) D D(d)",
            "missing yes-branch",
        ),
        (
            "1 if feature: a\n1 yes 2 if feature: b\n2 yes plan: c\n1 no plan: d",
            "C(a) C(b) D(c) D D(d)",
            "missing branches",
        ),
        (
            "1 if feature: a\n1 yes plan: b\n1 if feature: c\n1 yes none\n1 no none",
            "C(a) D(b) D / C(c) D D",
            "missing branches",
        ),
        ("1 if feature: a & colour: red\n1 yes none\n1 no none", "C(a) D D", "unknown relation dropped (line 1)"),
        ("1 if feature: a & drug: x\n1 yes none\n1 no none", "C(a) D D", "relation of the other role dropped"),
        ("1 if clinical_feature: a\n1 yes none\n1 no none", "C(a) D D", "relation named in full"),
        (
            "1 if feature: a\n1 yes none\n1 no 2 if feature: b\n1 yes none\n1 no plan: c",
            "C(a) D C(b) D D(c)",
            "wrong label",
        ),
        (
            "1 if feature: a\n1 yes none\n1 no 3 if feature: b\n3 yes none\n3 no plan: c",
            "C(a) D C(b) D D(c)",
            "wrong label",
        ),
        (
            "1 if feature: a\n1 yes plan: b\n1 yes plan: c\n1 no plan: d",
            "C(a) D(b) D(d)",
            "left-over line dropped (line 3)",
        ),
        (
            "1 if feature: a\n1 yes plan: b\n2 if feature: c\n2 yes none\n2 no none",
            "C(a) D(b) C(c) D D",
            "missing yes/no",
        ),
        (
            "Here is the tree:\n1 if feature: a\n1 yes none\n1 no none",
            "C(a) D D",
            "line without a label dropped (line 1)",
        ),
        (WHOLE + "\n2 no plan: again", "C(wheeze) D(salbutamol)(2 puffs) C(pregnant) D(clinic) D", "left-over line"),
        ("1 if feature: a\n1 yes none\n1 no none\n", "C(a) D D", "empty line dropped"),
        ("1 if feature: a \n1 yes none\n1 no plan: b  ", "C(a) D D(b)", "outer blanks dropped"),
        ("1 if feature: a\r\n1 yes none\r\n1 no none", "C(a) D D", "carriage returns"),
        ("1 if feature: a\n1 yes plan: b &\n1 no none", "C(a) D(b) D", "separator without blanks"),
        ("1 if feature: a\n1 yes plan: b & dr", "C(a) D(b) D", "incomplete triple dropped"),
        ("1. If feature: a\n1. Yes: plan: b\n1. No: none", "C(a) D(b) D", "malformed line head"),
        (
            "1 if feature: a\n1 yes 2 if colour: b\n2 yes plan: x\n2 no plan: y\n1 no plan: c",
            "C(a) D D(c)",
            "empty condition",
        ),
        ("2 do plan: b", "D(b)", "wrong label"),
        ("none\n", "", "line without a label"),
    ],
)
def test_outline_repairs(text, wanted, repair):
    parsed = outline(text)
    assert shape(parsed) == wanted
    assert any(repair in message for message in parsed.repairs), parsed.repairs


def test_mixed_logic_is_the_first():
    parsed = outline("1 if feature: a | basic: b & feature: c\n1 yes none\n1 no none")
    assert parsed.trees[0].nodes[0].logical_rel is Logic.OR
    assert parsed.repairs == ("mixed logic read as 'or' (line 1)",)


def test_single_decisions_and_none_are_well_formed():
    assert outline("none") == ParsedForest([], ())
    assert shape(outline("1 do plan: rest\n1 do none")) == "D(rest) / D"
    assert outline("1 do plan: rest").repairs == ()


NODE = '{"role":"C","triples":[["p","clinical_feature","a"]],"logical_rel":"null"}'
LEAF = '{"role":"D","triples":[["p","referral","b"]],"logical_rel":"null"}'


@pytest.mark.parametrize(
    ("text", "wanted", "repair"),
    [
        (f"[{NODE},{LEAF}", "C(a) D(b) D", "missing branches closed"),
        (f"Tree: [{NODE},{LEAF},{LEAF}] Done.", "C(a) D(b) D(b)", "not JSON dropped"),
        (f"{NODE},{LEAF},{LEAF}", "C(a) D(b) D(b)", "not JSON dropped"),
        (f'[{NODE},{{"role":"D","triples":[["p","referral","b"],["p","refe', "C(a) D(b) D", "not JSON dropped"),
        (f"[{NODE.replace('clinical_feature', 'referral')},{LEAF}]", "D / D(b)", "other role dropped"),
        (f"[{NODE},{LEAF.replace('null', 'and')},{LEAF}]", "C(a) D(b) D(b)", "logic mended"),
        (f"[{NODE},{LEAF},7,{LEAF}]", "C(a) D(b) D(b)", "value that is no node dropped"),
    ],
)
def test_json_repairs(text, wanted, repair):
    parsed = parse(text, P, "json", ENGLISH)
    assert shape(parsed) == wanted
    assert any(repair in message for message in parsed.repairs), parsed.repairs


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "I cannot say.", "\x00" * 1000, "{}", "1", "yes", "1 yes drug: x", '"[]"']
)
def test_text_without_a_tree_is_named(name, text):
    with pytest.raises(Text2MDTError) as error:
        parse(text, P, name, ENGLISH)
    assert error.value.code == "T2M002"


def check_any_text(text: str, name: str) -> None:
    """A result or a T2M002; a result without repairs writes back to a text that reads the same."""
    try:
        parsed = parse(text, P, name, ENGLISH)
    except Text2MDTError as error:
        assert error.code == "T2M002"
        return
    again = get_format(name).write(parsed.trees, P, ENGLISH)
    assert parse(again, P, name, ENGLISH) == ParsedForest(parsed.trees, ())
    if not parsed.repairs and name == "outline" and "[" not in text:
        assert again == text


PIECES = [
    *["1 ", "2 ", "3 ", "if ", "yes ", "no ", "do ", "none", "feature: ", "drug: ", "dose: ", "dose [", "]: ", "a"],
    *[" & ", " | ", "&", "\n", "\r", "\\", "\\-", " ", "\x00", "\u2028", "阿莫西林", "[", "]", "{", "}", '"', ","],
    *[NODE, LEAF],
]


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=150, deadline=None)
@given(text=st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
def test_any_text(name, text):
    check_any_text(text, name)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=100, deadline=None)
@given(forest=forests(), data=st.data())
def test_mutated_outputs(name, forest, data):
    text = get_format(name).write(forest[1], forest[0], ENGLISH)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 20)))
        replacement = data.draw(st.one_of(st.just(""), st.sampled_from(PIECES), st.just(text[start:end] * 2)))
        text = text[:start] + replacement + (text[end:] if data.draw(st.integers(0, 5)) else "")
    check_any_text(text, name)


DEEP = "1 if feature: a\n" + "\n".join(f"{i} yes {i + 1} if feature: a" for i in range(1, 50_000))


@pytest.mark.parametrize(
    "text",
    [
        DEEP,
        DEEP + "\n1 yes none" * 50_000,
        "1 yes none\n" * 100_000,
        "1 if feature: a & " * 20_000,
        "1 if " + " " * 200_000 + "x",
        " " * 200_000 + "1",
        "9" * 200_000,
        "\\" * 200_001,
        "[" * 200_000,
        "[[" + '"\\"' * 100_000,
        '[{"role":"D","triples":[' + '["a","b","c"],' * 20_000,
        "[" + '{"role":' * 50_000,
        "[" + NODE + ("," + NODE) * 5_000,
    ],
    ids=range(13),
)
@pytest.mark.parametrize("name", FORMATS)
def test_huge_texts_are_read_in_linear_time(name, text):
    started = time.process_time()
    try:
        parsed = parse(text, P, name, ENGLISH)
        assert len(parsed.repairs) < 12
    except Text2MDTError as error:
        assert error.code == "T2M002"
    assert time.process_time() - started < 20  # a quadratic reader takes minutes


def test_json_of_other_writers():
    spaced = json.dumps(json.loads(f"[{NODE},{LEAF},{LEAF}]"), indent=1)
    assert parse(spaced, P, "json", ENGLISH).repairs == ()
