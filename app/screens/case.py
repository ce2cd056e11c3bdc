"""Try a case: the conditions asked one by one, and the path, the decision and the words of the text that say it."""

from __future__ import annotations

import streamlit as st

from app.chosen_document import extraction_or_hint, reviewed_guideline
from app.visit import errors_as_messages, store
from app.wording import counted, plain, shortened, spoken
from text2mdt.cases import Answer, Case, CaseTree, explain, next_question, plain_trees, trees_of_guideline
from text2mdt.cases.explain import ExplainedCondition, ExplainedDecision, ExplainedTriple, Explanation
from text2mdt.schema import Logic

ANSWERS = {Answer.YES: "Yes", Answer.NO: "No", Answer.UNKNOWN: "Unknown"}
SIGNS = {True: "✓ yes", False: "✗ no", None: "? open"}


def show() -> None:
    number = extraction_or_hint("Try a case")
    if number is None:
        return
    st.title("Try a case")
    with errors_as_messages():
        extraction = store().extraction(number)
        reviewed, built = reviewed_guideline(number, extraction.version)
        trees = trees_of_guideline(built, reviewed)
        st.markdown(f"### {plain(store().document(extraction.document).name)}")
        st.caption("An invented case, to test the trees. Do not enter facts of a patient.")
        if not trees:
            st.info("There is no tree in this document yet.")
            return
        populations = list(dict.fromkeys(tree.population for tree in trees))
        population = st.selectbox("Population", populations, key=f"case-population-{number}")
        mine = [tree for tree in trees if tree.population == population]
        chosen = st.selectbox(
            "Decision",
            [None, *range(len(mine))],
            format_func=lambda index: f"all {len(mine)} of this population" if index is None else _title(mine[index]),
            key=f"case-tree-{number}-{population}",
        )
        walk(mine if chosen is None else [mine[chosen]], key=f"case-{number}-{population}-{chosen}")


def walk(trees: list[CaseTree], key: str) -> None:
    """Asks the next question and shows what the answers so far lead to."""
    case: Case = st.session_state.get(key, Case())
    left, right = st.columns([2, 3], gap="large")
    with left:
        question = next_question(plain_trees(trees), case)
        if question is None:
            st.success("No further question changes what is decided.", icon=":material/check_circle:")
        else:
            st.markdown(f"#### {spoken(question.asked.relation).capitalize()}: {plain(question.asked.object)}?")
            source = _words_of(trees[question.tree], question.node, question.triple)
            st.caption(f"{plain(question.asked.subject)} · {plain(source)}")
            with st.container(horizontal=True):
                for answer, label in ANSWERS.items():
                    st.button(
                        label,
                        key=f"{key}-{answer}",
                        on_click=_set,
                        args=(key, case.with_answer(question.asked, answer)),
                        type="primary" if answer is Answer.YES else "secondary",
                    )
        with st.container(horizontal=True):
            st.button(
                "Back", key=f"{key}-back", disabled=not case.answers, on_click=_set, args=(key, case.without_last())
            )
            st.button("Start anew", key=f"{key}-new", disabled=not case.answers, on_click=_set, args=(key, Case()))
        if case.answers:
            st.markdown("**Answers so far**")
            for given in case.answers:
                st.markdown(f"- {plain(given.object)}: **{ANSWERS[given.answer].lower()}**")
    with right:
        for tree in trees:
            _explained(explain(tree, case))


def _set(key: str, case: Case) -> None:
    st.session_state[key] = case


def _explained(told: Explanation) -> None:
    with st.container(border=True):
        for step in told.path:
            st.markdown(f"{SIGNS[step.holds]} · {_condition(step)}")
            _quotes(step.triples)
        if told.open is not None:
            st.markdown(f"{SIGNS[None]} · {_condition(told.open)}")
        if len(told.decisions) == 1:
            st.markdown(f"➜ **{_decision(told.decisions[0])}**")
            _quotes(told.decisions[0].triples)
            return
        st.caption(
            ("The same in all" if told.settled else "Still possible") + f": {counted(len(told.decisions), 'decision')}"
        )
        for decision in told.decisions:
            hangs = "; ".join(f"{_condition(one)}: {'yes' if one.holds else 'no'}" for one in decision.hangs_on)
            st.markdown(f"- {_decision(decision)}" + (f" · if {hangs}" if hangs else ""))


def _condition(condition: ExplainedCondition) -> str:
    return _joined(condition.triples, condition.logical_rel)


def _decision(decision: ExplainedDecision) -> str:
    strength = f" ({plain(', '.join(decision.strengths))})" if decision.strengths else ""
    return _joined(decision.triples, decision.logical_rel) + strength


def _joined(triples: tuple[ExplainedTriple, ...], logic: Logic) -> str:
    said = [f"{spoken(one.triple.relation)}: {plain(one.triple.object)}" for one in triples]
    return f" {logic} ".join(said) or "no recommendation given"


def _quotes(triples: tuple[ExplainedTriple, ...]) -> None:
    words = []
    for triple in triples:
        for quote in triple.quotes[:2]:
            page = f", page {', '.join(map(str, quote.pages))}" if quote.pages else ""
            words.append(f"“{plain(quote.words)}” ({plain(quote.passage)}{page})")
    if words:
        st.caption("Source: " + "; ".join(dict.fromkeys(words)))


def _words_of(tree: CaseTree, node: int, triple: int) -> str:
    quote = next((quote for quote in tree.quotes(node) if quote.triple == triple), None)
    return f"passage {quote.passage}" + (f", page {quote.pages[0]}" if quote.pages else "") if quote else ""


def _title(tree: CaseTree) -> str:
    words = " / ".join(triple.object for triple in tree.tree.nodes[0].triples)
    return f"on: {shortened(words, 70)}"
