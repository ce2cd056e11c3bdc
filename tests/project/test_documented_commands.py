"""Every command that the pages show is one of the command line, with options that it has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest
import typer.main
from documented import PAGES, ROOT, blocks, named
from typer import Context

from text2mdt.cli import application

COMMAND = re.compile(r"(?:^|\| |\$\(|^[A-Z_0-9]+=\S+ |--no-python |^docker .* (?:text2mdt|schema) )text2mdt (.*)")
SHOWN = ("", "bash", "console", "sh")
"""Languages of blocks whose lines are commands; an indented block has none."""
FORMER = {"CHANGELOG.md"}
"""They may speak of what was."""


def shown_commands(text: str) -> Iterator[list[str]]:
    """The words behind `text2mdt` of each command in a block; signs of usage ("[", "]", "…") left out."""
    for line in text.replace("\\\n", " ").splitlines():
        found = COMMAND.search(line.strip().removeprefix("$ "))
        if found is None or line.strip().startswith("#"):
            continue
        words = shlex.split(re.sub(r" [<>|] .*| &.*|\) .*", "", found[1]), comments=True)
        plain = [re.sub(r"^\[+|\]+$", "", word) for word in words]
        yield [word for word in plain if word not in ("…", "→", "")]


def parsed(words: list[str]) -> None:
    """Raises where the command line does not know a command, an option, or what is behind it; nothing is run."""
    command, path = typer.main.get_command(application), "text2mdt"
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        assert words[0] in command.commands, f"no command '{words[0]}' of {path}"
        command, path = command.commands[words[0]], f"{path} {words[0]}"
        words = words[1:]
    parser = command.make_parser(Context(command, info_name=path))
    _, left, _ = parser.parse_args([word for word in words if word != "--debug"])
    assert not left, f"{path} does not take {left}"


CASES = [
    (page, words)
    for page in PAGES
    if page.name not in FORMER
    for one in blocks(page, *SHOWN)
    for words in shown_commands(one.text)
]


@pytest.mark.parametrize(("page", "words"), CASES, ids=[f"{named(page)}: {' '.join(w)[:60]}" for page, w in CASES])
def test_the_command_line_takes_it(page, words):
    parsed(list(words))


def test_they_are_found():
    assert len(CASES) > 90
    assert ["extract", "guideline.pdf"] in [words for _, words in CASES]
    assert list(shown_commands("$ A=b text2mdt review list --sort unchecked # all\ntext2mdt-other x")) == [
        ["review", "list", "--sort", "unchecked"]
    ]


@pytest.mark.parametrize("line", ["extrakt a.pdf", "extract a.pdf --colour red", "review forget", "train a.yaml -o"])
def test_what_it_does_not_take_is_seen(line):
    with pytest.raises((AssertionError, Exception), match=r"no command|No such option|no such|requires an argument"):
        parsed(line.split())


def test_targets_of_make_that_are_shown_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    for page in PAGES:
        for target in re.findall(r"(?:^ {4}|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.M):
            assert target in targets, f"{page.name}: make {target}"
