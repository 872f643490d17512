"""Keep the catalogues of words: ``add KEY EN ES`` puts one in, ``check`` says what is amiss.

Every catalogue has the same keys and placeholders, sorted; whatever the code says is in them, and
nothing else. An error's English is its docstring, or the sentence that it is raised with. Several may
add at the same time.
"""

from __future__ import annotations

import ast
import fcntl
import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections.abc import Iterator, Set
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "src" / "rostra" / "words"
LANGUAGES = ("en", "es")
_SOURCES = {"src/rostra": ("*.py", "*.html"), "web/src": ("*.ts", "*.svelte")}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LITERAL = re.compile(r"""(?P<quote>["'`])(?P<key>[a-z]+(?:\.[a-z0-9_]+)+)(?P=quote)""")
_STEM = re.compile(r"""["'`](?P<stem>[a-z]+(?:\.[a-z0-9_]+)*\.)\$?\{""")
"""A key put together at run time, ``f"event.state.{word}"``: all keys that begin so are in use."""
_STEM_ADDED = re.compile(r"""(?P<quote>["'])(?P<stem>[a-z]+(?:\.[a-z0-9_]+)*\.)(?P=quote)\s*[~+]""")
_SAID = re.compile(
    r"""\b(?:say|sayCount|t)\(\s*(?:[\w.]+,\s*)?(?P<quote>["'])(?P<key>[a-z]+(?:\.[a-z0-9_]+)+)(?P=quote)"""
)
"""A key that is surely meant as one. The scripts' others are checked by their compiler."""
_PLURALS = (".one", ".other")
_ON_THE_COMMAND_LINE = (
    "admission/draw.py",
    "admission/drawn.py",
    "control/*commands.py",
    "control/client.py",
    "core/own_backstage.py",
    "core/settings.py",
    "core/tls.py",
    "rehearsal/*",
    "serve/*",
    "simulation/*",
)
"""Whose refusals only the command line prints, which is in English."""


def main(arguments: list[str]) -> int:
    match arguments:
        case ["add", key, *texts] if len(texts) == len(LANGUAGES):
            add(key, *texts)
            return 0
        case ["check"]:
            problems = check()
            print("\n".join(problems) or "The catalogues are whole.")
            return 1 if problems else 0
    print(__doc__, file=sys.stderr)
    return 2


def add(key: str, *texts: str) -> None:
    """Put a key's words, one text per language, into the catalogues."""
    with (FOLDER / "en.json").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for language, text in zip(LANGUAGES, texts, strict=True):
            _write(language, read(language) | {key: text})


def read(language: str) -> dict[str, str]:
    """Return the catalogue of a language."""
    catalogue: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return catalogue


def check() -> list[str]:
    """Return every problem, each in a line."""
    english, *others = (read(language) for language in LANGUAGES)
    problems = [*_unsorted(), *_plural_problems(english)]
    for language, catalogue in zip(LANGUAGES[1:], others, strict=True):
        problems += _differences(english, language, catalogue)
    return [*problems, *_error_problems(english), *_sentence_problems(english), *_use_problems(english)]


def _write(language: str, catalogue: dict[str, str]) -> None:
    # In place, so that the lock, which is on the file, holds for whoever waits.
    text = json.dumps(dict(sorted(catalogue.items())), ensure_ascii=False, indent=2) + "\n"
    (FOLDER / f"{language}.json").write_text(text, encoding="utf-8")


def _unsorted() -> Iterator[str]:
    for language in LANGUAGES:
        keys = list(read(language))
        if keys != sorted(keys):
            yield f"{language}.json is not sorted by key"


def _plural_problems(english: dict[str, str]) -> Iterator[str]:
    for key in english:
        stem, dot, form = key.rpartition(".")
        for other in _PLURALS if dot + form in _PLURALS else ():
            if stem + other not in english:
                yield f"{key} has no {other}"


def _differences(english: dict[str, str], language: str, catalogue: dict[str, str]) -> Iterator[str]:
    for key in sorted(english.keys() ^ catalogue.keys()):
        yield f"{key} is missing in {language if key in english else 'en'}"
    for key in sorted(english.keys() & catalogue.keys()):
        if _placeholders(key, english[key]) != _placeholders(key, catalogue[key]):
            yield f"{key} has other placeholders in {language}"
        if not catalogue[key].strip():
            yield f"{key} is empty in {language}"


