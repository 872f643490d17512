"""What ``make`` says and does before anything of Rostra runs, and what it builds the pages from."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65534
PLAIN = (
    *("bash", "chmod", "dirname", "env", "flock", "grep", "id", "mkdir", "mktemp", "paste"),
    *("rm", "sh", "sleep", "sort", "tail", "touch"),
)
"""What every machine has."""
PAGES = "src/rostra/pages/.vite/manifest.json"
RUNS_ON = "echo $$ >>running\nsleep 60 &\necho $! >>running\nwait\n"
"""A program that is at work with another, and says who they are."""


@pytest.fixture
def machine() -> Iterator[Path]:
    """A folder with the set-up alone, on a machine with nothing but the plainest tools."""
    with tempfile.TemporaryDirectory() as name:  # open to all, as nobody is who types
        folder = Path(name) / "rostra"
        for made in (folder, folder / "bin", folder / "scripts", folder / ".venv" / "bin"):
            made.mkdir(parents=True)
        for tool in PLAIN:
            (folder / "bin" / tool).symlink_to(str(shutil.which(tool)))
        for script in ("setup.sh", "check.sh"):
            shutil.copy(ROOT / "scripts" / script, folder / "scripts")
        open_to_all(Path(name))
        yield folder


def open_to_all(folder: Path) -> None:
    for each in (folder, *folder.rglob("*")):
        if each.is_dir():
            each.chmod(0o777)


def tool(machine: Path, name: str, does: str) -> None:
    """Put a program on the machine, in the place of whatever is there."""
    file = machine / name if "/" in name else machine / "bin" / name
    file.unlink(missing_ok=True)
    file.write_text(f"#!/bin/sh\n{does}\n")
    file.chmod(0o755)


def begin(machine: Path, *command: str, **variables: str) -> subprocess.Popen[str]:
    """Start a command as somebody who may not install anything types it; Ctrl-C reaches it."""
    return subprocess.Popen(
        ["/usr/bin/env", "--default-signal=INT", *command],
        cwd=machine,
        env={"PATH": str(machine / "bin"), **variables},
        user=NOBODY if os.getuid() == 0 else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(machine: Path, step: str, **variables: str) -> str:
    """What ``setup.sh`` says to somebody who may not install anything; it must stop."""
    setting_up = begin(machine, "scripts/setup.sh", step, **variables)
    words = setting_up.communicate(timeout=60)[1]
    assert setting_up.returncode == 1, words
    return words


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def has_lines(file: Path, count: int) -> bool:
    return file.exists() and file.read_text().count("\n") == count


def runs(pid: str) -> bool:
    """Whether a process is at work; one that nobody has waited for yet is not."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


def test_all_that_is_missing_is_named_at_once(machine: Path) -> None:
    lines = said(machine, "run", SETUP_STEPS="run web").splitlines()
    assert lines[-1] == "  sudo apt-get install -y nodejs npm python3 python3-venv"
    whole = said(machine, "dev", SETUP_STEPS="dev system web").splitlines()[-1].split()
    assert {"python3", "python3-venv", "chromium", "coturn", "nodejs", "npm"} < set(whole)
    assert len(whole) == len(set(whole))
    assert said(machine, "here", SETUP_STEPS="dev system web").splitlines()[-1].split() == whole


def test_of_two_pythons_the_one_that_was_built_well_is_taken(machine: Path) -> None:
    work = 'case "$*" in *perf_counter*) echo {took} ;; *" venv "*) echo {name} >taken; exit 1 ;; esac'
    tool(machine, "python3", work.format(took=20_000_000, name="slow"))
    (machine / "later").mkdir()
    for took, taken in ((19_000_000, "slow"), (11_000_000, "swift")):
        tool(machine, "later/python3", work.format(took=took, name="swift"))
        words = said(machine, "run", PATH=f"{machine}/bin:{machine}/later")
        assert "Virtual environment" in words
        assert (machine / "taken").read_text() == f"{taken}\n"
    said(machine, "run", PATH=f"{machine}/bin:{machine}/later", PYTHON=str(machine / "bin/python3"))
    assert (machine / "taken").read_text() == "slow\n"


def test_a_step_by_itself_asks_for_no_more_than_it_needs(machine: Path) -> None:
    assert said(machine, "web").splitlines()[-1] == "  sudo apt-get install -y nodejs npm"


