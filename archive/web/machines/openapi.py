"""``/api/openapi.json``: the JSON interface described (OpenAPI 3.1.0), made from the endpoints that answer."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from archive.web.exchange import Answer, Ask, as_json
from archive.web.machines.api import ENDPOINTS, MOST, MOST_HITS, Endpoint, Parameter, problem
from archive.web.machines.api_schemas import SCHEMAS, many, page

if TYPE_CHECKING:
    from archive.web.exchange import Routes

_PROBLEMS = {
    "400": "The question cannot be answered as it stands · 请求有误",
    "404": "There is nothing here · 没有找到",
    "503": "The archive cannot answer now · 暂时无法回答",
}


def document(root: str) -> dict[str, Any]:
    """The description; ``root`` is where the reading room stands."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "nianlun 年轮",
            "version": _version(),
            "summary": "Annual reports of public bodies, every revision with its evidence · 政府信息公开年报及其历次修订",
            "description": "Read-only. Times are ISO 8601 in UTC, digests `sha256:<hex>`; a missing value is null, never an"
            " empty text or 0. Pages: follow `next` until it is null. Errors are problem documents (RFC 9457).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root}],
        "paths": {endpoint.path: {"get": _operation(endpoint)} for endpoint in ENDPOINTS},
        "components": {"schemas": SCHEMAS},
    }


@cache
def _version() -> str:
    try:
        return version("nianlun")
    except PackageNotFoundError:
        return "0"


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    name = endpoint.path.removeprefix("/api/").replace("/{id}", "").replace("/", "-")
    found: dict[str, Any] = {
        "operationId": name,
        "summary": endpoint.says,
        "description": (endpoint.answer.__doc__ or "").strip(),
        "parameters": [
            *([{"name": "id", "in": "path", "required": True, "schema": _WHOLE}] if "{id}" in endpoint.path else []),
            *(_parameter(endpoint, parameter) for parameter in endpoint.parameters),
        ],
        "responses": {"200": {"description": endpoint.says, "content": {"application/json": {"schema": answer_schema(endpoint)}}}},
    }  # fmt: skip
    for status, says in _PROBLEMS.items():
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        found["responses"][status] = {"description": says, "content": content}
    return found


def answer_schema(endpoint: Endpoint) -> dict[str, Any]:
    """The schema of an endpoint's answer; its references are into the document."""
    if endpoint.shape == "pages":
        return page(endpoint.schema)
    one = {"$ref": f"#/components/schemas/{endpoint.schema}"}
    return many(one) if endpoint.shape == "list" else one


_WHOLE = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}
_SORTS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "whole": _WHOLE,
    "time": {"type": "string", "examples": ["2024", "2024-03", "2024-03-01", "2024-03-01T08:00:00Z"]},
    "revision": {"type": "string", "pattern": "^(latest|all|[0-9]{1,9})$", "default": "latest"},
}


def _parameter(endpoint: Endpoint, parameter: Parameter) -> dict[str, Any]:
    schema = dict(_SORTS[parameter.sort])
    if parameter.words:
        schema["enum"] = list(parameter.words)
    if parameter.name == "limit":
        schema |= {
            "minimum": 1,
            "maximum": MOST if endpoint.shape == "pages" and endpoint.schema != "Hit" else MOST_HITS,
        }
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.says,
        "schema": schema,
    }


def describe(ask: Ask) -> Answer:
    """The document."""
    return as_json(document(ask.root))


def nothing(_: Ask) -> Answer:
    """Any other address below ``/api``."""
    return problem(404, "There is no such question; /api/openapi.json lists all. · 没有此接口，见 /api/openapi.json。")


ROUTES: Routes = ((r"^/api/openapi\.json$", describe), (r"^/api(?:/.*)?$", nothing))
