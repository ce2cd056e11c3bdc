"""Mounts a view that runs in the browser and whose selection the page holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent / "browser"
_EVENT = "select"

Event = Mapping[str, Any]


class BrowserView:
    """A component of one script and one style sheet, put together from the files beside this module.

    The browser shows a new selection at once and sends it as an event; the page keeps it and gives it back with the
    next data. Events carry a serial number, so that a slow answer does not take back a newer selection.
    """

    def __init__(self, name: str, scripts: tuple[str, ...], styles: tuple[str, ...], isolated: bool = True) -> None:
        """
        Args:
            name: of the component, also the CSS class of its root.
            scripts, styles: names of files, joined in this order; the last script exports the component.
            isolated: whether it lives in a shadow root; a text selection can only be read outside of one.
        """
        self._mount = st.components.v2.component(
            f"text2mdt.{name}",
            html=f'<div class="t2m-{name}"></div>',
            css=f"@scope (.t2m-{name}) {{\n{_joined(styles)}\n}}",
            js=_joined(scripts),
            isolate_styles=isolated,
        )

    def event(self, key: str) -> Event | None:
        """What a person has just chosen in the view of this key; None once the script has run on it."""
        event: Event | None = st.session_state.pop(_slot(key, "event"), None)
        return event

    def show(self, key: str, data: Mapping[str, Any], on_event: Callable[[Event], None]) -> None:
        """Mounts the view; `on_event` is called before the script runs anew."""

        def take() -> None:
            event = (st.session_state.get(key) or {}).get(_EVENT)
            if isinstance(event, Mapping):
                st.session_state[_slot(key, "event")] = event
                serial = event.get("serial")
                st.session_state[_slot(key, "serial")] = serial if isinstance(serial, int) else 0
                on_event(event)

        serial = st.session_state.get(_slot(key, "serial"), 0)
        self._mount(key=key, data={**data, "view": key, "serial": serial}, on_select_change=take)


def _slot(key: str, name: str) -> str:
    return f"{key} {name}"


def _joined(names: tuple[str, ...]) -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)
