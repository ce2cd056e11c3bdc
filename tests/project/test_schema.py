"""The published schema of an extraction is that of the data model, and takes what is written."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from built_extractions import NOTHING, condition, decision, extraction, passage, tree
from jsonschema import Draft202012Validator

from text2mdt.export import export
from text2mdt.guideline.extraction_file import SCHEMA_VERSION

_SPEC = spec_from_file_location("make_schema", Path(__file__).parents[2] / "docs" / "make_schema.py")
make_schema = module_from_spec(_SPEC)
_SPEC.loader.exec_module(make_schema)
SCHEMA = make_schema.extraction_schema()
FOUND = extraction(
    passage(1, tree(condition("fever", "rash"), decision("a", ("dose", "a: 5 mg")), NOTHING), pages=(3,))
)


def test_the_published_file_is_current():
    assert make_schema.PAGE.name == f"extraction-{SCHEMA_VERSION}.json"
    assert make_schema.PAGE.read_text(encoding="utf-8") == make_schema.schema_page(), "run `make docs`"


def test_it_takes_what_is_written():
    Draft202012Validator.check_schema(SCHEMA)
    written = json.loads(export(FOUND, "json")[".json"])
    assert not list(Draft202012Validator(SCHEMA).iter_errors(written))


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.update(schema_version=2),
        lambda value: value.update(more=1),
        lambda value: value.pop("document"),
        lambda value: value["passages"][0]["tree"][0].update(role="E"),
        lambda value: value["passages"][0]["tree"][0]["triples"][0].pop(),
        lambda value: value["passages"][0]["groundings"][0].update(part="middle"),
    ],
)
def test_it_refuses_what_is_something_else(change):
    value = json.loads(export(FOUND, "json")[".json"])
    change(value)
    assert list(Draft202012Validator(SCHEMA).iter_errors(value))
