"""What the README and the how-tos show is what works."""

import re
from pathlib import Path

import pytest
import yaml
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

from text2mdt.models import embedded_state, shipped_adapters

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

TITLE = "Acute bronchitis in adults"
GUIDELINE = """In adults with acute bronchitis who are systemically very unwell, offer an immediate antibiotic such as
doxycycline 100 mg once daily for 5 days. If the person is at higher risk of complications, consider a back-up
antibiotic prescription. All other adults should be given advice on self-care and no antibiotic.
"""


def python_blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), flags=re.M | re.S)


@pytest.mark.model
@pytest.mark.skipif(embedded_state().converted is None, reason="`text2mdt models fetch` was not run")
@pytest.mark.skipif("default" not in shipped_adapters(), reason="no adapter comes with this checkout")
def test_the_three_lines_of_the_readme(tmp_path, monkeypatch):
    styles = getSampleStyleSheet()
    words = [Paragraph(TITLE, styles["Title"]), Paragraph(GUIDELINE, styles["BodyText"])]
    SimpleDocTemplate(str(tmp_path / "guideline.pdf")).build(words)
    monkeypatch.chdir(tmp_path)
    (block,) = python_blocks(ROOT / "README.md")
    names: dict[str, object] = {}
    exec(block, names)
    assert names["trees"]
    for tree in names["trees"]:
        for node in tree.nodes:
            for triple in node.triples:
                assert triple.object in GUIDELINE.replace("\n", " ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_that_is_shown_imports_what_exists(page):
    for block in python_blocks(page):
        compile(block, page.name, "exec")
        for line in block.splitlines():
            if line.startswith(("from ", "import ")):
                exec(line, {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_of_the_project_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_shown_exist_with_their_options(page):
    import typer.main

    from text2mdt.cli import application

    root = typer.main.get_command(application)
    lines = page.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    for line in lines:
        if not re.match(r" {4}(?:.*\| )?text2mdt ", line):
            continue
        words = line.partition(" #")[0].partition("text2mdt ")[2].split()
        command = root
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        assert command is not root, line
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        for word in re.findall(r"(?<![\w-])--?[a-z][\w-]*", " ".join(words)):
            assert word in options | {"--debug"}, f"{word}: {line}"


def test_targets_of_make_that_are_shown_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    for page in PAGES:
        for target in re.findall(r"(?:^ {4}|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.M):
            assert target in targets, f"{page.name}: make {target}"


def test_overrides_of_the_training_configuration_that_are_shown_exist():
    from text2mdt.training_config import TrainingConfig

    config = yaml.safe_load((ROOT / "configs" / "train" / "pi_lora.yaml").read_text(encoding="utf-8"))
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        for command in re.findall(r"^ {4}text2mdt train configs/\S+(.*)$", text, flags=re.M):
            for key in re.findall(r"(\S+)=", command.partition("#")[0]):
                section, _, name = key.rpartition(".")
                if section == "adapter":
                    assert name in config["adapter"], key
                elif section:
                    assert name in type(getattr(TrainingConfig.model_validate(config), section)).model_fields, key
                else:
                    assert key in TrainingConfig.model_fields, key
