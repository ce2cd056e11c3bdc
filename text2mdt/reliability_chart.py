"""Reliability diagrams and risk-coverage curves as SVG pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from text2mdt.reliability import Reliability

_SIDE, _MARGIN, _FOOT = 320, 52, 70
_COLOURS = ("#8a8f98", "#1f5f99", "#98470d", "#2e6b34")


def reliability_chart(lines: Mapping[str, Reliability], title: str) -> str:
    """Share of right ones against mean probability, a line each; a dot's size tells how many items it stands for."""
    parts = [_line([(0.0, 0.0), (1.0, 1.0)], "#bbbbbb", "4 4")]
    for colour, (name, found) in zip(_COLOURS, lines.items(), strict=False):
        points = [(one.confidence, one.right) for one in found.bins]
        parts.append(_line(points, colour))
        for one in found.bins:
            x, y = _place(one.confidence, one.right)
            radius = 2 + 7 * (one.count / found.items) ** 0.5
            words = escape(f"{name}: {one.count} items, confidence {one.confidence:.2f}, right {one.right:.2f}")
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.65">'
                f"<title>{words}</title></circle>"
            )
    keys = [
        f"{name}: ECE {found.ece:.3f} ({found.interval[0]:.3f} to {found.interval[1]:.3f})"
        for name, found in lines.items()
    ]
    return _chart(title, "confidence", "share of right ones", parts, keys)


def risk_chart(lines: Mapping[str, Reliability], title: str) -> str:
    """Share of wrong ones among the most sure, against how many of them are kept."""
    parts, keys = [], []
    for colour, (name, found) in zip(_COLOURS, lines.items(), strict=False):
        parts.append(_line(list(zip(found.coverage, found.risk, strict=True)), colour))
        keys.append(f"{name}: {found.error_of_surest_half:.1%} wrong in the surest half, {1 - found.right:.1%} in all")
    return _chart(title, "coverage, the most sure first", "share of wrong ones", parts, keys)


def _chart(title: str, across: str, up: str, parts: Sequence[str], keys: Sequence[str]) -> str:
    width, height = _SIDE + 2 * _MARGIN, _SIDE + _MARGIN + _FOOT + 18 * len(keys)
    bottom = _MARGIN + _SIDE
    middle = _MARGIN + _SIDE / 2
    ticks = []
    for tenth in range(0, 11, 2):
        x, y = _place(tenth / 10, tenth / 10)
        ticks.append(_text(x, bottom + 16, f"{tenth / 10:.1f}", "middle"))
        ticks.append(_text(_MARGIN - 6, y + 4, f"{tenth / 10:.1f}", "end"))
    told = [
        _text(_MARGIN, bottom + _FOOT - 16 + 18 * place, key, "start", colour)
        for place, (key, colour) in enumerate(zip(keys, _COLOURS, strict=False))
    ]
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img" font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            _text(_MARGIN, 26, title, "start", "#111111"),
            f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#555555"/>',
            *ticks,
            *parts,
            _text(middle, bottom + 34, across, "middle"),
            f'<g transform="rotate(-90 16 {middle})">{_text(16, middle, up, "middle")}</g>',
            *told,
            "</svg>\n",
        ]
    )


def _place(across: float, up: float) -> tuple[float, float]:
    return _MARGIN + _SIDE * across, _MARGIN + _SIDE * (1 - up)


def _line(points: Sequence[tuple[float, float]], colour: str, dashes: str = "") -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_place(*point) for point in points))
    broken = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.6"{broken}/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#333333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
