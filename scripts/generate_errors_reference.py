"""Write ``docs/reference/errors.md`` from the error tree: ``core`` and what parts add to it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

import rostra
from rostra.core.errors import RostraError

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "errors.md"
_HEAD = """\
# Refusals

<!-- Written by scripts/generate_errors_reference.py; `make docs` writes it again. -->

Whatever Rostra refuses, over HTTP or on the command line, is one of these. Over HTTP the status says
what kind of refusal it is and the body which:

```json
{"error": {"code": "not_live", "message": "This conversation has ended.", "detail": {"state": "ended"}}}
```

Programs go by `code`; `message` is for people and may say more than the sentence below; `detail` is
there when a refusal has particulars. With 429 and 503, `Retry-After` says in how many seconds to come
back. The door answers a browser (`Accept: text/html`) with a page that says the same.
"""
_TABLE = "\n| code | status | sentence |\n|---|---|---|\n"


def render() -> str:
    """Return the whole page: first what any part may say, then what one part alone does."""
    by_package: dict[str, list[type[RostraError]]] = {}
    for error in sorted(_tree(), key=lambda error: (error.status, error.code)):
        by_package.setdefault(error.__module__.split(".")[1], []).append(error)
    anywhere = by_package.pop("core")
    return (
        _HEAD
        + _section("Anywhere", anywhere)
        + "".join(_section(f"`{package}`", errors) for package, errors in sorted(by_package.items()))
    )


def _tree() -> set[type[RostraError]]:
    """Return every error of ours that has a code of its own, wherever it is written."""
    for module in pkgutil.walk_packages(rostra.__path__, "rostra."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    found: set[type[RostraError]] = set()
    waiting: list[type[RostraError]] = [RostraError]
    while waiting:
        error = waiting.pop()
        found.add(error)
        waiting += error.__subclasses__()
    return {error for error in found if "code" in vars(error) and error.__module__.startswith("rostra.")}


def _section(title: str, errors: list[type[RostraError]]) -> str:
    return f"\n## {title}\n" + _TABLE + "".join(map(_row, errors))


def _row(error: type[RostraError]) -> str:
    sentence = inspect.cleandoc(error.__doc__ or "").split("\n\n", 1)[0]
    return f"| `{error.code}` | {error.status} | {' '.join(sentence.split())} |\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
