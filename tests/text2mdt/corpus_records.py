"""A sound record by hand, and ways to change it and write it."""

import json
from pathlib import Path

POPULATION = "Children with acute otitis media"
TEXT = (
    "Children younger than 6 months, or with otorrhoea, should be treated with amoxicillin 45 mg/kg twice daily "
    "for 7 days. In older children who have severe symptoms, amoxicillin is also advised. For the remaining "
    "children, offer watchful waiting with paracetamol."
)


def node(role: str, *triples: tuple[str, str], logic: str | None = None) -> dict:
    """Triples as (relation, object), or (relation, object, subject)."""
    full = [[rest[0] if rest else POPULATION, relation, item] for relation, item, *rest in triples]
    return {"role": role, "triples": full, "logical_rel": logic or ("null" if len(full) < 2 else "and")}


TREE = [
    node("C", ("basic_information", "younger than 6 months"), ("clinical_feature", "otorrhoea"), logic="or"),
    node("D", ("therapeutic_drug", "amoxicillin"), ("dosage", "45 mg/kg twice daily for 7 days", "amoxicillin")),
    node("C", ("clinical_feature", "severe symptoms")),
    node("D", ("therapeutic_drug", "amoxicillin")),
    node("D", ("treatment_plan", "watchful waiting"), ("therapeutic_drug", "paracetamol")),
]
GOOD = {"id": "otitis-001", "population": POPULATION, "text": TEXT, "source": "NICE NG91", "tree": TREE,
        "specialty": "otorhinolaryngology"}  # fmt: skip


def record(**changes: object) -> dict:
    return {**GOOD, **changes}


def with_node(index: int, new: dict) -> dict:
    return record(tree=[*TREE[:index], new, *TREE[index + 1 :]])


def write(path: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path
