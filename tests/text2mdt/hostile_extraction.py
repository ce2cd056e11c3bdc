"""An extraction whose words try to be something else: markup, script, a formula, the end of a string."""

from __future__ import annotations

from built_extractions import NOTHING, condition, decision, extraction, passage, tree

from text2mdt.schema import Extraction

LABELS = [
    "so-called \"red flags\" and 'others' “too”",
    "[x] {y} (z) <w> |v| ]]> --> */ }}",
    "two\nlines\r\nand\ttabs",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "🫁 fever 🤒 with 👩‍⚕️ review",
    "阿莫西林：轻度感染，每次五百毫克，每日三次",
    "long " * 100,
    "x" * 500,
    '=HYPERLINK("http://a.b";"c") & 1 + 1',
    "'; DROP TABLE trees; -- \\ \\\\ \\n",
    "%%{init: {}}%% ``` $$x$$ #35; &lt; &#60; ${7*7} {{7*7}}",
    "javascript:alert(1) http://evil.example",
    "\u202eright to left\u202c and \u200bhidden",
    "\x00\x07\x1b[31mred\u2028line\ufffe",
    "AND",
    "none",
]
"""Quotes, brackets, line breaks, script, emoji, Chinese, 500 characters, and what else formats take for their own."""

POPULATION = 'Adults <b>"A"</b> & 中文 👶'


def hostile_extraction() -> Extraction:
    """Each label as a condition and as a decision, in the population, the name of the document and its text."""
    trees = [
        tree(
            condition(label, population=POPULATION),
            decision(label, ("avoid", label), ("dose", f"{label.partition(':')[0]}: {label}"), population=POPULATION),
            NOTHING,
        )
        for label in LABELS
    ]
    joined = tree(
        condition(*LABELS, logic="and", population=POPULATION), decision(*LABELS, population=POPULATION), NOTHING
    )
    found = passage(1, *trees, joined, population=POPULATION, heading=LABELS[3], pages=(3, 4))
    return extraction(found, name='=a"<b>\n.md')
