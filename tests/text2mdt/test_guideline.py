"""The forest of a guideline: populations, folding, joining, conflicts, page."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import product

import pytest
from built_extractions import ADULTS, NOTHING, condition, decision, extraction, passage, tree
from hypothesis import given, settings
from hypothesis import strategies as st

from text2mdt.errors import Text2MDTError
from text2mdt.guideline import Entry, Guideline, build_guideline, reached
from text2mdt.guideline.guideline_page import guideline_page
from text2mdt.guideline.normal_triples import phrases_alike
from text2mdt.guideline.normal_words import normal_words
from text2mdt.guideline.patient_groups import patient_group
from text2mdt.schema import DecisionTree, Logic, Node, Role, Triple

# ---- words


@pytest.mark.parametrize(
    "same",
    [
        [
            "eGFR below 30 ml/min",
            "the eGFR is less than 30 mL/min",
            "eGFR < 30ml/min",
            "EGFR of less than 30 ml per minute",
        ],
        ["5 mg", "5mg", "five mg", "5 milligrams", "5.0 mg"],
        ["at least 5 years", "≥5 years", "5 years or more", "no less than 5 years"],
        ["an NSAID", "NSAIDs", "the NSAIDs"],
        ["1 g daily", "1000 mg daily", "1,000 mg daily"],
        ["5 to 10 mg", "5–10 mg", "5-10mg"],
        ["beta-blockers", "Beta blocker"],
        ["allergies", "allergy"],
        ["viral infections in children", "Viral infection in a child"],
    ],
)
def test_phrases_that_say_the_same(same):
    assert len({normal_words(phrase) for phrase in same}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("eGFR below 30", "eGFR below 45"),
        ("eGFR below 30", "eGFR above 30"),
        ("eGFR below 30", "eGFR 30 or below"),
        ("5 mg", "5 g"),
        ("5 mg", "5 mg/kg"),
        ("5 to 10 mg", "10 mg"),
        ("T-score below -2.5", "T-score below 2.5"),
        ("1.5 × 10⁹/l", "1.5 × 10¹²/l"),
        ("fever", "no fever"),
        ("sepsis", "sepsi"),
        ("阿莫西林", "青霉素"),
        ("?", "!"),
    ],
)
def test_phrases_that_differ(one, other):
    assert normal_words(one) != normal_words(other)


@given(st.text(max_size=40))
def test_any_phrase_has_words(phrase):
    words = normal_words(phrase)
    assert words == normal_words(phrase)
    assert bool(words) == bool(phrase.split())


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("pain in the lower back on walking", "the pain in the lower back on walking uphill", True),
        ("severe pain in the lower back on walking", "pain in the lower back on walking", False),
        ("temperature of 39 °C or higher", "temperature of 38 °C or higher", False),
        ("no response to two earlier drugs", "response to two earlier drugs", False),
        ("relapse within the first year of treatment", "relapse within the second year of treatment", False),
        ("stroke or heart attack last winter", "heart attack last winter", False),
    ],
)
def test_alike_up_to_borders(one, other, alike):
    assert phrases_alike(one, other) is alike


# ---- populations


@pytest.mark.parametrize(
    "same",
    [
        [
            "Patients with gout",
            "patient with gout",
            "People who have gout",
            "people with the gout",
            "Individuals with gout",
        ],
        ["Adults with gout", "Adult patients with gout", "adult with gout"],
        ["Children under 5 years with croup", "Child aged less than 5 years with croup"],
        ["Men and women with gout", "Women or men with gout"],
        ["Pregnant women with asthma", "Pregnant patients with asthma"],
    ],
)
def test_populations_that_mean_the_same(same):
    assert len({patient_group(population) for population in same}) == 1


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("Patients with gout", "Adults with gout"),
        ("Patients with gout", "Children with gout"),
        ("Patients with gout", "Pregnant women with gout"),
        ("Women with asthma", "Pregnant women with severe asthma"),
        ("Adults with gout", "Adults with gout and chronic kidney disease"),
        ("Adults with gout", "Older adults with recurrent gout who take diuretics"),
        ("Children with croup", "Children under 2 years with croup"),
        ("Adults and children with croup", "Children with croup"),
        ("People with diabetes", "People with type 2 diabetes"),
    ],
)
def test_narrower_populations(wide, narrow):
    assert patient_group(wide).holds(patient_group(narrow))
    assert not patient_group(narrow).holds(patient_group(wide))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Adults with gout", "Children with gout"),
        ("Adults with gout", "Adults with suspected gout"),
        ("Adults with gout", "Adults without gout"),
        ("Adults with gout", "Adults with a history of gout"),
        ("Adults with gout", "Adults with gout or pseudogout"),
        ("Pregnant women with asthma", "Non-pregnant women with asthma"),
        ("Patients", "Adults with gout"),
        ("Children with croup", "Adults and children with croup and stridor"),
    ],
)
def test_populations_that_stand_apart(one, other):
    assert not patient_group(one).holds(patient_group(other))
    assert patient_group(one) != patient_group(other)


def fever(drug: str, population: str = ADULTS) -> DecisionTree:
    return tree(condition("fever", population=population), decision(drug, population=population), NOTHING)


def test_groups_and_their_narrower_ones():
    populations = [
        "Adults with gout",
        "Pregnant women with gout",
        "People with gout",
        "Patients with gout",
        "Patients",
        "Adults with gout and kidney disease",
    ]
    passages = [passage(n, fever(f"drug {n}", name), population=name) for n, name in enumerate(populations, 1)]
    built = build_guideline(extraction(*passages))
    (wide, unknown) = built.groups
    assert (wide.population, wide.spellings) == ("People with gout", ("People with gout", "Patients with gout"))
    assert wide.passages == ("g-003", "g-004")
    assert [group.population for group in wide.narrower] == ["Adults with gout", "Pregnant women with gout"]
    assert [group.population for group in wide.narrower[0].narrower] == ["Adults with gout and kidney disease"]
    assert (unknown.population, unknown.narrower) == ("Patients", ())
    assert [group.population for group in built.all_groups][:3] == [wide.population, populations[0], populations[5]]


def test_a_passage_without_tree_makes_no_group():
    built = build_guideline(extraction(passage(1, text="Background.", population="Children with gout")))
    assert (built.groups, built.left_out) == ((), ())


# ---- folding


def test_equal_trees_of_several_passages_are_one_with_all_its_sources():
    one = tree(condition("eGFR below 30 ml/min", "NSAIDs not tolerated"), decision("prednisolone"), NOTHING)
    other = tree(condition("NSAID not tolerated", "eGFR is < 30 mL/min"), decision("Prednisolone"), NOTHING)
    built = build_guideline(extraction(passage(1, fever("rest"), one), passage(2, other), passage(3, one)))
    (group,) = built.groups
    assert len(group.trees) == len(group.entries) == 2
    assert group.trees[1].tree == one
    assert [(s.place.passage, s.place.tree, s.place.node, s.same_words) for s in group.trees[1].sources] == [
        ("g-001", 1, 3, True),
        ("g-002", 0, 0, True),
        ("g-003", 0, 0, True),
    ]
    assert [(place.passage, place.node) for place in group.entries[1].yes[0].places] == [
        ("g-001", 4),
        ("g-002", 1),
        ("g-003", 1),
    ]


def test_trees_equal_up_to_object_borders_are_folded_and_marked():
    one = tree(condition("pain in the lower back on walking"), decision("paracetamol"), NOTHING)
    longer = tree(condition("pain in the lower back on walking uphill"), decision("paracetamol"), NOTHING)
    (group,) = build_guideline(extraction(passage(1, one), passage(2, longer))).groups
    (found,) = group.trees
    assert [source.same_words for source in found.sources] == [True, False]


@pytest.mark.parametrize(
    "other",
    [
        tree(condition("pain in the lower back on walking"), NOTHING, decision("paracetamol")),
        tree(condition("pain in the lower back on walking"), decision(("avoid", "paracetamol")), NOTHING),
        tree(condition("severe pain in the lower back on walking"), decision("paracetamol"), NOTHING),
        tree(
            condition("pain in the lower back on walking", relation="basic_information"),
            decision("paracetamol"),
            NOTHING,
        ),
    ],
    ids=["branches", "relation", "degree", "condition"],
)
def test_trees_that_decide_otherwise_are_not_folded(other):
    one = tree(condition("pain in the lower back on walking"), decision("paracetamol"), NOTHING)
    (group,) = build_guideline(extraction(passage(1, one), passage(2, other))).groups
    assert len(group.trees) == 2


def test_and_is_not_or():
    either = tree(condition("fever", "rash"), decision("x"), NOTHING)
    both = tree(condition("fever", "rash", logic="and"), decision("x"), NOTHING)
    (group,) = build_guideline(extraction(passage(1, either), passage(2, both))).groups
    assert len(group.trees) == len(group.entries) == 2


# ---- joining


def test_a_shared_root_stands_once():
    one = tree(condition("eGFR below 30 ml/min"), decision("prednisolone"), decision("naproxen"))
    other = tree(
        condition("the eGFR < 30ml/min"), condition("fever"), decision(("test", "blood culture")), NOTHING, NOTHING
    )
    built = build_guideline(extraction(passage(1, one, pages=(3,)), passage(2, fever("rest")), passage(3, other)))
    shared, alone = built.groups[0].entries
    assert shared.node == one.nodes[0]
    assert [place.passage for place in shared.places] == ["g-001", "g-003"]
    assert [entry.node for entry in shared.yes] == [one.nodes[1], other.nodes[1]]
    assert [entry.node for entry in shared.yes[1].yes] == [other.nodes[2]]
    assert [[place.passage for place in entry.places] for entry in shared.no] == [["g-001"], ["g-003"]]
    assert alone.node.triples[0].object == "fever"
    decided = reached(built.groups[0].entries, lambda triple: "eGFR" in triple.object)
    assert [entry.node for entry in decided] == [one.nodes[1], other.nodes[3], NOTHING]


CONCEPTS: dict[str, list[list[str]]] = {
    "clinical_feature": [
        ["eGFR below 30 ml/min", "the eGFR is less than 30 mL/min", "eGFR < 30ml/min"],
        ["fever", "Fevers", "a fever"],
        [
            "pain in the lower back on walking",
            "the pain in the lower back on walking uphill",
        ],  # equal up to borders only
        ["no fever"],
    ],
    "basic_information": [["fever"], ["at least 65 years", "≥65 years", "65 years or more"]],
    "therapeutic_drug": [["NSAID", "NSAIDs", "an NSAID"], ["prednisolone", "Prednisolone"]],
    "contraindicated_drug": [["NSAIDs", "NSAID"]],
    "treatment_plan": [
        ["review of the diet after one month", "a review of the diet after one month of rest"],
        ["rest"],
    ],
}
MEANING = {
    (relation, words): (relation, number)
    for relation, concepts in CONCEPTS.items()
    for number, variants in enumerate(concepts)
    for words in variants
}
SPELLINGS = [["Patients with gout", "people who have gout"], ["Adults with gout", "adult patients with gout"]]


def triples(role: Role) -> st.SearchStrategy[Triple]:
    asking = role is Role.CONDITION
    known = [key for key in MEANING if (key[0] in ("clinical_feature", "basic_information")) is asking]
    return st.sampled_from(known).map(lambda key: Triple("p", *key))


@st.composite
def meaningful_trees(draw: st.DrawFn) -> DecisionTree:
    found, missing = [], 1
    while missing:
        asks = len(found) < 6 and draw(st.integers(0, 2)) > 0
        role = Role.CONDITION if asks else Role.DECISION
        chosen = draw(st.lists(triples(role), min_size=int(asks), max_size=2))
        logic = draw(st.sampled_from([Logic.AND, Logic.OR])) if len(chosen) > 1 else Logic.NULL
        found.append(Node(role=role, triples=tuple(chosen), logical_rel=logic))
        missing += 1 if asks else -1
    return DecisionTree(nodes=tuple(found))


@st.composite
def documents(draw: st.DrawFn):
    """Passages, each with the number of its population and up to two trees."""
    return draw(st.lists(st.tuples(st.integers(0, 1), st.lists(meaningful_trees(), max_size=2)), max_size=4))


def meaning_of(node: Node) -> tuple[object, ...]:
    """A decision by what it means, told from the table of concepts alone."""
    meant = frozenset(MEANING[triple.relation, triple.object] for triple in node.triples)
    return meant, str(node.logical_rel) if len(meant) > 1 else "null"


Truth = dict[tuple[str, int], bool]


def walker(found: DecisionTree) -> Callable[[Truth], tuple[object, ...]]:
    """What tells to which decision a tree comes, walked node by node."""
    children = found.children()
    asked = [[MEANING[triple.relation, triple.object] for triple in node.triples] for node in found.nodes]
    joins = [any if node.logical_rel is Logic.OR else all for node in found.nodes]
    meanings = [meaning_of(node) for node in found.nodes]

    def walk(truth: Truth) -> tuple[object, ...]:
        at = 0
        while (pair := children[at]) is not None:
            at = pair[0] if joins[at](truth[meaning] for meaning in asked[at]) else pair[1]
        return meanings[at]

    return walk


def questions(trees: list[DecisionTree]) -> list[tuple[str, int]]:
    """The conditions that occur, by meaning."""
    asked = [triple for one in trees for node in one.nodes if node.is_condition for triple in node.triples]
    return list(dict.fromkeys(MEANING[triple.relation, triple.object] for triple in asked))


def all_entries(entries: tuple[Entry, ...]) -> list[Entry]:
    return [one for entry in entries for one in (entry, *all_entries(entry.yes), *all_entries(entry.no))]


@settings(max_examples=300, deadline=None)
@given(documents(), st.randoms(use_true_random=False))
def test_joining_changes_nothing_that_is_decided(document, chance: random.Random):
    passages = [
        passage(number, *trees, text="x", population=chance.choice(SPELLINGS[which]))
        for number, (which, trees) in enumerate(document, 1)
    ]
    built = build_guideline(extraction(*passages))
    by_population = {which: [one for other, trees in document if other == which for one in trees] for which in (0, 1)}
    groups = {int(group.population.lower().startswith("adult")): group for group in built.all_groups}
    assert groups.keys() == {which for which, trees in by_population.items() if trees}
    for which, group in groups.items():
        trees = by_population[which]
        walkers, asked = [walker(one) for one in trees], questions(trees)
        for values in product((True, False), repeat=len(asked)):
            truth = dict(zip(asked, values, strict=True))
            after = reached(group.entries, lambda triple: truth[MEANING[triple.relation, triple.object]])  # noqa: B023
            assert {meaning_of(entry.node) for entry in after} == {walk(truth) for walk in walkers}
        assert sum(len(found.sources) for found in group.trees) == len(trees)
        places = [place for entry in all_entries(group.entries) for place in entry.places]
        assert len(set(places)) == len(places) == sum(len(one) for one in trees)
    assert Guideline.model_validate_json(built.model_dump_json()) == built


# ---- conflicts


def conflicts(*trees: DecisionTree, populations: tuple[str, ...] = ()) -> list[tuple[str, str, str, bool]]:
    """Kind, passages and whether between a population and a narrower one; a passage a tree."""
    names = populations or (ADULTS,) * len(trees)
    passages = [passage(n, one, population=name) for n, (one, name) in enumerate(zip(trees, names, strict=True), 1)]
    found = build_guideline(extraction(*passages)).conflicts
    return [(one.kind, one.first.passage, one.second.passage, one.narrower_population) for one in found]


RENAL = "eGFR below 30 ml/min"


def test_a_drug_given_and_forbidden():
    one = tree(condition("fever"), decision("paracetamol", "metformin"), NOTHING)
    other = tree(condition("a Fever"), decision(("avoid", "Metformin")), NOTHING)
    built = build_guideline(extraction(passage(1, one), passage(2, other)))
    (found,) = built.conflicts
    assert (found.kind, found.narrower_population) == ("given_and_forbidden", False)
    assert (found.first.passage, found.first.tree, found.first.node, found.first.triple) == ("g-001", 0, 1, 1)
    assert (found.second.passage, found.second.node, found.second.triple) == ("g-002", 1, 0)
    assert found.text == "'metformin' is given in g-001 and forbidden in g-002; both where 'fever' holds."


def test_a_drug_forbidden_for_another_is_one_conflict():
    one = tree(condition("fever"), decision("metformin"), NOTHING)
    other = tree(condition("fever"), decision(("avoid", "metformin"), "insulin"), NOTHING)
    assert [kind for kind, *_ in conflicts(one, other)] == ["given_and_forbidden"]


def test_a_no_branch_may_be_left_unsaid_and_a_denied_condition_is_one():
    chain = tree(condition("mild"), decision("a"), condition("severe"), decision("b"), NOTHING)
    assert conflicts(chain, tree(condition("severe"), decision(("avoid", "b")), NOTHING)) == [
        ("given_and_forbidden", "g-001", "g-002", False)
    ]
    unless = tree(condition("penicillin allergy"), NOTHING, decision("amoxicillin"))
    without = tree(condition("no penicillin allergy"), decision(("avoid", "amoxicillin")), NOTHING)
    assert [kind for kind, *_ in conflicts(unless, without)] == ["given_and_forbidden"]


def test_one_of_several_conditions_is_enough():
    either = tree(condition("fever", "rash"), decision("a"), NOTHING)
    assert conflicts(either, tree(condition("rash"), decision(("avoid", "a")), NOTHING)) != []
    both = tree(condition("fever", "rash", logic="and"), decision("a"), NOTHING)
    assert conflicts(both, tree(condition("rash"), decision(("avoid", "a")), NOTHING)) == []
    neither = tree(condition("fever", "rash"), NOTHING, decision("a"))
    assert conflicts(neither, tree(condition("rash"), NOTHING, decision(("avoid", "a")))) == []


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("40 mg daily", "30 mg daily", True),
        ("500 mg twice daily", "500 mg three times a day", True),
        ("500 mg for 5 days", "500 mg for 7 days", True),
        ("for at least 14 days", "for at least 28 days", True),
        ("10 mg once weekly", "10 mg once a day", True),
        ("10 mg daily for 2 weeks", "10 mg every day", False),
        ("1 g daily", "1000 mg daily", False),
        ("250 to 500 mg", "500 mg", False),
        ("500 mg", "500 mg twice daily for 7 days", False),
        ("300 mg, then 75 mg daily", "75 mg daily", False),
        ("500 mg", "10 mg/kg", False),
        ("titrated to effect", "at the highest dose", False),
        ("up to 60 mg", "40 mg", False),
    ],
)
def test_doses_of_one_drug(one, other, differ):
    trees = [
        tree(condition("fever"), decision("prednisolone", ("dose", f"prednisolone: {dose}")), NOTHING)
        for dose in (one, other)
    ]
    assert [kind for kind, *_ in conflicts(*trees)] == (["different_dose"] if differ else [])


def test_thresholds_of_one_decision():
    def stop(words: str, *actions: object) -> DecisionTree:
        return tree(condition(words), decision(*(actions or (("avoid", "metformin"),))), NOTHING)

    def kinds(*trees: DecisionTree) -> list[str]:
        return [kind for kind, *_ in conflicts(*trees)]

    assert kinds(stop(RENAL), stop("eGFR less than 45 ml/min")) == ["different_threshold"]
    assert kinds(stop("eGFR below 30 ml/min/1.73 m²"), stop("eGFR below 45 ml/min/1.73 m²")) == ["different_threshold"]
    assert kinds(stop("under 6 weeks"), stop("under 12 weeks")) == []  # of what?
    assert kinds(stop(RENAL), stop("eGFR of < 30 ml/min")) == []
    assert kinds(stop(RENAL), stop("INR below 45")) == []
    assert kinds(stop(RENAL), stop("eGFR above 45 ml/min")) == []
    assert kinds(stop(RENAL), stop("eGFR below 45 ml/min", ("plan", "reduce metformin"))) == []
    graded = (
        stop(RENAL, "heparin", ("dose", "heparin: 1 mg")),
        stop("eGFR below 15 ml/min", "heparin", ("dose", "heparin: 5 mg")),
    )
    assert kinds(*graded) == []
    # 45 here as the lower end of what is left by two no-branches, and there as the opposite condition.
    chain = tree(condition(RENAL), NOTHING, condition("eGFR below 45 ml/min"), NOTHING, decision("metformin"))
    above = tree(condition("eGFR of 60 ml/min or more"), decision("metformin"), NOTHING)
    assert kinds(chain, above) == ["different_threshold"]
    same = tree(condition("eGFR of 45 ml/min or more"), decision("metformin"), NOTHING)
    assert kinds(chain, same) == []


def test_equal_conditions_with_different_decisions():
    def severe(*actions: object) -> DecisionTree:
        return tree(condition("severe attack"), decision(*actions), NOTHING)

    def kinds(*trees: DecisionTree) -> list[str]:
        return [kind for kind, *_ in conflicts(*trees)]

    assert kinds(severe("prednisolone"), severe("anakinra")) == ["different_decision"]
    assert kinds(severe(("refer", "rheumatology")), severe(("refer", "emergency admission"))) == ["different_decision"]
    assert kinds(severe("prednisolone"), severe("prednisolone", "colchicine")) == []
    assert kinds(severe("prednisolone"), severe("oral prednisolone")) == []
    assert kinds(severe("prednisolone"), severe(("plan", "rest of the joint"))) == []
    assert kinds(severe(("test", "serum urate")), severe(("test", "blood culture"))) == []
    assert kinds(severe("prednisolone"), tree(condition("severe attack"), NOTHING, NOTHING)) == []


def test_a_list_of_independent_advice_is_no_conflict():
    trees = [tree(condition("severe attack"), decision(drug), NOTHING) for drug in ("prednisolone", "anakinra")]
    assert build_guideline(extraction(passage(1, *trees))).conflicts == ()
    # A long list is split into passages that repeat its lead-in.
    split = [passage(n, one, start=500) for n, one in enumerate(trees, 1)]
    assert build_guideline(extraction(*split)).conflicts == ()
    # The second passage holds the tree of the first one as well: its list is one of independent advice.
    assert build_guideline(extraction(passage(1, trees[0]), passage(2, *trees))).conflicts == ()


def test_only_populations_that_share_patients_are_compared():
    one = tree(condition("fever"), decision("metformin"), NOTHING)
    other = tree(condition("fever"), decision(("avoid", "metformin")), NOTHING)
    assert conflicts(one, other, populations=("Adults with gout", "Children with gout")) == []
    assert conflicts(one, other, populations=("Patients", "Adults with gout")) == []
    assert conflicts(one, other, populations=("Pregnant women with gout", "Patients with gout")) == [
        ("given_and_forbidden", "g-001", "g-002", True)
    ]
    third = tree(condition("fever"), decision(("avoid", "metformin"), ("plan", "rest")), NOTHING)
    found = conflicts(
        one, other, third, populations=("Pregnant women with gout", "Patients with gout", "pregnant woman with gout")
    )
    assert [narrower for *_, narrower in found] == [False, True]


def test_conflicts_end():
    trees = [
        tree(condition("fever"), decision("metformin", ("dose", f"metformin: {n} mg")), NOTHING) for n in range(1, 60)
    ]
    built = build_guideline(extraction(*(passage(n, one) for n, one in enumerate(trees, 1))))
    assert (len(built.conflicts), built.more_conflicts) == (500, True)


# ---- what cannot be used


def test_passages_that_cannot_be_used_are_named():
    open_tree = passage(2).model_copy(update={"tree": (condition("fever"),)})
    deep = passage(3, tree(*[node for n in range(61) for node in (condition(f"c{n}"), NOTHING)], NOTHING))
    built = build_guideline(
        extraction(passage(1, fever("x")), open_tree, deep, passage(4, text="x", error="T2M002: no tree"))
    )
    assert [one.passage for one in built.left_out] == ["g-002", "g-003", "g-004"]
    assert built.left_out[0].reason.startswith("T2M001")
    assert "60" in built.left_out[1].reason
    assert built.groups[0].passages == ("g-001",)


def test_two_passages_of_one_id():
    with pytest.raises(Text2MDTError, match=r"T2M062.*g-001"):
        build_guideline(extraction(passage(1), passage(1)))


def test_the_deepest_tree_passes_through_every_form():
    nodes = [node for n in range(60) for node in (condition(f"c{n}"), NOTHING)]
    found = extraction(passage(1, tree(*nodes, decision("x"))))
    built = build_guideline(found)
    assert Guideline.model_validate_json(built.model_dump_json()) == built
    assert guideline_page(built, found).count("<details") >= 60


# ---- speed


def test_sixty_passages_in_a_second():
    chance = random.Random(1)
    findings = [
        f"{name} {word} {n} mmol/l"
        for name in ("potassium", "urate", "sodium")
        for word in ("below", "above")
        for n in range(2, 9)
    ]
    drugs = [f"drug {letter}" for letter in "abcdefghijkl"]
    passages = []
    for number in range(1, 61):
        trees = [
            tree(
                condition(*chance.sample(findings, 2)),
                decision(chance.choice(drugs)),
                condition(chance.choice(findings)),
                decision(chance.choice(drugs), ("avoid", chance.choice(drugs))),
                decision(("plan", "rest")),
            )
            for _ in range(3)
        ]
        passages.append(passage(number, *trees, text="x"))
    found = extraction(*passages)
    seconds = []
    for _ in range(3):
        normal_words.cache_clear()
        start = time.process_time()
        built = build_guideline(found)
        seconds.append(time.process_time() - start)
    assert len(built.groups[0].trees) > 150
    assert min(seconds) <= 1.0


# ---- page

EVIL = '<script>alert("1")</script>'


class Reader(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page():
    one = tree(condition(f"fever {EVIL}"), decision("metformin\x1b[31m"), NOTHING)
    other = tree(condition(f"Fever {EVIL}"), decision(("avoid", "metformin\x1b[31m")), NOTHING)
    found = extraction(
        passage(1, one, population=f"Adults with {EVIL}", heading=f"Acute {EVIL}", pages=(3,)),
        passage(2, other, population=f"Adults with {EVIL}", pages=(4, 5), truncated=True),
        name=f"{EVIL}.md",
    )
    built = build_guideline(found)
    page = guideline_page(built, found)
    read = Reader(page)
    assert "script" not in read.tags and "img" not in read.tags and "<script" not in page
    assert "\x1b" not in page
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)
    assert len(set(read.ids)) == len(read.ids)
    assert all(link.startswith("#") for link in read.links)
    words = " ".join(" ".join(read.words).split())
    assert "given and forbidden" in words and "page 3" in words and "pages 4 and 5" in words
    assert "Cut off" in words
    assert words.index("Conflicts between passages") < words.index("Passages")
    assert re.search(r"default-src 'none'", page)
    assert guideline_page(built, found) == page


def test_a_page_without_trees():
    found = extraction(passage(1, text="Background only."))
    page = guideline_page(build_guideline(found), found)
    assert "There is no tree in this document." in page and "Background only." in page
