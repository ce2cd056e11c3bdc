"""Characters of the fonts Symbol and Wingdings → the characters they look like."""

from __future__ import annotations

_GREEK = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_SMALL_GREEK = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
_SYMBOL = {
    **dict(zip(range(0x41, 0x5B), _GREEK, strict=True)),
    **dict(zip(range(0x61, 0x7B), _SMALL_GREEK, strict=True)),
    0x2D: "−",
    0x40: "≅",
    0xA2: "′",
    0xA3: "≤",
    0xA4: "/",
    0xA5: "∞",
    0xAB: "↔",
    0xAC: "←",
    0xAD: "↑",
    0xAE: "→",
    0xAF: "↓",
    0xB0: "°",
    0xB1: "±",
    0xB2: "″",
    0xB3: "≥",
    0xB4: "×",
    0xB7: "•",
    0xB8: "÷",
    0xB9: "≠",
    0xBB: "≈",
    0xC5: "⊕",
    0xC6: "∅",
    0xD2: "®",
    0xD3: "©",
    0xD4: "™",
    0xD6: "√",
    0xD7: "·",
    0xDB: "⇔",
    0xDC: "⇐",
    0xDD: "⇑",
    0xDE: "⇒",
    0xDF: "⇓",
}
_WINGDINGS = {
    0x6C: "●",
    0x6E: "■",
    0x6F: "□",
    0x71: "❑",
    0x76: "❖",
    0x9F: "•",
    0xA7: "▪",
    0xA8: "□",
    0xD8: "➢",
    0xDF: "←",
    0xE0: "→",
    0xE1: "↑",
    0xE2: "↓",
    0xE8: "➔",
    0xF0: "⇒",
    0xFB: "✗",
    0xFC: "✓",
    0xFD: "☒",
    0xFE: "☑",
}
_OFFSET = 0xF000  # where Word keeps the characters of such fonts


def symbol(code: int, font: str) -> str | None:
    """The character that a font shows for a code (0x20 to 0xFF, or 0xF020 to 0xF0FF); None for one not known."""
    code = code - _OFFSET if code >= _OFFSET else code
    if "wingdings" in font.lower():
        return _WINGDINGS.get(code)
    return _SYMBOL.get(code) or (chr(code) if 0x20 <= code < 0x7F else None)


def plain(text: str, font: str) -> str:
    """A text that may hold characters of such a font."""
    greek = font.lower() == "symbol"
    return "".join(
        (symbol(ord(character), font) or character)
        if "\uf020" <= character <= "\uf0ff" or (greek and character.isascii())
        else character
        for character in text
    )
