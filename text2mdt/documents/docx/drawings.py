"""Pictures, charts, shapes and embedded objects of a Word file: their text boxes, and a note for what is not read."""

from __future__ import annotations

from lxml import etree

from text2mdt.documents.docx.names import ALTERNATE, W
from text2mdt.documents.drafts import NoteDraft
from text2mdt.documents.typed_text import clean

NOT_READ = "figure, not read"
_SOME_BOXES = 3
_SHAPES_ONLY = frozenset(("rect", "line", "shape", "oval", "roundrect", "polyline", "shapetype", "arc", "curve"))


def text_boxes(drawing: etree._Element) -> list[etree._Element]:
    """The contents of its text boxes, each once (a drawing is often written a second time for older programs)."""
    boxes: list[etree._Element] = []
    stack = [drawing]
    while stack:
        element = stack.pop()
        if element.tag == f"{W}txbxContent":
            boxes.append(element)
        elif element.tag == ALTERNATE:
            stack += element[:1]
        else:
            stack += reversed(element)
    return boxes


def figure_note(drawing: etree._Element, boxes: int) -> NoteDraft | None:
    """What to say of a drawing, picture or object with this many text boxes; None for a line or an empty shape."""
    names = {_name(element) for element in drawing.iter() if isinstance(element.tag, str)}
    caption = _description(drawing)
    if drawing.tag == f"{W}object":
        return NoteDraft("figure", "embedded object, not read" if "imagedata" not in names else NOT_READ, caption)
    if boxes:
        if boxes < _SOME_BOXES:
            return None
        return NoteDraft("figure", f"drawing of {boxes} text boxes, its lines and arrows not read", caption)
    if _is_decoration(drawing, names):
        return None
    if "chart" in names:
        return NoteDraft("figure", "chart, not read", caption)
    return NoteDraft("figure", NOT_READ, caption)


def _is_decoration(drawing: etree._Element, names: set[str]) -> bool:
    if any(_name(element) == "decorative" and element.get("val") in ("1", "true") for element in drawing.iter()):
        return True
    pictures = {"pic", "imagedata", "blip", "chart", "relIds", "wgp", "wpc", "group", "OLEObject"}
    return not names & pictures and bool(names & ({"wsp"} | _SHAPES_ONLY))


def _description(drawing: etree._Element) -> str:
    """The text that stands for a picture where it cannot be seen."""
    for element in drawing.iter():
        if _name(element) == "docPr":
            words = clean(element.get("descr") or element.get("title") or "")
        elif _name(element) in ("shape", "imagedata"):
            words = clean(element.get("alt") or element.get("{urn:schemas-microsoft-com:office:office}title") or "")
        else:
            continue
        if words:
            return words
    return ""


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
