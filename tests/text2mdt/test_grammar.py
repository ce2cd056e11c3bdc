"""The grammar of a passage: gold targets pass token by token, illegal texts do not."""

from __future__ import annotations

import llguidance.hf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher
from tiny_model import tiny_tokenizer

from text2mdt.errors import Text2MDTError
from text2mdt.grammar import FORMATS_WITH_GRAMMAR, passage_grammar
from text2mdt.linear import encode_target, get_format
from text2mdt.relations import ENGLISH
from text2mdt.schema import DecisionTree, Logic, Node, Role, Triple

P = "Children with croup"
TEXT = (
    "In mild croup, oral dexamethasone 0.15 mg/kg as a single dose (BNF [2024] | A & B) is followed by home care.\n"
    "Severe croup calls for non-invasive oxygen; a temperature ≥ 38.5 °C, for paracetamol \\ ibuprofen."
)
TOKENIZER = tiny_tokenizer()
LL = llguidance.hf.from_tokenizer(TOKENIZER)


def matcher(text: str = TEXT, **limits: int | str) -> LLMatcher:
    found = LLMatcher(LL, passage_grammar(text, P, ENGLISH, **limits), log_level=0)
    assert not found.is_error(), found.get_error()
    return found


def accepts(target: str, text: str = TEXT, **limits: int | str) -> bool:
    found = matcher(text, **limits)
    tokens = TOKENIZER(target, add_special_tokens=False)["input_ids"]
    return found.try_consume_tokens(tokens) == len(tokens) and found.is_accepting()


def condition(*objects: str, logic: Logic = Logic.NULL) -> Node:
    triples = tuple(Triple(P, "clinical_feature", value) for value in objects)
    return Node(role=Role.CONDITION, triples=triples, logical_rel=logic)


def decision(*triples: tuple[str, str, str], logic: Logic = Logic.NULL) -> Node:
    return Node(role=Role.DECISION, triples=tuple(Triple(*triple) for triple in triples), logical_rel=logic)


EMPTY = decision()
DOSED = decision(
    (P, "therapeutic_drug", "oral dexamethasone"),
    ("oral dexamethasone", "dosage", "0.15 mg/kg as a single dose"),
    (P, "treatment_plan", "home care"),
    logic=Logic.AND,
)
OTHER_DOSE = decision(
    (P, "therapeutic_drug", "paracetamol"),
    (P, "contraindicated_drug", "ibuprofen"),
    ("paracetamol", "dosage", "single"),
    logic=Logic.OR,
)
TREES = [
    DecisionTree(nodes=(condition("mild croup"), DOSED, EMPTY)),
    DecisionTree(
        nodes=(
            condition("temperature ≥ 38.5 °C", "BNF [2024] | A & B", "Severe", logic=Logic.OR),
            condition("care.\nSevere croup"),
            OTHER_DOSE,
            EMPTY,
            condition("paracetamol \\ ibuprofen", "invasive", logic=Logic.AND),
            decision((P, "referral", "oxygen")),
            EMPTY,
        )
    ),
    DecisionTree(nodes=(condition("°C"), EMPTY, EMPTY)),
]


@pytest.mark.parametrize("forest", [[], TREES[:1], TREES[1:2], TREES[:2], TREES], ids=range(5))
@pytest.mark.parametrize("granularity", ["words", "chars"])
@pytest.mark.parametrize("name", FORMATS_WITH_GRAMMAR)
def test_gold_targets_pass_token_by_token_and_forced_runs_are_theirs(forest, granularity, name):
    tokens = encode_target(TOKENIZER, get_format(name).segments(forest, P, ENGLISH, TEXT))
    found = matcher(granularity=granularity, format=name)
    for place, token in enumerate(tokens):
        forced = found.compute_ff_tokens()
        assert forced == tokens[place : place + len(forced)]
        assert found.consume_token(token), TOKENIZER.decode(tokens[: place + 1])
    assert found.is_accepting()


