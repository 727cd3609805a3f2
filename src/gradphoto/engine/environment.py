"""Typed readers of settings from the environment: a wrong value is refused by the setting's name, never guessed at.

A ``Variable`` is declared once, where its part of the product lives; declaring it puts it on the list from which
``docs/configuration.md`` is made. ``read_all`` names every wrong value at once, so that nobody mends one and meets the next.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import SplitResult, urlsplit

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

Value = TypeVar("Value")
Network = IPv4Network | IPv6Network

_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class _WrongValueError(ValueError):
    """Why a text is no such value; a bilingual sentence."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.wording = Wording(zh, en)


@dataclass(frozen=True)  # no slots: a generic dataclass with slots cannot be subscripted on Python 3.11
class Variable(Generic[Value]):
    """One setting: its name, how its text is read, what it is without one.

    ``accepts`` and ``meaning`` are its cells in the table of docs/configuration.md; ``shown`` is the default as printed
    there. A ``secret`` is also read from the file that ``NAME_FILE`` names, and its value is never shown.
    """

    name: str
    read_text: Callable[[str], Value]
    default: Value
    accepts: str
    meaning: str
    group: str
    shown: str = ""
    secret: bool = False

    def read(self, environment: Mapping[str, str] | None = None) -> Value:
        """The value in force. Raises ``GradPhotoError`` ``settings.wrong_value`` that names the setting."""
        problem, value = self._read(os.environ if environment is None else environment)
        if problem is not None:
            raise refusal([problem])
        return value

    def _read(self, environment: Mapping[str, str]) -> tuple[Problem | None, Value]:
        try:
            text = self._text(environment)
            return None, self.default if text == "" else self.read_text(text)
        except _WrongValueError as error:
            return Problem(self.name, error.wording), self.default

    def _text(self, environment: Mapping[str, str]) -> str:
        given = environment.get(self.name, "").strip()
        file = environment.get(f"{self.name}_FILE", "").strip() if self.secret else ""
        if not file:
            return given
        if given:
            raise _WrongValueError(
                f"{self.name} 与 {self.name}_FILE 只能设置一个", f"set either {self.name} or {self.name}_FILE, not both"
            )
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise _WrongValueError(
                f"{self.name}_FILE 所指的文件无法读取", f"the file that {self.name}_FILE names cannot be read"
            ) from error


@dataclass(frozen=True, slots=True)
class Problem:
    """A setting with a wrong value, and why; the value itself is not repeated, it may be a secret."""

    name: str
    why: Wording


VARIABLES: dict[str, Variable[Any]] = {}
"""Every declared setting by its name, in the order of declaration."""


def declare(variable: Variable[Value]) -> Variable[Value]:
    """Put a setting on the list; a name stands there once."""
    if variable.name in VARIABLES:
        raise TypeError(f"{variable.name} is declared twice")
    VARIABLES[variable.name] = variable
    return variable


def read_all(environment: Mapping[str, str] | None = None) -> None:
    """Read every declared setting. Raises ``settings.wrong_value`` with all that are wrong, each by its name."""
    given = os.environ if environment is None else environment
    if problems := [problem for one in VARIABLES.values() if (problem := one._read(given)[0])]:
        raise refusal(problems)


def unknown(environment: Mapping[str, str] | None = None) -> list[str]:
    """Names that begin like ours and are none of ours: a slip of the pen that would silently mean nothing."""
    known = set(VARIABLES) | {f"{one.name}_FILE" for one in VARIABLES.values() if one.secret}
    return sorted(
        name for name in (os.environ if environment is None else environment)
        if name.startswith("GRADPHOTO_") and name not in known and not name.startswith("GRADPHOTO_TEST_")
    )  # fmt: skip


