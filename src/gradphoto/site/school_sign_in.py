"""The school's own sign-in as an operator set it up: OpenID Connect, CAS, or none (docs/sign-in.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradphoto.engine.environment import Problem, refusal
from gradphoto.engine.wording import Wording
from gradphoto.site import environment


def school_sign_in(given: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What ``access.school`` goes by; empty where nothing is set up. Raises ``settings.wrong_value`` where both are."""
    oidc, cas = environment.OIDC_SERVER.read(given), environment.CAS_SERVER.read(given)
    if oidc and cas:
        told = Wording("与 GRADPHOTO_OIDC_SERVER 只能设置一个", "set either this or GRADPHOTO_OIDC_SERVER, not both")
        raise refusal([Problem(environment.CAS_SERVER.name, told)])
    if cas:
        return {
            "protocol": "cas",
            "server": cas.rstrip("/") + "/",
            "name": environment.CAS_NAME.read(given),
            "match": environment.CAS_MATCH.read(given),
            "claim": environment.CAS_ATTRIBUTE.read(given),
            "second_factor": environment.CAS_SECOND_FACTOR.read(given),
            "renew": environment.CAS_RENEW.read(given),
            "sign_out": environment.CAS_SIGN_OUT.read(given),
        }
    if oidc:
        return {
            "protocol": "oidc",
            "server": oidc,
            "name": environment.OIDC_NAME.read(given),
            "match": environment.OIDC_MATCH.read(given),
            "claim": environment.OIDC_CLAIM.read(given),
            "second_factor": environment.OIDC_SECOND_FACTOR.read(given),
        }
    return {}


def openid_apps(school: Mapping[str, Any]) -> list[dict[str, Any]]:
    """allauth's own table of what ``school_sign_in`` says, where that is OpenID Connect."""
    if school.get("protocol") != "oidc":
        return []
    return [
        {
            "provider_id": "school",
            "name": "school",
            "client_id": environment.OIDC_CLIENT.read(),
            "secret": environment.OIDC_SECRET.read(),
            "settings": {"server_url": school["server"]},
        }
    ]
