"""What of a web page is no part of its text: navigation, banners, side bars, what cannot be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

_NEVER = frozenset(
    (
        *("script", "style", "template", "noscript", "head", "iframe", "object", "embed", "applet", "map", "datalist"),
        *("button", "input", "select", "textarea", "progress", "meter", "dialog", "frameset", "rt", "rp"),
    )
)
_HIDING_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_HIDING_CLASSES = frozenset(
    (
        "visually-hidden",
        "visuallyhidden",
        "sr-only",
        "screen-reader-text",
        "screen-reader-only",
        "u-hidden",
        "is-hidden",
    )
)
_CHROME_TAGS = frozenset(("nav", "form", "search"))
_OUTER_TAGS = frozenset(("header", "footer", "aside"))
"""Chrome outside of the article; parts of the text inside of it."""
_CHROME_ROLES = frozenset(
    ("navigation", "banner", "contentinfo", "search", "menu", "menubar", "toolbar", "tablist", "dialog")
)
_CHROME_WORDS = frozenset(
    (
        *("nav", "navbar", "navigation", "menu", "menubar", "breadcrumb", "breadcrumbs", "footer", "sidebar", "cookie"),
        *("cookies", "share", "sharing", "social", "advert", "adverts", "advertisement", "advertisements", "toolbar"),
        *(
            "pagination",
            "pager",
            "toc",
            "skip",
            "skiplink",
            "skiplinks",
            "masthead",
            "sidenav",
            "topnav",
            "cookieconsent",
        ),
    )
)
_PLAIN_WORDS = frozenset(
    (
        *("bar", "link", "links", "list", "item", "items", "wrapper", "wrap", "container", "block", "box", "section"),
        *("panel", "widget", "area", "inner", "outer", "content", "header", "title", "main", "top", "bottom", "left"),
        *(
            "right",
            "site",
            "page",
            "global",
            "primary",
            "secondary",
            "mobile",
            "desktop",
            "banner",
            "consent",
            "notice",
        ),
        *("message", "popup", "overlay", "modal", "button", "buttons", "icon", "icons", "trail", "toggle"),
        *(
            "sticky",
            "fixed",
            "entry",
            "component",
            "media",
            "this",
            "to",
            "level",
            "row",
            "column",
            "col",
            "group",
            "region",
        ),
    )
)
"""Words that say nothing of what is in an element: "footer-links" is chrome, "social-care" is not."""
_NAMED_TAGS = frozenset(
    (
        "div",
        "section",
        "ul",
        "ol",
        "dl",
        "aside",
        "header",
        "footer",
        "span",
        "details",
        "table",
        "form",
        "a",
        "li",
        "p",
    )
)
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SKIP_LINK = re.compile(r"\s*(?:skip|jump) (?:to|the|over)\b.*|\s*back to top\s*", re.IGNORECASE | re.DOTALL)


@dataclass
class PageContent:
    """What is read of a page: the subtrees `parts` in order, without the elements `dropped` in them."""

    parts: list[etree._Element]
    dropped: set[etree._Element]


@dataclass
class _Seen:
    """An element that may be dropped or be the text of the page, with the letters in it."""

    element: etree._Element
    letters: int = 0
    has_heading: bool = False
    inside: frozenset[str] = frozenset()


@dataclass
class _Survey:
    chrome: list[_Seen] = field(default_factory=list)
    mains: list[_Seen] = field(default_factory=list)
    articles: list[_Seen] = field(default_factory=list)
    titles: list[etree._Element] = field(default_factory=list)
    unseen: set[etree._Element] = field(default_factory=set)
    letters: int = 0


def page_content(root: etree._Element) -> PageContent:
    """Finds the text of a page: its `main`, else its only `article`, else its body, without what is around it.

    What only looks like navigation is kept where it holds most of the text, or the page's title (h1).
    """
    survey = _survey(root)
    content = _content(survey)
    letters = content.letters if content else survey.letters
    chrome = {seen.element for seen in survey.chrome if not seen.has_heading and 2 * seen.letters <= letters}
    if content is None:
        return PageContent([root], survey.unseen | chrome)
    parts = [content.element]
    if not content.has_heading:
        before = [title for title in survey.titles if not any(above in chrome for above in title.iterancestors())]
        parts = before[:1] + parts if before and _precedes(before[0], content.element) else parts
    return PageContent(parts, survey.unseen | chrome)


def name_of(element: etree._Element) -> str:
    """The name of an element without its namespace; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _content(survey: _Survey) -> _Seen | None:
    mains = [seen for seen in survey.mains if seen.letters]
    if mains:
        return max(mains, key=lambda seen: seen.letters)
    articles = [seen for seen in survey.articles if seen.letters]
    return articles[0] if len(articles) == 1 else None


