"""Sign-in: who comes in, under which name and with which role."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import visit
from app.identity import name_of
from text2mdt.review.stored import PersonRole

pytestmark = pytest.mark.usefixtures("own_store")

PAGE = Path(__file__).parents[2] / "app" / "page.py"
PROVIDER = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "a secret of the tests, long enough",
    "client_id": "text2mdt",
    "client_secret": "x",
    "server_metadata_url": "http://localhost:1/.well-known/openid-configuration",
}
ANNA = {"sub": "17", "email": "anna@example.org", "email_verified": True, "name": "Anna"}


@pytest.mark.parametrize(
    ("claims", "access", "name"),
    [
        (ANNA, {}, "anna@example.org"),
        (ANNA | {"email_verified": "true"}, {}, "anna@example.org"),
        (ANNA | {"email_verified": False}, {}, "17"),
        (ANNA | {"email_verified": "false"}, {}, "17"),
        ({"sub": "18", "email": "anna@example.org", "name": "anna@example.org"}, {}, "18"),
        ({"sub": "18", "email": "anna@example.org"}, {"name_claim": "email"}, "anna@example.org"),
        ({"sub": "19", "upn": " anna@clinic "}, {"name_claim": "upn"}, "anna@clinic"),
        ({"sub": "19", "upn": None}, {"name_claim": "upn"}, "19"),
        ({"sub": 20}, {}, "20"),
    ],
)
def test_a_name_is_one_that_nobody_can_choose(claims, access, name):
    assert name_of(claims, access) == name


def opened(claims: dict[str, object] | None, **secrets: dict[str, object]) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=120)
    page.secrets["auth"] = PROVIDER
    for name, section in secrets.items():
        page.secrets[name] = section
    page.user = {"is_logged_in": claims is not None, **(claims or {})}
    return page.run()


def labels(page: AppTest) -> set[str]:
    return {button.label for button in page.button}


def test_who_is_not_signed_in_sees_nothing_and_becomes_nobody():
    page = opened(None)
    assert not page.exception
    assert labels(page) == {"Sign in"}
    assert not page.text_input and not page.selectbox and not page.sidebar.caption
    assert visit.store().people() == []


@pytest.mark.parametrize("role", [None, *PersonRole])
def test_a_person_has_the_role_that_the_store_knows(role):
    store = visit.store()
    store.set_role("Chief", PersonRole.APPROVER, "Chief")
    if role is not None:
        store.set_role("Anna@Example.org", role, "Chief")
    page = opened(ANNA)
    assert not page.exception
    # A person who is new is a reader, and signing in writes nothing.
    assert f"Signed in as anna@example.org, role: {role or 'reader'}" in page.sidebar.caption[0].value.replace("\\", "")
    assert ("Extract" in labels(page)) == (role in (PersonRole.REVIEWER, PersonRole.APPROVER))
    assert len(store.people()) == (1 if role is None else 2)
    assert all(field.key != "who" for field in page.text_input), "nobody types a name"


def test_a_display_name_gives_no_role():
    visit.store().set_role("Chief", PersonRole.APPROVER, "Chief")
    page = opened({"sub": "99", "name": "Chief", "email": "Chief", "email_verified": False})
    assert "Signed in as 99, role: reader" in page.sidebar.caption[0].value
    assert "Extract" not in labels(page)


def test_the_claim_of_the_name_can_be_chosen():
    visit.store().set_role("anna@clinic", PersonRole.APPROVER, "anna@clinic")
    page = opened({"sub": "99", "upn": "anna@clinic"}, access={"name_claim": "upn"})
    assert "anna@clinic, role: approver" in page.sidebar.caption[0].value.replace("\\", "")
    assert "Extract" in labels(page)
