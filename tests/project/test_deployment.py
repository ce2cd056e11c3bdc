"""compose.yaml and Dockerfile name what is there: paths, commands, users of the database, variables, ports."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from app.screens.upload import ENDPOINT, SERVED
from text2mdt.adapters import find_adapter
from text2mdt.cli import main
from text2mdt.review.database import VARIABLE, store_url
from text2mdt.review.postgresql import PASSWORD_FILE, driver_arguments
from text2mdt.train import load_ranks

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "text2mdt"}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
FINAL = DOCKERFILE.rpartition("\nFROM ")[2]
MADE_BY_THE_USER = "./secrets/"


def parses(words: list[str]) -> bool:
    """Whether the command line knows the command and its options; nothing is done."""
    with pytest.raises(SystemExit) as caught:
        main([*words, "--help"])
    return not caught.value.code


def mounts(service: dict[str, Any]) -> dict[str, str]:
    """Path in the container → what is mounted there."""
    return {entry.split(":")[1]: entry.split(":")[0] for entry in service.get("volumes", ())}


def test_images_are_built_here_or_pinned():
    assert set(OURS) == {"schema", "app", "served-files"}
    for service in SERVICES.values():
        if service["image"] == "text2mdt":
            assert service["build"] == "."
        else:
            assert re.fullmatch(r"[\w/.-]+:v?\d+(\.\d+)*", service["image"])


def test_commands_are_known():
    for name in set(OURS) - {"app"}:
        assert OURS[name]["command"][0] == "text2mdt"
        assert parses(OURS[name]["command"][1:]), name
    assert not parses(["review", "upgrade", "--no-such-option"])
    command = re.search(r"^CMD \[(.*)\]$", FINAL, flags=re.M)[1]
    words = shlex.split(command.replace(",", " "))
    assert words[0] == "text2mdt" and parses(words[1:])
    assert "command" not in OURS["app"], "the image's own command serves the page"


def test_only_this_machine_reaches_the_services():
    port = re.search(r"^EXPOSE (\d+)$", FINAL, flags=re.M)[1]
    assert SERVICES["app"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f'"--port", "{port}"' in FINAL and f"127.0.0.1:{port}/_stcore/health" in FINAL
    assert all(entry.startswith("127.0.0.1:") for service in SERVICES.values() for entry in service.get("ports", ()))
    assert "ports" not in SERVICES["database"]


def test_services_wait_for_services_that_are_there():
    for service in SERVICES.values():
        for name, how in service.get("depends_on", {}).items():
            assert name in SERVICES
            assert how["condition"] in ("service_healthy", "service_completed_successfully")
            assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[name]
            assert set(SERVICES[name].get("profiles", ())) <= set(service.get("profiles", ()))


def test_volumes_secrets_and_files_are_there():
    used = {mounted for service in SERVICES.values() for mounted in mounts(service).values()}
    named = {name for name in used if not name.startswith(".")}
    assert named == set(COMPOSE["volumes"])
    for path in used - named:
        assert path.startswith(MADE_BY_THE_USER) or (ROOT / path).exists(), path
    secrets = COMPOSE["secrets"]
    assert {name for service in SERVICES.values() for name in service.get("secrets", ())} == set(secrets)
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    for secret in secrets.values():
        assert secret["file"].startswith(MADE_BY_THE_USER)
        assert secret["file"].removeprefix("./") in page
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    for service in SERVICES.values():
        text = yaml.safe_dump(service)
        assert set(re.findall(r"/run/secrets/(\w+)", text)) == set(service.get("secrets", ()))


def test_the_store_is_reached_as_the_users_that_there_are():
    role_file = (ROOT / "deploy" / "app_role.sql").read_text(encoding="utf-8")
    database = SERVICES["database"]["environment"]
    users = {}
    for name in ("schema", "app"):
        environment = SERVICES[name]["environment"]
        assert {VARIABLE, PASSWORD_FILE} <= set(environment) <= {VARIABLE, PASSWORD_FILE, ENDPOINT}
        url = store_url(environment[VARIABLE])
        assert (url.host in SERVICES, url.database) == (True, database["POSTGRES_DB"])
        users[name] = driver_arguments(url.set(password="x"))["user"]
    assert users == {"schema": database["POSTGRES_USER"], "app": "text2mdt_app"}
    assert f"CREATE ROLE {users['app']} LOGIN" in role_file
    script = SERVICES["app-role"]["command"][-1]
    assert f"-U {users['schema']} -d {database['POSTGRES_DB']}" in script and "-h database" in script
    assert mounts(SERVICES["app-role"])[script.rpartition("-f ")[2].strip()] == "./deploy/app_role.sql"
    assert subprocess.run(["sh", "-n", "-c", script.replace("$$", "$")], check=False).returncode == 0


def test_the_server_of_models_is_given_what_is_exported():
    words = dict(word.removeprefix("--").split("=", 1) for word in SERVICES["vllm"]["command"] if "=" in word)
    (folder,) = (path for path, volume in mounts(OURS["served-files"]).items() if volume == "served")
    assert OURS["served-files"]["command"][-2:] == ["-o", folder]
    assert mounts(SERVICES["vllm"])[folder] == "served"
    assert (words["model"], words["lora-modules"]) == (f"{folder}/model", f"text2mdt={folder}/adapter")
    from pilora.checkpoint import read_adapter_config

    ranks = load_ranks(read_adapter_config(find_adapter("default")))
    assert max(ranks.values()) <= int(words["max-lora-rank"])
    assert SERVICES["vllm"]["profiles"] == OURS["served-files"]["profiles"] == ["gpu"]
    assert all("profiles" not in SERVICES[name] for name in ("database", "schema", "app-role", "app"))


def test_the_image_serves_the_page_as_nobody_with_a_volume_for_the_store():
    assert re.search(r"^USER text2mdt$", FINAL, flags=re.M)
    assert re.search(r"^HEALTHCHECK ", FINAL, flags=re.M)
    assert re.search(r"^VOLUME /data$", FINAL, flags=re.M)
    store = re.search(rf"{VARIABLE}=(\S+)", FINAL)[1]
    assert store_url(store).database == store and store.startswith("/data/")
    assert "install -d -o text2mdt -g text2mdt /data /served" in FINAL
    assert FINAL.index("install -d") < FINAL.index("USER text2mdt")
    assert "COPY --from=build /opt/models /opt/models" in FINAL, "the model is inside"
    assert "chmod -R a+rX /opt/models" in DOCKERFILE, "the converted model is written for its owner alone"


def test_what_the_image_is_built_of_is_there_and_sent():
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, flags=re.M):
        for path in line.split()[:-1]:
            assert (ROOT / path).exists()
            assert any(f"{one}/".startswith(f"{path}/") or path.startswith(f"{one}/") for one in sent), path


def test_make_app_serves_the_page():
    done = subprocess.run(
        ["make", "-n", "--no-print-directory", "app"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("text2mdt app")


def test_the_page_is_told_of_the_model_server():
    assert SERVICES["app"]["environment"][ENDPOINT] == f"${{{ENDPOINT}:-}}", "nothing where nobody sets it"
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    url = re.search(rf"{ENDPOINT}=(\S+) docker compose --profile gpu", page)
    host, port = urlsplit(url[1]).netloc.split(":")
    assert f"--port={port}" in SERVICES[host]["command"]
    assert any(word.startswith(f"--lora-modules={SERVED}=") for word in SERVICES[host]["command"])