def refusal(problems: Iterable[Problem]) -> GradPhotoError:
    """The typed error that names each wrong setting."""
    listed = list(problems)
    return GradPhotoError(
        "settings.wrong_value",
        Wording(
            "设置有误：" + "；".join(f"{one.name}（{one.why.zh}）" for one in listed),
            "Wrong setting: " + "; ".join(f"{one.name} ({one.why.en})" for one in listed),
        ),
        Wording(
            "请改正后重新启动；各项设置见 docs/configuration.md。", "Correct it and start again; docs/configuration.md."
        ),
    )


def text(text: str) -> str:
    """Any text."""
    return text


def boolean(text: str) -> bool:
    """``1 true yes on`` or ``0 false no off``, in any case."""
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise _WrongValueError(
        "应为 1 或 0（也可写 true/false、yes/no、on/off）", "1 or 0 is wanted (or true/false, yes/no, on/off)"
    )


def seconds(least: float, most: float) -> Callable[[str], float]:
    """A number of seconds, fractions too."""
    return number(least, most, "秒", "seconds")


def number(least: float, most: float, unit_zh: str, unit_en: str) -> Callable[[str], float]:
    """A number between two limits, fractions too, in the unit that a wrong value is told."""

    def read(text: str) -> float:
        value = float(text) if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text) else float("nan")
        if least <= value <= most:
            return value
        raise _WrongValueError(f"应为 {least:g} 至 {most:g} {unit_zh}", f"{least:g} to {most:g} {unit_en} are wanted")

    return read


def choice(*among: str) -> Callable[[str], str]:
    """One of some words, in any case; answers as it is written here."""

    def read(text: str) -> str:
        for one in among:
            if text.lower() == one.lower():
                return one
        raise _WrongValueError(f"应为 {'、'.join(among)} 之一", f"one of {', '.join(among)} is wanted")

    return read


def url(*schemes: str, bare: bool = False) -> Callable[[str], str]:
    """An address of one of these schemes; ``bare``: host and port alone, as browsers name an origin."""

    def read(text: str) -> str:
        wanted = " / ".join(f"{scheme}://" for scheme in schemes)
        try:
            parts = urlsplit(text)
            named = parts.hostname and parts.port != 0
        except ValueError:
            named = False
        strange = any(sign.isspace() for sign in text) or (bare and not _is_host(parts.hostname or ""))
        if not named or parts.scheme not in schemes or strange:
            raise _WrongValueError(
                f"应为以 {wanted} 开头的完整地址", f"a whole address is wanted that begins with {wanted}"
            )
        if bare and (parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None):
            raise _WrongValueError(
                "只写协议、主机和端口，不带路径", "scheme, host and port alone are wanted, without a path"
            )
        return _as_browsers_write(parts) if bare else text

    return read


def url_over_tls(text: str) -> str:
    """An address over HTTPS, of which nothing but host, port and path is wanted; plain HTTP only to this very machine."""
    found = url("https", "http")(text)
    parts = urlsplit(found)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (host in ("localhost", "::1") or re.fullmatch(r"127(\.\d+){3}", host)):
        raise _WrongValueError(
            "应以 https:// 开头：否则谁都能冒充", "it must begin with https://, or anybody could answer"
        )
    if parts.query or parts.fragment or parts.username is not None:
        raise _WrongValueError("不要带用户名、? 或 #", "no user name, ? or # is wanted in it")
    return found


def with_extra(extra: str, module: str, read_text: Callable[[str], Value]) -> Callable[[str], Value]:
    """A value that means something only where an optional part of the product is installed."""

    def read(text: str) -> Value:
        try:
            found = importlib.util.find_spec(module)
        except (ImportError, ValueError):
            found = None
        if found is None:
            told = f"pip install 'gradphoto[{extra}]'"
            raise _WrongValueError(f"需要先安装附加组件：{told}", f"it needs an optional part first: {told}")
        return read_text(text)

    return read


_DEFAULT_PORTS = {"http": 80, "https": 443}


