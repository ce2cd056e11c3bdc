"""Reviews by hand, and hypothesis strategies for reviews and for edits that mostly fit them."""

from __future__ import annotations

from collections import Counter

from built_extractions import NOTHING, condition, decision, passage, tree
from hypothesis import strategies as st
from tree_strategies import forests

from text2mdt.grounding import ground
from text2mdt.relations import ENGLISH
from text2mdt.review import edits as kinds
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
    population, trees = draw(forests())
    text = "; ".join(triple.object for one in trees for node in one.nodes for triple in node.triples)
    found = Passage(id="x-1", population=population, text=text)
    groundings = ground(found, trees) if draw(st.booleans()) else ()
    return PassageResult(
        id="x-1",
        population=population,
        text=text,
        tree=tuple(join_forest(trees)),
        passage=found,
        groundings=groundings,
    )


def edits_for(review: PassageReview) -> st.SearchStrategy[kinds.Edit]:
    """Edits of this review, most of which fit it."""
    nodes = st.sampled_from([*(node.id for node in review.nodes()), "n999"])
    triples = st.sampled_from([*(triple.id for triple in review.triples()), "t999"])
    length = len(review.passage.text)
    spans = st.builds(
        lambda start, size: Span(start=start, end=start + size), st.integers(0, length), st.integers(0, 9)
    )
    words = st.sampled_from(["fever", "renal failure", "colchicine", "zzz", " ", "0.5 mg twice daily"])
    relations = st.sampled_from([*ENGLISH.by_name, "cures"])
    spot, branch = st.none() | spans, st.sampled_from(["yes", "no"])
    logic, flag, position = st.none() | st.sampled_from(Logic), st.booleans(), st.none() | st.integers(-1, 4)
    new = st.builds(
        kinds.NewTriple,
        relation=relations,
        object=st.none() | words,
        subject=st.none() | words,
        subject_span=st.none(),
        object_span=spot,
    )
    several = st.lists(new, max_size=2).map(tuple)
    return st.one_of(
        st.builds(kinds.SetVerdict, triple=triples, verdict=st.sampled_from(Verdict)),
        st.builds(
            kinds.FixTriple,
            triple=triples,
            subject=st.none() | words,
            relation=st.none() | relations,
            object=st.none() | words,
            object_span=spot,
        ),
        st.builds(kinds.CommentOn, target=st.one_of(nodes, triples), comment=words),
        st.builds(kinds.AddTriple, node=nodes, triple=new, position=position, logical_rel=logic),
        st.builds(kinds.DeleteTriple, triple=triples),
        st.builds(kinds.SetLogic, node=nodes, logical_rel=st.sampled_from(Logic)),
        st.builds(kinds.SetRole, node=nodes, role=st.sampled_from(Role), relation=st.none() | relations, may_drop=flag),
        st.builds(kinds.AddNode, node=nodes, branch=branch, triples=several, logical_rel=logic),
        st.builds(kinds.DeleteNode, node=nodes, keep=st.none() | branch, may_drop=flag),
        st.builds(kinds.SwapBranches, node=nodes),
        st.builds(kinds.MoveSubtree, node=nodes, target=nodes, exchange=flag),
        st.builds(kinds.SplitTree, node=nodes),
        st.builds(kinds.AddTree, role=st.sampled_from(Role), triples=several, logical_rel=logic, position=position),
        st.builds(kinds.DeleteTree, node=nodes),
        st.builds(kinds.SetPopulation, population=words),
        st.builds(kinds.AcceptAll, node=st.none() | nodes, below=flag),
    )
