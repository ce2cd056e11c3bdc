import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2mdt.errors import Text2MDTError
from text2mdt.graph import decision_paths, from_networkx, to_networkx, walk
from text2mdt.schema import DecisionTree, Node, Triple


def c(name: str) -> Node:
    return Node(role="C", triples=(Triple("p", "clinical_feature", name),))


def d(*names: str) -> Node:
    triples = tuple(Triple("p", "treatment_plan", name) for name in names)
    return Node(role="D", triples=triples, logical_rel="and" if len(names) > 1 else "null")


#        0 fever: yes 1 (cough: yes 2, no 3), no 4
TREE = DecisionTree(nodes=(c("fever"), c("cough"), d("a", "b"), d("c"), d()))


def test_the_graph_has_the_tree_in_it():
    graph = to_networkx(TREE)
    assert sorted(graph.edges(data="answer")) == [(0, 1, True), (0, 4, False), (1, 2, True), (1, 3, False)]
    assert graph.nodes[2] == {
        "role": "D", "logical_rel": "and", "triples": [["p", "treatment_plan", "a"], ["p", "treatment_plan", "b"]],
    }  # fmt: skip
    assert nx.is_arborescence(graph)


@st.composite
def trees(draw: st.DrawFn) -> DecisionTree:
    nodes, missing = [], 1
    while missing:
        is_condition = len(nodes) < 12 and draw(st.booleans())
        nodes.append(
            c(draw(st.text(max_size=3))) if is_condition else d(*draw(st.lists(st.text(max_size=3), max_size=3)))
        )
        missing += 1 if is_condition else -1
    return DecisionTree(nodes=tuple(nodes))


@given(trees(), st.randoms())
def test_to_a_graph_and_back_whatever_the_names_and_the_order(tree, random):
    graph = to_networkx(tree)
    assert from_networkx(graph) == tree
    names = list(graph)
    random.shuffle(names)
    other = nx.DiGraph()
    other.add_nodes_from((f"n{name}", graph.nodes[name]) for name in names)
    other.add_edges_from((f"n{a}", f"n{b}", data) for a, b, data in reversed(list(graph.edges(data=True))))
    assert from_networkx(other) == tree


@given(trees())
def test_every_path_walks_to_its_decision(tree):
    paths = decision_paths(tree)
    assert [path.decision for path in paths] == [i for i, node in enumerate(tree.nodes) if not node.is_condition]
    for path in paths:
        position = walk(tree, dict(path.steps))
        assert (position.node_index, position.steps, position.is_decision) == (path.decision, path.steps, True)


def test_paths_by_hand():
    assert decision_paths(TREE) == [
        (((0, True), (1, True)), 2),
        (((0, True), (1, False)), 3),
        (((0, False),), 4),
    ]


def test_walk_stops_at_the_first_open_question():
    assert walk(TREE, {}).node_index == 0
    assert walk(TREE, {0: None, 1: True}).node_index == 0
    position = walk(TREE, {0: True})
    assert (position.node_index, position.is_decision, position.node) == (1, False, TREE.nodes[1])
    assert walk(TREE, {0: False, 1: True}).node == d()
    assert walk(DecisionTree(nodes=(d("x"),)), {}).is_decision


def _broken(change) -> nx.DiGraph:
    graph = to_networkx(TREE)
    change(graph)
    return graph


@pytest.mark.parametrize(
    "change",
    [
        lambda graph: graph.clear(),
        lambda graph: graph.add_edge(4, 0, answer=True),
        lambda graph: graph.remove_edge(1, 3),
        lambda graph: graph.remove_node(3),
        lambda graph: graph.edges[0, 4].update(answer=True),
        lambda graph: graph.edges[0, 4].clear(),
        lambda graph: graph.nodes[2].update(role="E"),
        lambda graph: graph.nodes[2].update(triples=[["a", "b"]]),
        lambda graph: graph.nodes[0].clear(),
    ],
)
def test_a_graph_that_is_no_tree_is_named_as_such(change):
    with pytest.raises(Text2MDTError, match="T2M001"):
        from_networkx(_broken(change))