def _as_browsers_write(parts: SplitResult) -> str:
    """An origin as a browser sends it: small letters, no default port, ASCII; else no form would ever be accepted."""
    host = parts.hostname or ""
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _WrongValueError("主机名无法识别", "that is no host name") from error
    port = f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS.get(parts.scheme) else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def location(*schemes: str, named: bool = False) -> Callable[[str], str]:
    """Where a database or a broker is: one of these schemes; a host is not needed (socket, folder), a name where ``named``."""

    def read(text: str) -> str:
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:
            parts = urlsplit("")
        if named and parts.scheme in schemes and not parts.path.strip("/"):
            raise _WrongValueError(
                "缺少数据库名（地址最后的 /名称）", "the name of the database is missing (/name at the end)"
            )
        if parts.scheme not in schemes:
            wanted = " / ".join(f"{scheme}://" for scheme in schemes)
            raise _WrongValueError(f"应以 {wanted} 开头", f"it must begin with {wanted}")
        return text

    return read


def listed(text: str) -> list[str]:
    """The entries of a list with commas."""
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _is_host(name: str) -> bool:
    """A host name or an address without brackets; a name of other letters is written as its punycode by ``url``."""
    return bool(re.fullmatch(r"[\w.-]*[\w-][\w.-]*|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*", name)) and ".." not in name


def mail_address(text: str) -> str:
    """One mail address, alone or behind a name (``招办 <photo@example.edu>``)."""
    if not re.fullmatch(r"(?:[^<>@\r\n]+ )?<?[^\s<>@,;]+@[^\s<>@,;]+>?", text) or ("<" in text) != text.endswith(">"):
        raise _WrongValueError("应为一个邮箱地址", "a mail address is wanted")
    return text


def host_names(text: str) -> list[str]:
    """Host names with commas, without scheme and port; a leading dot stands for every name below."""
    names = listed(text)
    for name in names:
        bracketed = name.startswith("[") and name.endswith("]")
        if not (_is_host(name[1:-1]) if bracketed else ":" not in name and _is_host(name.removeprefix("."))):
            raise _WrongValueError(
                f"“{name}”不是主机名；只写主机名，不带协议、端口和通配符",
                f"'{name}' is no host name; names alone are wanted, without scheme, port or wildcard",
            )
    return [name.lower() for name in names]


def networks(text: str) -> list[Network]:
    """Addresses and networks (CIDR) with commas."""
    found: list[Network] = []
    for entry in listed(text):
        try:
            network = ip_network(entry)
        except ValueError as error:
            raise _WrongValueError(
                f"“{entry}”不是地址或网段（例：127.0.0.1,10.0.0.0/8）",
                f"'{entry}' is no address or network (such as 127.0.0.1,10.0.0.0/8)",
            ) from error
        if network.prefixlen == 0:
            raise _WrongValueError(
                f"“{entry}”是全部地址，等于谁都可信", f"'{entry}' is every address: that trusts everybody"
            )
        found.append(network)
    return found


def file_path(text: str) -> Path:
    """A path; whether something is there is found out by who opens it."""
    return Path(text)


def existing_folder(text: str) -> Path:
    """A folder that is there."""
    if not Path(text).is_dir():
        raise _WrongValueError("找不到这个文件夹", "there is no such folder")
    return Path(text)


def file_to_write(text: str) -> Path:
    """A file that can be written: no folder itself, and nothing on the way to it is a file."""
    path = Path(text)
    above = next((folder for folder in path.absolute().parents if folder.exists()), path)
    if path.is_dir() or not above.is_dir():
        raise _WrongValueError("这里不能写文件", "no file can be written there")
    return path


def class_name(text: str) -> str:
    """The dotted name of a Python class whose module is installed."""
    module = text.rpartition(".")[0]
    if not module or not all(part.isidentifier() for part in text.split(".")):
        raise _WrongValueError("应为 Python 类的完整名称（包.模块.类）", "the dotted name of a Python class is wanted")
    try:
        found = importlib.util.find_spec(module)
    except ImportError:
        found = None
    if found is None:
        raise _WrongValueError(f"没有安装模块 {module}", f"the module {module} is not installed")
    return text
