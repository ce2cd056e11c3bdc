"""The Dockerfile is read as Docker reads it, and all of its steps work on bare Debian roots."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from deploy import bare_root
from deploy.build_context import Context
from deploy.dockerfile import Copy, DockerfileError, Folder, Run, plan, read, seconds, substituted
from deploy.run_dockerfile import STAND_INS, UNABLE, Builder, Container, Lent, StepError, lent_by_pip, main, parsed

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
NOTHING_LENT = Lent()
IMAGES = {"base": {"PATH": "/bin"}}


def last(text: str, **arguments: str):
    """The last stage of a Dockerfile."""
    return plan(read(text), arguments, IMAGES)[-1]


def test_lines_are_joined_and_comments_left_out():
    text = '# first\n\nfrom base\nRUN one \\\n  # not this\n\n  && two\nCMD ["a", \\\n  "b"]\n'
    assert [(one.line, one.keyword, one.value) for one in read(text)] == [
        (3, "FROM", "base"),
        (4, "RUN", "one && two"),
        (8, "CMD", '["a", "b"]'),
    ]


def test_each_step_has_the_environment_user_and_folder_of_its_place():
    stage = last(
        "FROM base\nRUN one\nENV A=1 PATH=/opt:$PATH\nWORKDIR /srv\nWORKDIR below\nRUN two\n"
        "USER me\nENV A=2 B=$A\nRUN three"
    )
    one, work, below, two, three = stage.steps
    assert one == Run(2, ("/bin/sh", "-c", "one"), {"PATH": "/bin"}, "root", "/")
    assert (work, below) == (Folder(4, "/srv"), Folder(5, "/srv/below"))
    assert two == Run(6, ("/bin/sh", "-c", "two"), {"PATH": "/opt:/bin", "A": "1"}, "root", "/srv/below")
    assert three.user == "me" and three.environment == {"PATH": "/opt:/bin", "A": "2", "B": "1"}
    assert (stage.image.user, stage.image.folder, stage.image.environment) == ("me", "/srv/below", three.environment)


def test_arguments_reach_their_stage_and_those_built_on_it_and_lose_against_env():
    text = (
        "ARG V=base\nARG W=1\nFROM ${V} AS a\nARG W\nARG X=$W$W\nRUN a\nFROM a AS b\nRUN b\n"
        "FROM base\nARG W=3\nENV W=4\nCOPY --from=b /x /x\nRUN c"
    )
    a, b, c = plan(read(text), {}, IMAGES)
    assert a.steps[0].environment == b.steps[0].environment == {"PATH": "/bin", "W": "1", "X": "11"}
    assert c.steps[-1].environment == {"PATH": "/bin", "W": "4"}, "no argument of another stage"
    assert c.image.environment == {"PATH": "/bin", "W": "4"}
    assert a.image.environment == {"PATH": "/bin"}, "an argument is not in the image"
    a, *_ = plan(read(text), {"W": "7"}, IMAGES)
    assert a.steps[0].environment["X"] == "77"


def test_an_argument_is_unknown_before_its_line_and_where_it_has_no_value():
    first, second = last("FROM base\nRUN one\nARG A=1\nARG B\nRUN two").steps
    assert (first.environment, second.environment) == ({"PATH": "/bin"}, {"PATH": "/bin", "A": "1"})


def test_only_the_stages_that_the_last_one_needs_are_left():
    text = (
        "ARG T=one\nFROM base AS one\nRUN 1\nFROM base AS two\nRUN 2\nFROM base AS no\nRUN 3\n"
        "FROM ${T} AS mid\nFROM base\nCOPY --from=mid /a /b\n"
    )
    for wanted in ("one", "two"):
        stages = plan(read(text), {"T": wanted}, IMAGES)
        assert [stage.name for stage in stages] == [wanted, "mid", "4"]
        assert [stage.base for stage in stages] == ["base", 0, "base"]
        assert stages[2].steps == (Copy(10, ("/a",), "/b", 1),)


def test_copy_knows_what_is_a_folder():
    steps = last('FROM base\nWORKDIR /w\nCOPY a b ./\nCOPY a c\nCOPY ["x y", "/z/"]').steps
    assert [(one.sources, one.destination) for one in steps[1:]] == [
        (("a", "b"), "/w/"),
        (("a",), "/w/c"),
        (("x y",), "/z/"),
    ]


def test_what_the_container_is_started_with():
    image = last(
        'FROM base\nEXPOSE 80\nVOLUME /data\nHEALTHCHECK --interval=1m30s --retries=2 CMD ["ask", "$A"]\nCMD serve'
    ).image
    assert (image.ports, image.volumes, image.command) == (("80",), ("/data",), ("/bin/sh", "-c", "serve"))
    assert image.health.command == ("ask", "$A"), "a list is taken as it is"
    assert (image.health.interval, image.health.timeout, image.health.retries) == (90, 30, 2)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ADD a b", "ADD is not known"),
        ('SHELL ["bash"]', "SHELL is not known"),
        ("ONBUILD RUN a", "ONBUILD is not known"),
        ("LABEL a=b", "LABEL is not known"),
        ("RUN --mount=type=cache,target=/x a", "--mount"),
        ("COPY --chown=a b c", "--chown"),
        ("COPY --from=later a b", "no stage before"),
        ("COPY *.py a/", "not understood"),
        ("COPY a b c", "does not end with /"),
        ("COPY a ../b", "leads upwards"),
        ("ENV A 1", "NAME=value only"),
        ("ENV A='$B'", "stands for itself"),
        ("ENV A=${B%c}", "not known"),
        ("RUN cat <<EOF", "here-documents"),
        ("HEALTHCHECK NONE", "CMD only"),
        ("HEALTHCHECK --interval=soon CMD a", "no duration"),
        ('CMD ["a", 1]', "of words"),
        ('CMD ["a"', "JSON"),
        ("RUN", "nothing after it"),
        ("RUN a \\", "continued by nothing"),
        ("# escape=`", "directive"),
        ("FROM elsewhere", "nothing stands for"),
    ],
)
def test_what_is_not_known_is_an_error_with_its_line(line, reason):
    with pytest.raises(DockerfileError, match=r"^line 3: ") as caught:
        last(f"FROM base\nRUN a\n{line}")
    assert reason in str(caught.value)


def test_an_undeclared_argument_is_an_error():
    with pytest.raises(DockerfileError, match="no ARG declares TROCH"):
        last("FROM base\nARG TORCH", TROCH="cuda")


@pytest.mark.parametrize(
    ("word", "is_"),
    [("$A/$B", "1/"), ("${A}b", "1b"), ("${B:-x}", "x"), ("${A:-x}", "1"), ("${A:+x}", "x"), ("${B:+x}y", "y")],
)
def test_variables(word, is_):
    assert substituted(word, {"A": "1"}, 1) == is_


def test_durations():
    assert [seconds(text) for text in ("30s", "1m30s", "500ms")] == [30, 90, 0.5]


def test_the_dockerfile_of_the_repository_is_understood():
    stages = plan(read(DOCKERFILE), {"TORCH_INDEX": "https://index.example"}, STAND_INS)
    assert [stage.name for stage in stages[:3]] == ["base", "torch-cpu", "build"]
    (torch,) = stages[1].steps
    assert torch.environment["TORCH_INDEX"] == "https://index.example"
    assert all(step.user == "root" for stage in stages for step in stage.steps if isinstance(step, Run))
    image = stages[-1].image
    assert (image.user, image.folder, image.volumes) == ("text2mdt", "/home/text2mdt", ("/data",))
    assert not {"TORCH_INDEX", "PIP_NO_CACHE_DIR"} & set(image.environment), "the image starts anew"
    names = [stage.name for stage in plan(read(DOCKERFILE), {"TORCH": "cuda"}, STAND_INS)]
    assert "torch-cuda" in names and "torch-cpu" not in names


def test_the_context_is_what_dockerignore_lets_through(tmp_path):
    (tmp_path / ".dockerignore").write_text("*\n!kept\n!data/some\n# no rule\n**/__pycache__\nkept/*.log\n")
    for path in (
        "kept/a.py",
        "kept/b.log",
        "kept/in/c.log",
        "kept/__pycache__/a.pyc",
        "data/some/x",
        "data/other/y",
        "z",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "kept/a.py").chmod(0o755)
    context = Context(tmp_path)
    assert list(context.files(".")) == ["data/some/x", "kept/a.py", "kept/in/c.log"]
    context.copy("data", tmp_path / "out", into=False)
    context.copy("kept/a.py", tmp_path / "out", into=True)
    context.copy("kept/a.py", tmp_path / "out/named.py", into=False)
    written = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert written == {"some/x", "a.py", "named.py"}
    assert os.access(tmp_path / "out/a.py", os.X_OK)
    for missing in ("z", "data/other", "nothing"):
        with pytest.raises(FileNotFoundError, match=missing):
            context.copy(missing, tmp_path / "out", into=True)


def test_secrets_and_the_corpus_are_not_sent():
    context = Context(ROOT)
    assert context.sends("text2mdt/cli/main.py") and context.sends("data/samples/README.md")
    for path in ("secrets/owner_password", ".git/config", "data/corpus/test.jsonl", "text2mdt/__pycache__/a.pyc"):
        assert not context.sends(path), path


def test_a_user_is_looked_up_in_the_root(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\nme:x:7:8::/home/me:/bin/sh\n")
    (tmp_path / "etc/group").write_text("root:x:0:\nme:x:8:\nmore:x:9:you,me\n")
    assert bare_root.account(tmp_path, "me") == bare_root.account(tmp_path, "7") == (7, 8, [9], "/home/me")
    words = bare_root.entering(tmp_path, ["ls"], "me", "/w", 5)
    assert words[:3] == ["nsenter", "--net=/proc/5/ns/net", "--"]
    assert words[4:] == ["--userspec=7:8", "--groups=9", str(tmp_path), "/usr/bin/env", "-C", "/w", "ls"]
    assert bare_root.with_home(tmp_path, "me", {"A": "1"}) == {"HOME": "/home/me", "A": "1"}
    with pytest.raises(KeyError):
        bare_root.account(tmp_path, "text2mdt")


def test_a_link_out_of_the_root_is_not_followed(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "root/out").symlink_to(tmp_path)
    (tmp_path / "root/in").symlink_to("etc")
    assert bare_root.inside(tmp_path / "root", "/in/x") == tmp_path / "root/in/x"
    with pytest.raises(RuntimeError, match="leads out"):
        bare_root.inside(tmp_path / "root", "/out/x")


def test_no_root_is_deleted_or_copied_with_something_mounted_in_it(tmp_path, monkeypatch):
    root = tmp_path / "a root"
    (root / "proc").mkdir(parents=True)
    table = f"proc {tmp_path}/a\\040root/proc proc rw 0 0\nother {tmp_path}/a\\040root.2/proc proc rw 0 0\n"
    real = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda path, **how: table if "mounts" in str(path) else real(path, **how))
    assert bare_root.mounts_below(root) == [f"{root}/proc"]
    for refused in (lambda: bare_root.remove_root(root), lambda: bare_root.copy_root(root, tmp_path / "copy")):
        with pytest.raises(RuntimeError, match="still mounted"):
            refused()
    assert (root / "proc").is_dir() and not (tmp_path / "copy").exists()


def test_the_namespaces_of_the_machine_are_refused(monkeypatch):
    monkeypatch.setenv("DOCKERFILE_STEPS_OUTSIDE", os.readlink("/proc/self/ns/mnt"))
    with pytest.raises(RuntimeError, match="namespaces of the machine"):
        bare_root.enter_own_namespaces([])


def test_it_begins_nothing_without_root_or_in_a_folder_with_files(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bare_root, "what_is_missing", lambda: "needs root")
    assert main([str(tmp_path / "new")]) == UNABLE and not (tmp_path / "new").exists()
    assert "needs root" in capsys.readouterr().err
    monkeypatch.setattr(bare_root, "what_is_missing", lambda: "")
    monkeypatch.setattr(bare_root, "enter_own_namespaces", lambda command: pytest.fail("begun"))
    (tmp_path / "file").touch()
    assert main([str(tmp_path)]) == UNABLE
    assert "is not an empty folder" in capsys.readouterr().err


@pytest.fixture
def without_chroot(monkeypatch):
    """Commands are carried out on this machine, in the root as a folder."""
    monkeypatch.setattr(bare_root, "copy_root", shutil.copytree)
    monkeypatch.setattr(bare_root, "mounted", lambda root, lent=(): nullcontext())
    monkeypatch.setattr(bare_root, "megabytes", lambda root: 0)
    monkeypatch.setattr(bare_root, "with_home", lambda root, user, environment: {"ROOT": str(root), **environment})
    monkeypatch.setattr(bare_root, "entering", lambda root, command, *more: list(command))


def built(text: str, folder: Path, lent: Lent = NOTHING_LENT) -> Path:
    for name in ("context", "bare"):
        (folder / name).mkdir()
    (folder / "context/sent").write_text("sent")
    stages = plan(read(text), {}, {"base": {"PATH": os.environ["PATH"]}})
    return Builder(folder, Context(folder / "context"), lent).build(stages, folder / "bare")


def test_steps_are_carried_out_in_order_each_stage_on_its_base(tmp_path, without_chroot):
    root = built(
        "FROM base AS a\nENV A=1\nRUN echo $A >> $ROOT/log\nFROM a AS b\nCOPY sent into/\n"
        "RUN cat $ROOT/into/sent >> $ROOT/log\n"
        "FROM base\nWORKDIR /w\nCOPY --from=b /into /in\nCOPY --from=b /log ./\nRUN echo $LENT-$A >> $ROOT/w/log",
        tmp_path,
        Lent(environment=(("LENT", "x"),)),
    )
    assert (root / "w/log").read_text() == "1\nsentx-\n"
    assert (root / "in/sent").read_text() == "sent" and not (root / "into").exists()
    assert not any((tmp_path / "bare").iterdir()), "the bare root stays as it is"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("RUN echo why && exit 3", "exit code 3; the end of .*:\nwhy"),
        ("COPY unsent /x", "unsent is not there"),
        ("COPY --from=a /nothing /x", "cp"),
        ("WORKDIR /bin/file/below", "Not a directory"),
    ],
)
def test_the_first_step_that_fails_ends_it_with_its_line(step, reason, tmp_path, without_chroot):
    with pytest.raises(StepError, match=rf"(?s)^line 4: .*{reason}"):
        built(
            f"FROM base AS a\nRUN mkdir $ROOT/bin && touch $ROOT/bin/file\nFROM a\n{step}\nRUN touch $ROOT/after",
            tmp_path,
        )
    assert not list(tmp_path.rglob("after"))


def test_a_container_is_healthy_when_its_check_succeeds_and_not_before(tmp_path, without_chroot):
    image = last(
        f"FROM base\nHEALTHCHECK --interval=2s --retries=2 --timeout=1s CMD test -e {tmp_path}/up\n"
        f"CMD sleep 0.5; touch {tmp_path}/up; sleep 60"
    ).image
    container = Container(tmp_path, image, 0, {"PATH": os.environ["PATH"]})
    process = container.start(tmp_path / "log")
    try:
        assert 0.5 <= container.wait_until_healthy(process) < 6
        (tmp_path / "up").unlink()
        with pytest.raises(StepError, match="not healthy after 6 s"):
            container.wait_until_healthy(process)
    finally:
        process.kill()
        process.wait()
    with pytest.raises(StepError, match="ended with exit code"):
        container.wait_until_healthy(process)


@pytest.mark.parametrize("command", ["exit 1", "mkdir out && touch out/empty", "true"])
def test_an_extraction_that_fails_or_writes_nothing_is_an_error(command, tmp_path, without_chroot):
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/text2mdt"
    program.write_text(f"#!/bin/sh\ncd {tmp_path}\n{command}\n")
    program.chmod(0o755)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/sample.md").write_text("x")
    image = last(f"FROM base\nENV PATH={tmp_path}/bin:{os.environ['PATH']}").image
    container = Container(tmp_path, image, 0, {})
    with pytest.raises(StepError, match="text2mdt extract"):
        container.extract(tmp_path / "folder/sample.md")
    program.write_text(f"#!/bin/sh\ncd {tmp_path}\nmkdir -p out && echo $* > out/sample.json\n")
    assert container.extract(tmp_path / "folder/sample.md") == ["out/sample.json (25 bytes)"]


def test_a_file_that_is_not_there_or_not_understood_is_said(tmp_path, capsys):
    assert main([str(tmp_path / "new"), "--plan", "--file", str(tmp_path / "none")]) == UNABLE
    assert "none" in capsys.readouterr().err
    (tmp_path / "Dockerfile").write_text("FROM python:3.11-slim-bookworm\nADD a b\n")
    assert main([str(tmp_path / "new"), "--plan", "--file", str(tmp_path / "Dockerfile")]) == UNABLE
    assert "line 2: the instruction ADD is not known here" in capsys.readouterr().err


def test_root_is_asked_for(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "sudo" in bare_root.what_is_missing()


def test_pips_configuration_is_found_with_what_it_names(tmp_path, monkeypatch):
    wheels, index, configuration = tmp_path / "wheels", tmp_path / "index", tmp_path / "pip.conf"
    wheels.mkdir()
    (index / "simple").mkdir(parents=True)
    configuration.write_text(f"[global]\nextra-index-url = file://{index}/simple https://elsewhere.example/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    lent = lent_by_pip()
    assert {wheels, index, configuration} <= set(lent.paths)
    assert ("PIP_FIND_LINKS", str(wheels)) in lent.environment


def test_the_page_shows_the_command():
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    (line,) = (line for line in page.splitlines() if "-m deploy.run_dockerfile" in line and line.startswith("    "))
    options = parsed(line.partition("deploy.run_dockerfile ")[2].split())
    plan(read(DOCKERFILE), dict(options.build_arg), STAND_INS)


@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_every_step_works_on_bare_debian(tmp_path):
    if reason := bare_root.what_is_missing():
        pytest.skip(reason)
    if shutil.disk_usage(tmp_path).free < 12e9:
        pytest.skip("less than 12 GB of disk")
    index = os.environ.get("TEXT2MDT_TEST_TORCH_INDEX", "https://download.pytorch.org/whl/cpu")
    command = [sys.executable, "-m", "deploy.run_dockerfile", str(tmp_path / "roots"), "--lend-pip"]
    done = subprocess.run([*command, "--build-arg", f"TORCH_INDEX={index}"], cwd=ROOT, capture_output=True, text=True)
    assert not done.returncode, f"{done.stdout}\n{done.stderr}"
    assert "healthy as text2mdt" in done.stdout and "out/acute-otitis-media-children" in done.stdout
    assert not [path for path in (tmp_path / "roots").iterdir() if path.is_dir()], "the roots are removed"
    assert not bare_root.mounts_below(tmp_path)
