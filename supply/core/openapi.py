"""The OpenAPI document of our own endpoints, written from the marks that also check each request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from flask import Flask, Response, current_app, jsonify
from flask_appbuilder.api import expose

from supply.core.api import Answer, Api, Operation
from supply.core.shapes import (
    Int,
    Listed,
    Obj,
    Shape,
    Str,
    example_of,
    named_shapes,
    reference,
)

VERSION = "1.0.0"
PROBLEM = Obj(
    name="Problem",
    about="RFC 9457. `faults` name what to mend; nothing was changed.",
    fields={
        "type": Str(example="urn:supply:invalid_input", longest=100),
        "title": Str(example="Cần sửa các mục dưới đây.", longest=2000),
        "status": Int(lowest=400, highest=599, example=422),
        "faults": Listed(
            of=Obj(
                name="Fault",
                fields={
                    "line": Int(lowest=1, null=True, example=2, about="From 1; null: the head."),
                    "field": Str(example="quantity", longest=100),
                    "message": Str(example="Cần là số nguyên.", longest=4000),
                },
            )
        ),
    },
)
_ERRORS = {
    400: "What was sent cannot be read",
    401: "No key, or one that is unknown, expired or revoked",
    403: "The key's owner, or the key, may not do this",
    404: "There is no such thing within the key's facilities",
    409: "The present state does not let it happen",
    413: "Larger than what is taken in one go",
    415: "Another content type than is taken here",
    422: "Faults by line and field; nothing was changed",
    429: "More requests a minute than are served",
    500: "A fault of the system",
    503: "The system cannot serve this now",
}
_ABOUT = """Everything a store does, for other programs.

Send an API key as `Authorization: Bearer supply_…`. A key acts as the person who made it, narrowed
to reading or to one facility where they chose so. `Accept-Language: vi` or `en` decides the language
of names and of errors. Lists are paged: `limit`, then `after` with the `next_after` of the page
before; rows that are added meanwhile do not move the others. Unknown fields and parameters are
refused. Quantities are whole base units, money whole đồng, days `YYYY-MM-DD`."""


class DescriptionApi(Api):
    """Where the document is served; anybody may read it, it holds no data."""

    class_permission_name = "Home"

    @expose("/openapi.json", methods=["GET"])
    def document(self) -> Response:
        """The document of this installation."""
        return jsonify(document_of(current_app._get_current_object()))  # type: ignore[attr-defined]


def operations(app: Flask) -> Iterator[Operation]:
    """Every endpoint of the application, by its modules' order."""
    for view in app.appbuilder.baseviews:  # type: ignore[attr-defined]
        if isinstance(view, Api):
            yield from operations_of(type(view))


def operations_of(api: type[Api]) -> Iterator[Operation]:
    """The endpoints of one group."""
    for member in vars(api).values():
        found = getattr(member, "operation", None)
        if found is not None:
            yield found


@cache
def document_of(app: Flask) -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    named: dict[str, Shape] = named_shapes(PROBLEM)
    for one in operations(app):
        paths.setdefault(f"/api/v1{one.path}", {})[one.method.lower()] = _operation(one)
        for shape in _shapes(one):
            for name, found in named_shapes(shape).items():
                if named.setdefault(name, found) != found:
                    raise ValueError(f"two shapes are called {name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hậu cần 4 tại chỗ / 4 on-site supplies",
            "version": VERSION,
            "description": _ABOUT,
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": {name: shape.schema() for name, shape in sorted(named.items())},
            "responses": {str(code): _error(code, about) for code, about in _ERRORS.items()},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, or the token of `/api/v1/security/login`",
                }
            },
        },
    }


def _shapes(one: Operation) -> Iterator[Shape]:
    yield from (shape for shape in (one.body,) if shape is not None)
    yield from (a.shape for a in one.answers.values() if a.shape is not None)


def _operation(one: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": _id(one),
        "tags": [one.tag],
        "summary": one.summary.en,
        "description": "\n\n".join(filter(None, (one.summary.vi, one.about))),
        "x-permission": one.permission,
        "parameters": [
            *(_parameter("path", name, shape) for name, shape in one.in_path.items()),
            *(_parameter("query", name, shape) for name, shape in one.query.items()),
            *(_parameter("header", name, shape) for name, shape in one.headers.items()),
        ],
        "responses": {str(code): _answer(answer) for code, answer in one.answers.items()},
    }
    for code in one.statuses:
        found["responses"][str(code)] = {"$ref": f"#/components/responses/{code}"}
    if one.upload:
        found["requestBody"] = _UPLOAD
    elif one.body is not None:
        content: dict[str, Any] = {"schema": reference(one.body)}
        content["examples"] = {
            name: {"value": value}
            for name, value in (one.examples or {"example": example_of(one.body)}).items()
        }
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    return found


def _id(one: Operation) -> str:
    words = one.path.replace("{", "by ").replace("}", "").replace("/", " ").replace("_", " ")
    return "_".join([one.method.lower(), *words.split()])


def _parameter(place: str, name: str, shape: Shape) -> dict[str, Any]:
    """Null means "may be left out" here, which a parameter says by not being required."""
    found: dict[str, Any] = {
        "in": place,
        "name": name,
        "schema": reference(replace(shape, null=False)),
        "required": place == "path" or (place == "header" and not shape.null),
    }
    if shape.about:
        found["description"] = shape.about
    if shape.example is not None:
        found["example"] = shape.example
    return found


def _answer(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = {"description": answer.about}
    if answer.shape is not None:
        content = {"schema": reference(answer.shape), "example": example_of(answer.shape)}
        found["content"] = {"application/json": content}
    elif answer.media:
        binary = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
        found["content"] = dict.fromkeys(answer.media, binary)
    return found


def _error(code: int, about: str) -> dict[str, Any]:
    example = example_of(PROBLEM) | {"status": code}
    if code != 422:
        example |= {"type": f"urn:supply:http-{code}", "title": about, "faults": []}
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    return {"description": about, "content": {"application/problem+json": schema}}


_UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "file": {
                        "type": "string",
                        "format": "binary",
                        "description": "JPEG, PNG, WEBP or PDF, at most 10 MB",
                    }
                },
            }
        }
    },
}
