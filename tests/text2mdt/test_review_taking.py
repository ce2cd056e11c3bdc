"""Trees from elsewhere in a review: what stays keeps its ids and verdicts, what is new is open."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from built_extractions import ADULTS, NOTHING, condition, decision, extraction, passage, tree
from random_trees import POPULATION, random_tree
from review_strategies import gout_review
from stored_reviews import ANNA, staffed

from text2mdt.errors import Text2MDTError
from text2mdt.export import export
from text2mdt.imports import ImportedTree, read_csv, read_dmn
from text2mdt.review.counted_forest import counted_forest
from text2mdt.review.edits import FixTriple, SetVerdict, TakenTree, TakeTrees, apply_edit
from text2mdt.review.history import describe
from text2mdt.review.offered_trees import offered_trees
from text2mdt.review.passage_review import review_of
from text2mdt.review.review_tree import PassageReview, Verdict
from text2mdt.review.reviewing import add_extraction, review_in, reviewed_extraction, save_edit


def judged(review: PassageReview, **verdicts: Verdict) -> PassageReview:
    for triple, verdict in verdicts.items():
        review = apply_edit(review, SetVerdict(triple=triple, verdict=verdict))
    return review


def test_what_stays_keeps_its_id_and_verdict() -> None:
    review = judged(gout_review(), t2=Verdict.ACCEPTED, t4=Verdict.REJECTED, t7=Verdict.ACCEPTED, t9=Verdict.ACCEPTED)
    nodes = list(counted_forest(review).trees[0].nodes)
    nodes[2] = decision("prednisolone", ("refer", "refer to hospital"))
    nodes[3] = decision("naproxen", ("dose", "naproxen: 0.5 mg twice daily"))
    edit = TakeTrees(trees=(TakenTree(nodes=tuple(nodes), replaces="n1"),))
    after = apply_edit(review, edit)
    assert [node.id for node in after.nodes()] == [node.id for node in review.nodes()]
    told = {triple.id: (triple.object, triple.verdict) for triple in after.triples()}
    assert told["t2"] == ("one joint affected", "accepted")
    assert told["t4"] == ("renal failure", "rejected"), "rejected ones stay to be seen"
    assert told["t7"] == ("prednisolone", "accepted")
    assert told["t9"] == ("naproxen", "open")
    assert told["t10"] == ("0.5 mg twice daily", "open")
    (new,) = set(told) - {triple.id for triple in review.triples()}
    assert told[new] == ("refer to hospital", "open")
    placed = {triple.id: triple.object_span for triple in after.triples()}
    assert placed[new] is not None, "its words stand in the text"
    assert placed["t9"] is None, "naproxen does not"
    assert counted_forest(after).trees == (tree(*nodes), counted_forest(review).trees[1])
    assert describe(edit, review) == "took 1 tree from a file"


def test_a_new_tree_and_another_population() -> None:
    new = tree(condition("Fever", population="Women"), decision("prednisolone", population="Women"), NOTHING)
    edit = TakeTrees(trees=(TakenTree(nodes=new.nodes),), population="Women")
    after = apply_edit(judged(gout_review(), t2=Verdict.ACCEPTED), edit)
    assert after.population == "Women"
    assert len(after.trees) == 3
    assert counted_forest(after).trees[2] == new
    assert all(triple.subject in ("Women", "colchicine") for triple in after.triples())
    assert "1 of them new, and the population 'Women'" in describe(edit, gout_review())


@pytest.mark.parametrize(
    ("taken", "code"),
    [
        (TakenTree(nodes=(NOTHING,), replaces="n99"), "T2M080"),
        (TakenTree(nodes=(NOTHING,), replaces="n3"), "T2M083"),
        (TakenTree(nodes=(condition("a"),), replaces="n1"), "T2M083"),
        (TakenTree(nodes=()), "T2M083"),
        (TakenTree(nodes=(NOTHING, NOTHING)), "T2M083"),
        (TakenTree(nodes=(condition("a", relation="cures"), NOTHING, NOTHING)), "T2M081"),
        (TakenTree(nodes=(decision(" "),)), "T2M083"),
        (TakenTree(nodes=(decision("x" * 3000),)), "T2M083"),
        (TakenTree(nodes=(*[condition("a")] * 70, *[NOTHING] * 71)), "T2M085"),
    ],
)
def test_what_does_not_fit_is_refused(taken: TakenTree, code: str) -> None:
    with pytest.raises(Text2MDTError) as caught:
        apply_edit(gout_review(), TakeTrees(trees=(taken,)))
    assert caught.value.code == code


def test_one_tree_cannot_be_replaced_twice() -> None:
    twice = TakenTree(nodes=(NOTHING,), replaces="n1")
    with pytest.raises(Text2MDTError, match="T2M083"):
        apply_edit(gout_review(), TakeTrees(trees=(twice, twice)))


def test_any_tree_takes_the_place_of_any_other() -> None:
    random = Random(3)
    for _ in range(150):
        old, new = random_tree(random), random_tree(random)
        if any(not part.strip() or part != part.strip() for node in new.nodes for one in node.triples for part in one):
            continue
        review = review_of(passage(1, old, population=POPULATION))
        after = apply_edit(review, TakeTrees(trees=(TakenTree(nodes=new.nodes, replaces=review.trees[0].id),)))
        assert counted_forest(after).trees == (new,)
        kept = {triple.id for triple in review.triples()} & {triple.id for triple in after.triples()}
        assert len(kept) <= min(len(list(review.triples())), len(list(after.triples())))


def test_offers_of_a_file_beside_the_store(tmp_path: Path) -> None:
    store = staffed(str(tmp_path / "a.sqlite"))
    first = tree(condition("fever"), decision("colchicine"), NOTHING)
    made = extraction(passage(1, first, tree(condition("rash"), decision("rest"), NOTHING)), passage(2, first))
    number = add_extraction(store, store.add_document("a.md", b"x", ANNA), made, ANNA)
    (stored, _) = store.passages(number)
    fix = next(one for one in review_in(stored).triples() if one.object == "colchicine")
    save_edit(store, stored, FixTriple(triple=fix.id, object="naproxen"), ANNA)
    content = export(reviewed_extraction(store, number), "csv")[".csv"]
    assert offered_trees(store, number, read_csv(content)).offers == ()
    offered = offered_trees(store, number, read_csv(content.replace("drug: rest", "drug: ice")))
    assert (offered.unchanged, offered.unplaced) == (2, 0)
    (offer,) = offered.offers
    assert [one.old for one in offer.differences] == [2]
    after = save_edit(store, offer.stored, offer.edit, ANNA)
    assert [triple.object for triple in review_in(after).triples()] == ["fever", "naproxen", "rash", "ice"]
    assert [str(triple.verdict) for triple in review_in(after).triples()] == ["open", "fixed", "open", "open"]
    with pytest.raises(Text2MDTError, match="T2M105"):
        save_edit(store, offer.stored, offer.edit, ANNA)
    store.close()


def test_an_unfinished_tree_is_finished_by_an_import(tmp_path: Path) -> None:
    store = staffed(str(tmp_path / "a.sqlite"))
    made = extraction(passage(1, tree(condition("fever"), decision("colchicine"), NOTHING)))
    number = add_extraction(store, store.add_document("a.md", b"x", ANNA), made, ANNA)
    content = export(made, "dmn")["-001-1.dmn"]
    (stored,) = store.passages(number)
    fever = next(iter(review_in(stored).triples()))
    save_edit(store, stored, SetVerdict(triple=fever.id, verdict=Verdict.REJECTED), ANNA)
    (offer,) = offered_trees(store, number, read_dmn(content)).offers
    save_edit(store, offer.stored, offer.edit, ANNA)
    assert reviewed_extraction(store, number).passages[0].tree == made.passages[0].tree
    lone = ImportedTree(tree=tree(NOTHING), population=ADULTS)
    assert offered_trees(store, number, [lone]).unplaced == 1
    store.close()
