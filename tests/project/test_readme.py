"""The three lines of the README with the real model; overrides of configurations that the pages show."""

import re

import pytest
import yaml
from documented import PAGES, ROOT, blocks
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

from text2mdt.models import embedded_state, shipped_adapters

TITLE = "Acute bronchitis in adults"
GUIDELINE = """In adults with acute bronchitis who are systemically very unwell, offer an immediate antibiotic such as
doxycycline 100 mg once daily for 5 days. If the person is at higher risk of complications, consider a back-up
antibiotic prescription. All other adults should be given advice on self-care and no antibiotic.
"""


@pytest.mark.model
@pytest.mark.skipif(embedded_state().converted is None, reason="`text2mdt models fetch` was not run")
@pytest.mark.skipif("default" not in shipped_adapters(), reason="no adapter comes with this checkout")
def test_the_three_lines_of_the_readme(tmp_path, monkeypatch):
    styles = getSampleStyleSheet()
    words = [Paragraph(TITLE, styles["Title"]), Paragraph(GUIDELINE, styles["BodyText"])]
    SimpleDocTemplate(str(tmp_path / "guideline.pdf")).build(words)
    monkeypatch.chdir(tmp_path)
    (shown,) = blocks(ROOT / "README.md", "python")
    names: dict[str, object] = {}
    exec(shown.text, names)
    assert names["trees"]
    for tree in names["trees"]:
        for node in tree.nodes:
            for triple in node.triples:
                assert triple.object in GUIDELINE.replace("\n", " ")


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
