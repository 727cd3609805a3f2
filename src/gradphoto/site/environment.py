"""Every setting of the product, declared once; docs/configuration.md is made of these lines (``gradphoto config``)."""

from __future__ import annotations

from pathlib import Path

from gradphoto.engine import environment as read
from gradphoto.engine.documents.fonts import FONTS
from gradphoto.engine.environment import Network, Variable, declare
from gradphoto.engine.portrait.models import MODELS

GROUPS = (
    "Place and address", "Behind a proxy, TLS", "Database, storage, broker", "Secrets", "Sign-in", "Messages", "Operation",
)  # fmt: skip
"""The tables of docs/configuration.md, in their order."""

_PLACE, _TLS, _STORES, _SECRETS, _SIGN_IN, _MESSAGES, _OPERATION = GROUPS

DATA = declare(Variable(
    "GRADPHOTO_DATA", read.file_path, read.file_path("var"), "a folder",
    "the data directory: SQLite file, photographs, broker, keys, outbox", _PLACE, "`./var`; demo: `./var/demo`",
))  # fmt: skip
SITE_URL = declare(Variable(
    "GRADPHOTO_SITE_URL", read.url("http", "https", bare=True), "", "`https://host[:port]`",
    "the address people use; every printed address, QR code and message is made of it", _PLACE,
    "none; `serve` then takes `http://127.0.0.1:PORT` and says so",
))  # fmt: skip
HOSTS = declare(Variable[list[str]](
    "GRADPHOTO_HOSTS", read.host_names, [], "host names with commas, no ports, no `*`",
    "further host names the site answers to; any other is answered 400", _PLACE,
    "the host of GRADPHOTO_SITE_URL and this machine's own (`127.0.0.1`, `localhost`, `[::1]`)",
))  # fmt: skip
declare(MODELS)
declare(FONTS)

TLS = declare(Variable[bool | None](
    "GRADPHOTO_TLS", read.boolean, None, "`1` or `0` (`true`/`false`, `yes`/`no`, `on`/`off`)",
    "whether people reach the site over HTTPS: secure cookies, HSTS", _TLS,
    "on when GRADPHOTO_SITE_URL begins with `https://`; the two may not contradict each other",
))  # fmt: skip
TRUSTED_PROXIES = declare(Variable[list[Network]](
    "GRADPHOTO_TRUSTED_PROXIES", read.networks, [], "addresses and networks with commas (`127.0.0.1,10.1.0.0/16`)",
    "reverse proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed; everybody else's are dropped", _TLS, "none",
))  # fmt: skip

DATABASE = declare(Variable(
    "GRADPHOTO_DATABASE", read.location("postgresql", "postgres", named=True), "", "`postgresql://user:password@host:port/name`",
    "PostgreSQL instead of SQLite; `postgresql:///name?host=/folder` for a socket", _STORES, "SQLite in the data directory",
    secret=True,
))  # fmt: skip
BROKER = declare(Variable(
    "GRADPHOTO_BROKER", read.location("redis", "rediss", "filesystem"), "filesystem://", "`redis://host:6379/0`",
    "what carries job numbers to the workers", _STORES, "files in the data directory", secret=True,
))  # fmt: skip
S3_BUCKET = declare(Variable(
    "GRADPHOTO_S3_BUCKET", read.text, "", "a bucket's name",
    "object storage for photographs and files; credentials and address as boto3 finds them (`AWS_ACCESS_KEY_ID`, "
    "`AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT_URL_S3`)", _STORES, "a folder in the data directory",
))  # fmt: skip

KEYS = declare(Variable(
    "GRADPHOTO_KEYS", read.text, "", "JSON of base64 values",
    "every key of the installation (docs/security.md), instead of `keys.json`; the same on every node", _SECRETS,
    "`keys.json` in the data directory, made at the first start", secret=True,
))  # fmt: skip
KEYS_DIR = declare(Variable[Path | None](
    "GRADPHOTO_KEYS_DIR", read.file_path, None, "a folder",
    "the same keys as one file a purpose (`session`, `field`, `blind_index`, `audit`, `signing`, `box`), base64 line by "
    "line, the current one first: as secret stores mount them", _SECRETS, "none",
))  # fmt: skip
CHECKPOINTS = declare(Variable[Path | None](
    "GRADPHOTO_CHECKPOINTS", read.file_path, None, "a folder",
    "where the signed checkpoints of the audit trail are written; best on another machine", _OPERATION,
    "`checkpoints` in the data directory",
))  # fmt: skip