def test_what_a_later_step_lacks_is_said_before_the_first_one_does_anything(machine: Path) -> None:
    tool(machine, "python3", "exit 0")
    words = said(machine, "run", SETUP_STEPS="run web")
    assert words.splitlines()[-1] == "  sudo apt-get install -y nodejs npm"
    tool(machine, "node", "echo v18.20.4")
    tool(machine, "npm", "exit 1")
    words += said(machine, "run", SETUP_STEPS="run web")
    assert words.splitlines()[-1].endswith("this is v18.20.4.")
    assert "Virtual environment" not in words


def test_what_is_done_already_lacks_nothing(machine: Path) -> None:
    (machine / PAGES).parent.mkdir(parents=True)
    (machine / PAGES).touch()
    lines = said(machine, "run", SETUP_STEPS="run web").splitlines()
    assert lines[-1] == "  sudo apt-get install -y python3 python3-venv"


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("v18.20.4", False),
        ("v20.18.1", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
    ],
)
def test_a_node_that_cannot_build_the_pages_is_told(machine: Path, version: str, fits: bool) -> None:
    tool(machine, "node", f"echo {version}")
    tool(machine, "npm", "exit 1")
    assert ("Web packages failed" if fits else f"this is {version}.") in said(machine, "web")


def interrupt(machine: Path, *command: str, once_at_work: int) -> None:
    """Type Ctrl-C while so many programs are at work: none of them goes on."""
    working = begin(machine, *command)
    wait_until(lambda: has_lines(machine / "running", once_at_work))
    working.send_signal(signal.SIGINT)
    working.communicate(timeout=20)
    assert working.returncode == 130
    for pid in (machine / "running").read_text().split():
        wait_until(lambda pid=pid: not runs(pid))


def test_an_interrupted_set_up_leaves_nothing_running(machine: Path) -> None:
    tool(machine, "node", "echo v24.0.0")
    tool(machine, "npm", RUNS_ON)
    interrupt(machine, "scripts/setup.sh", "web", once_at_work=2)


def test_interrupted_checks_leave_nothing_running(machine: Path) -> None:
    tool(machine, "npm", RUNS_ON)
    tool(machine, ".venv/bin/python", RUNS_ON)
    interrupt(machine, "scripts/check.sh", once_at_work=4)


def test_two_set_ups_of_one_folder_do_the_work_once(machine: Path) -> None:
    tool(machine, "node", "echo v24.0.0")
    tool(machine, "npm", "touch once-more")
    lock = machine / "build" / "set-up.lock"
    for made in (lock, machine / PAGES):
        made.parent.mkdir(parents=True)
    with lock.open("a") as first:
        lock.chmod(0o666)
        fcntl.flock(first, fcntl.LOCK_EX)
        second = begin(machine, "scripts/setup.sh", "web")
        assert second.stderr is not None
        assert second.stderr.readline().startswith("Another set-up is at work in this folder")
        (machine / PAGES).touch()
    assert second.communicate(timeout=20)[1] == ""
    assert second.returncode == 0
    assert not (machine / "once-more").exists()


