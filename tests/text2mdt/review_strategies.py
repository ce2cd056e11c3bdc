"""Reviews by hand, and hypothesis strategies for reviews and for edits that mostly fit them."""

from __future__ import annotations

from collections import Counter

from built_extractions import NOTHING, condition, decision, passage, tree
from hypothesis import strategies as st
from tree_strategies import forests, trees

from text2mdt.grounding import ground
from text2mdt.relations import ENGLISH
from text2mdt.review import edits as kinds
from text2mdt.review.counted_forest import counted_forest
from text2mdt.review.passage_review import PassageReview, Verdict, review_of
from text2mdt.schema import Logic, Passage, PassageResult, Role, Span, Triple, join_forest

TEXT = (
    "Adults with acute gout who have one joint affected are given colchicine 0.5 mg twice daily; if renal failure or "
    "diarrhoea is present, prednisolone. Fever: refer to hospital."
)


def gout_result(**details: object) -> PassageResult:
    """Two trees: n1(t2) → n3(t4 or t5) → n6(t7), n8(t9, t10 dose), n11 (empty); n12(t13) → n14(t15), n16 (empty)."""
    first = tree(
        condition("one joint affected"),
        condition("renal failure", "diarrhoea"),
        decision("prednisolone"),
        decision("colchicine", ("dose", "colchicine: 0.5 mg twice daily")),
        NOTHING,
    )
    second = tree(condition("Fever"), decision(("refer", "refer to hospital")), NOTHING)
    return passage(1, first, second, text=TEXT, **details)


def gout_review() -> PassageReview:
    return review_of(gout_result())


def bag(review: PassageReview) -> Counter[tuple[str, Triple, Verdict]]:
    """All triples of a review, whatever their place."""
    return Counter((triple.id, triple.triple, triple.verdict) for triple in review.triples())


@st.composite
def results(draw: st.DrawFn) -> PassageResult:
    """Any trees over a text that holds most of their words; with groundings or without."""
    if draw(st.booleans()):
        return gout_result()
    population, grown = draw(forests())
    text = "; ".join(triple.object for one in grown for node in one.nodes for triple in node.triples)
    found = Passage(id="x-1", population=population, text=text)
    groundings = ground(found, grown) if draw(st.booleans()) else ()
    return PassageResult(
        id="x-1",
        population=population,
        text=text,
        tree=tuple(join_forest(grown)),
        passage=found,
        groundings=groundings,
    )


def edits_for(review: PassageReview) -> st.SearchStrategy[kinds.Edit]:
    """Edits of this review, most of which fit it."""
    nodes = st.sampled_from([*(node.id for node in review.nodes()), "n999"])
    triples = st.sampled_from([*(triple.id for triple in review.triples()), "t999"])
    roles = {node.id: node.role for node in review.nodes()}
    roles_of_triples = {triple.id: node.role for node in review.nodes() for triple in node.triples}
    words = st.sampled_from(["fever", "renal failure", "colchicine", "zzz", " ", "0.5 mg twice daily"])
    spot = st.none() | _spans(review.passage.text)
    populations = st.none() | words
    branch = st.sampled_from(["yes", "no"])
    logic, flag, position = st.none() | st.sampled_from(Logic), st.booleans(), st.none() | st.integers(-1, 4)
    above = st.lists(_new_triples(review, Role.CONDITION), max_size=2).map(tuple)

    def fixes(triple: str) -> st.SearchStrategy[kinds.Edit]:
        relation = st.none() | _relations(roles_of_triples.get(triple, Role.DECISION))
        plain = st.builds(
            kinds.FixTriple, triple=st.just(triple), subject=st.none() | words, relation=relation, object=words
        )
        return plain | st.builds(kinds.FixTriple, triple=st.just(triple), relation=relation, object_span=spot)

    def additions(node: str) -> st.SearchStrategy[kinds.Edit]:
        new = _new_triples(review, roles.get(node, Role.DECISION))
        return st.builds(kinds.AddTriple, node=st.just(node), triple=new, position=position, logical_rel=logic)

    def roles_set(role: Role) -> st.SearchStrategy[kinds.Edit]:
        relation = st.none() | _relations(role)
        return st.builds(kinds.SetRole, node=nodes, role=st.just(role), relation=relation, may_drop=flag)

    return st.one_of(
        st.builds(kinds.SetVerdict, triple=triples, verdict=st.sampled_from(Verdict)),
        triples.flatmap(fixes),
        st.builds(kinds.CommentOn, target=st.one_of(nodes, triples), comment=words),
        nodes.flatmap(additions),
        st.builds(kinds.DeleteTriple, triple=triples),
        st.builds(kinds.SetLogic, node=nodes, logical_rel=st.sampled_from(Logic)),
        st.sampled_from(Role).flatmap(roles_set),
        st.builds(kinds.AddNode, node=nodes, branch=branch, triples=above, logical_rel=logic),
        st.builds(kinds.DeleteNode, node=nodes, keep=st.none() | branch, may_drop=flag),
        st.builds(kinds.SwapBranches, node=nodes),
        st.builds(kinds.MoveSubtree, node=nodes, target=nodes, exchange=flag),
        st.builds(kinds.SplitTree, node=nodes),
        st.builds(kinds.AddTree, triples=above, logical_rel=logic, position=position),
        st.builds(kinds.DeleteTree, node=nodes),
        st.builds(kinds.SetPopulation, population=words),
        st.builds(kinds.TakeTrees, trees=st.lists(_taken_trees(review), max_size=2).map(tuple), population=populations),
        st.builds(kinds.AcceptAll, node=st.none() | nodes, below=flag),
    )


def _taken_trees(review: PassageReview) -> st.SearchStrategy[kinds.TakenTree]:
    """Any tree, or one of the review as it counts; in the place of any node, or of none."""
    own = [tree.nodes for tree in counted_forest(review).trees]
    nodes = trees(review.population).map(lambda tree: tree.nodes)
    places = st.none() | st.sampled_from([*(root.id for root in review.trees), *(n.id for n in review.nodes()), "n999"])
    return st.builds(kinds.TakenTree, nodes=nodes | st.sampled_from(own) if own else nodes, replaces=places)


def _spans(text: str) -> st.SearchStrategy[Span]:
    """Places in the text, now and then one behind its end."""
    starts, sizes = st.integers(0, max(len(text) - 1, 0)), st.integers(1, 20)
    return st.builds(lambda start, size: Span(start=start, end=start + size), starts, sizes)


def _relations(role: Role) -> st.SearchStrategy[str]:
    return st.sampled_from([*(relation.name for relation in ENGLISH.of_role(role)), "cures"])


def _new_triples(review: PassageReview, role: Role) -> st.SearchStrategy[kinds.NewTriple]:
    relation = _relations(role)
    written = st.sampled_from(["Fever", "colchicine", "zzz", "0.5 mg", " "])
    subject = st.none() | st.just("colchicine")
    by_hand = st.builds(kinds.NewTriple, relation=relation, object=written, subject=subject)
    return by_hand | st.builds(kinds.NewTriple, relation=relation, object_span=st.none() | _spans(review.passage.text))
