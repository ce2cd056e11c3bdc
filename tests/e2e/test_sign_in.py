"""Sign-in by OpenID Connect in a real browser: roles follow the person, and nobody passes for somebody else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_pages import MILLISECONDS, NEEDS_BROWSER, started
from identity_provider import CLIENT, CLIENT_SECRET, IdentityProvider, serving

from text2mdt.review.store import ReviewStore, open_store
from text2mdt.review.stored import PersonRole

PEOPLE = {
    "Anna": {"sub": "1", "email": "anna@clinic.example", "email_verified": True, "name": "Anna"},
    "Ben": {"sub": "2", "email": "ben@clinic.example", "email_verified": True, "name": "Ben"},
    # Calls himself as Anna does, which no provider forbids.
    "Eve": {"sub": "3", "email": "anna@clinic.example", "email_verified": False, "name": "anna@clinic.example"},
}
SECRETS = """[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "a secret of the tests that is long enough"
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{address}/.well-known/openid-configuration"
"""

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signing-in")


@pytest.fixture(scope="module")
def store(place: Path) -> ReviewStore:
    opened = open_store(place / "reviews.sqlite")
    opened.set_role("anna@clinic.example", PersonRole.APPROVER, "anna@clinic.example")
    return opened


@pytest.fixture(scope="module")
def address(place: Path, store: ReviewStore) -> Iterator[str]:
    """Where the page is served with sign-in; its home folder holds the secrets."""
    words = [sys.executable, "-c", "from text2mdt.cli import main; main()", "app", "--headless", "--port"]
    with serving(IdentityProvider(PEOPLE)) as provider:
        (place / ".streamlit").mkdir()
        secrets = SECRETS.format(client=CLIENT, secret=CLIENT_SECRET, address=provider.address)
        (place / ".streamlit" / "secrets.toml").write_text(secrets)
        with started(words, place / "log.txt", TEXT2MDT_STORE=store.where, HOME=str(place)) as url:
            yield url


@pytest.fixture
def view(browser: Any, address: str) -> Iterator[Any]:
    """A browser of its own that nobody has signed in with."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(MILLISECONDS)
    opened.goto(address)
    yield opened
    context.close()


def sign_in(view: Any, name: str) -> None:
    view.get_by_role("button", name="Sign in").click()
    view.get_by_role("link", name=name, exact=True).click()


def test_an_approver_signs_in_gives_a_role_and_signs_out(view: Any, browser: Any, address: str, store: ReviewStore):
    view.get_by_role("button", name="Sign in").wait_for()
    assert view.get_by_role("button", name="Extract", exact=True).count() == 0
    sign_in(view, "Anna")
    view.get_by_text("Signed in as anna@clinic.example, role: approver").wait_for()
    view.get_by_role("button", name="Extract", exact=True).wait_for()
    view.get_by_role("link", name="People and trail").click()
    view.get_by_label("Name", exact=True).fill("ben@clinic.example")
    view.get_by_role("button", name="Give the role").click()

    context = browser.new_context()
    other = context.new_page()
    other.set_default_timeout(MILLISECONDS)
    other.goto(address)
    sign_in(other, "Ben")
    other.get_by_text("Signed in as ben@clinic.example, role: reviewer").wait_for()
    other.get_by_role("button", name="Extract", exact=True).wait_for()
    context.close()

    view.reload()
    view.get_by_text("Signed in as anna@clinic.example").wait_for()
    view.get_by_role("button", name="Sign out").click()
    view.get_by_role("button", name="Sign in").wait_for()
    assert view.get_by_text("Signed in as").count() == 0
    given = [entry for entry in store.trail() if entry.what == "person.role"][-1]
    assert (given.who, "ben@clinic.example" in given.content) == ("anna@clinic.example", True)


def test_who_calls_himself_like_an_approver_is_a_reader(view: Any, store: ReviewStore):
    sign_in(view, "Eve")
    view.get_by_text("Signed in as 3, role: reader").wait_for()
    view.get_by_text("Your role is reader").wait_for()
    assert view.get_by_role("button", name="Extract", exact=True).count() == 0
    assert "3" not in {person.name for person in store.people()}


def test_a_forged_answer_signs_nobody_in(view: Any, address: str):
    view.goto(f"{address}/oauth2callback?code=none&state=forged")
    view.goto(address)
    view.get_by_role("button", name="Sign in").wait_for()
    assert view.get_by_text("Signed in as").count() == 0
