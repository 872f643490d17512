"""The benchmark's C programs, compiled anew for each run: a second's work, and never an old one."""

from __future__ import annotations

import shutil
import subprocess
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


@dataclass(frozen=True, slots=True)
class Programs:
    """Where they are."""

    listeners: Path
    strangers: Path
    c_loop: Path


def build(into: Path) -> Programs:
    """Compile all. ProgramMissing without a compiler, NotBuilt with its words."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise ProgramMissing("No C compiler was found. Install the packages gcc, libc6-dev and libssl-dev.")
    into.mkdir(parents=True, exist_ok=True)
    return Programs(**{name: _compile(compiler, name, into) for name in _PARTS})


def _compile(compiler: str, name: str, into: Path) -> Path:
    program = into / name
    sources = [str(SOURCES / f"{part}.c") for part in _PARTS[name]]
    done = subprocess.run(
        [compiler, *FLAGS, *sources, "-o", str(program), *_TLS], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotBuilt(f"{name} could not be compiled: {done.stderr.strip()[-1000:]}")
    return program
