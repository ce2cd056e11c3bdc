"""Asks for known weaknesses of the installed packages, and fails where the data base did not answer (`make audit`).

pip-audit passes over a package that it cannot look up and ends well all the same; without a network, or behind a
mirror that has files only, that is every package. Here that is a failure, since nothing was audited.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

WEAKNESSES, NOT_AUDITED = 1, 2
"""Exit codes."""
_OWN = "text2mdt"


def judged(report: dict[str, Any]) -> tuple[int, list[str]]:
    """The exit code for a report of pip-audit in JSON, and the lines to show."""
    packages = [one for one in report["dependencies"] if one["name"] != _OWN]
    passed_over = [one["name"] for one in packages if "skip_reason" in one]
    lines = [
        f"{one['name']} {one['version']}: {weakness['id']}, "
        f"mended in {', '.join(weakness['fix_versions']) or 'no release yet'}"
        for one in packages
        for weakness in one.get("vulns", ())
    ]
    code = WEAKNESSES if lines else 0
    lines.append(f"{len(packages) - len(passed_over)} packages audited, {len(lines)} known weaknesses")
    if passed_over:
        names = ", ".join(passed_over[:5]) + (", …" if len(passed_over) > 5 else "")
        lines.append(f"not audited: {len(passed_over)} ({names}); the data base needs https://pypi.org or osv.dev")
        code = code or NOT_AUDITED
    return code, lines


def main(arguments: list[str]) -> int:
    """Runs pip-audit with further arguments, such as `-s osv`."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        code, lines = judged(json.loads(done.stdout))
    except ValueError:
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        code, lines = NOT_AUDITED, [f"not audited: {reason}", "the audit needs a network: https://pypi.org or osv.dev"]
    sys.stdout.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
