"""Django's settings, made of the environment; the defaults are the embedded installation on one machine.

Every variable is declared in ``site/environment.py`` and told in docs/configuration.md.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import bootstrap
import structlog

from gradphoto.engine import environment as reading
from gradphoto.engine.keyring import Purpose
from gradphoto.engine.portrait import live_hints
from gradphoto.engine.wording import Wording
from gradphoto.site import environment
from gradphoto.site.keys import load_keyring
from gradphoto.site.logs import forget_personal_data
from gradphoto.site.private_data import keep_private
from gradphoto.site.school_sign_in import openid_apps, school_sign_in

reading.read_all()
DATA_DIR = environment.DATA.read().resolve()
keep_private(DATA_DIR)
KEYRING = load_keyring(DATA_DIR)
TRAINING = (DATA_DIR / ".gradphoto-training").exists()
"""A data directory made by ``gradphoto training``: its pages and papers say 演练."""
CHECKPOINT_DIR = environment.CHECKPOINTS.read() or DATA_DIR / "checkpoints"
SECRET_KEY, *SECRET_KEY_FALLBACKS = [key.secret.hex() for key in KEYRING.every(Purpose.SESSION)]

DEBUG = False
_tls = environment.TLS.read()
SITE_URL = (
    environment.SITE_URL.read() or f"http{'s' if _tls else ''}://{(environment.HOSTS.read() or ['127.0.0.1'])[0]}"
)
"""The one source of every address that is printed, coded or sent (``core.addresses``)."""
TLS = SITE_URL.startswith("https:")
if _tls is not None and _tls != TLS:
    raise reading.refusal(
        [
            reading.Problem(
                "GRADPHOTO_TLS",
                Wording(f"与 GRADPHOTO_SITE_URL={SITE_URL} 矛盾", f"it contradicts GRADPHOTO_SITE_URL={SITE_URL}"),
            )
        ]
    )
_site_host = urlsplit(SITE_URL).hostname or ""
ALLOWED_HOSTS = list(dict.fromkeys([
    f"[{_site_host}]" if ":" in _site_host else _site_host,
    *environment.HOSTS.read(), "127.0.0.1", "localhost", "[::1]",
]))  # fmt: skip
TRUSTED_PROXIES = environment.TRUSTED_PROXIES.read()
METRICS_FROM = environment.METRICS_FROM.read()
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "gradphoto.apps.core",
    "gradphoto.apps.access",
    "gradphoto.apps.orgs",
    "gradphoto.apps.help",
    "gradphoto.apps.pages",
    "gradphoto.apps.people",
    "gradphoto.apps.campaigns",
    "gradphoto.apps.roster",
    "gradphoto.apps.fees",
    "gradphoto.apps.schedule",
    "gradphoto.apps.capture",
    "gradphoto.apps.pairing",
    "gradphoto.apps.review",
    "gradphoto.apps.stations",
    "gradphoto.apps.makeup",
    "gradphoto.apps.delivery",
    "gradphoto.apps.verification",
    "gradphoto.apps.selfphoto",
    "gradphoto.apps.errata",
    "gradphoto.apps.registration",
    "gradphoto.apps.desk",
    "gradphoto.apps.api",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "rules",
    "django_cotton",
    "django_filters",
    "django_htmx",
]

MIDDLEWARE = [
    "gradphoto.apps.core.client_address.ForwardedHeaders",  # first: what follows believes REMOTE_ADDR, scheme and host
    "gradphoto.apps.core.request_log.RequestLog",
    "gradphoto.apps.core.probes.Probes",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "gradphoto.apps.core.middleware.PrivateByDefault",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "gradphoto.apps.core.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "gradphoto.apps.core.middleware.PlainValues",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gradphoto.apps.pages.sealed_queries.SealedQueries",  # knows the person; what follows reads plain words
    "allauth.account.middleware.AccountMiddleware",
    "gradphoto.apps.core.middleware.Refusals",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
    "gradphoto.apps.access.middleware.StaffAccess",  # last: asked first when a step wants a proof
]

ROOT_URLCONF = "gradphoto.site.urls"
WSGI_APPLICATION = "gradphoto.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gradphoto.apps.desk.context.navigation",
            ],
            "builtins": ["gradphoto.apps.core.templatetags.wording", "gradphoto.apps.help.templatetags.help_links"],
        },
    }
]


def _database() -> dict[str, Any]:
    url = environment.DATABASE.read()
    if not url:
        return {
            "ENGINE": "gradphoto.site.sqlite",
            "NAME": DATA_DIR / "gradphoto.sqlite3",
            "CONN_MAX_AGE": 60,  # opening reads the whole schema: several milliseconds a page
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # 32 MB of pages a connection: with SQLite's own 2 MB, putting 100,000 people under their blind indexes
                # slows down with every thousand. Pages go from the log into the file every 32 MB: a page of an index that
                # many commits touch is then copied once. Sorts stay in files: in memory a long export grew with its rows.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                " PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=8000;",
            },
        }
    parts = urlsplit(url)
    socket = parse_qs(parts.query).get("host", [""])[0]  # postgresql:///name?host=/directory/of/socket
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or socket,
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        # What a disk without moving parts costs. By PostgreSQL's own number, that of a disk of 1996, it reads all of a
        # province rather than the 8,000 people of a school by their index; compiling a page's query takes longer than it.
        # A threshold of any kind lets ``core.prepared`` keep its statements; Django's own cursors never do.
        "OPTIONS": {"options": "-c random_page_cost=1.1 -c jit=off", "prepare_threshold": 5},
    }


DATABASES = {"default": _database()}

_BUCKET = environment.S3_BUCKET.read()


def _s3_client() -> Any:
    """A store that does not answer is told within half a minute, and asked again by the job that needs it."""
    from botocore.config import Config

    return Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 2, "mode": "standard"})


STORAGES = {
    "blobs": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": _BUCKET, "file_overwrite": True, "client_config": _s3_client()},
    }
    if _BUCKET
    else {
        "BACKEND": "gradphoto.apps.core.blobs.FolderBlobStorage",
        "OPTIONS": {"location": DATA_DIR / "blobs"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

AUTH_USER_MODEL = "orgs.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "gradphoto.apps.access.adapters.AccountAdapter"
ACCOUNT_RATE_LIMITS = {"login_failed": False, "login": False}  # access.throttling counts, for every entry point alike
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "gradphoto.apps.access.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "gradphoto.apps.access.forms.SecondFactorForm",
    "reauthenticate": "gradphoto.apps.access.forms.SecondFactorProofForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not TLS  # a browser itself offers passkeys over HTTPS and on this machine only
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}  # a campus signs in from one address
MFA_RECOVERY_CODE_DIGITS = 12  # they stand on paper: 40 bits
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off; access.forms lets no code pass twice
SECOND_FACTOR = True
SCHOOL_SIGN_IN = school_sign_in()
SOCIALACCOUNT_ADAPTER = "gradphoto.apps.access.school.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": openid_apps(SCHOOL_SIGN_IN)}}

STAFF_IDLE_LIMIT_S = environment.IDLE_MINUTES.read() * 60
STAFF_SESSION_LIMIT_S = environment.SESSION_HOURS.read() * 3600
REAUTHENTICATION_AGE_S = environment.PROOF_MINUTES.read() * 60
STAFF_SESSIONS_KEPT_FOR = timedelta(days=30)
SESSION_COOKIE_AGE = (
    int(STAFF_SESSION_LIMIT_S) + 24 * 3600
)  # the limits are access.staff_sessions'; the cookie outlives them
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SECURE_HSTS_SECONDS = 31536000 if TLS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "gradphoto.apps.access.middleware.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        # The button of the school's sign-in is a form, and its answer leads there.
        "form-action": [
            "'self'",
            *(
                [f"{_parts.scheme}://{_parts.netloc}"]
                if (_parts := urlsplit(SCHOOL_SIGN_IN.get("server", ""))).netloc
                else []
            ),
        ],
        "base-uri": ["'self'"],
    }
}
API_REQUESTS_A_MINUTE = int(environment.API_REQUESTS.read())
EVENT_NETWORKS = environment.EVENT_NETWORKS.read()
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

_smtp = urlsplit(environment.SMTP.read())
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _smtp.hostname else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "outbox" / "email"
EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS = _smtp.hostname or "", _smtp.port or 587, True
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_smtp.username or ""), unquote(_smtp.password or "")
DEFAULT_FROM_EMAIL = environment.MAIL_FROM.read() or EMAIL_HOST_USER or "gradphoto@localhost"
SMS_CARRIER = environment.SMS.read()
WEBHOOK_URL, WEBHOOK_SECRET = environment.WEBHOOK.read(), environment.WEBHOOK_SECRET.read()

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    ("bootstrap", Path(next(iter(bootstrap.__path__)))),
    ("help/pictures", Path(__file__).parents[1] / "apps/help/manuals/pictures"),
    (live_hints.FOLDER, live_hints.folder_in()),  # only where `gradphoto models install --live-hints` brought it
]
WHITENOISE_USE_FINDERS = True
SILENCED_SYSTEM_CHECKS = ["staticfiles.W004"]

_FOLDER_BROKER = DATA_DIR / "broker"
for _folder in (_FOLDER_BROKER, DATA_DIR / "broker-control"):
    _folder.mkdir(parents=True, exist_ok=True)  # kombu expects them to be there
CELERY_BROKER_URL = environment.BROKER.read()
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(_FOLDER_BROKER),
        "data_folder_out": str(_FOLDER_BROKER),
        "control_folder": str(DATA_DIR / "broker-control"),
    }
    if CELERY_BROKER_URL.startswith("filesystem")
    else {"queue_order_strategy": "priority"}  # a worker of several queues empties the first before the next
)
CELERY_TASK_DEFAULT_QUEUE = "quick"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # what a busy worker has taken nobody else can take
CELERY_TASK_ACKS_LATE = False  # the Job row and its sweeper give the guarantee, not the broker
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
GRADPHOTO_LEASE_SECONDS = environment.LEASE_SECONDS.read()
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "core.sweep", "schedule": 15.0},
    "expire-exports": {"task": "pages.expire_exports", "schedule": 3600.0},
}

LOG_FILE = environment.LOG.read()
if LOG_FILE:
    LOG_FILE.parent.mkdir(parents=True, exist_ok=True)
_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
    forget_personal_data,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"from_django": {"()": "gradphoto.site.logs.FromDjango"}},
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": _processors,
        }
    },
    "handlers": {
        "main": {
            "()": "gradphoto.site.logs.RotatingFile",
            "filename": LOG_FILE,
            "size_bytes": 20_000_000,
            "kept": 10,
            "formatter": "json",
            "filters": ["from_django"],
        }
        if LOG_FILE
        else {"class": "logging.StreamHandler", "formatter": "json", "filters": ["from_django"]}
    },
    "root": {"handlers": ["main"], "level": environment.LOG_LEVEL.read()},
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_processors,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
