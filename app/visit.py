"""What all screens share during a visit: the store, the extractions behind it, and who is here."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st

from app.garbage import spare_what_is_loaded
from app.identity import SECTION, name_of
from app.remembered_name import remembered_name
from app.wording import plain
from pilora.errors import CodedError
from text2mdt.extract import Extractor
from text2mdt.extractor_settings import ExtractorSettings
from text2mdt.review.conflict import ChangedMeanwhileError
from text2mdt.review.extraction_jobs import ExtractionJobs
from text2mdt.review.store import ReviewStore, open_store
from text2mdt.review.stored import Person, PersonRole

_LOCAL = "text2mdt on this machine"
"""Gives roles where nobody signs in: everybody who can reach the page may do everything, under the name they say."""
_Found = TypeVar("_Found")


@st.cache_resource(show_spinner=False)
def store() -> ReviewStore:
    """The store that this server keeps; opened once."""
    opened = open_store()
    spare_what_is_loaded()
    return opened


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs={ExtractorSettings: ExtractorSettings.model_dump_json})
def extractor(settings: ExtractorSettings) -> Extractor:
    """The extractor of these settings; loaded once."""
    loaded = settings.load()
    spare_what_is_loaded()
    return loaded


@st.cache_resource(show_spinner=False)
def jobs() -> ExtractionJobs:
    """The worker of this server; at its start it goes on with what was left unfinished."""
    worker = ExtractionJobs(store(), extractor)
    worker.resume()
    return worker


def signs_in() -> bool:
    """Whether this server is set up for sign-in (an `[auth]` section in its secrets, see docs/deployment.md)."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def who() -> str:
    """The name of the person who visits; what they do is stored under it."""
    if signs_in():
        return name_of(st.user.to_dict(), st.secrets.get(SECTION, {}))
    return str(st.session_state.get("who") or "").strip() or remembered_name() or _account()


def role() -> PersonRole:
    """What the person may do. Without sign-in, a new name may do everything, but in a store that has approvers."""
    known = _role_of(who())
    if known is not None:
        return known
    if signs_in():
        return PersonRole.READER
    try:
        return _welcome(who()).role
    except CodedError:
        return PersonRole.READER  # an approver of this store gives the roles


def may(needed: PersonRole) -> bool:
    """Whether the person has this role, or one above it."""
    order = list(PersonRole)
    return order.index(role()) >= order.index(needed)


def _role_of(name: str) -> PersonRole | None:
    folded = " ".join(name.split()).casefold()
    return next((person.role for person in store().people() if person.name.casefold() == folded), None)


def _welcome(name: str) -> Person:
    if _role_of(_LOCAL) is None and not any(person.role is PersonRole.APPROVER for person in store().people()):
        store().set_role(_LOCAL, PersonRole.APPROVER, by=_LOCAL)
    return store().set_role(name, PersonRole.APPROVER, by=_LOCAL)


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry
        return "local user"


def attempt(action: Callable[[], _Found]) -> _Found | None:
    """What the action gives; an error becomes a message on the page and gives None."""
    try:
        return action()
    except ChangedMeanwhileError as error:
        _tell(
            f"{error.changed_by} changed this at {error.changed_at:%H:%M} (UTC), after you had loaded it. "
            "Your change was not saved; what you see now is the current state. Please repeat your change.",
            ":material/group:",
        )
    except CodedError as error:
        _tell(str(error), ":material/error:")
    except Exception as error:
        logging.getLogger(__name__).exception("an action of the page failed")
        _tell(f"Unexpected {type(error).__name__}: {error}: the log of the server tells more", ":material/error:")
    return None


def _tell(text: str, icon: str) -> None:
    """Keeps a message until it is shown: the action of a button runs before the page is drawn."""
    st.session_state.setdefault("messages", []).append((text, icon))


def take_messages() -> list[tuple[str, str]]:
    """What actions left to be said and what icon goes with it; a screen that takes them shows them for as long as it
    likes."""
    taken: list[tuple[str, str]] = st.session_state.pop("messages", [])
    return taken


def show_messages(messages: list[tuple[str, str]] | None = None) -> None:
    """Shows messages; if none are given, what actions left to be said, once."""
    for text, icon in take_messages() if messages is None else messages:
        st.error(plain(text), icon=icon)


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """An error while a screen is drawn becomes a message in its place."""
    try:
        yield
    except CodedError as error:
        st.error(plain(str(error)), icon=":material/error:")
