"""Every link of the pages leads somewhere, and the site that is made of them is whole and loads nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documented import DOCS, PAGES, ROOT, anchors, links, named, tokens
from lxml import html

SITE_PAGES = sorted(page for page in DOCS.rglob("*.md") if not page.is_relative_to(DOCS / "results"))
LOADED = "//script/@src | //link[@rel='stylesheet' or @rel='preload' or @rel='icon']/@href | //img/@src | //iframe/@src"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_to_files_and_headings(page):
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            assert link.startswith("https://"), link
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), link
        assert path.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(path), link


def test_a_broken_anchor_would_be_seen():
    assert "more" not in anchors(DOCS / "index.md")
    assert {"one-gpu", "slurm"} <= anchors(DOCS / "gpu.md")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", ROOT / "mkdocs.yml", "-d", folder]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_in_the_site(site):
    for page in SITE_PAGES:
        name = page.relative_to(DOCS).with_suffix(".html").as_posix().replace("README.html", "index.html")
        assert (site / name).exists(), name
    assert (site / "project" / "data" / "corpus" / "index.html").exists()


def test_nothing_of_the_site_is_fetched_from_elsewhere(site):
    found = 0
    for path in site.rglob("*.html"):
        for address in html.parse(path).xpath(LOADED):
            assert not re.match(r"(?:[a-z]+:)?//", address), f"{path.name}: {address}"
            there = address.startswith("data:") or (path.parent / address.partition("?")[0]).exists()
            assert there or path.name == "404.html", address
            found += 1
    assert found > 100
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet


@pytest.mark.parametrize("page", SITE_PAGES, ids=named)
def test_the_site_shows_what_the_repository_shows(site, page):
    """Python-Markdown and CommonMark differ: what one of them takes for a list is a paragraph to the other."""
    name = page.relative_to(DOCS).with_suffix(".html").as_posix().replace("README.html", "index.html")
    (article,) = html.parse(site / name).xpath("//article")
    kinds = {"list_item_open": ".//li", "table_open": ".//table[not(@class='highlighttable')]", "tr_open": ".//tr"}
    for kind, path in kinds.items():
        assert len(article.xpath(path)) == sum(token.type == kind for token in tokens(page)), kind
    code = sum(token.type in ("fence", "code_block") for token in tokens(page))
    assert len(article.xpath(".//pre")) == code
