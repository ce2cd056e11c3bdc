"""Decision tree → DMN 1.3: a decision with its table, its inputs, its source and a diagram."""

from __future__ import annotations

from lxml import etree

from text2mdt.export.dmn.carried import carried
from text2mdt.export.dmn.diagram import diagram
from text2mdt.export.dmn.names import NAMESPACES, feel_string, input_names, slug
from text2mdt.export.dmn.rules import Rule, RuleTable, rule_table
from text2mdt.export.dot import LOW_CONFIDENCE, printable
from text2mdt.node_text import node_line, triple_line
from text2mdt.schema import Extraction
from text2mdt.sourced_tree import SourcedTree, sourced_trees

_DMN = f"{{{NAMESPACES[None]}}}"
_DECISION, _SOURCE = "decision", "source"
ANY = "-"
"""The entry of an input that a rule does not ask for."""


def tree_dmn(tree: SourcedTree) -> str:
    """One tree as a DMN 1.3 file.

    The table has hit policy UNIQUE, a boolean input for each distinct triple and one output, a string: the text of
    `node_text`. Each rule has its source as description (what bpmn.io and Camunda show beside it) and as annotation
    entry. The column of annotations has no name: SpiffWorkflow and pyDMNrules refuse tables that name it.

    Raises:
        Text2MDTError: T2M049 for a tree with too many rules.
    """
    table = rule_table(tree.tree, tree.title)
    root = etree.Element(_DMN + "definitions", nsmap=NAMESPACES)
    attributes = {"id": f"definitions{_id(tree)}", "name": printable(tree.title), "exporter": "text2mdt"}
    root.attrib.update(attributes | {"namespace": "urn:text2mdt:dmn"})
    names = input_names(triple.object for triple in table.inputs)
    decision = _decision(tree, table, names)
    root.append(decision)
    for number, triple in enumerate(table.inputs, start=1):
        data = _sub(root, "inputData", id=f"data_{number}", name=names[number - 1])
        data.set("label", triple_line(triple, tree.result.population))
        _sub(data, "variable", id=f"data_{number}_variable", name=names[number - 1], typeRef="boolean")
    root.append(_source(tree))
    sources = {f"needs_{number}": f"data_{number}" for number in range(1, len(names) + 1)} | {"rests_on": _SOURCE}
    root.append(diagram(_DECISION, _SOURCE, [*sources.values()][:-1], sources))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True).decode()


def dmn_files(extraction: Extraction) -> dict[str, str]:
    """A file for each tree: most engines take one decision a file."""
    return {f"{tree.place}.dmn": tree_dmn(tree) for tree in sourced_trees(extraction)}


def _id(tree: SourcedTree) -> str:
    return tree.place.replace("-", "_")


def _sub(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, _DMN + tag, attributes)
    element.text = text
    return element


def _decision(tree: SourcedTree, table: RuleTable, names: list[str]) -> etree._Element:
    name = f"{slug(tree.result.population) or 'decision'}{_id(tree)}"
    decision = etree.Element(_DMN + "decision", id=_DECISION, name=name, label=printable(tree.title))
    _sub(decision, "description", printable(tree.result.population))
    _sub(decision, "extensionElements").append(carried(tree))
    _sub(decision, "variable", id="decision_variable", name=name, typeRef="string")
    for number in range(1, len(names) + 1):
        needs = _sub(decision, "informationRequirement", id=f"needs_{number}")
        _sub(needs, "requiredInput", href=f"#data_{number}")
    _sub(_sub(decision, "authorityRequirement", id="rests_on"), "requiredAuthority", href=f"#{_SOURCE}")
    decision.append(_table(tree, table, names))
    return decision


def _table(tree: SourcedTree, table: RuleTable, names: list[str]) -> etree._Element:
    element = etree.Element(_DMN + "decisionTable", id="table", hitPolicy="UNIQUE")
    for number, (triple, name) in enumerate(zip(table.inputs, names, strict=True), start=1):
        asked = _sub(element, "input", id=f"input_{number}", label=triple_line(triple, tree.result.population))
        _sub(_sub(asked, "inputExpression", id=f"input_{number}_expression", typeRef="boolean"), "text", name)
    _sub(element, "output", id="output", label="decision", name="decision", typeRef="string")
    for number, rule in enumerate(table.rules, start=1):
        element.append(_rule(tree, rule, number, len(names)))
    return element


def _rule(tree: SourcedTree, rule: Rule, number: int, inputs: int) -> etree._Element:
    element = etree.Element(_DMN + "rule", id=f"rule_{number}")
    source = printable(_why(tree, rule))
    _sub(element, "description", source)
    for index in range(inputs):
        entry = {True: "true", False: "false", None: ANY}[rule.answers.get(index)]
        _sub(_sub(element, "inputEntry", id=f"rule_{number}_in_{index + 1}"), "text", entry)
    said = node_line(tree.tree.nodes[rule.decision], tree.result.population)
    _sub(_sub(element, "outputEntry", id=f"rule_{number}_out"), "text", feel_string(said))
    _sub(_sub(element, "annotationEntry"), "text", source)
    return element


def _why(tree: SourcedTree, rule: Rule) -> str:
    """Whether a rule is doubtful, its strength and source words, those of its conditions, and their place."""
    quotes = [quote for node in (rule.decision, *rule.conditions) for quote in tree.quotes(node)]
    unsure = any(tree.is_doubtful(node) for node in (rule.decision, *rule.conditions))
    said = [LOW_CONFIDENCE] if unsure else []
    said += dict.fromkeys([*tree.strengths(rule.decision), *(f'"{quote.words}"' for quote in quotes)])
    pages = sorted({page for quote in quotes for page in quote.pages})
    where = tree.result.id + (f", page {', '.join(map(str, pages))}" if pages else "")
    return "; ".join([*said, where])


def _source(tree: SourcedTree) -> etree._Element:
    """The passage as a knowledge source."""
    passage = tree.result
    where = [tree.document, *passage.passage.heading_path]
    where += [f"page {', '.join(map(str, passage.passage.pages))}"] if passage.passage.pages else []
    source = etree.Element(_DMN + "knowledgeSource", id=_SOURCE, name=printable(f"{tree.document}, {passage.id}"))
    _sub(source, "description", printable(f"{' > '.join(where)}\n{passage.text}"))
    _sub(source, "type", "guideline passage")
    return source
