"""Reads a Dockerfile and plans its stages: every step with the environment, user and folder that it runs with.

Only what the Dockerfile of this repository uses is known. Anything else is an error and never passed over, since a step
that was left out would make a run of the others worth nothing.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

SHELL = ("/bin/sh", "-c")
_FLAGS = {"COPY": {"from"}, "HEALTHCHECK": {"interval", "timeout", "start-period", "retries"}}
_VARIABLE = re.compile(r"\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::(?P<sign>[-+])(?P<word>[^}]*))?\}|(?P<other>.?))")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class DockerfileError(Exception):
    """What the Dockerfile says is wrong, or not known here; the message begins with the line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")


@dataclass(frozen=True)
class Instruction:
    """One instruction as it is written, continued lines joined."""

    line: int
    keyword: str
    value: str
    flags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """A command; its environment holds the build arguments too."""

    line: int
    command: tuple[str, ...]
    environment: Mapping[str, str]
    user: str
    folder: str


@dataclass(frozen=True)
class Copy:
    """Files of the context, or of the stage with the name or number `stage`; the destination is absolute."""

    line: int
    sources: tuple[str, ...]
    destination: str
    stage: int | None


@dataclass(frozen=True)
class Folder:
    """A folder that is to be there: WORKDIR or VOLUME."""

    line: int
    path: str


Step = Run | Copy | Folder


@dataclass(frozen=True)
class Health:
    """The command that tells whether the container is well, and how long it has for that."""

    command: tuple[str, ...]
    interval: float = 30.0
    timeout: float = 30.0
    start_period: float = 0.0
    retries: int = 3


@dataclass(frozen=True)
class Image:
    """What a container is started with."""

    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = "root"
    folder: str = "/"
    command: tuple[str, ...] = ()
    health: Health | None = None
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """The steps from one FROM to the next, on an image from elsewhere or on the stage with the number `base`."""

    line: int
    name: str
    base: str | int
    steps: tuple[Step, ...]
    image: Image
    arguments: Mapping[str, str] = field(default_factory=dict)


def read(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile.

    Raises:
        DockerfileError: for an option, a here-document or a parser directive that is not known here.
    """
    instructions = []
    begun, parts = 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if re.match(r"#\s*(escape|check)\s*=", stripped, flags=re.I):
            raise DockerfileError(number, f"the directive {stripped} is not known here")
        if not stripped or stripped.startswith("#"):
            continue  # within continued lines too
        begun = begun or number
        parts.append(stripped.removesuffix("\\"))
        if not stripped.endswith("\\"):
            instructions.append(_instruction(begun, "".join(parts).strip()))
            begun, parts = 0, []
    if parts:
        raise DockerfileError(begun, "the last line is continued by nothing")
    return instructions


def plan(
    instructions: Sequence[Instruction],
    arguments: Mapping[str, str] | None = None,
    images: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Stage]:
    """The stages that the last one is made of, in order, itself last; those that it does not need are left out.

    Args:
        instructions: of the whole file.
        arguments: build arguments; each must be declared by an ARG.
        images: environment of the images that stages begin with, by the name as in FROM, without a digest.

    Raises:
        DockerfileError: for an instruction that is not known here, or that says what cannot be.
    """
    arguments = arguments or {}
    declared = {one.value.partition("=")[0] for one in instructions if one.keyword == "ARG"}
    if unknown := set(arguments) - declared:
        raise DockerfileError(1, f"no ARG declares {', '.join(sorted(unknown))}")
    starts = [index for index, one in enumerate(instructions) if one.keyword == "FROM"]
    if not starts:
        raise DockerfileError(1, "there is no FROM")
    given: dict[str, str] = {}
    for one in instructions[: starts[0]]:
        if one.keyword != "ARG":
            raise DockerfileError(one.line, f"{one.keyword} stands before the first FROM")
        given |= _argument(one, arguments, given, {})
    stages: list[Stage] = []
    for begin, end in zip(starts, [*starts[1:], len(instructions)], strict=True):
        stages.append(_Planner(stages, given, arguments, images or {}).stage(instructions[begin:end]))
    return _needed(stages)


def substituted(word: str, values: Mapping[str, str], line: int) -> str:
    """A word with its variables replaced: `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}`.

    Raises:
        DockerfileError: for a dollar sign of another meaning.
    """

    def value(match: re.Match[str]) -> str:
        if match["other"] is not None:
            raise DockerfileError(line, f"what ${match['other']} means is not known here")
        found = values.get(match["plain"] or match["name"], "")
        if match["sign"] == "-":
            return found or match["word"]
        return match["word"] if match["sign"] and found else "" if match["sign"] else found

    return _VARIABLE.sub(value, word)


def seconds(duration: str) -> float:
    """The seconds of a duration such as `1m30s`.

    Raises:
        ValueError: it is none.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|[smh])", duration)
    if not parts or "".join(map("".join, parts)) != duration:
        raise ValueError(f"{duration!r} is no duration")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


