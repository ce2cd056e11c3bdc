"""Decision tables in DMN → trees."""

from __future__ import annotations

from text2mdt.errors import Text2MDTError
from text2mdt.imports.dmn.edited import edited_tree
from text2mdt.imports.dmn.read_table import read_tables
from text2mdt.imports.dmn.rebuild import rebuilt_tree
from text2mdt.imports.imported import MOST_NODES, ImportedTree, Origin

__all__ = ["read_dmn"]


def read_dmn(content: str, where: object = "") -> list[ImportedTree]:
    """A tree for each decision with a table of yes-or-no inputs and string outputs (DMN 1.1 to 1.5).

    A file that text2mdt wrote gives back its tree as it was, changed words included, as long as the rules still ask for
    the same answers. Else the tree is built anew from the rules: it decides the same, in a shape of its own.

    Raises:
        Text2MDTError: T2M120 naming element and line, T2M121 for a file that is too big, T2M122 where rules with
            different outputs fit one case.
    """
    trees: list[ImportedTree] = []
    for table in read_tables(content, where):
        origin = Origin.of(table.carried)
        place = f"{where}, {table.decision}" if where else table.decision
        try:
            tree = edited_tree(table, origin.population) or rebuilt_tree(table, origin.population, where)
        except ValueError as error:
            raise Text2MDTError("T2M120", place, kind="DMN", detail=str(error)) from None
        trees.append(origin.with_tree(tree, table.decision))
        if sum(len(one.tree) for one in trees) > MOST_NODES:
            raise Text2MDTError("T2M121", where, detail=f"the limit is {MOST_NODES:,} nodes")
    if not trees:
        raise Text2MDTError("T2M120", where, kind="DMN", detail="no decision with a table in it")
    return trees
