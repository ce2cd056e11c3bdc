import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2mdt.metrics import COUNT_NAMES, Counts, counts, counts_from_json, links, plain_from_json
from text2mdt.schema import Node, Triple
from text2mdt.token_overlap import token_f1, tokens

CASES = json.loads((Path(__file__).parents[1] / "data" / "metric_cases.json").read_text(encoding="utf-8"))["cases"]


def condition(*objects: str, relation: str = "clinical_feature", logic: str = "and") -> dict:
    return _node("C", relation, objects, logic)


def decision(*objects: str, relation: str = "therapeutic_drug", logic: str = "and") -> dict:
    return _node("D", relation, objects, logic)


def _node(role: str, relation: str, objects: tuple[str, ...], logic: str) -> dict:
    triples = [["adults", relation, one] for one in objects]
    return {"role": role, "triples": triples, "logical_rel": logic if len(objects) > 1 else "null"}


TREE = [condition("fever"), decision("paracetamol"), decision()]
OTHER = [condition("dehydration"), decision("oral fluids"), decision()]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_counts_equal_the_published_scorer(case):
    found = counts_from_json(case["predicted"], case["gold"])
    assert {name: getattr(found, name) for name in case["counts"]} == case["counts"]


def test_the_cases_cover_what_they_should():
    assert len(CASES) == 240
    assert any(not case["predicted"] for case in CASES)
    assert any(case["counts"]["node_correct"] > case["counts"]["node_gold"] for case in CASES)


def test_nodes_of_the_data_model_count_as_their_json():
    compared = 0
    for case in CASES:
        sides = case["predicted"], case["gold"]
        # A few cases have conditions without triples, which the data model forbids.
        if all(node["triples"] or node["role"] == "D" for side in sides for node in side):
            predicted, gold = ([Node.model_validate(node) for node in side] for side in sides)
            assert counts(predicted, gold) == counts_from_json(*sides)
            compared += 1
    assert compared > 200


def test_both_empty_is_a_right_negative():
    assert counts([], []) == Counts(tree_correct=1, records=1)


def test_a_negative_with_a_tree_is_invented():
    found = counts_from_json(TREE, [])
    assert (found.invented, found.found, found.decisions, found.tree_correct) == (1, 0, 0, 0)
    assert found.edit_distance == 8  # three nodes at 2, and two triples


def test_a_forest_adds_up_its_trees():
    both = counts_from_json(TREE + OTHER, TREE + OTHER)
    assert (both.path_predicted, both.path_gold, both.path_correct, both.edit_distance) == (4, 4, 4, 0)
    half = counts_from_json(TREE, TREE + OTHER)
    assert (half.path_correct, half.path_predicted, half.path_gold) == (2, 2, 4)
    assert half.edit_distance == 8
    assert half.tree_correct == 0


def test_a_tree_predicted_twice_is_right_once():
    found = counts_from_json(TREE + TREE, TREE)
    assert (found.path_correct, found.path_predicted) == (2, 4)


def test_node_pairs_are_counted_both_ways():
    gold = [condition("fever"), decision("x"), condition("cough"), decision("x"), decision()]
    found = counts_from_json(gold, gold)
    assert (found.node_correct, found.node_matched, found.node_gold) == (6, 4, 4)


def test_swapped_branches_break_the_paths_but_not_the_triples():
    gold = [condition("fever"), decision("a"), decision("b")]
    found = counts_from_json([gold[0], gold[2], gold[1]], gold)
    assert (found.triple_correct, found.node_correct, found.path_correct, found.edit_distance) == (3, 3, 0, 4)


def test_lenient_forgives_a_border_and_exact_does_not():
    gold = [condition("no improvement after 48 hours"), decision("amoxicillin"), decision()]
    near = [condition("with no improvement after 48 hours"), decision("amoxicillin"), decision()]
    assert counts_from_json(near, gold).triple_correct == 1
    lenient = counts_from_json(near, gold, lenient=True)
    assert (lenient.triple_correct, lenient.path_correct, lenient.tree_correct) == (2, 2, 1)
    far = [condition("improvement"), decision("amoxicillin"), decision()]
    assert counts_from_json(far, gold, lenient=True).triple_correct == 1