@pytest.mark.parametrize(
    "target",
    [
        "",
        "1 if feature: mild croup",
        "1 if feature: mild croup\n1 yes none",
        "1 if feature: mild croup\n1 yes none\n1 no none\n",
        "1 if feature: mild croup\n1 no none\n1 yes none",
        "1 if feature: mild croup\n1 yes none\n1 no 3 if feature: mild\n3 yes none\n3 no none",
        "1 if feature: mild croup\n1 yes none\n1 no none\n1 no none",
        "1 if drug: paracetamol\n1 yes none\n1 no none",
        "1 if feature: mild croup\n1 yes feature: Severe\n1 no none",
        "1 if feature: mild | feature: Severe & feature: oxygen\n1 yes none\n1 no none",
        "1 if feature: severe croup\n1 yes none\n1 no none",
        "1 if feature: mil\n1 yes none\n1 no none",
        "1 if feature: \n1 yes none\n1 no none",
        "1 if feature: ,\n1 yes none\n1 no none",
        "1 if feature: mild \n1 yes none\n1 no none",
        "1 if feature:  mild\n1 yes none\n1 no none",
        "1 if feature: nSevere\n1 yes none\n1 no none",
        "1 if feature: none\n1 yes none\n1 no none",
        "1 if feature: mild\n1 yes dose: single\n1 no none",
        "1 if feature: mild\n1 yes plan: home care & dose: single\n1 no none",
        "1 if feature: mild\n1 yes dose [paracetamol]: single & drug: paracetamol\n1 no none",
        "1 if feature: mild\n1 yes drug [oxygen]: paracetamol\n1 no none",
        "1 do plan: home care",
        "none\n1 if feature: mild\n1 yes none\n1 no none",
    ],
)
def test_illegal_texts_are_refused(target):
    assert not accepts(target)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("if_then_else", "if feature: mild\nthen none"),
        ("if_then_else", "if feature: mild\nelse none\nthen none"),
        ("if_then_else", "1 if feature: mild\n1 yes none\n1 no none"),
        ("plan_outline", "1 if feature: mild\n1 yes none\n1 no none"),
        ("plan_outline", "plan D N N\n1 if feature: mild\n1 yes none\n1 no none"),
        ("plan_outline", "plan C N N\n"),
        ("triples_outline", "1 if feature: mild\n1 yes none\n1 no none"),
        ("triples_outline", "triples\nfeature: nowhere\n1 if feature: mild\n1 yes none\n1 no none"),
        ("steps_outline", "triples\nfeature: mild\n1 if feature: mild\n1 yes none\n1 no none"),
        ("nodes_outline", "groups\n? drug: oxygen\n1 if feature: mild\n1 yes none\n1 no none"),
    ],
)
def test_illegal_texts_of_other_formats_are_refused(name, target):
    assert not accepts(target, format=name)


def test_limits():
    chain = "1 if feature: mild\n1 yes none\n1 no 2 if feature: Severe\n2 yes none\n2 no none"
    assert accepts(chain, max_depth=2)
    assert not accepts(chain, max_depth=1)
    tree = "1 if feature: mild\n1 yes none\n1 no none"
    assert accepts("\n".join([tree] * 2), max_trees=2)
    assert not accepts("\n".join([tree] * 2), max_trees=1)
    two = "1 if feature: mild | feature: Severe\n1 yes plan: home care & test: oxygen\n1 no none"
    assert accepts(two, max_triples=2)
    assert not accepts(two, max_triples=1)
    with pytest.raises(ValueError):
        passage_grammar(TEXT, P, ENGLISH, max_depth=0)


def test_characters_may_be_cut_where_words_may_not():
    target = "1 if feature: 轻度脱水\n1 yes plan: 口服\n1 no none"
    text = "轻度脱水且不伴酸中毒者可以口服生理盐水"
    assert accepts(target, text, granularity="chars")
    assert not accepts(target, text)


@pytest.mark.parametrize(
    ("piece", "legal"),
    [
        ("potassium is 6.5", True),
        ("1,000 ml", True),
        ("2.", True),
        ("6·5", True),
        ("·5", False),
        ("potassium is 6", False),
        ("5 mmol", False),
        ("1", False),
        ("000 ml", False),
    ],
)
def test_no_number_is_cut(piece, legal):
    text = "If the potassium is 6.5 mmol, give 1,000 ml over 2. Repeat at 6·5."
    assert accepts(f"1 if feature: {piece}\n1 yes none\n1 no none", text) == legal


def test_raised_figures_are_words():
    assert accepts("1 if feature: ²\n1 yes none\n1 no none", "²")


@pytest.mark.parametrize("text", ["", " \n", "…"])
def test_a_passage_without_words_allows_no_tree(text):
    assert accepts("none", text)
    assert not accepts("1 if feature: …\n1 yes none\n1 no none", text)


def test_other_formats_have_no_grammar():
    with pytest.raises(Text2MDTError, match=r"T2M003.*json"):
        passage_grammar(TEXT, P, ENGLISH, format="json")


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=40).map(lambda text: text + " mild"), granularity=st.sampled_from(["words", "chars"]))
def test_any_passage_compiles(text, granularity):
    assert accepts("1 if feature: mild\n1 yes none\n1 no none", text, granularity=granularity)
