"""Files that something has gone wrong with: the same file over and over, each time damaged in another way."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator


def mutations(data: bytes, number: int, seed: int) -> Iterator[bytes]:
    """`number` damaged copies of a file, always the same ones for a seed.

    Bytes are flipped, set or lost, the file is cut, a chunk is written twice, elsewhere or over another one; a
    copy has one to eight such damages.
    """
    source = random.Random(seed)
    for _ in range(number):
        mutated = bytearray(data)
        for _ in range(source.choice((1, 1, 2, 3, 8))):
            if mutated:
                source.choice(_DAMAGES)(mutated, source)
        yield bytes(mutated)


def zip_mutations(
    data: bytes, number: int, seed: int, suffixes: tuple[str, ...] = (".xml", ".rels")
) -> Iterator[bytes]:
    """`number` copies of a ZIP archive that are whole archives, each with one of its XML entries damaged or lost."""
    source = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    names = sorted(name for name in entries if name.endswith((".xml", ".rels")))
    # The main part is the longest: it is worth most of the tries.
    weights = [len(entries[name]) ** 0.5 for name in names]
    for _ in range(number):
        name = source.choices(names, weights)[0]
        damaged: bytes | None = None
        if source.random() > 0.03:
            damage = xml_mutation if source.random() < 0.7 else _one_mutation
            damaged = damage(entries[name], source)
        yield _zipped({key: value for key, value in {**entries, name: damaged}.items() if value is not None})


def pdf_mutations(data: bytes, number: int, seed: int) -> Iterator[bytes]:
    """`number` copies of an uncompressed PDF with numbers, names and operators changed: most can still be read."""
    source = random.Random(seed)
    places = list(_PDF_TOKEN.finditer(data))
    for _ in range(number):
        mutated = data
        chosen = source.sample(places, source.choice((1, 2, 5, 20)))
        for place in sorted(chosen, key=lambda match: -match.start()):
            old = place[0]
            new = source.choice(_NUMBERS) if old[-1:].isdigit() else source.choice(places)[0]
            mutated = mutated[: place.start()] + new + mutated[place.end() :]
        yield mutated


def xml_mutation(data: bytes, source: random.Random) -> bytes:
    """Damage that mostly leaves the markup well-formed: elements lost, doubled, emptied; attribute values changed."""
    text = data.decode("utf-8", "replace")
    places = [index for index, character in enumerate(text) if character == "<"]
    if len(places) < 3:
        return data
    for _ in range(source.choice((1, 1, 2, 5))):
        first = source.choice(places)
        end = text.find(">", first) + 1
        tag = text[first:end]
        choice = source.random()
        if choice < 0.3 and '="' in tag:
            start = source.choice([index for index in range(len(tag)) if tag.startswith('="', index)]) + 2
            stop = tag.find('"', start)
            changed = tag[:start] + source.choice(_VALUES) + tag[stop:]
            text = text[:first] + changed + text[end:]
        elif choice < 0.7:
            name = tag.strip("</>").split(" ")[0]
            close = text.find(f"</{name}>", end)
            if close > 0 and not tag.startswith("</") and not tag.endswith("/>"):
                close += len(name) + 3
                element = text[first:close]
                text = text[:first] + source.choice(("", element * 2, f"<{name}/>", element[::-1])) + text[close:]
        else:
            text = text[:first] + source.choice(_INSERTS) + text[first:]
        places = [index for index, character in enumerate(text) if character == "<"] or [0]
    return text.encode()


def _one_mutation(data: bytes, source: random.Random) -> bytes:
    return next(mutations(data, 1, source.randrange(2**32)))


def _zipped(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in entries.items():
            archive.writestr(name, value)
    return target.getvalue()


def _flip(data: bytearray, source: random.Random) -> None:
    for _ in range(source.choice((1, 4, 32))):
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)


def _set(data: bytearray, source: random.Random) -> None:
    data[source.randrange(len(data))] = source.choice((0, 10, 34, 38, 45, 47, 48, 57, 60, 62, 127, 128, 255))


def _cut(data: bytearray, source: random.Random) -> None:
    del data[source.randrange(len(data)) :]


def _lose(data: bytearray, source: random.Random) -> None:
    start = source.randrange(len(data))
    del data[start : start + source.randint(1, 400)]


def _double(data: bytearray, source: random.Random) -> None:
    start = source.randrange(len(data))
    chunk = data[start : start + source.randint(1, 4000)]
    data[start:start] = chunk * source.choice((1, 1, 2, 20))


def _copy(data: bytearray, source: random.Random) -> None:
    start, target = source.randrange(len(data)), source.randrange(len(data))
    chunk = data[start : start + source.randint(1, 400)]
    data[target : target + source.choice((0, len(chunk)))] = chunk


def _noise(data: bytearray, source: random.Random) -> None:
    start = source.randrange(len(data))
    data[start : start + source.randint(1, 60)] = source.randbytes(source.randint(1, 60))


_DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (_flip, _set, _cut, _lose, _double, _copy, _noise)
_VALUES = (
    "",
    "-1",
    "0",
    "1e9",
    "99999999999999999999",
    "x",
    "\u00e9",
    "true",
    "../../etc/passwd",
    "NaN",
    "&#9;",
    " 3 ",
)
_PDF_TOKEN = re.compile(rb"-?\d*\.?\d+|/[A-Za-z]+|\b(?:Tj|TJ|Td|Tm|Tf|cm|re|q|Q|BT|ET|Tr|Ts|Tw)\b")
_NUMBERS = (b"0", b"1", b"-1", b"3", b"7", b"0.001", b"-90", b"1e9", b"99999999999", b"-32768", b"3.4e38", b"nan")
_INSERTS = ("words ", "&amp;", "<!-- -->", "<x/>", "&nbsp;", "]]>", "<![CDATA[words]]>", "\u202e", "&#0;", "<?x ?>")
