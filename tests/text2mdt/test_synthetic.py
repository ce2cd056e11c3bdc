"""The synthetic corpus: repeatable, sound, shaped like the real one, and every construction with the tree it says."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from typer.testing import CliRunner

from text2mdt.cli import application
from text2mdt.corpus import read_corpus, record_shape
from text2mdt.corpus_check import five_grams, record_errors
from text2mdt.documents import read_document
from text2mdt.schema import Logic, Node
from text2mdt.synthetic import background, constructions, itemised, sequences, synthesise
from text2mdt.synthetic.areas import Area, Measure, all_areas, is_plural
from text2mdt.synthetic.chains import chain, grown
from text2mdt.synthetic.facts import Facts
from text2mdt.synthetic.generate import synthesise_with_kinds
from text2mdt.synthetic.layouts import cells, prose
from text2mdt.synthetic.told import Teller, Told
from text2mdt.synthetic.tree import Action, Condition, Fork, Leaf
from text2mdt.synthetic.writer import Writer, capital

POPULATION = "Adults with the disease"
AREA = Area(
    name="toy",
    specialty="medicine",
    disease="disease",
    problem="pain",
    populations=(POPULATION,),
    times=("2 weeks",),
    groups=(("mild croup", "moderate croup", "severe croup"),),
    measures=(Measure("serum zinc", "mg/L", ("10", "20", "30")), Measure("toy score", "", ("2", "5"), low=0)),
    ages=("2 years", "12 years"),
    weights=("10", "20"),
    features=("fever", "a rash", "jaundice", "an ulcer", "vertigo", "oedema"),
    states=("the wound is open", "the cough is dry", "the pupil is wide"),
    basics=("diabetes", "~pregnant", "gout", "a stoma"),
    drugs=tuple(
        f"{name} = 5 mg twice daily for 7 days" for name in ("alfa", "bravo", "cargo", "delta", "echo", "golf")
    ),
    avoid=("opium", "ether"),
    plans=("ice packs", "a splint", "bed rest", "leg elevation", "!raise the head of the bed", "yoga"),
    tests=("a smear", "an ECG", "a biopsy", "a culture"),
    referrals=("^a dietitian", "hospital admission", "^cardiology", "ward review"),
    facts=("Zinc is a metal.", "The disease affects {3-5} % of adults."),
)
SEEDS = range(25)


def tell(build, seed: int) -> tuple[Told, str, tuple[Node, ...]]:
    rng = Random(seed)
    w = Writer(POPULATION, rng)
    told = build(Teller(w, Facts(AREA, POPULATION, rng)))
    text, nodes = w.finish(prose(w, told.clauses, joined=not told.nested), [told.tree])
    return told, text, nodes


def roles(nodes: tuple[Node, ...]) -> str:
    return "".join(node.role for node in nodes)


def objects(node: Node, relation: str = "") -> list[str]:
    return [triple.object for triple in node.triples if relation in triple.relation]


def drugs_by_place(text: str) -> list[str]:
    """The toy drugs in the order in which the text first names them."""
    names = [entry.split(" = ")[0] for entry in AREA.drugs]
    return sorted((name for name in names if name in text.lower()), key=text.lower().index)


def drug_of(node: Node) -> str:
    return objects(node, "therapeutic_drug")[0].lower()


# the whole


def test_the_same_seed_gives_the_same_records_and_a_longer_run_begins_with_the_shorter_one():
    assert synthesise(40, 7) == synthesise(60, 7)[:40]
    assert synthesise(40, 7) != synthesise(40, 8)


@pytest.fixture(scope="module")
def records():
    return synthesise_with_kinds(1200, seed=11)


def test_records_keep_the_rules_of_annotation(records):
    assert [(item.record.id, error) for item in records[:300] for error in record_errors(item.record)] == []
    assert records[0].record.id == "synthetic-00001"
    assert all(item.record.source == "synthetic" and item.record.specialty for item in records)


def test_shapes_are_distributed_as_in_the_corpus(records):
    shapes = Counter(record_shape(item.record) for item in records)
    share = {name: shapes[name] / len(records) for name in shapes}
    positive = 1 - share["negative"]
    assert share["negative"] == pytest.approx(0.12, abs=0.03)
    for shape, expected in {"3": 0.35, "5": 0.30, "7": 0.17}.items():
        assert share[shape] / positive == pytest.approx(expected, abs=0.05)
    assert (share["9"] + share["11"]) / positive == pytest.approx(0.08, abs=0.03)
    assert sum(value for name, value in share.items() if "+" in name) / positive == pytest.approx(0.10, abs=0.03)


def test_every_construction_relation_and_logic_appears(records):
    kinds = {kind for item in records for kind in item.kinds}
    assert kinds >= {
        "single", "add_on", "otherwise", "in_one", "question", "labelled", "both_sides", "dosed", "unless",
        "unless_then", "provided", "not_without", "failure", "failure_first", "exceptions", "and_either", "both_or",
        "shared", "within", "bands", "chain", "chain_and_rest", "one_or_another", "gapped", "layout", "negative",
        "itemised_conditions", "itemised_actions", "dose_table",
    }  # fmt: skip
    nodes = [node for item in records for node in item.record.tree]
    relations = {triple.relation for node in nodes for triple in node.triples}
    assert len(relations) == 8
    assert {node.logical_rel for node in nodes} == set(Logic)


def test_texts_differ_and_near_duplicates_are_rare(records):
    texts = [item.record.text for item in records]
    assert len(set(texts)) == len(texts)
    grams = [five_grams(text) for text in texts[:500]]
    near = sum(
        any(len(mine & other) >= 0.3 * len(mine | other) for other in grams[:index]) for index, mine in enumerate(grams)
    )
    assert near < 0.03 * len(grams)


def test_marks_leave_no_trace_and_sentences_begin_with_capitals(records):
    for item in records:
        text = item.record.text
        assert not any("\ue000" <= char <= "\ue002" for char in text)
        assert "  " not in text and " ," not in text and ".." not in text and " ." not in text, text


def test_areas_are_many_and_complete():
    areas = all_areas()
    assert len(areas) >= 40
    for area in areas:
        known = len(area.features) + len(area.states) + len(area.basics) + len(area.measures)
        known += sum(len(group) for group in area.groups)
        assert known >= 25, area.name
        assert len(area.drugs) + len(area.plans) + len(area.tests) + len(area.referrals) >= 20, area.name
        assert area.populations and area.times and area.facts


def test_nobody_is_asked_about_what_the_population_rules_out():
    for item in synthesise(1500, 5):
        first = item.population.split()[0]
        asked = " ".join(t.object for node in item.tree if node.is_condition for t in node.triples)
        assert not (first in ("Men", "Children", "Infants", "Older") and "pregnan" in asked), (item.population, asked)


# one construction at a time, with facts that can be told apart


@pytest.mark.parametrize("seed", SEEDS)
def test_unless_puts_the_exception_above_the_treatment_with_nothing_under_it(seed):
    _, text, nodes = tell(constructions.unless, seed)
    assert roles(nodes) == "CDD"
    assert nodes[1].triples == () and nodes[2].triples
    assert any(word in text.lower() for word in ("unless", "except")), text
    assert "unless" not in objects(nodes[0])[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_later_failure_is_nested_in_the_yes_branch_of_the_earlier_one(seed):
    def build(t: Teller) -> Told:
        drugs = iter(t.facts.drug() for _ in range(3))
        t.facts.treatment = lambda: next(drugs)
        t.facts.leaf = lambda: Leaf((next(drugs),))
        return sequences.two_failures(t)

    _, text, nodes = tell(build, seed)
    assert roles(nodes) == "CCDDD"
    first, second, third = drugs_by_place(text)
    assert [drug_of(node) for node in nodes[2:]] == [third, second, first]
    second_failure = objects(nodes[1])[0]
    assert first not in second_failure and third not in second_failure
    assert all(objects(node)[0] in text for node in nodes)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_failure_named_first_still_stands_above_the_treatment_that_failed(seed):
    def build(t: Teller) -> Told:
        drugs = iter(t.facts.drug() for _ in range(2))
        t.facts.treatment = lambda: next(drugs)
        t.facts.leaf = lambda: Leaf((next(drugs),))
        return sequences.failure(t)

    told, _, nodes = tell(build, seed)
    assert roles(nodes) == "CDD"
    failed = objects(nodes[0])[0]
    assert drug_of(nodes[1]) not in failed
    if told.kinds == ("failure_first",):
        assert drug_of(nodes[2]) in failed


@pytest.mark.parametrize("seed", SEEDS)
def test_exceptions_are_a_chain_that_ends_in_the_usual_treatment(seed):
    _, text, nodes = tell(sequences.exceptions, seed)
    assert roles(nodes) == "CDCDD"
    # The usual treatment is said first, then the exceptions in their order.
    usual = drugs_by_place(text)[0]
    assert drug_of(nodes[4]) == usual
    assert text.index(objects(nodes[1])[0]) < text.index(objects(nodes[3])[0])
    assert text.index(objects(nodes[0])[0]) < text.index(objects(nodes[2])[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_and_either_b_or_c_is_nested_and_the_rest_stands_twice(seed):
    _, text, nodes = tell(constructions.and_either, seed)
    assert roles(nodes) == "CCDDD"
    assert len(nodes[0].triples) == 1 and len(nodes[1].triples) == 2 and nodes[1].logical_rel is Logic.OR
    assert nodes[3] == nodes[4]
    assert text.index(objects(nodes[0])[0]) < text.index(objects(nodes[1])[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_both_or_one_asks_for_the_one_first_and_repeats_the_decision(seed):
    _, _, nodes = tell(constructions.both_or, seed)
    assert roles(nodes) == "CDCDD"
    assert len(nodes[0].triples) == 1
    assert len(nodes[2].triples) == 2 and nodes[2].logical_rel is Logic.AND
    assert nodes[1] == nodes[3] and nodes[4].triples == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_of_two_sides_the_first_named_is_the_condition(seed):
    _, text, nodes = tell(constructions.both_sides, seed)
    assert roles(nodes) == "CDD" and nodes[1].triples and nodes[2].triples
    asked = objects(nodes[0])[0]
    number = next(word for word in asked.split() if word[0].isdigit())
    assert text.index(asked) <= text.index(number)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_dose_by_number_repeats_the_drug_with_each_dose(seed):
    _, text, nodes = tell(constructions.dosed, seed)
    assert roles(nodes) == "CDD"
    assert drug_of(nodes[1]) == drug_of(nodes[2]) and text.lower().count(drug_of(nodes[1])) == 1
    doses = [objects(node, "dosage")[0] for node in nodes[1:]]
    assert doses[0] != doses[1]
    assert all(node.triples[1].subject == node.triples[0].object for node in nodes[1:])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_table_of_doses_has_the_drug_with_its_own_dose_in_each_branch_and_no_header_in_an_object(seed):
    told, text, nodes = tell(lambda t: itemised.dose_table(t, 3), seed)
    assert roles(nodes) == "CDCDD" and told.kinds[0] == "bands"
    decisions = [nodes[1], nodes[3], nodes[4]]
    assert len({drug_of(node) for node in decisions}) == 1
    assert len({objects(node, "dosage")[0] for node in decisions}) == 3
    assert all(": " not in triple.object and ";" not in triple.object for node in nodes for triple in node.triples)
    places = [text.index(f": {objects(node, 'dosage')[0]}") for node in decisions]
    assert places == sorted(places)


def test_there_is_no_table_of_doses_where_no_drug_has_a_plain_dose():
    facts = Facts(replace(AREA, drugs=("alfa", "bravo = at night")), POPULATION, Random(0))
    assert facts.doses(2) == []
    assert itemised.dose_table(Teller(Writer(POPULATION, Random(0)), facts), 3) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_of_findings_is_one_condition(seed):
    _, text, nodes = tell(constructions.itemised_conditions, seed)
    assert roles(nodes) == "CDD" and nodes[1].triples and nodes[2].triples == ()
    items = objects(nodes[0])
    assert 2 <= len(items) <= 4 and nodes[0].logical_rel is not Logic.NULL
    assert any(between.join(items) in text for between in ("; ", ", "))
    assert len({triple.relation for triple in nodes[1].triples} - {"dosage"}) == 1, "one verb serves the whole decision"
    every = any(word in text for word in (" all of ", " each of ", " every one "))
    assert nodes[0].logical_rel is (Logic.AND if every else Logic.OR)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_of_actions_is_one_decision(seed):
    _, text, nodes = tell(constructions.itemised_actions, seed)
    assert roles(nodes) == "CDD" and nodes[2].triples == ()
    actions = [triple.object for triple in nodes[1].triples if triple.relation != "dosage"]
    assert len(actions) >= 2 and all(text.index(item) > text.rindex(": ") for item in actions)
    choice = any(word in text for word in ("one of", "either:"))
    assert nodes[1].logical_rel is (Logic.OR if choice else Logic.AND)


def test_a_table_is_written_as_the_readers_of_documents_write_it(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("| Age | Dose |\n| --- | --- |\n| 1 year | 5 mg |\n| 2 years | 10 mg |\n")
    read = " ".join(f"{block.text}." for block in read_document(page).blocks)
    assert cells(("Age", "Dose"), [("1 year", "5 mg"), ("2 years", "10 mg")]) == read


@pytest.mark.parametrize("line", [background.definitions, background.usual_doses, background.side_effects])
def test_a_table_that_decides_nothing_has_no_marks(line):
    for seed in SEEDS:
        w = Writer(POPULATION, Random(seed))
        text = line(Teller(w, Facts(AREA, POPULATION, w.rng)))
        assert w.finish(text, []) == (text, ())
        assert text.count(": ") >= 2 and text.endswith("."), text
        if line is not background.definitions:
            assert text.count("; ") == text.count(".") >= 2 and text.count(": ") == 2 * text.count(".")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_shared_drug_stands_in_both_branches(seed):
    _, text, nodes = tell(constructions.shared, seed)
    assert roles(nodes) == "CDCDD" and nodes[4].triples == ()
    assert nodes[1].triples[0] in nodes[3].triples
    assert len([t for t in nodes[3].triples if t.relation != "dosage"]) == 2
    assert text.lower().count(drug_of(nodes[1])) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_what_all_receive_is_in_no_tree(seed):
    _, text, nodes = tell(constructions.add_on, seed)
    for_all, extra = drugs_by_place(text)
    assert roles(nodes) == "CDD" and drug_of(nodes[1]) == extra and nodes[2].triples == ()
    assert for_all not in [t.object.lower() for node in nodes for t in node.triples]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_last_case_has_a_condition_of_its_own_unless_the_numbers_or_the_words_close_the_chain(seed):
    told, text, nodes = tell(lambda t: chain(t, (0, 0)), seed)
    assert roles(nodes) == "CDCDD"
    if told.kinds[0] == "chain":
        assert nodes[4].triples == ()
    if told.kinds[0] in ("bands", "chain_and_rest"):
        assert nodes[4].triples
    if told.kinds[0] == "bands":
        assert not set(objects(nodes[0])) & set(objects(nodes[2]))
    assert text.index(objects(nodes[0])[0]) < text.index(objects(nodes[2])[0])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_a_tree_has_the_size_that_was_asked_for(size):
    for seed in SEEDS:
        _, _, nodes = tell(lambda t: grown(t, size), seed)
        assert len(nodes) == 2 * size + 1
        assert roles(nodes).count("C") == size


# the writer


def test_the_objects_are_those_of_the_text_with_its_capitals_and_doses():
    w = Writer(POPULATION, Random(0))
    asked, drug = Condition("clinical_feature", noun="fever"), Action("therapeutic_drug", "Alfa", dose="5 mg")
    text = f"{capital(w.mark(asked, asked.noun))}: {w.mark(drug, 'alfa')} {w.mark(drug, drug.dose, 'dose 1')}."
    plain, nodes = w.finish(text, [Fork((asked,), Leaf((drug,)))])
    assert plain == "Fever: alfa 5 mg."
    assert [[tuple(t) for t in node.triples] for node in nodes] == [
        [(POPULATION, "clinical_feature", "Fever")],
        [(POPULATION, "therapeutic_drug", "alfa"), ("alfa", "dosage", "5 mg")],
        [],
    ]
    assert [node.logical_rel for node in nodes] == [Logic.NULL, Logic.AND, Logic.NULL]


def test_no_fact_is_said_twice_and_none_of_the_tree_is_left_unsaid():
    w = Writer(POPULATION, Random(0))
    asked = Condition("clinical_feature", noun="fever")
    text = w.mark(asked, "fever")
    with pytest.raises(ValueError, match="said twice"):
        w.mark(asked, "fever")
    with pytest.raises(KeyError):
        w.finish(text, [Fork((asked,), Leaf((Action("therapeutic_drug", "alfa"),)))])


def test_capitals_and_plurals():
    assert capital("eGFR below 30") == "eGFR below 30"
    assert capital("fever") == "Fever"
    assert is_plural("blood cultures") and is_plural("observations every 30 minutes")
    assert not is_plural("hepatitis") and not is_plural("MRI of the internal auditory canals")


def test_the_command_writes_the_records(tmp_path):
    path = tmp_path / "synthetic.jsonl"
    done = CliRunner().invoke(application, ["corpus", "synthesise", "--number", "20", "--seed", "3", "-o", str(path)])
    assert done.exit_code == 0, done.output
    assert read_corpus(path) == synthesise(20, 3)
    assert "20 records" in done.output