def _precedes(first: etree._Element, second: etree._Element) -> bool:
    for element in second.getroottree().getroot().iter():
        if element is first or element is second:
            return element is first
    return False


def _survey(root: etree._Element) -> _Survey:
    """One walk over the page, which counts the letters in all that may be dropped."""
    survey = _Survey()
    stack: list[_Seen] = []
    inside_text = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = name_of(element)
        if event == "start":
            if _is_unseen(element, name):
                survey.unseen.add(element)
                walk.skip_subtree()
                continue
            if name == "svg":
                walk.skip_subtree()
            kinds = frozenset(_kinds(element, name, inside_text > 0))
            if kinds:
                stack.append(_Seen(element, inside=kinds))
            inside_text += name in ("main", "article")
            if name == "h1":
                survey.titles.append(element)
                for seen in reversed(stack):
                    if seen.has_heading:
                        break  # so have those around it
                    seen.has_heading = True
            if name != "svg":
                _count(survey, stack, element.text)
            continue
        if element not in survey.unseen:
            inside_text -= name in ("main", "article")
            if stack and stack[-1].element is element:
                _close(survey, stack)
        if element is not root:
            _count(survey, stack, element.tail)
    return survey


def _count(survey: _Survey, stack: list[_Seen], text: str | None) -> None:
    letters = len("".join(text.split())) if text else 0
    if stack:
        stack[-1].letters += letters
    else:
        survey.letters += letters


def _close(survey: _Survey, stack: list[_Seen]) -> None:
    seen = stack.pop()
    if stack:
        stack[-1].letters += seen.letters
    else:
        survey.letters += seen.letters
    for kind in seen.inside:
        {"chrome": survey.chrome, "main": survey.mains, "article": survey.articles}[kind].append(seen)


def _kinds(element: etree._Element, name: str, inside_text: bool) -> Iterator[str]:
    role = (element.get("role") or "").lower()
    if name == "main" or role == "main":
        yield "main"
    elif name == "article":
        yield "article"
    elif name not in ("html", "body") and (
        name in _CHROME_TAGS
        or ((name in _OUTER_TAGS or role == "complementary") and not inside_text)
        or role in _CHROME_ROLES
        or (name in _NAMED_TAGS and _is_named_chrome(element))
        or (name == "a" and _is_skip_link(element))
    ):
        yield "chrome"


def _is_unseen(element: etree._Element, name: str) -> bool:
    if name in ("html", "body"):
        return False
    if name in _NEVER and not (name == "dialog" and "open" in element.attrib):
        return True
    return is_hidden(element)


def is_hidden(element: etree._Element) -> bool:
    """Whether an element says that it is not shown."""
    hidden = element.get("hidden")
    return (
        (hidden is not None and hidden.lower() != "until-found")
        or (element.get("aria-hidden") or "").lower() == "true"
        or bool(_HIDING_STYLE.search(element.get("style") or ""))
        or not _HIDING_CLASSES.isdisjoint((element.get("class") or "").lower().split())
    )


def _is_named_chrome(element: etree._Element) -> bool:
    """Whether a class ends with a word for chrome ("site-footer"), or the whole id speaks of it.

    Ids are often made of the words of a heading ("social-support"), so that one more word counts against it.
    """
    for name in (element.get("class") or "").split():
        words = [word.lower() for word in _NAME_PARTS.findall(name)]
        places = [index for index, word in enumerate(words) if word in _CHROME_WORDS]
        if places and all(map(_says_nothing, words[places[0] :])) and words[0] not in ("has", "with", "no", "is"):
            return True
    words = [word.lower() for word in _NAME_PARTS.findall(element.get("id") or "")]
    return any(word in _CHROME_WORDS for word in words) and all(map(_says_nothing, words))


def _says_nothing(word: str) -> bool:
    return word in _CHROME_WORDS or word in _PLAIN_WORDS or word.isdigit() or len(word) == 1


def _is_skip_link(element: etree._Element) -> bool:
    if not (element.get("href") or "").startswith("#") or len(element) > 3:
        return False
    return bool(_SKIP_LINK.fullmatch("".join(element.itertext())[:200]))