SMTP = declare(Variable(
    "GRADPHOTO_SMTP", read.url("smtp"), "", "`smtp://user:password@host:587`",
    "the mail server (STARTTLS)", _MESSAGES, "mails become files in the data directory's `outbox`", secret=True,
))  # fmt: skip
MAIL_FROM = declare(Variable(
    "GRADPHOTO_MAIL_FROM", read.mail_address, "", "a mail address", "the sender of mails", _MESSAGES, "the user of GRADPHOTO_SMTP",
))  # fmt: skip
SMS = declare(Variable(
    "GRADPHOTO_SMS", read.class_name, "", "`package.module.Class`", "the carrier of text messages", _MESSAGES,
    "text messages become lines in the `outbox`",
))  # fmt: skip
WEBHOOK = declare(Variable(
    "GRADPHOTO_WEBHOOK", read.url("http", "https"), "", "an address", "the school's message service", _MESSAGES, "none",
))  # fmt: skip
WEBHOOK_SECRET = declare(Variable(
    "GRADPHOTO_WEBHOOK_SECRET", read.text, "", "text", "signs what is sent to GRADPHOTO_WEBHOOK", _MESSAGES, "none",
    secret=True,
))  # fmt: skip

OIDC_SERVER = declare(Variable(
    "GRADPHOTO_OIDC_SERVER", read.url_over_tls, "", "the issuer's address",
    "the school's own sign-in by OpenID Connect (docs/sign-in.md)", _SIGN_IN, "none",
))  # fmt: skip
OIDC_CLIENT = declare(Variable("GRADPHOTO_OIDC_CLIENT", read.text, "", "text", "our client id there", _SIGN_IN, "none"))
OIDC_SECRET = declare(Variable(
    "GRADPHOTO_OIDC_SECRET", read.text, "", "text", "our client secret there", _SIGN_IN, "none", secret=True,
))  # fmt: skip
OIDC_NAME = declare(Variable(
    "GRADPHOTO_OIDC_NAME", read.text, "学校统一身份认证", "text", "what its button says", _SIGN_IN, "`学校统一身份认证`",
))  # fmt: skip
OIDC_MATCH = declare(Variable(
    "GRADPHOTO_OIDC_MATCH", read.choice("username", "email", "none"), "username", "`username` `email` `none`",
    "what must fit before somebody links it: a claim that is the user name here, a verified mail address, or nothing", _SIGN_IN,
    "`username`",
))  # fmt: skip
OIDC_CLAIM = declare(Variable(
    "GRADPHOTO_OIDC_CLAIM", read.text, "preferred_username", "a claim's name", "the claim that is compared with the user name",
    _SIGN_IN, "`preferred_username`",
))  # fmt: skip
OIDC_SECOND_FACTOR = declare(Variable[list[str]](
    "GRADPHOTO_OIDC_SECOND_FACTOR", read.listed, [], "values of `amr` with commas (`mfa,hwk`)",
    "with one of these the school's sign-in counts as a second factor; write down on whose word", _SIGN_IN,
    "it never counts",
))  # fmt: skip
CAS_SERVER = declare(Variable(
    "GRADPHOTO_CAS_SERVER", read.with_extra("cas", "cas", read.url_over_tls), "", "`https://host/cas`",
    "the school's own sign-in by CAS, protocol 3, instead of OpenID Connect; needs the extra `gradphoto[cas]` (docs/sign-in.md)",
    _SIGN_IN, "none",
))  # fmt: skip
CAS_NAME = declare(Variable(
    "GRADPHOTO_CAS_NAME", read.text, "学校统一身份认证", "text", "what its button says", _SIGN_IN, "`学校统一身份认证`",
))  # fmt: skip
CAS_MATCH = declare(Variable(
    "GRADPHOTO_CAS_MATCH", read.choice("username", "none"), "username", "`username` `none`",
    "what must fit before somebody links it: an attribute that is the user name here, or nothing", _SIGN_IN, "`username`",
))  # fmt: skip
CAS_ATTRIBUTE = declare(Variable(
    "GRADPHOTO_CAS_ATTRIBUTE", read.text, "user", "an attribute's name",
    "what is compared with the user name; `user` is the name that CAS itself tells", _SIGN_IN, "`user`",
))  # fmt: skip
CAS_RENEW = declare(Variable(
    "GRADPHOTO_CAS_RENEW", read.boolean, False, "`1` or `0`",
    "the password is asked there each time, whoever is signed in there already", _SIGN_IN, "`0`",
))  # fmt: skip
CAS_SECOND_FACTOR = declare(Variable[list[str]](
    "GRADPHOTO_CAS_SECOND_FACTOR", read.listed, [], "`attribute=value` with commas (`authnContextClass=mfa-webauthn`)",
    "with one of these the school's sign-in counts as a second factor; write down on whose word", _SIGN_IN, "it never counts",
))  # fmt: skip
CAS_SIGN_OUT = declare(Variable(
    "GRADPHOTO_CAS_SIGN_OUT", read.boolean, False, "`1` or `0`",
    "signing out of a session that CAS opened signs out there, too", _SIGN_IN, "`0`: only the session here ends",
))  # fmt: skip
METRICS_FROM = declare(
    Variable[list[Network]](
        "GRADPHOTO_METRICS_FROM",
        read.networks,
        read.networks("127.0.0.1,::1"),
        "addresses and networks with commas",
        "who may read `/metrics` and the details of `/readyz`",
        _OPERATION,
        "this machine (`127.0.0.1,::1`)",
    )
)
IDLE_MINUTES = declare(Variable(
    "GRADPHOTO_IDLE_MINUTES", read.number(5, 720, "分钟", "minutes"), 60.0, "5 to 720", "after so long without a step a staff session ends",
    _OPERATION, "`60`",
))  # fmt: skip
SESSION_HOURS = declare(Variable(
    "GRADPHOTO_SESSION_HOURS", read.number(1, 24, "小时", "hours"), 12.0, "1 to 24", "the longest a staff session lasts, however busy",
    _OPERATION, "`12`",
))  # fmt: skip
PROOF_MINUTES = declare(Variable(
    "GRADPHOTO_PROOF_MINUTES", read.number(1, 120, "分钟", "minutes"), 30.0, "1 to 120",
    "before revealing ID numbers, approvals, closing and role changes, password or second factor may be so old", _OPERATION,
    "`30`",
))  # fmt: skip
EVENT_NETWORKS = declare(Variable[list[Network]](
    "GRADPHOTO_EVENT_NETWORKS", read.networks, [], "addresses and networks with commas (`10.1.0.0/16`)",
    "inner networks that events may be sent to, there also without TLS (docs/api.md); else public https addresses alone", _MESSAGES,
    "none",
))  # fmt: skip
API_REQUESTS = declare(Variable(
    "GRADPHOTO_API_REQUESTS", read.number(10, 100_000, "次", "requests"), 600.0, "10 to 100000",
    "so many requests a minute one token may make (docs/api.md)", _OPERATION, "`600`",
))  # fmt: skip
LOG = declare(Variable(
    "GRADPHOTO_LOG", read.file_to_write, None, "a file", "write the log there and rotate it; else to standard error",
    _OPERATION, "standard error",
))  # fmt: skip
LOG_LEVEL = declare(Variable(
    "GRADPHOTO_LOG_LEVEL", read.choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), "WARNING",
    "`DEBUG` `INFO` `WARNING` `ERROR` `CRITICAL`", "what is logged; `INFO` logs one line a request", _OPERATION, "`WARNING`",
))  # fmt: skip
LEASE_SECONDS = declare(Variable(
    "GRADPHOTO_LEASE_SECONDS", read.seconds(0.2, 3600), 30.0, "0.2 to 3600", "how long a silent worker keeps a job, in seconds",
    _OPERATION, "`30`",
))  # fmt: skip