@pytest.mark.parametrize(
    ("ended_by", "code"), [("itself", 0), ("Ctrl-C", 130), ("a terminal that goes", 141)]
)
def test_what_root_gets_neither_starts_now_nor_with_the_machine(
    machine: Path, ended_by: str, code: int
) -> None:
    setup = machine / "scripts" / "setup.sh"
    system = machine / "system"
    setup.write_text(re.sub(r"(?<=[ '=])/(?=etc/|usr/sbin/)", f"{system}/", setup.read_text()))
    units, scripts = system / "etc/systemd/system/multi-user.target.wants", system / "etc/rc2.d"
    for folder in (units, scripts, system / "usr/sbin"):
        folder.mkdir(parents=True)
    open_to_all(system)
    (units / "nginx.service").touch()
    tool(machine, "id", "echo 0")
    tool(
        machine,
        "apt-get",
        f"""echo "$*" >>asked
        case "$*" in *--download-only*|*update*) exit 0 ;; esac
        [ -x {system}/usr/sbin/policy-rc.d ] && touch begun && sleep 0.4
        touch {units}/caddy.service {units}/getty@tty1.service {scripts}/S01coturn {scripts}/S01dbus whole""",
    )
    for each in ("systemctl", "update-rc.d"):
        tool(machine, each, 'echo "${0##*/} $*" >>said')
    setting_up = begin(machine, "bash", "scripts/setup.sh", "system")
    wait_until((machine / "begun").exists)
    if ended_by == "Ctrl-C":
        setting_up.send_signal(signal.SIGINT)
    if ended_by == "a terminal that goes":
        assert setting_up.stderr is not None
        setting_up.stderr.close()
        setting_up.stderr = None
    words = setting_up.communicate(timeout=20)[1]
    assert setting_up.returncode == code, words
    assert (machine / "begun").exists()
    assert (machine / "whole").exists(), "packages are not left half installed"
    assert not (system / "usr/sbin/policy-rc.d").exists()
    turned_off = (machine / "said").read_text().splitlines()
    assert turned_off == ["systemctl disable caddy.service", "update-rc.d coturn disable"]
    if words:
        assert words.splitlines()[-1].endswith("this machine: caddy coturn")
    asked = (machine / "asked").read_text().splitlines()
    assert all("-o DPkg::Lock::Timeout=300" in each for each in asked), "another apt-get is waited for"
    assert (machine / ".venv/.system").exists() == (ended_by == "itself")


@pytest.mark.parametrize("why", ["moved", "another Python"])
def test_an_environment_of_another_folder_or_python_is_made_anew_where_it_can_be(
    machine: Path, why: str
) -> None:
    shutil.copy(ROOT / "Makefile", machine)
    (machine / "requirements").mkdir()
    for name in ("pyproject.toml", "requirements/run.txt"):
        (machine / name).touch()
    tool(machine, ".venv/bin/python", 'echo "$VERSION"')
    (machine / ".venv/.here").write_text(f"{machine.resolve()} 3 11\n")
    (machine / ".venv/.run").touch()
    make = str(shutil.which("make"))
    as_it_was = begin(machine, make, ".venv/.run", VERSION="3 11")
    assert "Missing" not in as_it_was.communicate(timeout=20)[1]
    assert as_it_was.returncode == 0
    if why == "moved":
        machine = machine.rename(machine.with_name("rostra-2"))
    now = begin(machine, make, ".venv/.run", VERSION="3 11" if why == "moved" else "3 13")
    assert "Missing on this machine: python3" in now.communicate(timeout=20)[1]
    assert (machine / ".venv").exists(), "nothing is taken away before another can be made"


@pytest.mark.parametrize("made_here", [True, False])
def test_an_environment_that_does_not_say_whose_it_is_is_known_by_where_it_was_made(
    machine: Path, made_here: bool
) -> None:
    tool(machine, ".venv/bin/python", "echo 3 11")
    folder = machine.resolve() if made_here else "/elsewhere"
    (machine / ".venv/pyvenv.cfg").write_text(f"command = /usr/bin/python3 -m venv {folder}/.venv\n")
    open_to_all(machine)
    looking = begin(machine, "bash", "scripts/setup.sh", "here")
    assert ("Missing" in looking.communicate(timeout=20)[1]) != made_here
    assert (machine / ".venv/.here").exists() == made_here


def dry_run(*options: str) -> list[str]:
    return subprocess.run(
        ["make", "--dry-run", *options], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    ).stdout.splitlines()


def test_what_demos_recorded_outlives_a_clean_up() -> None:
    removing = next(line for line in dry_run("clean") if "rm -rf" in line)
    assert ".venv" in removing
    assert "data" not in removing


def test_pages_are_built_anew_when_anything_they_are_made_of_changes() -> None:
    rules = dry_run("--print-data-base", "--question", "help")
    made_of = next(line for line in rules if line.startswith(f"{PAGES}: ")).split()
    sources = [f"web/{each}" for each in ("package.json", "package-lock.json", "words.ts")]
    sources += [f"web/{each}" for each in ("svelte.config.js", "tsconfig.json", "vite.config.ts")]
    sources += [str(each.relative_to(ROOT)) for each in (ROOT / "web" / "public").iterdir()]
    sources += [f"src/rostra/words/{language}.json" for language in ("en", "es")]
    assert set(sources) <= set(made_of)
