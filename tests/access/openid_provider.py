"""A small OpenID provider as a process of its own: discovery, code flow with PKCE, keys, details of the person.

``python openid_provider.py`` prints its port. ``POST /person`` says who signs in there and how the provider misbehaves.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from provider_process import QuietHandler, serve

KEY, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
CLIENT, SECRET = "gradphoto", "client-secret"


class Provider(QuietHandler):
    codes: ClassVar[dict[str, dict[str, str]]] = {}
    tokens: ClassVar[dict[str, dict[str, object]]] = {}
    person: ClassVar[dict[str, object]] = {}

    def do_GET(self):
        path, query = urlsplit(self.path).path, {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        if path == "/.well-known/openid-configuration":
            return self.say(self.configuration())
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            return self.say({"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]})
        if path == "/authorize":
            return self.authorize(query)
        if path == "/userinfo":
            return self.say(self.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "), {}))
        return self.say({}, 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path == "/person":
            Provider.person = json.loads(body)
            return self.say({})
        return self.token({k: v[0] for k, v in parse_qs(body).items()})

    def configuration(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        return {
            "issuer": here if not self.person.get("issuer") else self.person["issuer"],
            "authorization_endpoint": f"{here}/authorize", "token_endpoint": f"{here}/token", "jwks_uri": f"{here}/keys",
            "userinfo_endpoint": f"{here}/userinfo", "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }  # fmt: skip

    def authorize(self, asked):
        if asked.get("client_id") != CLIENT or asked.get("code_challenge_method") != "S256" or "nonce" not in asked:
            return self.say({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"error": self.person["error"]} if "error" in self.person else {"code": code}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({**back, 'state': asked['state']})}")
        self.end_headers()
        return None

    def token(self, sent):
        asked = self.codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        proven = asked and base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        if not proven or (sent.get("client_id"), sent.get("client_secret")) != (CLIENT, SECRET):
            return self.say({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.configuration()["issuer"], "aud": CLIENT, "exp": now + 60, "iat": now, "nonce": asked["nonce"],
            "sub": "nobody", **{k: v for k, v in self.person.items() if k not in ("issuer", "signed_by_other", "details")},
        }  # fmt: skip
        if "signed_in_s_ago" in self.person:
            claims["auth_time"] = now - int(self.person["signed_in_s_ago"])
        access = secrets.token_urlsafe(16)
        self.tokens[access] = {"sub": claims["sub"], **self.person.get("details", {})}
        if self.person.get("algorithm"):  # signed by what everybody can read: the provider's public key
            public = jwt.utils.base64url_encode(str(KEY.public_key().public_numbers().n).encode()).decode()
            token = jwt.encode(claims, public, algorithm=str(self.person["algorithm"]), headers={"kid": "1"})
            return self.say({"access_token": access, "token_type": "Bearer", "id_token": token, "expires_in": 60})
        key = OTHER if self.person.get("signed_by_other") else KEY
        token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "1"})
        return self.say({"access_token": access, "token_type": "Bearer", "id_token": token, "expires_in": 60})

    def say(self, said, status=200):
        self.answer(json.dumps(said).encode(), status)


if __name__ == "__main__":
    serve(Provider)
