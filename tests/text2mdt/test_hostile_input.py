"""What somebody could send to do harm: models with code, archives with paths, files that grow without bounds."""

import ast
import io
import json
import zipfile
import zlib
from pathlib import Path

import pytest
from guarded_reading import outcomes
from hypothesis import given
from hypothesis import strategies as st
from stored_reviews import ANNA, filled, staffed
from tiny_model import save_tiny_model

from text2mdt.documents import read_document
from text2mdt.errors import Text2MDTError
from text2mdt.file_stem import file_stem
from text2mdt.imports import read_text
from text2mdt.models import load_backbone
from text2mdt.review.library import Query
from text2mdt.training_config import read_training_config
from text2mdt.yaml_file import parse_yaml

ROOT = Path(__file__).parents[2]
TRUSTS_WHAT_IT_READS = {"shell", "trust_remote_code", "unsafe_allow_html", "unsafe_allow_javascript"}
SOURCES = [path for package in ("app", "pilora", "text2mdt") for path in sorted((ROOT / package).rglob("*.py"))]
RUNS_WHAT_IT_READS = {"eval", "exec", "compile", "__import__"}
RUNS_WHAT_IT_READS_OF_A_MODULE = {
    "torch": {"load"},
    "pickle": {"load", "loads", "Unpickler"},
    "yaml": {"load", "unsafe_load", "full_load"},
    "os": {"system", "popen"},
}


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def test_no_source_runs_or_unpickles_what_it_reads():
    found = []
    for path in SOURCES:
        for call in calls(path):
            function, place = call.func, f"{path.relative_to(ROOT)}:{call.lineno}"
            if isinstance(function, ast.Name) and function.id in RUNS_WHAT_IT_READS:
                found.append(place)
            if isinstance(function, ast.Attribute):
                module = function.value.id if isinstance(function.value, ast.Name) else ""
                if function.attr in RUNS_WHAT_IT_READS_OF_A_MODULE.get(module, ()) or function.attr == "extractall":
                    found.append(place)
            for keyword in call.keywords:
                is_true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
                if (
                    keyword.arg in ("shell", "trust_remote_code", "unsafe_allow_html", "unsafe_allow_javascript")
                    and is_true
                ):
                    found.append(place)
    assert found == []


def test_loading_a_model_says_that_its_code_is_not_trusted():
    said = [
        keyword.value.value
        for path in SOURCES
        for call in calls(path)
        for keyword in call.keywords
        if keyword.arg == "trust_remote_code"
    ]
    said += [
        value.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "trust_remote_code"
    ]
    assert len(said) >= 3 and not any(said)


def test_code_that_comes_with_a_model_is_not_run(tmp_path):
    folder = Path(save_tiny_model(tmp_path / "model"))
    marker = tmp_path / "it-ran"
    (folder / "modeling_evil.py").write_text(f"open({str(marker)!r}, 'w')\nclass Evil: pass\n")
    config = json.loads((folder / "config.json").read_text())
    names = ("AutoConfig", "AutoModelForCausalLM", "AutoTokenizer")
    config |= {"model_type": "evil", "auto_map": dict.fromkeys(names, "modeling_evil.Evil")}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(Text2MDTError, match="T2M026"):
        load_backbone(str(folder), progress=False)
    assert not marker.exists()


def word_file(entries):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_paths_in_an_archive_lead_nowhere(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    main = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>If there is fever, give paracetamol.</w:t></w:r></w:p></w:body></w:document>"
    )
    names = ("../out.txt", "/tmp/t2m-out.txt", "..\\out.txt", "word/../../out.txt")
    data = word_file({"word/document.xml": main} | dict.fromkeys(names, "evil"))
    assert "paracetamol" in read_document(data, "a.docx").text
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not Path("/tmp/t2m-out.txt").exists()


def pdf_with_content(content):
    """A PDF of one page whose content stream is compressed."""
    packed = zlib.compress(content, 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = b"%PDF-1.7\n"
    for number, content in enumerate(objects, start=1):
        body += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    return body + b"trailer << /Root 1 0 R /Size 6 >>\n"


@pytest.mark.parametrize(
    "content",
    [b" " * 400_000_000, b"BT /F 12 Tf 72 700 Td (fever) Tj ET\n" + b"0 0 m 1 1 l S\n" * 3_000_000],
    ids=["blanks", "lines"],
)
@pytest.mark.slow
def test_a_pdf_that_unpacks_to_a_thousand_times_its_size(content):
    data = pdf_with_content(content)
    assert len(data) < len(content) / 100
    (outcome,) = outcomes("a.pdf", [data], seconds=60)
    assert outcome.is_fine, outcome


def test_a_config_of_aliases_does_not_grow_without_bounds(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines))
    with pytest.raises(Text2MDTError, match=r"T2M032.*more than 100,000 values"):
        read_training_config(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: &a [*a]", "its own anchor"),
        ("a: 2001-99-99", "month"),
        ("a: " + "9" * 5000, "digits"),
        ("[" * 5000, "recursion"),
        ("a: !!python/object/apply:os.system [id]", "could not determine a constructor"),
        ("? {a: b}\n: c", "unhashable"),
    ],
)
def test_yaml_that_does_harm_is_refused(content, said):
    with pytest.raises(Text2MDTError, match=f"T2M032.*{said}"):
        parse_yaml(content, "c.yaml")


def test_a_config_larger_than_any_is_refused(tmp_path):
    (tmp_path / "c.yaml").write_text("a: b\n" * 300_000)
    with pytest.raises(Text2MDTError, match="T2M053"):
        read_training_config(tmp_path / "c.yaml")


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        "<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)),
    ],
)
@pytest.mark.parametrize("declared", ["<!DOCTYPE a [{}]>", "<?xml version='1.0'?>\n<!DOCTYPE a [{}]>"])
def test_no_entity_of_an_imported_table_is_read_or_expanded(entities, declared):
    with pytest.raises(Text2MDTError, match=r"T2M120.*document type"):
        read_text(declared.format(entities) + "<definitions>&x;&a11;</definitions>", "a.dmn")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("guideline.v2.pdf", "guideline.v2"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system"),
        ("C:\\a.txt", "a"),
        ("..", "document"),
        (".profile", "profile"),
        ("", "document"),
        ("a\x00b\nc.md", "a_b_c"),
        ("痛风.pdf", "痛风"),
        ("x" * 300 + ".pdf", "x" * 100),
    ],
)
def test_the_name_of_a_document_gives_no_path(name, stem):
    assert file_stem(name) == stem


@given(st.text(max_size=40))
def test_no_name_gives_a_path(name):
    stem = file_stem(name)
    assert stem and not set("/\\\x00") & set(stem) and stem.strip(".") == stem
    assert Path(stem).name == stem


def test_quotes_in_names_and_searches_stay_words(store_place):
    store = staffed(store_place)
    evil = "x'); DROP TABLE documents; --"
    filled(store, name=f"{evil}.pdf")
    filled(store, name="other.pdf")
    for search in (evil, "' OR '1'='1", "%", "_", '"', "\\"):
        found = store.library(Query(search=search)).rows
        assert len(found) == (1 if search == evil else 0), search
    assert store.library(Query(tag="' OR ''='")).rows == ()
    assert len(store.library(Query()).rows) == 2
    assert store.verify().intact
    store.set_role(evil, "reader", ANNA)
    store.close()


def test_a_page_of_more_frames_than_are_looked_at_keeps_its_words():
    data = pdf_with_content(b"BT /F 12 Tf 72 700 Td (fever) Tj ET\n" + b"0 0 9 9 re S\n" * 700)
    assert "fever" in read_document(data, "a.pdf").text
