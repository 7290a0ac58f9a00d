"""The services and the library's API, explained on a page of our own: made from the OpenAPI description."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mien.web.rendering import render

router = APIRouter(include_in_schema=False)

MODELS = "#/components/schemas/"


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a form or of an answer.

    `place`: where a parameter goes ("query", "path", "form"). `model`: the name of what it is made of, if it has one.
    """

    name: str
    kind: str
    words: str = ""
    place: str = ""
    required: bool = False
    default: Any = None
    model: str | None = None


@dataclass(frozen=True)
class Answer:
    status: str
    words: str
    kind: str
    model: str | None


@dataclass(frozen=True)
class Operation:
    """What can be asked at one address."""

    method: str
    path: str
    summary: str
    words: str
    fields: tuple[Field, ...]
    answers: tuple[Answer, ...]

    @property
    def anchor(self) -> str:
        return f"{self.method}{self.path}".lower().replace("/", "-")


@dataclass(frozen=True)
class Model:
    name: str
    words: str
    fields: tuple[Field, ...]


@router.get("/docs")
def page(request: Request) -> HTMLResponse:
    """All operations that programs may use, with their parameters, answers and an example."""
    schema = request.app.openapi()
    return render(request, "docs.html", operations=operations(schema), models=models(schema), address=_address(request))


def operations(schema: Mapping[str, Any]) -> list[Operation]:
    """The operations of an OpenAPI 3.1 description, in its order."""
    return [
        _operation(schema, method.upper(), path, told)
        for path, methods in schema["paths"].items()
        for method, told in methods.items()
    ]


def models(schema: Mapping[str, Any]) -> list[Model]:
    """What answers are made of; what only describes forms is left out."""
    return [
        Model(name, told.get("description", ""), tuple(_fields(told)))
        for name, told in schema.get("components", {}).get("schemas", {}).items()
        if not name.startswith("Body_")
    ]


def _operation(schema: Mapping[str, Any], method: str, path: str, told: Mapping[str, Any]) -> Operation:
    parameters = [
        _field(p["name"], p["schema"], place=p["in"], required=p.get("required", False), words=p.get("description", ""))
        for p in told.get("parameters", [])
    ]
    for content in told.get("requestBody", {}).get("content", {}).values():
        parameters += _fields(_resolved(schema, content["schema"]), place="form")
    answers = []
    for status, answer in told["responses"].items():
        content = answer.get("content", {})
        kind = next(iter(content), "")
        ref = content[kind].get("schema", {}).get("$ref") if kind else None
        answers.append(Answer(status, answer.get("description", ""), kind, _model(ref)))
    return Operation(
        method=method,
        path=path,
        summary=told.get("summary", ""),
        words=told.get("description", ""),
        fields=tuple(parameters),
        answers=tuple(answers),
    )


def _fields(told: Mapping[str, Any], place: str = "") -> Iterator[Field]:
    required = told.get("required", [])
    for name, field in told.get("properties", {}).items():
        yield _field(name, field, place=place, required=name in required, words=field.get("description", ""))


def _field(name: str, told: Mapping[str, Any], *, place: str, required: bool, words: str) -> Field:
    return Field(name, _kind(told), words, place, required, told.get("default"), _model(_reference(told)))


def _kind(told: Mapping[str, Any]) -> str:
    """A type in a word or two: "integer", "string or null", "list of PhotoRow"."""
    if "anyOf" in told:
        return " or ".join(_kind(option) for option in told["anyOf"])
    if "$ref" in told:
        return str(_model(told["$ref"]))
    if "enum" in told or "const" in told:
        return " or ".join(f'"{value}"' for value in told.get("enum", [told.get("const")]))
    if told.get("format") == "binary" or "contentMediaType" in told:
        return "file"
    if told.get("type") == "array":
        return f"list of {_kind(told['items'])}" if "items" in told else "list"
    return str(told.get("type", "anything"))


def _reference(told: Mapping[str, Any]) -> str | None:
    """The reference that stands somewhere in a type, if there is one."""
    inner = [*told.get("anyOf", []), *([told["items"]] if "items" in told else [])]
    return told.get("$ref") or next((ref for part in inner if (ref := _reference(part))), None)


def _resolved(schema: Mapping[str, Any], told: Mapping[str, Any]) -> Mapping[str, Any]:
    name = _model(told.get("$ref"))
    return schema["components"]["schemas"][name] if name else told


def _model(reference: str | None) -> str | None:
    return reference.removeprefix(MODELS) if reference else None


def _address(request: Request) -> str:
    """Of this server, as the visitor calls it."""
    return f"http://{request.headers['host']}"
