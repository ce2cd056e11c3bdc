import pytest

from text2mdt.documents import read_document
from text2mdt.passage_matching import PassageCounts, match_passages
from text2mdt.schema import Passage, Record

FIRST = "If the urate stays above 360 micromol per litre, increase allopurinol by 100 mg every four weeks."
SECOND = "In severe renal impairment avoid colchicine; otherwise give colchicine 500 micrograms twice daily."
OTHER = "Gout is common in men, and its crystals were first seen by a Dutch lens maker long ago."
DOCUMENT = read_document(f"# Gout\n\n{OTHER}\n\n{FIRST}\n\n{SECOND}\n".encode(), "gout.md")


def found(*texts, population="Adults with gout"):
    return [Passage(id=str(number), population=population, text=text) for number, text in enumerate(texts)]


def gold(*texts):
    return [
        Record(id=f"gout-{number}", population="Adults with gout", text=text, tree=())
        for number, text in enumerate(texts)
    ]


def words(text):
    return len(text.split())


def test_exact_passages():
    matches, counts = match_passages(DOCUMENT, found(FIRST, SECOND), gold(FIRST, SECOND))
    assert [(match.gold, match.found, match.cover) for match in matches] == [(0, 0, 1), (1, 1, 1)]
    assert counts == PassageCounts(
        gold=2, found=2, covered=2, right_population=2, on_target=2, other_words=words(OTHER), other_sent=0
    )


def test_passages_in_one_with_other_words():
    _, counts = match_passages(DOCUMENT, found(f"{OTHER} {FIRST} {SECOND}"), gold(FIRST, SECOND))
    assert (counts.covered, counts.found, counts.on_target) == (2, 1, 1)
    assert counts.other_sent == words(OTHER)


def test_trees_of_other_words_are_invented():
    _, counts = match_passages(DOCUMENT, found(OTHER, FIRST, OTHER), gold(FIRST), with_trees={"0", "1"})
    assert (counts.found, counts.on_target, counts.off_target_with_tree) == (3, 1, 1)


def test_a_passage_cut_in_two_is_not_found():
    half = FIRST.index("increase")
    _, counts = match_passages(DOCUMENT, found(FIRST[:half], FIRST[half:]), gold(FIRST))
    assert (counts.covered, counts.on_target) == (0, 2)


def test_nothing_found_and_only_other_words():
    _, nothing = match_passages(DOCUMENT, [], gold(FIRST))
    assert (nothing.covered, nothing.found, nothing.other_sent) == (0, 0, 0)
    _, other = match_passages(DOCUMENT, found(OTHER), gold(FIRST))
    assert (other.covered, other.on_target, other.other_sent) == (0, 0, words(OTHER))


@pytest.mark.parametrize(("population", "right"), [("adults WITH gout", 1), ("Patients with gout", 0)])
def test_population(population, right):
    _, counts = match_passages(DOCUMENT, found(FIRST, population=population), gold(FIRST))
    assert counts.right_population == right


def test_counts_add_up():
    _, counts = match_passages(DOCUMENT, found(FIRST), gold(FIRST))
    assert (counts + counts).gold == 2
    assert sum([counts, counts], PassageCounts()) == counts + counts
