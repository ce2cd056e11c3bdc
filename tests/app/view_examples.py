"""Passages of every size for the views: built by hand, with the words that guidelines use."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from built_extractions import condition, decision, passage, tree

from text2mdt.schema import Box, Node, NodeWarning, PassageResult

ADULTS = "Adults with community-acquired pneumonia"
_FEATURES = [
    "CURB-65 score of 2 or more",
    "oxygen saturation below 92 % on room air",
    "respiratory rate of 30 or more",
    "systolic blood pressure below 90 mmHg or diastolic 60 mmHg or less",
    "new confusion",
    "serum urea above 7 mmol/L",
    "multilobar shadowing on the chest radiograph",
    "no improvement after 48 hours of oral treatment",
    "pleural effusion",
    "temperature above 38.5 °C for more than three days",
]
_PLANS = [
    ("amoxicillin 500 mg", "three times daily for 5 days"),
    ("doxycycline", "200 mg on the first day, then 100 mg once daily"),
    ("clarithromycin", "500 mg twice daily"),
    ("co-amoxiclav", "1.2 g intravenously every 8 hours"),
    ("benzylpenicillin", "1.2 g four times daily"),
    ("levofloxacin", "500 mg twice daily"),
]
_OTHER = [
    ("refer", "admission to hospital"),
    ("test", "chest radiograph within 4 hours"),
    ("plan", "review within 48 hours"),
]

HOSTILE = [
    "<script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    "\"quoted\" & 'single' </text><b>bold</b>",
    "🫁 fever 🤒 with 👩‍⚕️ review",
    "阿莫西林用于轻度社区获得性肺炎患者，每次五百毫克，每日三次，疗程五天，必要时复查胸片。",
    "x" * 500,
    "long words of a label that never seems to end " * 11,
    "\u202eright to left\u202c and \u0000 nothing",
]


def nodes(count: int, at: int = 0) -> list[Node]:
    """A tree of so many nodes (odd) in pre-order, half a chain and half nested."""
    if count == 1:
        return [_decision(at)]
    yes = 1 if count <= 11 else 2 * ((count - 1) // 6) + 1
    return [_condition(at), *nodes(yes, at + 1), *nodes(count - 1 - yes, at + 1 + yes)]


def _condition(at: int) -> Node:
    first = _FEATURES[at % len(_FEATURES)]
    if at % 3 == 1:
        return condition(
            first, _FEATURES[(at + 5) % len(_FEATURES)], logic="or" if at % 2 else "and", population=ADULTS
        )
    return condition(first, relation="basic_information" if at % 5 == 4 else "clinical_feature", population=ADULTS)


def _decision(at: int) -> Node:
    drug, dose = _PLANS[at % len(_PLANS)]
    if at % 7 == 6:
        return decision()
    if at % 4 == 3:
        return decision(("avoid", drug), _OTHER[at % 3], population=ADULTS)
    return decision(drug, ("dose", f"{drug}: {dose}"), *([_OTHER[at % 3]] if at % 2 else []), population=ADULTS)


@cache
def example(count: int) -> PassageResult:
    """A passage with one tree of so many nodes, in the words of a text of its own; every third node is doubted."""
    found = nodes(count)
    warnings = [
        NodeWarning(kind="lost_gate", node=index, triple=0, text="The text makes it depend on something.")
        for index, node in enumerate(found)
        if index % 3 == 1 and node.triples
    ]
    return passage(
        1, tree(*found), text=_text(found), population=ADULTS, heading="Antibiotics", warnings=tuple(warnings)
    )


def _text(found: list[Node]) -> str:
    sentences = []
    for node in found:
        words = [triple.object for triple in node.triples]
        if node.is_condition:
            sentences.append(f"If there is {f' {node.logical_rel} '.join(words)}, the following holds.")
        elif words:
            sentences.append(f"Offer {', '.join(words)}.")
    return " ".join(sentences)


@cache
def forest() -> PassageResult:
    """Three trees in one passage; one action that two of them share."""
    trees = [
        tree(condition("fever", population=ADULTS), decision("paracetamol", population=ADULTS), decision()),
        tree(condition("dehydration", population=ADULTS), decision(("plan", "oral fluids")), decision()),
        tree(condition("pain", population=ADULTS), decision("paracetamol", population=ADULTS), decision("ibuprofen")),
    ]
    text = "For fever or pain 🤒 offer paracetamol. Without pain, ibuprofen. For dehydration, oral fluids."
    return passage(1, *trees, text=text, population=ADULTS)


@cache
def hostile() -> PassageResult:
    """Labels that try to be markup, or are long, or in other scripts."""
    first, *others = HOSTILE
    found = [
        condition(first, HOSTILE[1], logic="and", population=HOSTILE[2]),
        decision(*others[:4]),
        decision(*others[4:]),
    ]
    return passage(1, tree(*found), text=" ".join(HOSTILE), population=HOSTILE[2])


def printed(result: PassageResult) -> tuple[bytes, PassageResult]:
    """The passage printed as a PDF of one page, and with the boxes of its words there."""
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.pdfgen.canvas import Canvas

    size, leading, left, top, width = 11, 17, 60.0, 70.0, 475.0
    places: list[tuple[float, float]] = []  # left end and top of every character
    x, y = left, top
    for number, sign in enumerate(result.text):
        ahead = result.text[number:].split(" ")[0]
        if (
            sign != " "
            and (not number or result.text[number - 1] == " ")
            and x + stringWidth(ahead, "Helvetica", size) > left + width
        ):
            x, y = left, y + leading
        places.append((x, y))
        x += stringWidth(sign, "Helvetica", size)
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=1)
    canvas.setFont("Helvetica", size)
    for (x, y), sign in zip(places, result.text, strict=True):
        canvas.drawString(x, 842 - y - size, sign)
    canvas.save()
    groundings = []
    for grounding in result.groundings:
        span = range(grounding.passage_span.start, grounding.passage_span.end)
        rows: dict[float, list[int]] = {}
        for index in span:
            rows.setdefault(places[index][1], []).append(index)
        boxes = tuple(
            Box(
                page=1,
                left=places[row[0]][0],
                top=y,
                right=places[row[-1]][0] + stringWidth(result.text[row[-1]], "Helvetica", size),
                bottom=y + size + 3,
            )
            for y, row in rows.items()
        )
        groundings.append(grounding.model_copy(update={"boxes": boxes}))
    return file.getvalue(), result.model_copy(update={"groundings": tuple(groundings)})
