"""All printed layouts by name; each makes a PDF and tells what should be read in it."""

from __future__ import annotations

from printed import columns, furniture, lists_and_words, page_shapes, tables
from printed.pages import Layouts

LAYOUTS: Layouts = {
    **columns.LAYOUTS,
    **lists_and_words.LAYOUTS,
    **page_shapes.LAYOUTS,
    **furniture.LAYOUTS,
    **tables.LAYOUTS,
}
