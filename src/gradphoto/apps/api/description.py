"""The description of the interface as a page reads it: groups of endpoints with their parameters and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradphoto.apps.api import interface_urls, service


def described() -> dict[str, Any]:
    """The description of the whole interface in OpenAPI 3.1, as plain values."""
    assert interface_urls.urlpatterns, "every endpoint is there before it is described"
    return service.as_served()


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    where: str
    is_required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``sends``: the name of the body's schema or its kind; ``answers``: status and schema of what is not a problem."""

    method: str
    path: str
    name: str
    about: str
    parameters: tuple[Parameter, ...]
    sends: str
    answers: tuple[tuple[str, str], ...]


def endpoints(described: Mapping[str, Any]) -> list[tuple[str, list[Endpoint]]]:
    """The endpoints by their group, in the order of the description."""
    groups: dict[str, list[Endpoint]] = {}
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            groups.setdefault(said["tags"][0], []).append(_endpoint(method.upper(), path, said))
    return list(groups.items())


def _endpoint(method: str, path: str, said: Mapping[str, Any]) -> Endpoint:
    parameters = tuple(
        Parameter(one["name"], one["in"], bool(one.get("required")), str(one["schema"].get("description", "")))
        for one in said.get("parameters", ())
    )
    body = said.get("requestBody", {}).get("content", {})
    good = tuple((str(status), _named(one)) for status, one in said["responses"].items() if int(status) < 400)
    return Endpoint(
        method, path, said["operationId"], said.get("description", ""), parameters,
        ", ".join(f"{kind}: {_schema(one)}" for kind, one in body.items()), good,
    )  # fmt: skip


def _named(answer: Mapping[str, Any]) -> str:
    return ", ".join(f"{kind}: {_schema(one)}" for kind, one in answer.get("content", {}).items())


def _schema(content: Mapping[str, Any]) -> str:
    said = content.get("schema", {})
    return str(said.get("$ref", "")).rpartition("/")[2] or str(said.get("title", said.get("format", "")))
