"""The grammar for llama.cpp allows what the grammar for llguidance allows."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_grammar import TEXT, P, accepts

from text2mdt.corpus import read_corpus
from text2mdt.gbnf import passage_gbnf
from text2mdt.grammar import FORMATS_WITH_GRAMMAR
from text2mdt.linear import get_format
from text2mdt.linear.segments import join
from text2mdt.relations import ENGLISH

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\w-]+|[|()]|\{\d+,\d+\}')


class Recogniser:
    """Reads a GBNF grammar of literals, names, groups, `|` and `{m,n}`; says which texts it allows."""

    def __init__(self, grammar: str) -> None:
        rules = (line.partition(" ::= ") for line in grammar.splitlines())
        self.rules = {name: self._choice(_TOKEN.findall(body)) for name, _, body in rules}

    def _choice(self, tokens: list[str]) -> tuple:
        ways, way = [], []
        while tokens and tokens[0] != ")":
            token = tokens.pop(0)
            if token == "|":
                ways.append(way)
                way = []
            elif token == "(":
                way.append(("group", self._choice(tokens), 1, 1))
                assert tokens.pop(0) == ")"
            elif token[0] == "{":
                low, high = map(int, token[1:-1].split(","))
                way[-1] = ("group", way[-1][1], low, high)
            elif token[0] == '"':
                literal = token.replace("\\x08", "\\b").replace("\\x0C", "\\f")
                way.append(("text", json.loads(literal)))
            else:
                way.append(("rule", token))
        return tuple(map(tuple, [*ways, way]))

    def allows(self, text: str) -> bool:
        @cache
        def rule_ends(name: str, start: int) -> frozenset[int]:
            return choice_ends(self.rules[name], start)

        @cache
        def choice_ends(ways: tuple, start: int) -> frozenset[int]:
            found: set[int] = set()
            for way in ways:
                ends = {start}
                for part in way:
                    ends = {end for place in ends for end in part_ends(part, place)}
                found |= ends
            return frozenset(found)

        def part_ends(part: tuple, start: int) -> set[int]:
            if part[0] == "text":
                return {start + len(part[1])} if text.startswith(part[1], start) else set()
            if part[0] == "rule":
                return set(rule_ends(part[1], start))
            ends, found = {start}, set()
            for count in range(1, part[3] + 1):
                ends = {end for place in ends for end in choice_ends(part[1], place)}
                found |= ends if count >= part[2] else set()
            return found

        return len(text) in rule_ends("root", 0)


RECOGNISER = Recogniser(passage_gbnf(TEXT, P, ENGLISH))


@pytest.mark.parametrize(
    "target",
    [
        "none",
        "1 if feature: mild croup\n1 yes drug: oral dexamethasone & dose: 0.15 mg/kg as a single dose\n1 no none",
        "1 if feature: mild croup\n1 yes drug: oral dexamethasone & dose: 0.15 mg/kg as a single dose\n1 no",
        "1 if feature: mild croup\n1 yes dose: 0.15 mg/kg\n1 no none",
        "1 if feature: mild  croup\n1 yes none\n1 no none",
        "1 if feature: mild crou\n1 yes none\n1 no none",
        "1 if feature:  mild\n1 yes none\n1 no none",
        "1 if feature: (\n1 yes none\n1 no none",
        "1 if feature: BNF \\[2024\\] \\| A \\& B\n1 yes plan: non-invasive oxygen | plan: home care\n1 no none",
        "1 if feature: mild croup & basic: Severe croup\n1 yes none\n1 no 2 if feature: A\n2 yes none\n2 no none",
        "1 if feature: mild & feature: croup | feature: A\n1 yes none\n1 no none",
        "1 if feature: ≥ 38.5 °C\n1 yes drug: paracetamol \\\\ ibuprofen\n1 no 2 none",
        "1 if feature: home care\\n\n1 yes none\n1 no none",
        "1 if feature: home care.\\nSevere\n1 yes none\n1 no none",
        "1 if feature: A\n1 yes drug: ibuprofen & dose [paracetamol]: single\n1 no none",
        "1 do drug: ibuprofen",
        "",
    ],
)
def test_both_grammars_allow_the_same(target):
    assert RECOGNISER.allows(target) == accepts(target)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_piece_is_allowed_by_both_or_by_none(data):
    start = data.draw(st.integers(0, len(TEXT)))
    piece = TEXT[start : data.draw(st.integers(start, min(len(TEXT), start + 30)))]
    target = f"1 if feature: {piece}\n1 yes none\n1 no none"
    assert RECOGNISER.allows(target) == accepts(target)


@pytest.mark.parametrize("name", FORMATS_WITH_GRAMMAR)
def test_gold_trees_of_the_corpus_are_allowed(name):
    form = get_format(name)
    for record in read_corpus("data/corpus/dev.jsonl")[: 25 if name == "outline" else 5]:
        target = join(form.segments(record.trees, record.population, ENGLISH, record.text))
        recogniser = Recogniser(passage_gbnf(record.text, record.population, ENGLISH, format=name))
        assert recogniser.allows(target), record.id
        assert not record.trees or not recogniser.allows(target + " ")


def test_a_passage_without_letters_has_none():
    recogniser = Recogniser(passage_gbnf("– (…)", P, ENGLISH))
    assert recogniser.allows("none")
    assert not recogniser.allows("1 if feature: (\n1 yes none\n1 no none")


def test_it_grows_with_the_words():
    short, long = (len(passage_gbnf("word " * count, P, ENGLISH)) for count in (100, 1000))
    assert long < 10 * short
