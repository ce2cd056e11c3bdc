"""Small made-up Chinese records in the form of Text2DT."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

POPULATION = "急性咽炎患者"
_SIGNS = ("发热", "咽痛明显", "吞咽困难", "咳嗽", "扁桃体肿大")
_DRUGS = ("布洛芬", "阿莫西林", "含片", "头孢克洛")


def condition(*signs: str) -> dict[str, Any]:
    logic = "or" if len(signs) > 1 else "null"
    return {"role": "C", "triples": [[POPULATION, "临床表现", sign] for sign in signs], "logical_rel": logic}


def decision(drug: str = "", dose: str = "") -> dict[str, Any]:
    triples = [[POPULATION, "治疗药物", drug]] if drug else []
    triples += [[drug, "用法用量", dose]] if dose else []
    return {"role": "D", "triples": triples, "logical_rel": "and" if len(triples) > 1 else "null"}


def chinese_record(number: int) -> dict[str, Any]:
    """One tree; every second record has a second condition."""
    sign, drug = _SIGNS[number % len(_SIGNS)], _DRUGS[number % len(_DRUGS)]
    text = f"{POPULATION}@如有{sign}，可口服{drug}，每次0.2g；"
    tree = [condition(sign), decision(drug, "每次0.2g"), decision()]
    if number % 2:
        other, second = _SIGNS[(number + 1) % len(_SIGNS)], _DRUGS[(number + 1) % len(_DRUGS)]
        text += f"伴{other}时改用{second}。"
        tree[2:] = [condition(other), decision(second), decision()]
    return {"text": text, "tree": tree}


def write_chinese(path: Path, numbers: range) -> Path:
    """Writes records as Text2DT has them: one JSON list, indented."""
    records = [chinese_record(number) for number in numbers]
    path.write_text(json.dumps(records, ensure_ascii=False, indent=2), encoding="utf-8")
    return path
