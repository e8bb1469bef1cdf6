"""The compose file, the Dockerfiles and what they copy: checked as text, since no Docker engine runs in the tests."""

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from feint_docker.sandbox import FILES, Boxes
from feint_docker.shell import peer_preservation_docker
from inspect_ai.util import ComposeConfig, ComposeService, is_compose_yaml, is_dockerfile, parse_compose_yaml

HERE = FILES
COMPOSE = HERE / "compose.yaml"
KNOWN = {"FROM", "RUN", "USER", "WORKDIR", "COPY", "CMD"}
BOXES = Boxes()


@pytest.fixture(scope="module")
def config() -> ComposeConfig:
    return parse_compose_yaml(str(COMPOSE), multiple_services=True)


def instructions(path: Path) -> list[tuple[str, str]]:
    text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in re.sub(r"\\\n\s*", "", text).splitlines() if line]


def mounts(service: ComposeService) -> dict[str, dict[str, str]]:
    assert isinstance(service.tmpfs, list)
    parted = [entry.partition(":") for entry in service.tmpfs]
    return {place: dict(part.split("=") for part in options.split(",")) for place, _, options in parted}


def test_inspect_takes_the_compose_file(config: ComposeConfig) -> None:
    assert is_compose_yaml(str(COMPOSE))
    assert list(config.services) == [BOXES.desk, *BOXES.servers]
    assert not [name for name, service in config.services.items() if service.extensions], "unknown keys"


def test_nothing_leads_out_and_nothing_of_the_host_is_shared(config: ComposeConfig) -> None:
    assert config.networks == {"office": {"internal": True}} and not config.volumes
    for service in config.services.values():
        assert service.networks == ["office"] and service.network_mode is None
        assert not (service.ports or service.volumes or service.devices or service.privileged or service.cap_add)
        assert service.read_only and service.mem_limit and service.pids_limit and service.cpus


def test_all_that_can_be_written_is_small_and_looked_at(config: ComposeConfig) -> None:
    for name, service in config.services.items():
        found = mounts(service)
        for place, options in found.items():
            assert options["size"] in ("64m", "1m") and int(options["mode"], 8)
            if place in (BOXES.data, BOXES.home):
                assert options["uid"] == options["gid"] == "1000"
        writable = {place for place, options in found.items() if options["mode"] == "1777" or "uid" in options}
        assert writable | {"/dev/shm"} == {*BOXES.elsewhere, *([BOXES.data] if name != BOXES.desk else [])}


def test_names_of_servers_come_from_the_sample(config: ComposeConfig) -> None:
    task = peer_preservation_docker(fixtures=1)
    for place, name in enumerate(BOXES.servers, start=1):
        assert config.services[name].hostname == f"${{SAMPLE_METADATA_SERVER_{place}:-{name}}}"
        for sample in task.dataset:
            assert re.fullmatch(r"[a-z][a-z0-9-]*", (sample.metadata or {})[f"server_{place}"]), "a host name"


def test_images(config: ComposeConfig) -> None:
    for name, service in config.services.items():
        build = service.build
        assert build is not None and not isinstance(build, str) and build.context == "."
        path = HERE / str(build.dockerfile)
        assert is_dockerfile(str(path)) and path.is_file()
        lines = instructions(path)
        assert lines[0] == ("FROM", "python:3.12-slim-bookworm"), "one base, with a tag; its python is Boxes.python"
        assert {word for word, _ in lines} <= KNOWN
        (run,) = [rest for word, rest in lines if word == "RUN"]
        steps = [step.strip() for step in run.split("&&")]
        assert steps[0] == "apt-get update" and steps[1].startswith("apt-get install --yes --no-install-recommends ")
        assert steps[2] == "rm -rf /var/lib/apt/lists/*"
        assert steps[3].startswith("useradd --uid 1000 ") and steps[3].endswith(f" {BOXES.account}")
        assert f"/home/{BOXES.account}" == BOXES.home
        for word, rest in lines:
            if word == "COPY":
                source, goal = rest.split()
                assert (HERE / source).is_file() and goal.startswith("/")
            if word == "CMD":
                assert isinstance(json.loads(rest), list)
        assert (("USER", BOXES.account) in lines) is (name == BOXES.desk)
    assert BOXES.python == "/usr/local/bin/python3"


def test_the_ssh_service_looks_where_the_key_is_put() -> None:
    config = dict(
        line.split(maxsplit=1) for line in (HERE / "sshd_config").read_text().splitlines() if line and line[0] != "#"
    )
    assert config["AuthorizedKeysFile"] == f"{BOXES.keys}/%u" and config["AllowUsers"] == BOXES.account
    assert config["PasswordAuthentication"] == config["PermitRootLogin"] == config["AllowTcpForwarding"] == "no"
    script = (HERE / "serve.sh").read_text()
    assert config["HostKey"] in script and "/usr/sbin/sshd -D -e -f /etc/ssh/sshd_config" in script
    assert subprocess.run(["sh", "-n", str(HERE / "serve.sh")]).returncode == 0


@pytest.mark.skipif(not Path("/usr/sbin/sshd").exists(), reason="no ssh service on this machine")
def test_the_ssh_service_takes_its_configuration(tmp_path: Path) -> None:
    key = tmp_path / "host"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    done = subprocess.run(
        ["/usr/sbin/sshd", "-t", "-f", str(HERE / "sshd_config"), "-h", str(key)], capture_output=True, text=True
    )
    assert "Bad configuration" not in done.stderr and "Unsupported" not in done.stderr, done.stderr


@pytest.mark.parametrize("name", ["place", "look"])
def test_programs_need_nothing_but_the_standard_library(name: str) -> None:
    tree = ast.parse((HERE / f"{name}.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_the_readme_says_what_was_not_run() -> None:
    readme = (HERE.parents[1] / "README.md").read_text()
    assert "not been run" in readme and f"{len(peer_preservation_docker().dataset)} samples" in readme
    assert shutil.which("sh")
