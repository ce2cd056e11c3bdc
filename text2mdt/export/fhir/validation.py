"""Checks what is written: by the models of fhir.resources, and by the rules that they leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from xml.etree import ElementTree

from text2mdt.errors import Text2MDTError
from text2mdt.export.fhir.systems import Json, Release
from text2mdt.export.fhir.value_sets import wrong_codes

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_NAME = re.compile(r"[A-Z][A-Za-z0-9_]{1,254}")
_MODULES = {Release.R4B: "fhir.resources.R4B.bundle", Release.R5: "fhir.resources.bundle"}


def check_bundle(bundle: Json, release: Release) -> None:
    """Checks a Bundle by the models of fhir.resources, then by `faults`.

    Raises:
        Text2MDTError: T2M044 for the first fault, T2M042 where fhir.resources is not installed.
    """
    try:
        model = import_module(_MODULES[release]).Bundle
    except ModuleNotFoundError:
        raise Text2MDTError("T2M042", extra="fhir") from None
    from pydantic import ValidationError

    try:
        model.model_validate(bundle)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Text2MDTError("T2M044", ".".join(map(str, first["loc"])), detail=first["msg"]) from None
    for fault in faults(bundle, release):
        raise Text2MDTError("T2M044", detail=fault)


def faults(bundle: Json, release: Release) -> Iterator[str]:
    """What breaks a rule that the models do not check: codes, ids, names, addresses, narratives, references."""
    yield from wrong_codes(bundle, release)
    resources = [entry["resource"] for entry in bundle.get("entry", ())]
    known = {f"{resource['url']}|{resource['version']}" for resource in resources}
    if len(known) < len(resources):
        yield "two resources have the same address"
    for resource in resources:
        yield from _resource_faults(resource)
        for canonical in (*resource.get("library", ()), *_definitions(resource.get("action", ()))):
            if canonical not in known:
                yield f"{resource['id']}: {canonical} is not in the bundle"


def _resource_faults(resource: Json) -> Iterator[str]:
    if not _ID.fullmatch(resource["id"]):
        yield f"id: {resource['id']}"
    if not _NAME.fullmatch(resource["name"]):
        yield f"name: {resource['name']}"
    if "text" in resource:
        try:
            ElementTree.fromstring(resource["text"]["div"])
        except ElementTree.ParseError as error:
            yield f"{resource['id']}: the narrative is not XHTML ({error})"


def _definitions(actions: list[Json]) -> Iterator[str]:
    for action in actions:
        if "definitionCanonical" in action:
            yield action["definitionCanonical"]
        yield from _definitions(action.get("action", []))
