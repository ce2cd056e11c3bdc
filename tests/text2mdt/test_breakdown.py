import pytest

from text2mdt.breakdown import ErrorKind, error_kind, error_table, relation_table, shape, shape_table
from text2mdt.metrics import plain_from_json


def nodes(text: str) -> list:
    """`C feature fever; D drug a & drug b; D` in short."""
    result = []
    for line in filter(None, (part.strip() for part in text.split(";"))):
        role, _, rest = line.partition(" ")
        logic = "and" if " & " in rest else "or" if " | " in rest else "null"
        pieces = [piece.split(" ", 1) for piece in rest.replace(" | ", " & ").split(" & ") if piece]
        triples = [["adults", relation, item] for relation, item in pieces]
        result.append({"role": role, "triples": triples, "logical_rel": logic})
    return plain_from_json(result)


GOLD = "C feature no fever after 48 hours; D drug a & plan b; C basic old; D drug a; D"


@pytest.mark.parametrize(
    ("predicted", "kind"),
    [
        (GOLD, ErrorKind.CORRECT),
        ("", ErrorKind.EMPTY),
        (GOLD + "; C basic old; D drug a; D", ErrorKind.TREE_COUNT),
        ("C basic old; D drug a; D", ErrorKind.SKELETON),
        ("C feature no fever after 48 hours; C basic old; D drug a & plan b; D drug a; D", ErrorKind.SKELETON),
        (GOLD.replace("basic old", "feature old"), ErrorKind.RELATION),
        (GOLD.replace("basic old", "basic young"), ErrorKind.WRONG_TRIPLE),
        (GOLD.replace("drug a & plan b", "drug a"), ErrorKind.MISSING_TRIPLE),
        (GOLD.replace("basic old", "basic old & basic frail"), ErrorKind.EXTRA_TRIPLE),
        ("C feature no fever after 48 hours; D drug a; C basic old; D drug a & plan b; D", ErrorKind.WRONG_BRANCH),
        (GOLD.replace(" & ", " | "), ErrorKind.LOGIC),
        (GOLD.replace("no fever", "had no fever"), ErrorKind.SPAN_BORDER),
        (GOLD.replace("no fever", "had no fever").replace(" & ", " | "), ErrorKind.LOGIC),
    ],
)
def test_error_kinds(predicted, kind):
    assert error_kind(nodes(predicted), nodes(GOLD)) is kind


def test_error_kinds_of_negatives():
    assert error_kind(nodes(GOLD), []) is ErrorKind.INVENTED
    assert error_kind([], []) is ErrorKind.CORRECT


def test_error_table_counts_every_record_once():
    table = error_table([(nodes(GOLD), nodes(GOLD)), ([], nodes(GOLD)), ([], [])])
    assert list(table) == list(ErrorKind)
    assert sum(table.values()) == 3
    assert table[ErrorKind.CORRECT] == 2


def test_shapes():
    assert shape(nodes(GOLD)) == "5"
    assert shape(nodes("C f x; D; D;" + GOLD)) == "3+5"
    assert shape([]) == "negative"


def test_shape_table():
    gold = nodes(GOLD)
    two = nodes("C f x; D d y; D;" + GOLD)
    table = shape_table([(gold, gold), ([], gold), (two, two), ([], [])])
    assert list(table) == ["5", "3+5", "negative"]
    assert (table["5"].records, table["5"].tree_accuracy) == (2, 0.5)
    assert table["5"].triple_f1 == pytest.approx(2 / 3)
    assert (table["negative"].triple_f1, table["negative"].tree_accuracy) == (None, 1.0)


def test_relation_table():
    predicted = nodes(GOLD.replace("no fever", "had no fever").replace("plan b", "plan c"))
    table = relation_table([(predicted, nodes(GOLD)), (nodes("C feature x; D test y; D"), [])])
    assert list(table) == ["basic", "drug", "feature", "plan", "test"]
    assert (table["drug"].f1, table["plan"].f1, table["feature"].f1) == (1.0, 0.0, 0.0)
    assert (table["test"].precision, table["test"].recall) == (0.0, None)
    lenient = relation_table([(predicted, nodes(GOLD))], lenient=True)
    assert (lenient["feature"].f1, lenient["plan"].f1) == (1.0, 0.0)
