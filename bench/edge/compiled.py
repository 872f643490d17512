"""The benchmark's C programs, compiled anew for each run: a second's work, and never an old one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.edge.errors import NotBuilt, ProgramMissing

SOURCES = Path(__file__).parent / "c"
FLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror")
_TLS = ("-lssl", "-lcrypto")
_PARTS = {
    "listeners": ("listeners", "listener", "wire", "plan", "response", "boxes", "tally"),
    "strangers": ("strangers", "wire", "plan", "response", "tally"),
    "c_loop": ("c_loop",),
}
_STAMPEDE = ("stampede", "guest", "wire", "response")


@dataclass(frozen=True, slots=True)
class Programs:
    """Where they are."""

    listeners: Path
    strangers: Path
    c_loop: Path


def build(into: Path) -> Programs:
    """Compile all. ProgramMissing without a compiler, NotBuilt with its words."""
    compiler = _compiler(into)
    return Programs(**{name: _compile(compiler, name, parts, into) for name, parts in _PARTS.items()})


def build_stampede(into: Path) -> Path:
    """Compile the crowd at the door alone. ProgramMissing, NotBuilt."""
    return _compile(_compiler(into), "stampede", _STAMPEDE, into)


def _compiler(into: Path) -> str:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise ProgramMissing("No C compiler was found. Install the packages gcc, libc6-dev and libssl-dev.")
    into.mkdir(parents=True, exist_ok=True)
    return compiler


def _compile(compiler: str, name: str, parts: Sequence[str], into: Path) -> Path:
    program = into / name
    sources = [str(SOURCES / f"{part}.c") for part in parts]
    done = subprocess.run(
        [compiler, *FLAGS, *sources, "-o", str(program), *_TLS], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotBuilt(f"{name} could not be compiled: {done.stderr.strip()[-1000:]}")
    return program
