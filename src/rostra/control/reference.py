"""The API's reference, from its OpenAPI document: a page of our own for ``/docs``, Markdown for the manual.

No script and nothing from elsewhere, so it works offline and under the strictest policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from rostra.control.pages import templates

METHODS: Final = ("get", "post", "put", "patch", "delete")
STYLE: Final = Path(__file__).parent / "templates" / "reference.css"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body, or one parameter of an address."""

    name: str
    type: str
    needed: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address and method."""

    method: str
    path: str
    about: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    status: str
    answer: tuple[Field, ...]


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """Read every operation of an OpenAPI 3 document, in its order."""
    return [
        _operation(document, method, path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def markdown(document: Mapping[str, Any]) -> str:
    """The reference as Markdown."""
    return "\n".join(_markdown(document)).rstrip() + "\n"


@router.get("/docs")
def page(request: Request) -> Response:
    """The reference as a page."""
    document = request.app.openapi()
    text = templates.get_template("reference.html").render(
        title=document["info"]["title"],
        about=document["info"]["description"].split("\n\n"),
        operations=operations(document),
    )
    return HTMLResponse(text)


@router.get("/docs.css")
def style() -> Response:
    """The look of the reference page."""
    return Response(STYLE.read_text(), media_type="text/css")


def _operation(document: Mapping[str, Any], method: str, path: str, item: Mapping[str, Any]) -> Operation:
    status, answer = next(iter(item["responses"].items()))
    parameters = tuple(
        Field(each["name"], _type(each["schema"]), each.get("required", False), each.get("description", ""))
        for each in item.get("parameters", ())
        if each["in"] != "path"
    )
    return Operation(
        method.upper(),
        path,
        item.get("description", ""),
        parameters,
        tuple(_fields(document, item.get("requestBody", {}))),
        status,
        tuple(_fields(document, answer)),
    )


def _fields(document: Mapping[str, Any], holder: Mapping[str, Any]) -> Iterator[Field]:
    for media_type, content in holder.get("content", {}).items():
        schema = content.get("schema", {})
        if "$ref" not in schema:
            yield Field(media_type, _type(schema), True, "")
            continue
        shape = document["components"]["schemas"][_name(schema)]
        for name, field in shape.get("properties", {}).items():
            yield Field(name, _type(field), name in shape.get("required", ()), field.get("description", ""))


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f'"{value}"' for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "anything"))


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[1]


def _markdown(document: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"# {document['info']['title']}", "", document["info"]["description"], "")
    for each in operations(document):
        yield from (f"## `{each.method} {each.path}`", "", each.about, "")
        yield from _table("In the address", each.parameters)
        yield from _table("Body", each.body)
        yield from _table(f"Answer {each.status}", each.answer)


def _table(caption: str, fields: tuple[Field, ...]) -> Iterator[str]:
    if not fields:
        return
    yield from (f"{caption}:", "", "| field | type | needed | |", "|---|---|---|---|")
    for field in fields:
        yield f"| `{field.name}` | {field.type} | {'yes' if field.needed else ''} | {field.about} |"
    yield ""
