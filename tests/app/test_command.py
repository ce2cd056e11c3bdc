import sys

import pytest
from streamlit import config
from streamlit.web import cli as streamlit_cli

from text2mdt.cli import main
from text2mdt.cli.app import _PAGE, _SETTINGS
from text2mdt.samples import shipped_samples


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words that Streamlit was started with."""
    words: list[str] = []
    monkeypatch.setattr(streamlit_cli, "main", lambda args, **_: words.extend(args))
    return words


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(words)
    return int(caught.value.code or 0)


def test_the_page_is_served_to_this_machine_only_and_without_telemetry(started):
    assert run("app", "--port", "8765", "--headless") == 0
    assert started[:2] == ["run", str(_PAGE)]
    assert _PAGE.is_file()
    assert {
        "--server.port=8765",
        "--server.headless=true",
        "--server.address=localhost",
        "--browser.gatherUsageStats=false",
    } <= set(started)


def test_without_options_streamlit_finds_a_port_and_opens_a_browser(started):
    assert run("app") == 0
    assert "--server.headless=false" in started
    assert not [word for word in started if word.startswith("--server.port")]


@pytest.mark.parametrize("port", ["0", "70000", "x"])
def test_an_impossible_port_is_wrong_usage(started, port):
    assert run("app", "--port", port) == 2
    assert started == []


@pytest.mark.parametrize("name", _SETTINGS)
def test_streamlit_knows_the_settings(name):
    config.get_option(name)  # raises for a name that it does not know


def test_a_missing_extra_is_told(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "streamlit", None)
    assert run("app") == 2
    assert "T2M042: the extra 'app' is not installed: pip install 'text2mdt[app]'" in capsys.readouterr().err


def test_samples_are_documents_only():
    samples = shipped_samples()
    assert "README" not in samples
    assert all(path.suffix in (".md", ".txt") for path in samples.values())


def test_the_server_refuses_what_the_page_does_not_take():
    from app.screens.upload import UPLOAD_MEGABYTES
    from text2mdt.cli.app import _SETTINGS

    assert int(_SETTINGS["server.maxUploadSize"]) == UPLOAD_MEGABYTES
