"""The screen of the reports, and what a report that means harm can do there."""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from browser_pages import CHROMIUM, FLAGS, MILLISECONDS, started
from streamlit.testing.v1 import AppTest

from text2mdt.compare.report_folder import find_reports, framed_report
from text2mdt.errors import Text2MDTError

HOSTILE = """<!DOCTYPE html><title>x</title><h1>A report</h1><a href="#b">to b</a><h2 id="b">b</h2>
<img src="http://127.0.0.1:{port}/picture.png"><script>top.document.title = 'run'; document.title = 'run'</script>
<img src=x onerror="parent.document.title='run'"></iframe><script>document.title='run'</script>"""


def write_report(folder: Path, name: str, html: str = "<h1>A report</h1>", **values: object) -> None:
    results = {"title": name.title(), "units": {"missing": []}, "made": {"date": "2026-01-01"}, **values}
    (folder / name).mkdir(parents=True)
    (folder / name / "results.json").write_text(json.dumps(results))
    (folder / name / "report.html").write_text(html)


def script() -> None:
    from app.screens import reports

    reports.show()


def page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("TEXT2MDT_REPORTS", str(folder))
    return AppTest.from_function(script, default_timeout=60).run()


def test_no_reports_yet(tmp_path, monkeypatch):
    shown = page(tmp_path / "none", monkeypatch)
    assert not shown.exception
    assert "no report" in shown.info[0].value


def test_reports_are_listed_the_newest_first(tmp_path, monkeypatch):
    write_report(tmp_path, "old")
    write_report(tmp_path, "new", made={"date": "2026-02-01"}, units={"missing": ["a", "b"]})
    for name, content in (("bad", "{"), ("list", "[]"), ("empty", ""), ("half", '{"title": "x"}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").write_text(content)
    shown = page(tmp_path, monkeypatch)
    assert not shown.exception
    assert [option.split(" ")[0] for option in shown.selectbox[0].options] == ["New", "Old"]
    assert "2 units not finished" in shown.warning[0].value
    assert not shown.selectbox[0].set_value("old").run().warning


def test_a_report_without_its_page_gives_a_message(tmp_path, monkeypatch):
    write_report(tmp_path, "one")
    (tmp_path / "one" / "report.html").unlink()
    shown = page(tmp_path, monkeypatch)
    assert not shown.exception
    assert "T2M010" in shown.error[0].value


def test_the_frame_holds_the_report_whole_and_closed(tmp_path):
    write_report(tmp_path, "one", HOSTILE)
    (report,) = find_reports(tmp_path)
    framed = framed_report(report)
    assert framed.count("<iframe") == framed.count("</iframe>") == 1
    assert "<script" not in framed
    assert '<iframe sandbox=""' in framed
    (tmp_path / "one" / "report.html").write_bytes(b"\xff\xfe")
    with pytest.raises(Text2MDTError, match="T2M013"):
        framed_report(report)


@pytest.mark.e2e
@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
def test_a_report_is_seen_in_the_browser_and_runs_nothing(tmp_path):
    from playwright.sync_api import sync_playwright

    asked: list[str] = []

    class Picture(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    # A server that would hear a request: the browser tells also of those that the policy forbids it to send.
    server = HTTPServer(("127.0.0.1", 0), Picture)
    Thread(target=server.serve_forever, daemon=True).start()
    write_report(tmp_path / "reports", "evil", HOSTILE.replace("{port}", str(server.server_port)))
    words = [sys.executable, "-c", "from text2mdt.cli import main; main()", "app", "--headless", "--port"]
    variables = {"TEXT2MDT_STORE": str(tmp_path / "r.sqlite"), "TEXT2MDT_REPORTS": str(tmp_path / "reports")}
    with started(words, tmp_path / "log.txt", **variables) as url, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.goto(f"{url}/reports")
        frame = page.frame_locator("iframe").first.frame_locator("iframe")
        frame.get_by_role("heading", name="A report").wait_for()
        frame.get_by_role("link", name="to b").click()
        assert page.title() != "run"
        page.wait_for_timeout(500)
        assert not asked
        assert frame.locator("title").text_content() == "x"
        browser.close()
    server.shutdown()