def _placeholders(key: str, text: str) -> set[str]:
    found = set(_PLACEHOLDER.findall(text))
    return found - {"count"} if key.endswith(".one") else found


def _error_problems(english: dict[str, str]) -> Iterator[str]:
    codes = set()
    for error in _errors():
        codes.add(error.code)
        original = _original(error)
        said = english.get(f"error.{error.code}")
        if said is None:
            yield f"error.{error.code} is missing: {original}"
        elif "code" in vars(error) and error.__module__ == "rostra.core.errors" and said != original:
            yield f"error.{error.code} is not what the docstring of {error.__name__} says"
    for key in english:
        if key.startswith("error.") and key.split(".")[1] not in codes:
            yield f"{key} is of no error"


def _sentence_problems(english: dict[str, str]) -> Iterator[str]:
    texts = {text for key, text in english.items() if key.startswith("error.")}
    errors = {error.__name__ for error in _errors()}
    package = ROOT / "src" / "rostra"
    for path in sorted(package.rglob("*.py")):
        if not any(path.relative_to(package).match(pattern) for pattern in _ON_THE_COMMAND_LINE):
            for line, problem in unsaid(path.read_text(encoding="utf-8"), errors, texts):
                yield f"{path.relative_to(ROOT)}:{line} {problem}"


def unsaid(source: str, errors: Set[str], texts: Set[str]) -> Iterator[tuple[int, str]]:
    """Tell the lines where ``source`` makes one of ``errors`` with a sentence that is not among ``texts``."""
    for made, argument in _made(ast.parse(source), errors):
        for text in _sentences(argument):
            if text is None:
                yield made.lineno, "puts a sentence together; write {name} in it, and give the value by name"
            elif text not in texts:
                yield made.lineno, f"says what is in no catalogue: {text}"


def _made(node: ast.AST, errors: Set[str]) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Every call that makes an error, which ``cls`` does in an error's own class, and its first argument."""
    if isinstance(node, ast.ClassDef):
        errors = errors | {"cls"} if node.name in errors else errors - {"cls"}
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[first, *_]) if name in errors:
            yield node, first
    for child in ast.iter_child_nodes(node):
        yield from _made(child, errors)


def _sentences(argument: ast.expr) -> Iterator[str | None]:
    """What an error may be made to say; None for a sentence that is put together."""
    match argument:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr() | ast.BinOp() | ast.Call(func=ast.Attribute(value=ast.Constant())):
            yield None
        case ast.IfExp(body=body, orelse=otherwise):
            yield from _sentences(body)
            yield from _sentences(otherwise)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _sentences(value)


def _errors() -> Iterator[type]:
    """Every class of the tree, wherever it is written."""
    sys.path.insert(0, str(ROOT / "src"))
    rostra = importlib.import_module("rostra")
    for module in pkgutil.walk_packages(rostra.__path__, "rostra."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    yield from _tree(importlib.import_module("rostra.core.errors").RostraError)


def _original(error: type) -> str:
    """The sentence that an error's docstring says."""
    text = inspect.cleandoc(error.__doc__ or "").split("\n\n", 1)[0]
    return " ".join(text.split())


def _tree(error: type) -> Iterator[type]:
    if error.__module__.startswith("rostra."):
        yield error
    for child in error.__subclasses__():
        yield from _tree(child)


def _use_problems(english: dict[str, str]) -> Iterator[str]:
    stems: set[str] = set()
    used: set[str] = set()
    for path, text in _sources():
        stems |= {found["stem"] for pattern in (_STEM, _STEM_ADDED) for found in pattern.finditer(text)}
        used |= {found["key"] for found in _LITERAL.finditer(text)}
        for key in {found["key"] for found in _SAID.finditer(text)}:
            if key not in english and key + ".other" not in english:
                yield f"{key} is said in {path.relative_to(ROOT)} and in no catalogue"
    for key in english:
        bare = key.removesuffix(".one").removesuffix(".other")
        by_stem = any(key.startswith(stem) for stem in stems)
        if not (key.startswith("error.") or key in used or bare in used or by_stem):
            yield f"{key} is said nowhere"


def _sources() -> Iterator[tuple[Path, str]]:
    for folder, patterns in _SOURCES.items():
        for pattern in patterns:
            for path in sorted((ROOT / folder).rglob(pattern)):
                if "pages" not in path.relative_to(ROOT).parts:
                    yield path, path.read_text(encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
