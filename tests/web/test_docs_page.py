"""The page for programs says all that can be asked, and the description that it is made from is complete."""

import re

import pytest
from starlette.testclient import TestClient

from mien.web.pages import docs

SCHEMA = {
    "paths": {
        "/say/{id}": {
            "post": {
                "summary": "Say",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "requestBody": {
                    "content": {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/Body_say"}}}
                },
                "responses": {"200": {"description": "Said."}},
            }
        }
    },
    "components": {
        "schemas": {
            "Body_say": {
                "properties": {
                    "image": {"type": "string", "format": "binary"},
                    "times": {"type": "integer", "default": 1},
                    "how": {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]},
                    "whom": {"type": "array", "items": {"anyOf": [{"$ref": "#/components/schemas/Row"}]}},
                    "any": {},
                    "many": {"type": "array"},
                },
                "required": ["image"],
            },
            "Row": {"description": "A row.", "properties": {"next": {"$ref": "#/components/schemas/Row"}}},
        }
    },
}


def test_an_operation_is_read_from_its_description() -> None:
    (operation,) = docs.operations(SCHEMA)
    assert (operation.method, operation.path, operation.summary) == ("POST", "/say/{id}", "Say")
    assert [(f.name, f.place, f.kind, f.required, f.model) for f in operation.fields] == [
        ("id", "path", "string", True, None),
        ("image", "form", "file", True, None),
        ("times", "form", "integer", False, None),
        ("how", "form", '"a" or "b" or null', False, None),
        ("whom", "form", "list of Row", False, "Row"),
        ("any", "form", "anything", False, None),
        ("many", "form", "list", False, None),
    ]
    assert operation.answers == (docs.Answer("200", "Said.", "", None),)
    assert [(m.name, m.words, m.fields[0].model) for m in docs.models(SCHEMA)] == [("Row", "A row.", "Row")]


def test_nothing_is_described_by_nothing() -> None:
    assert docs.operations({"paths": {}}) == docs.models({"paths": {}}) == []


def test_every_operation_is_on_the_page_and_every_link_leads_somewhere(client: TestClient) -> None:
    page = client.get("/docs").text
    schema = client.get("/openapi.json").json()
    for path, methods in schema["paths"].items():
        for method in methods:
            assert f"<h2><code>{method.upper()} {path}</code></h2>" in page
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))


@pytest.mark.parametrize("path", ["/predict", "/upload"])
def test_there_is_an_example_to_copy(path: str, client: TestClient) -> None:
    if path not in client.get("/openapi.json").json()["paths"]:
        pytest.skip("not there yet")
    assert f"curl -F image=@photo.jpg http://127.0.0.1{path}" in client.get("/docs").text


def test_the_description_is_complete(client: TestClient) -> None:
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for told in methods.values():
            assert told["summary"], path
            assert told.get("description"), path
            assert "4XX" in told["responses"]
            for status, answer in told["responses"].items():
                schema = answer["content"]["application/json"]["schema"]
                assert schema, path
                assert (schema == {"$ref": "#/components/schemas/Failure"}) == (status[0] in "45"), path
