"""Every screen for those who do not see it well, or use no mouse: axe-core, and where the focus is."""

from __future__ import annotations

from typing import Any

import pytest
from browser_pages import NEEDS_BROWSER, axe_violations
from page_steps import ServedPage, at_rest

pytestmark = [*NEEDS_BROWSER, pytest.mark.model]

SCREENS = {
    "new": "Decision trees from clinical guidelines",
    "library": "Select a row to open the document",
    "review": "triples checked",
    "guideline": "1 population",
    "case": "An invented case",
    "compare": "triple F1",
    "reports": "There is no report yet",
    "people": "Check the trail",
}
"""For each screen words that are there once it is drawn."""


def shown(view: Any, page: ServedPage, screen: str, number: int) -> None:
    view.goto(f"{page.address}/{'' if screen == 'new' else screen}?extraction={number}")
    view.get_by_text(SCREENS[screen]).first.wait_for()
    at_rest(view)


def without_transitions(view: Any) -> None:
    """Colours that change slowly would be looked at half-way, and a page that is drawn again is pale until it is."""
    rules = "* { transition: none !important; animation: none !important; } [data-stale] { opacity: 1 !important; }"
    view.add_init_script(
        "addEventListener('load', () => { const style = document.createElement('style');"
        f" style.textContent = '{rules}'; document.head.append(style); }})"
    )


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_serious_violation(page: ServedPage, number: int, screen: str) -> None:
    with page.visit(viewport={"width": 1440, "height": 2400}) as view:
        without_transitions(view)
        shown(view, page, screen, number)
        wrong = axe_violations(view)
        assert [one for one in wrong if one[1] in ("serious", "critical")] == []


def test_axe_finds_no_serious_violation_in_what_opens(page: ServedPage, number: int) -> None:
    with page.visit(viewport={"width": 1440, "height": 2400}) as view:
        without_transitions(view)
        shown(view, page, "review", number)
        for words in ("Change the structure", "Trees and population", "Export", "Import edited trees"):
            view.get_by_text(words, exact=True).click()
        view.get_by_role("button", name="Fix").first.click()
        view.get_by_label("Words of the text", exact=True).locator("visible=true").first.wait_for()
        at_rest(view)
        wrong = axe_violations(view)
        assert [one for one in wrong if one[1] in ("serious", "critical")] == []


FOCUS = """() => {
    const deepest = () => { let at = document.activeElement; while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; return at; };
    const element = deepest();
    if (element === document.body) return null;
    const around = [element];
    while (around.length < 5 && (around.at(-1).parentElement)) around.push(around.at(-1).parentElement);
    const parts = [...around, ...element.querySelectorAll('*')].slice(0, 12);
    const look = () => parts.map(one => { const s = getComputedStyle(one);
        return [s.outlineStyle === 'none' ? '' : s.outlineWidth + s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor, s.stroke, s.strokeWidth, s.color].join(); });
    const on = look();
    element.blur();
    const off = look();
    element.focus({preventScroll: true, focusVisible: true});
    const name = element.getAttribute('aria-label') || element.textContent.trim().slice(0, 40) || element.outerHTML.slice(0, 120);
    return [name, on.some((part, index) => part !== off[index])];
}"""  # noqa: E501


@pytest.mark.parametrize("screen", ["new", "review"])
def test_whatever_tab_reaches_shows_that_it_has_the_focus(page: ServedPage, number: int, screen: str) -> None:
    with page.visit() as view:
        without_transitions(view)
        # While little is drawn, the browser lets the focus go to the scrolled area itself.
        shown(view, page, screen, number)
        seen: dict[str, bool] = {}
        for _ in range(45):
            view.keyboard.press("Tab")
            found = view.evaluate(FOCUS)
            if found is not None:
                seen.setdefault(*found)
        assert len(seen) > 10
        assert [name for name, visible in seen.items() if not visible] == []