def test_lenient_never_forgives_another_relation():
    gold = [condition("a b c d e"), decision("x"), decision()]
    wrong = [condition("a b c d e", relation="basic_information"), decision("x"), decision()]
    assert counts_from_json(wrong, gold, lenient=True) == counts_from_json(wrong, gold)


def test_lenient_pairs_no_two_triples_with_one():
    gold = [condition("a b c d"), decision("x"), decision()]
    two = [condition("a b c d", "a b c d e"), decision("x"), decision()]
    found = counts_from_json(two, gold, lenient=True)
    assert (found.triple_correct, found.triple_predicted, found.triple_gold, found.tree_correct) == (2, 3, 2, 0)


def test_tokens_keep_numbers_whole_and_part_chinese_characters():
    assert tokens("Temperature above 38.5 °C") == ["temperature", "above", "38.5", "°", "c"]
    assert tokens("阿莫西林 50mg") == ["阿", "莫", "西", "林", "50", "mg"]
    assert token_f1("oral amoxicillin", "amoxicillin") == pytest.approx(2 / 3)
    assert token_f1("", "x") == 0.0


@pytest.mark.parametrize(
    "value",
    [None, 7, "text", {}, [None, 3], [{}], [{"role": "C"}], [{"role": ["C"], "triples": [[1], "x", None, [["a"]]]}]],
)
def test_any_json_counts_as_something(value):
    assert counts_from_json(value, TREE).triple_gold == 2
    assert counts_from_json(TREE, value).triple_predicted == 2


@pytest.mark.parametrize("roles", ["C" * 10_000, "CD" * 5_000, "D" * 10_000, "C" * 5_000 + "D" * 5_000])
def test_long_malformed_lists_end_quickly(roles):
    nodes = [{"role": role, "triples": [["a", "b", "c"]], "logical_rel": "null"} for role in roles]
    found = counts_from_json(nodes, nodes)
    assert found.edit_distance == 0
    assert found.path_correct == found.path_gold == roles.count("D")


def test_an_open_condition_ends_no_path():
    assert counts_from_json([condition("fever")], TREE).path_predicted == 0
    assert links(plain_from_json([condition("fever"), decision("x")])).children == [[1], []]


_json_nodes = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from("CDX"),
            "triples": st.lists(
                st.tuples(st.just("p"), st.sampled_from("rs"), st.sampled_from(["a b c d e", "a b c d", "x", "y"]))
            ),
            "logical_rel": st.sampled_from(["and", "or", "null", None]),
        }
    ),
    max_size=15,
)


@given(_json_nodes, _json_nodes, st.booleans())
def test_what_holds_for_any_lists(predicted, gold, lenient):
    found = counts_from_json(predicted, gold, lenient=lenient)
    for kind in ("triple", "path"):
        correct = getattr(found, f"{kind}_correct")
        assert 0 <= correct <= min(getattr(found, f"{kind}_predicted"), getattr(found, f"{kind}_gold"))
    assert found.node_matched <= min(found.node_predicted, found.node_gold, found.node_correct)
    assert found.edit_distance >= 0
    assert found.tree_correct <= (found.edit_distance == 0)
    turned = counts_from_json(gold, predicted)
    assert turned.edit_distance == counts_from_json(predicted, gold).edit_distance


@given(_json_nodes)
def test_a_list_is_right_against_itself(nodes):
    found = counts_from_json(nodes, nodes)
    assert found.tree_correct == 1
    assert found.edit_distance == 0
    assert found.path_correct == found.path_gold
    assert found.node_matched == found.node_gold


def test_counts_add_field_by_field():
    total = sum([counts_from_json(TREE, TREE), counts_from_json([], OTHER)], Counts())
    assert (total.records, total.tree_correct, total.triple_gold, total.found) == (2, 1, 4, 1)
    assert len(total.as_tuple()) == len(COUNT_NAMES)


def test_case_is_ignored_as_published():
    node = Node(role="D", triples=(Triple("P", "r", "ASPIRIN"),))
    assert counts([node], [node.model_copy(update={"triples": (Triple("p", "R", "aspirin"),)})]).tree_correct == 1
