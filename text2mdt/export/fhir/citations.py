"""Where the words of a triple stand, for people (`documentation`) and for reading back (an extension)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from text2mdt.export.fhir.legal import markdown, words
from text2mdt.export.fhir.source import TreeSource
from text2mdt.export.fhir.systems import Json
from text2mdt.schema import Box, Grounding, Recommendation, Span


def documentation(source: TreeSource, nodes: Iterable[int]) -> list[Json]:
    """A citation for each triple of these nodes whose words were found, and for what says how firm a decision is."""
    found: list[Json] = []
    for node in nodes:
        for index, triple in enumerate(source.tree.nodes[node].triples):
            if grounding := source.grounding(node, index):
                found.append(_citation(source, triple.object, grounding))
        for item in source.recommendations(node):
            said = source.result.text[item.passage_span.start : item.passage_span.end]
            cited = _citation(source, said, item)
            found.append(cited | {"citation": f"{item.kind}: {markdown(item.value)}; {cited['citation']}"})
    return found


def pages_of(source: TreeSource, boxes: Sequence[Box]) -> list[int]:
    """The pages that words stand on; those of the passage where it has only one."""
    pages = sorted({box.page for box in boxes})
    known = source.result.passage.pages
    return pages or (list(known) if len(known) == 1 else [])


def span_extension(source: TreeSource, grounding: Grounding) -> Json:
    """The characters of a triple's object in the passage and in the document, and its pages."""
    parts = [_whole("start", grounding.passage_span.start), _whole("end", grounding.passage_span.end)]
    for span in grounding.document_spans:
        ends = [_whole("start", span.start), _whole("end", span.end)]
        parts.append({"extension": ends, "url": "document"})
    parts += [_whole("page", page) for page in pages_of(source, grounding.boxes)]
    return {"extension": parts, "url": "span"}


def _citation(source: TreeSource, said: str, found: Grounding | Recommendation) -> Json:
    pages = pages_of(source, found.boxes)
    page = f"page {', '.join(map(str, pages))}" if pages else ""
    inside = f"characters {_range(found.passage_span)} of passage {markdown(source.result.id)}"
    outside = " and ".join(map(_range, found.document_spans))
    places = [markdown(source.extraction.document.name), page, f"characters {outside}" if outside else "", inside]
    cited = {"type": "citation", "display": words(said), "citation": ", ".join(filter(None, places))}
    return cited | ({"label": page} if page else {})


def _range(span: Span) -> str:
    return f"{span.start}–{span.end}"


def _whole(url: str, number: int) -> Json:
    return {"url": url, "valueInteger": number}
