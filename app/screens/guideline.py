"""The guideline: all trees of a document by population, filtered, with what its passages disagree on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import streamlit as st

from app.chosen_document import extraction_or_hint, reviewed_guideline
from app.links import choose
from app.screens import screen
from app.visit import errors_as_messages, store
from app.wording import counted, plain, spoken
from text2mdt.guideline import Entry, Group, Guideline
from text2mdt.guideline.conflict_kinds import KINDS
from text2mdt.review.stored import StoredPassage
from text2mdt.schema import Node

ALL, UNCHECKED, WARNED, CHECKED = "everything", "unchecked", "with warnings", "checked"


def show() -> None:
    number = extraction_or_hint("Guideline")
    if number is None:
        return
    st.title("Guideline")
    with errors_as_messages():
        version = store().extraction(number).version
        extraction, built = reviewed_guideline(number, version)
        passages = {stored.key: stored for stored in store().passages(number)}
        st.markdown(f"### {plain(extraction.document.name)}")
        st.caption(
            f"{counted(len(built.all_groups), 'population')}, "
            f"{counted(sum(len(group.trees) for group in built.all_groups), 'tree')}, "
            f"{counted(len(built.conflicts), 'conflict')} between passages"
        )
        if not built.groups:
            st.info("There is no tree in this document yet.")
            return
        show_conflicts(built)
        wanted = (
            st.segmented_control("Show", [ALL, UNCHECKED, CHECKED, WARNED], default=ALL, key="guideline-filter") or ALL
        )
        words = st.text_input(
            "Search", key="guideline-search", placeholder="words of a condition, decision or population"
        )
        fitting = {key for key, stored in passages.items() if _fits(stored, wanted)}
        for group in built.groups:
            show_group(group, fitting, words.casefold().strip(), number)
        if built.left_out:
            with st.expander(f"{counted(len(built.left_out), 'passage')} left out"):
                for one in built.left_out:
                    st.markdown(f"- {plain(one.passage)}: {plain(one.reason)}")


def show_conflicts(built: Guideline) -> None:
    """What passages disagree on."""
    if not built.conflicts:
        return
    with st.expander(
        f"{counted(len(built.conflicts), 'conflict')} between passages", icon=":material/warning:", expanded=True
    ):
        for conflict in built.conflicts:
            weak = " (a narrower population: perhaps meant)" if conflict.narrower_population else ""
            st.markdown(f"**{KINDS[conflict.kind]}**{weak}: {plain(conflict.text)}")


def show_group(group: Group, fitting: set[str], words: str, number: int) -> None:
    """A population, its joined trees, and the narrower populations below it."""
    entries = [entry for entry in group.entries if _shown(entry, fitting, words, words in group.population.casefold())]
    if entries:
        with st.expander(f"{plain(group.population)} · {counted(len(entries), 'entry')}", expanded=True):
            for position, entry in enumerate(entries):
                _entry(entry, number, f"{group.passages[0]}-{position}")
    for narrower in group.narrower:
        show_group(narrower, fitting, words, number)


def _entry(entry: Entry, number: int, key: str) -> None:
    """A tree: a row for each run of its nodes that stand in one passage, since every row costs the browser time."""
    for row, (passage, lines) in enumerate(groupby(_lines(entry, "", 0), key=itemgetter(0))):
        left, right = st.columns([12, 2], vertical_alignment="center")
        left.markdown("  \n".join(line for _, line in lines))
        if right.button("Review", key=f"entry-{key}-{row}", type="tertiary", help=f"passage {passage}"):
            choose(number, passage)
            st.switch_page(screen("review"))


def _lines(entry: Entry, lead: str, level: int) -> Iterator[tuple[str, str]]:
    """A node and, indented, what follows from yes and no: each with its passage and as a line of Markdown."""
    kind = "*if* " if entry.node.is_condition else "➜ "
    yield entry.places[0].passage, f"{'&nbsp;' * 6 * level}{lead}{kind}{_said(entry.node)}"
    for answer, entries in (("**yes** ", entry.yes), ("**no** ", entry.no)):
        for below in entries:
            if below.node.triples:
                yield from _lines(below, answer, level + 1)


def _said(node: Node) -> str:
    joint = f" **{node.logical_rel}** "
    return joint.join(f"{spoken(triple.relation)}: {plain(triple.object)}" for triple in node.triples) or "nothing"


def _shown(entry: Entry, fitting: set[str], words: str, all_words: bool) -> bool:
    if not {place.passage for place in entry.places} & fitting:
        return False
    return not words or all_words or _holds(entry, words)


def _holds(entry: Entry, words: str) -> bool:
    if any(words in triple.object.casefold() for triple in entry.node.triples):
        return True
    return any(_holds(below, words) for below in (*entry.yes, *entry.no))


def _fits(stored: StoredPassage, wanted: str) -> bool:
    state = stored.state
    return {
        ALL: True,
        UNCHECKED: state.checked < state.triples,
        CHECKED: state.checked == state.triples,
        WARNED: bool(state.warnings),
    }[wanted]
