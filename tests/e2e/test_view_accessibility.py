"""The views for those who do not see them, or not well: names and roles, axe-core, contrasts."""

from __future__ import annotations

import pytest
from browser_pages import NEEDS_BROWSER, Opened, axe_violations, node, told

pytestmark = NEEDS_BROWSER


def test_what_a_screen_reader_is_told(opened: Opened) -> None:
    with opened("11") as view:
        tree = view.get_by_role("tree", name="Decision trees")
        assert tree.get_by_role("treeitem").count() == 11
        second = node(view, "n2")
        name = second.get_attribute("aria-label")
        assert name.startswith(
            "decision, level 2, yes branch: then drug: doxycycline and dose: 200 mg on the first day"
        )
        assert "1 of 3 triples checked" in name
        assert "1 warning: The text makes it depend on something." in name
        assert name.endswith("comment: Ask the pharmacist.")
        assert second.get_attribute("aria-level") == "2"
        assert ", 42 % sure, " in node(view, "n3").get_attribute("aria-label")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("show", "query"),
    [
        ("11", ""),
        pytest.param("forest", "", marks=pytest.mark.slow),
        pytest.param("5", "&source=page", marks=pytest.mark.slow),
    ],
)
def test_axe_finds_no_violation(opened: Opened, show: str, query: str, scheme: str) -> None:
    # Axe takes half-hidden text for half a label: all must be in sight.
    with opened(show, query, color_scheme=scheme, viewport={"width": 1440, "height": 3000}) as view:
        view.locator(".t2m-tree .scroller").evaluate("frame => { frame.style.maxHeight = 'none'; }")
        view.get_by_text("Legend and keys").click()
        view.locator("[data-triple=t2]").click()
        told(view, triples=["t2"])
        assert axe_violations(view, ".stBidiComponent") == []


CONTRASTS = """() => {
    const root = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
        .map(host => host.shadowRoot).find(one => one.querySelector('.t2m-tree'));
    const brush = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const paper = getComputedStyle(root.querySelector('.t2m-tree')).getPropertyValue('--paper');
    const pixel = (...colours) => {
        [paper, ...colours].forEach(colour => { brush.fillStyle = colour; brush.fillRect(0, 0, 1, 1); });
        return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = colour => colour.map(part => part / 255).map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [.2126, .7152, .0722][index], 0);
    const ratio = (one, other) => { const [a, b] = [light(one), light(other)].sort((x, y) => y - x); return (a + .05) / (b + .05); };
    const look = (element, name) => getComputedStyle(element)[name];
    const found = [];
    for (const node of root.querySelectorAll('[data-node]')) {
        const shape = node.querySelector('.shape');
        const behind = element => {
            const field = element.closest('.triple')?.querySelector('.field');
            return pixel(look(shape, 'fill'), field ? look(field, 'fill') : 'transparent');
        };
        found.push(['shape', 3, ratio(pixel(look(shape, 'stroke')), pixel())]);
        node.querySelectorAll('text').forEach(text => {
            const tag = text.classList.contains('tag-text') && text.parentElement.querySelector('rect.tag');
            found.push([text.getAttribute('class'), 4.5, ratio(pixel(look(text, 'fill')), tag ? pixel(look(tag, 'fill')) : behind(text))]);
        });
        node.querySelectorAll('.icon').forEach(icon => found.push([icon.getAttribute('class'), 3, ratio(pixel(look(icon, 'stroke')), behind(icon))]));
        node.querySelectorAll('rect.tag').forEach(tag => found.push(['tag', 3, ratio(pixel(look(tag, 'fill')), behind(tag))]));
    }
    root.querySelectorAll('.edge text, .fold text').forEach(text => found.push(['sign', 4.5, ratio(pixel(look(text, 'fill')), pixel())]));
    root.querySelectorAll('.edge path, .fold .pill').forEach(line => found.push(['line', 3, ratio(pixel(look(line, 'stroke')), pixel())]));
    return found;
}"""  # noqa: E501


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_drawn_stands_out_from_its_ground(opened: Opened, scheme: str) -> None:
    """WCAG AA: 4.5 for text, 3 for lines and signs; axe does not look at drawings."""
    with opened("41", color_scheme=scheme) as view:
        view.locator("[data-triple=t2]").click()
        told(view, triples=["t2"])
        found = view.evaluate(CONTRASTS)
        assert len(found) > 300
        assert [one for one in found if one[2] < one[1]] == []
