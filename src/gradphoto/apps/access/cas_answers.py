"""What a CAS server answers to ``/p3/serviceValidate``, read strictly: no document types, no entities, no depth, no guesses.

https://apereo.github.io/cas/development/protocol/CAS-Protocol-Specification.html, 2.5 and 2.8. The client library's own
reader expands entities and takes the first ``user`` at any depth; who somebody is must not hang on that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

_SPACE = "http://www.yale.edu/tp/cas "
_SERVICE_RESPONSE, _SUCCESS, _FAILURE = (
    _SPACE + name for name in ("serviceResponse", "authenticationSuccess", "authenticationFailure")
)
_USER, _ATTRIBUTES, _PROXIES = (_SPACE + name for name in ("user", "attributes", "proxies"))
_DEEPEST = 8
_LONGEST_USER = 250


class UnusableAnswer(ValueError):  # noqa: N818 - a refusal, told as a sentence
    """The answer lets nobody in; the text is for the log and holds nothing of a person."""


@dataclass(frozen=True, slots=True)
class CasPerson:
    """Who signed in at the server: the name it tells, and the attributes it tells with it, each with all its values."""

    user: str
    attributes: dict[str, list[str]]


def read_answer(data: bytes) -> CasPerson:
    """The person of an answer. Raises ``UnusableAnswer`` for a refusal and for whatever is no answer of the protocol."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise error if isinstance(error, UnusableAnswer) else UnusableAnswer("no XML") from error
    return reader.person()


def _refuse_doctype(*_: object) -> None:
    raise UnusableAnswer("a document type")


@dataclass
class _Reader:
    """Elements as they come; the text of an element is all of it, whatever comments cut it."""

    path: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    parts: list[list[str]] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    attributes: dict[str, list[str]] = field(default_factory=dict)
    no_text: set[str] = field(default_factory=set)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name)
        self.parts.append([])
        if len(self.path) > _DEEPEST:
            raise UnusableAnswer("too deep")
        if len(self.path) == 1 and name != _SERVICE_RESPONSE:
            raise UnusableAnswer("no serviceResponse")
        if len(self.path) == 2:
            self.said.append(name)
            if name == _FAILURE:
                self.refusals.append(attributes.get("code", ""))
        if len(self.path) > 3 and self.path[2] == _USER:
            raise UnusableAnswer("a name with elements in it")
        if len(self.path) > 4 and self.path[2] == _ATTRIBUTES:
            self.no_text.add(
                self.path[3].rpartition(" ")[2]
            )  # what it says is not its text alone: it says nothing here
        if self.path[1:3] == [_SUCCESS, _PROXIES]:
            raise UnusableAnswer("by a proxy")

    def text(self, text: str) -> None:
        self.parts[-1].append(text)

    def end(self, name: str) -> None:
        text = "".join(self.parts.pop()).strip()
        if self.path[1:] == [_SUCCESS, _USER]:
            self.users.append(text)
        if len(self.path) == 4 and self.path[1:3] == [_SUCCESS, _ATTRIBUTES]:
            self.attributes.setdefault(name.rpartition(" ")[2], []).append(text)
        self.path.pop()

    def person(self) -> CasPerson:
        if self.said == [_FAILURE]:
            code = self.refusals[0] if re.fullmatch(r"[A-Z_]{1,40}", self.refusals[0]) else "unknown"
            raise UnusableAnswer(f"refused: {code}")
        if self.said != [_SUCCESS] or len(self.users) != 1:
            raise UnusableAnswer("not one success with one name")
        (user,) = self.users
        if not 0 < len(user) <= _LONGEST_USER or not user.isprintable():
            raise UnusableAnswer("no name")
        return CasPerson(user, {name: said for name, said in self.attributes.items() if name not in self.no_text})
