"""Errors that carry a code, what is wrong, where, and how to mend it."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple


class Problem(NamedTuple):
    """One kind of error: what is wrong and how to mend it, both as `str.format` templates."""

    what: str
    mend: str


class CodedError(Exception):
    """An error that a user can meet; reads `CODE: what is wrong: where: how to mend it`.

    Args:
        code: a key of the class's `catalogue`.
        where: the file, record, module or setting concerned; may be empty.
        **details: values for the templates of the problem.
    """

    catalogue: ClassVar[dict[str, Problem]] = {}

    def __init__(self, code: str, where: object = "", **details: object) -> None:
        problem = self.catalogue[code]
        self.code = code
        self.where = str(where)
        self.what = problem.what.format(**details)
        self.mend = problem.mend.format(**details)
        super().__init__(": ".join(part for part in (code, self.what, self.where, self.mend) if part))

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it comes whole from another process."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[CodedError], args: tuple[Any, ...], state: dict[str, Any]) -> CodedError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class PiloraError(CodedError):
    """An error of the fine-tuning engine."""

    catalogue: ClassVar[dict[str, Problem]] = {
        "PIL001": Problem("no linear module matches the targets {targets}", "name modules of this backbone"),
        "PIL002": Problem("unknown method '{method}'", "choose one of {known}"),
        "PIL003": Problem("not an adapter folder", "give a folder that `save_pretrained` wrote"),
        "PIL004": Problem(
            "the adapter was trained for another backbone ({stored}, this one is {found})",
            "load the backbone that the adapter's config names",
        ),
        "PIL005": Problem("the adapter's tensors do not fit: {detail}", "use the files of one and the same save"),
        "PIL006": Problem("adapter format version {found}, this release reads {known}", "upgrade the package"),
        "PIL007": Problem("the adapter's config is not valid: {detail}", "correct the named key"),
        "PIL008": Problem("this model already carries an adapter", "merge it or load the backbone anew"),
        "PIL009": Problem(
            "the adapter has no rank left to export", "train with a larger budget, or use the backbone alone"
        ),
        "PIL010": Problem("the target weight of {name} is not a matrix", "leave this module out of the targets"),
        "PIL011": Problem("the weight of {name} is quantised and takes no update", "merge into the float32 backbone"),
        "PIL012": Problem(
            "the prompt is not marked, which this method needs",
            "pass prompt_mask, or generate over the cache of `new_cache()`",
        ),
        "PIL013": Problem(
            "the backbone has no decoder layers of the usual kind", "use a Llama-, Qwen- or Gemma-style model"
        ),
        "PIL015": Problem("there is no adapter of this name", "add it first; there are: {known}"),
        "PIL016": Problem("{names} adapter names for {rows} rows", "give one name for each row of the inputs"),
        "PIL017": Problem("this method is PEFT's, which is not installed", "pip install 'text2mdt[peft]'"),
        "PIL014": Problem("an adapter of method {method} cannot be {what}", "{mend}"),
    }
