"""An audit that could look nothing up does not pass as one that found nothing."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

_SPEC = spec_from_file_location("audit_packages", Path(__file__).parents[2] / ".ci" / "audit_packages.py")
audit = module_from_spec(_SPEC)
_SPEC.loader.exec_module(audit)

CLEAN = {"name": "rich", "version": "15", "vulns": []}
WEAK = {"name": "lxml", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
UNKNOWN = {"name": "torch", "skip_reason": "Dependency not found on PyPI and could not be audited: torch (2)"}
OWN = {"name": "text2mdt", "skip_reason": "distribution marked as editable"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([CLEAN, OWN], 0, "1 packages audited, 0 known weaknesses"),
        ([CLEAN, WEAK], audit.WEAKNESSES, "lxml 1: PYSEC-1, mended in 2"),
        ([CLEAN, UNKNOWN], audit.NOT_AUDITED, "not audited: 1 (torch)"),
        ([WEAK, UNKNOWN], audit.WEAKNESSES, "not audited: 1 (torch)"),
    ],
)
def test_what_a_report_comes_to(packages, code, said):
    found, lines = audit.judged({"dependencies": packages})
    assert found == code
    assert said in "\n".join(lines)


def test_no_report_at_all_is_a_failure(monkeypatch, capsys):
    class Done:
        stdout, stderr = "", "ERROR: Connection refused"

    monkeypatch.setattr(audit.subprocess, "run", lambda *words, **options: Done)
    assert audit.main([]) == audit.NOT_AUDITED
    assert "Connection refused" in capsys.readouterr().out
