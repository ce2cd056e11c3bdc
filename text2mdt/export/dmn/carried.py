"""What a DMN file carries beside its table, so that the tree it was made from comes back as it was."""

from __future__ import annotations

import json

from lxml import etree

from text2mdt.export.dmn.names import NAMESPACES
from text2mdt.export.mermaid import provenance
from text2mdt.sourced_tree import SourcedTree

TAG = f"{{{NAMESPACES['text2mdt']}}}tree"


def carried(tree: SourcedTree) -> etree._Element:
    """Origin and nodes as JSON; other programs keep or drop it, the table says the same."""
    value = provenance(tree) | {"nodes": [node.model_dump(mode="json") for node in tree.tree.nodes]}
    element = etree.Element(TAG)
    element.text = json.dumps(value)
    return element
