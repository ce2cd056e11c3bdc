"""Decision trees as decision tables in DMN 1.3."""

from __future__ import annotations

from text2mdt.export.dmn.table import dmn_files, tree_dmn

__all__ = ["dmn_files", "tree_dmn"]
