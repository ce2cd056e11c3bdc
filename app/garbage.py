"""Keeps what stays for good out of the collection of garbage."""

from __future__ import annotations

import gc


def spare_what_is_loaded() -> None:
    """Has the collector pass over all objects that there are now.

    Streamlit collects after every run of the script and holds the server meanwhile: with all modules and a model loaded
    that takes a quarter of a second, longer than all else that a click needs.
    """
    gc.collect()
    gc.freeze()
