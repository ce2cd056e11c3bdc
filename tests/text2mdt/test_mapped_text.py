"""Pieces of a source keep their places through slicing, joining and tidying."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from text2mdt.mapped_text import MappedText

SOURCE = st.text(alphabet="ab c\n\t \u00a0é。", min_size=1, max_size=40)


def check(mapped: MappedText, source: str) -> None:
    end = 0
    for segment in mapped.segments:
        assert segment.length > 0
        assert segment.passage_start >= end
        end = segment.passage_start + segment.length
        document_end = segment.document_start + segment.length
        assert mapped.text[segment.passage_start : end] == source[segment.document_start : document_end]
    assert end <= len(mapped.text)


@given(SOURCE, st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_every_operation_keeps_the_mapping(source: str, a: int, b: int, c: int, d: int) -> None:
    one = MappedText.of(source, *sorted((min(a, len(source)), min(b, len(source)))))
    two = MappedText.of(source, *sorted((min(c, len(source)), min(d, len(source)))))
    joined = MappedText.join([one, "; ", two])
    assert joined.text == one.text + "; " + two.text
    for mapped in (joined, joined.slice(1, 7), joined.tidy(), joined.slice(2, 9).tidy()):
        check(mapped, source)
    assert joined.tidy().text == " ".join(joined.text.split())


def test_neighbours_grow_together() -> None:
    joined = MappedText.join([MappedText.of("abcdef", 0, 2), MappedText.of("abcdef", 2, 5)])
    assert joined.text == "abcde"
    assert len(joined.segments) == 1


def test_our_own_text_has_no_segment() -> None:
    joined = MappedText.join([MappedText.of("abc", 0, 1), " & ", MappedText.of("abc", 2, 3)])
    assert joined.text == "a & c"
    assert [(s.passage_start, s.document_start, s.length) for s in joined.segments] == [(0, 0, 1), (4, 2, 1)]
