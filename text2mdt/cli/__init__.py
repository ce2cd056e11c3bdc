"""The command line: one file a command.

A command is a module in this folder with a function `register(app)` that adds it to the Typer app; it is found by
itself. Such a module imports at its top nothing but typer, the standard library and light modules of this folder, and
the rest inside the command, so that `text2mdt --help` stays quick.

Exit codes: 0 done, 1 some inputs failed, 2 wrong usage or configuration.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated

import typer

from text2mdt.cli.waiting_threads import let_waiting_threads_sleep

application = typer.Typer(
    name="text2mdt",
    help="Turns clinical guidelines into medical decision trees.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

FAILED_INPUTS = 1
"""Exit code where some inputs failed, or the program did."""
WRONG_USAGE = 2
"""Exit code for an error that the user can mend."""


def _show_version(wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        typer.echo(version("text2mdt"))
    except PackageNotFoundError:
        typer.echo("unknown (run from a checkout)")
    raise typer.Exit


@application.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; may stand anywhere in the line.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and end.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Turns clinical guidelines into medical decision trees."""


for _module in sorted(iter_modules(__path__), key=lambda module: module.name):
    _command = import_module(f"{__name__}.{_module.name}")
    if hasattr(_command, "register"):
        _command.register(application)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and leaves with its exit code.

    Args:
        arguments: the words after `text2mdt`; those of the process by default.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    let_waiting_threads_sleep()
    try:
        application(words, prog_name="text2mdt")
    except Exception as error:
        if debug:
            raise
        from pilora.errors import CodedError

        if isinstance(error, CodedError):
            message, code = str(error), WRONG_USAGE
        else:
            message = f"unexpected {type(error).__name__}: {error}: run it again with --debug and report it"
            code = FAILED_INPUTS
        print(" ".join(message.split()), file=sys.stderr)
        raise SystemExit(code) from None