class _Planner:
    """Goes through the instructions of one stage and keeps what the next one depends on."""

    def __init__(
        self,
        earlier: Sequence[Stage],
        given: Mapping[str, str],
        arguments: Mapping[str, str],
        images: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._earlier, self._given, self._arguments, self._images = earlier, given, arguments, images
        self._scope: dict[str, str] = {}
        self._steps: list[Step] = []
        self._image = Image()

    def stage(self, instructions: Sequence[Instruction]) -> Stage:
        start = instructions[0]
        words = substituted(start.value, self._given, start.line).split()
        if len(words) not in (1, 3) or (len(words) == 3 and words[1].upper() != "AS"):
            raise DockerfileError(start.line, f"FROM {start.value} is not understood")
        base = self._base(words[0], start.line)
        for one in instructions[1:]:
            method = getattr(self, f"_{one.keyword.lower()}", None)
            if one.keyword not in _KNOWN or method is None:
                raise DockerfileError(one.line, f"the instruction {one.keyword} is not known here")
            method(one)
        name = words[2].lower() if len(words) == 3 else str(len(self._earlier))
        return Stage(start.line, name, base, tuple(self._steps), self._image, self._scope)

    def _base(self, name: str, line: int) -> str | int:
        for number, stage in enumerate(self._earlier):
            if stage.name == name.lower():
                self._image, self._scope = stage.image, dict(stage.arguments)
                return number
        without_digest = name.partition("@")[0]
        if without_digest not in self._images:
            raise DockerfileError(line, f"nothing stands for the image {name}")
        self._image = Image(environment=dict(self._images[without_digest]))
        return name

    @property
    def _values(self) -> dict[str, str]:
        """ENV wins over ARG, as for Docker."""
        return {**self._scope, **self._image.environment}

    def _arg(self, one: Instruction) -> None:
        self._scope |= _argument(one, self._arguments, self._values, self._given)

    def _env(self, one: Instruction) -> None:
        values, new = self._values, {}
        for word in _words(one):
            name, equals, value = word.partition("=")
            if not equals:
                raise DockerfileError(one.line, "ENV is known here as NAME=value only")
            new[name] = substituted(value, values, one.line)
        self._image = replace(self._image, environment={**self._image.environment, **new})

    def _workdir(self, one: Instruction) -> None:
        path = self._absolute(substituted(one.value, self._values, one.line), one.line)
        self._image = replace(self._image, folder=path)
        self._steps.append(Folder(one.line, path))

    def _user(self, one: Instruction) -> None:
        self._image = replace(self._image, user=substituted(one.value, self._values, one.line))

    def _volume(self, one: Instruction) -> None:
        paths = tuple(substituted(word, self._values, one.line) for word in _words_or_json(one))
        self._image = replace(self._image, volumes=(*self._image.volumes, *paths))
        self._steps += [Folder(one.line, path) for path in paths]

    def _expose(self, one: Instruction) -> None:
        ports = tuple(substituted(word, self._values, one.line) for word in _words(one))
        self._image = replace(self._image, ports=(*self._image.ports, *ports))

    def _run(self, one: Instruction) -> None:
        if re.search(r"<<-?\s*['\"]?\w", one.value):
            raise DockerfileError(one.line, "here-documents are not known here")
        self._steps.append(Run(one.line, _command(one), self._values, self._image.user, self._image.folder))

    def _copy(self, one: Instruction) -> None:
        *sources, destination = (substituted(word, self._values, one.line) for word in _words_or_json(one))
        if not sources or any(re.search(r"[*?\[<]", word) for word in (*sources, destination)):
            raise DockerfileError(one.line, f"COPY {one.value} is not understood")
        if len(sources) > 1 and not destination.endswith("/"):
            raise DockerfileError(one.line, "several files are copied to what does not end with /")
        stage = self._copied_stage(one) if "from" in one.flags else None
        self._steps.append(Copy(one.line, tuple(sources), self._absolute(destination, one.line), stage))

    def _copied_stage(self, one: Instruction) -> int:
        for number, stage in enumerate(self._earlier):
            if one.flags["from"].lower() in (stage.name, str(number)):
                return number
        raise DockerfileError(one.line, f"no stage before is called {one.flags['from']}")

    def _cmd(self, one: Instruction) -> None:
        self._image = replace(self._image, command=_command(one))

    def _healthcheck(self, one: Instruction) -> None:
        keyword, _, value = one.value.partition(" ")
        if keyword.upper() != "CMD":
            raise DockerfileError(one.line, "HEALTHCHECK is known here with CMD only")
        try:
            times = {key.replace("-", "_"): seconds(text) for key, text in one.flags.items() if key != "retries"}
            retries = int(one.flags.get("retries", 3))
        except ValueError as error:
            raise DockerfileError(one.line, str(error)) from error
        health = Health(_command(replace(one, value=value.strip())), **times, retries=retries)
        self._image = replace(self._image, health=health)

    def _absolute(self, path: str, line: int) -> str:
        """A path from the working folder; a slash at its end stays, which COPY asks for."""
        joined = path if path.startswith("/") else f"{self._image.folder.rstrip('/')}/{path}"
        parts = [part for part in joined.split("/") if part not in ("", ".")]
        if ".." in parts:
            raise DockerfileError(line, f"{path} leads upwards")
        folder = path.endswith(("/", "/.")) or path == "."
        return "/" + "/".join(parts) + ("/" if folder and parts else "")


_KNOWN = {"ARG", "ENV", "WORKDIR", "RUN", "COPY", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}


def _instruction(line: int, text: str) -> Instruction:
    keyword, _, value = text.partition(" ")
    keyword, value, flags = keyword.upper(), value.strip(), {}
    while match := re.match(r"--([a-z-]+)(?:=(\S*))?\s+", value):
        if keyword == "CMD" or match[1] not in _FLAGS.get(keyword, ()):
            raise DockerfileError(line, f"the option --{match[1]} of {keyword} is not known here")
        flags[match[1]] = match[2] or ""
        value = value[match.end() :]
    if not value:
        raise DockerfileError(line, f"{keyword} has nothing after it")
    return Instruction(line, keyword, value, flags)


def _argument(
    one: Instruction, arguments: Mapping[str, str], values: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """What an ARG declares: the value given by the caller, its default, or that from before the first FROM."""
    name, equals, default = one.value.partition("=")
    if not re.fullmatch(r"\w+", name) or re.search(r"[\s'\"\\]", default):
        raise DockerfileError(one.line, f"ARG {one.value} is not understood")
    if name in arguments:
        return {name: arguments[name]}
    if equals:
        return {name: substituted(default, values, one.line)}
    return {name: given[name]} if name in given else {}


def _words(one: Instruction) -> list[str]:
    """The words without their quotes, of which none may keep a variable from being replaced."""
    if "\\$" in one.value or re.search(r"'[^']*\$[^']*'", one.value):
        raise DockerfileError(one.line, "a dollar sign that stands for itself is not known here")
    try:
        return shlex.split(one.value)
    except ValueError as error:
        raise DockerfileError(one.line, str(error)) from error


def _words_or_json(one: Instruction) -> list[str]:
    return list(_json(one)) if one.value.startswith("[") else _words(one)


def _command(one: Instruction) -> tuple[str, ...]:
    """A list in JSON as it is, all else through the shell."""
    return _json(one) if one.value.startswith("[") else (*SHELL, one.value)


def _json(one: Instruction) -> tuple[str, ...]:
    try:
        words = json.loads(one.value)
    except ValueError as error:
        raise DockerfileError(one.line, f"not a list in JSON: {error}") from error
    if not words or not all(isinstance(word, str) for word in words):
        raise DockerfileError(one.line, "the list must be of words")
    return tuple(words)


def _needed(stages: Sequence[Stage]) -> list[Stage]:
    """The last stage and those before that it is built on, with the numbers that they then have."""
    wanted = {len(stages) - 1}
    for number in range(len(stages) - 1, -1, -1):
        if number in wanted:
            stage = stages[number]
            wanted |= {step.stage for step in stage.steps if isinstance(step, Copy) and step.stage is not None}
            wanted |= {stage.base} if isinstance(stage.base, int) else set()
    new = {old: number for number, old in enumerate(sorted(wanted))}

    def moved(step: Step) -> Step:
        return replace(step, stage=new[step.stage]) if isinstance(step, Copy) and step.stage is not None else step

    def renumbered(stage: Stage) -> Stage:
        base = new[stage.base] if isinstance(stage.base, int) else stage.base
        return replace(stage, base=base, steps=tuple(map(moved, stage.steps)))

    return [renumbered(stages[old]) for old in sorted(wanted)]
