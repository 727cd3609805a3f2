"""Settings, read from the environment; the defaults are the embedded installation on one machine.

GRADPHOTO_DATA          data directory (SQLite file, blobs, broker, keys), default ./var
GRADPHOTO_DATABASE      postgresql://user:password@host:port/name instead of SQLite
GRADPHOTO_BROKER        redis://... instead of the filesystem broker
GRADPHOTO_S3_BUCKET     object storage for blobs (credentials as boto3 finds them)
GRADPHOTO_HOSTS         host names the site answers to, comma separated
GRADPHOTO_TLS           1 behind TLS: secure cookies, HSTS
GRADPHOTO_KEYS          the keys as JSON; or GRADPHOTO_KEYS_FILE, GRADPHOTO_KEYS_DIR (site/keys.py)
GRADPHOTO_SITE_URL      the address graduates use, for notices and the QR codes of image cards
GRADPHOTO_SMTP          smtp://user:password@host:587 (TLS); without it e-mails are files in the data directory's outbox
GRADPHOTO_SMS           dotted name of a carrier class for text messages; without it they are lines in the outbox
GRADPHOTO_WEBHOOK       address of the school's message service, with GRADPHOTO_WEBHOOK_SECRET for the signature
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import bootstrap
import structlog

from gradphoto.engine.keyring import Purpose
from gradphoto.site.keys import load_keyring
from gradphoto.site.logs import mask_id_numbers

DATA_DIR = Path(os.environ.get("GRADPHOTO_DATA", "var")).resolve()
KEYRING = load_keyring(DATA_DIR)
SECRET_KEY, *SECRET_KEY_FALLBACKS = [key.secret.hex() for key in KEYRING.every(Purpose.SESSION)]

DEBUG = False
TLS = os.environ.get("GRADPHOTO_TLS") == "1"
ALLOWED_HOSTS = os.environ.get("GRADPHOTO_HOSTS", "127.0.0.1,localhost").split(",")

INSTALLED_APPS = [
    "gradphoto.apps.core",
    "gradphoto.apps.orgs",
    "gradphoto.apps.campaigns",
    "gradphoto.apps.roster",
    "gradphoto.apps.fees",
    "gradphoto.apps.schedule",
    "gradphoto.apps.capture",
    "gradphoto.apps.makeup",
    "gradphoto.apps.delivery",
    "gradphoto.apps.verification",
    "gradphoto.apps.errata",
    "gradphoto.apps.registration",
    "gradphoto.apps.desk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "rules",
    "django_htmx",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "gradphoto.apps.core.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "gradphoto.apps.core.middleware.PrivateByDefault",
    "gradphoto.apps.core.middleware.Refusals",
    "axes.middleware.AxesMiddleware",
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
            "builtins": ["gradphoto.apps.core.templatetags.wording"],
        },
    }
]


def _database() -> dict[str, Any]:
    url = os.environ.get("GRADPHOTO_DATABASE")
    if not url:
        return {
            "ENGINE": "gradphoto.site.sqlite",
            "NAME": DATA_DIR / "gradphoto.sqlite3",
            "CONN_MAX_AGE": 60,  # opening reads the whole schema: several milliseconds a page
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # 32 MB of pages a connection: with SQLite's own 2 MB, putting 100,000 people under their blind indexes
                # slows down with every thousand.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                " PRAGMA cache_size=-32768;",
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
    }


DATABASES = {"default": _database()}

_BUCKET = os.environ.get("GRADPHOTO_S3_BUCKET")
STORAGES = {
    "blobs": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": _BUCKET, "file_overwrite": False},
    }
    if _BUCKET
    else {
        "BACKEND": "gradphoto.apps.core.blobs.FolderBlobStorage",
        "OPTIONS": {"location": DATA_DIR / "blobs"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

AUTH_USER_MODEL = "orgs.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
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
ACCOUNT_ADAPTER = "gradphoto.apps.orgs.accounts.ClosedAccountAdapter"
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # axes counts failures, in one place
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_CALLABLE = "gradphoto.apps.orgs.accounts.locked_out"
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SECURE_HSTS_SECONDS = 31536000 if TLS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

SITE_URL = (
    os.environ.get("GRADPHOTO_SITE_URL", "").rstrip("/") or ("https" if TLS else "http") + f"://{ALLOWED_HOSTS[0]}"
)
_smtp = urlsplit(os.environ.get("GRADPHOTO_SMTP", ""))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _smtp.hostname else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "outbox" / "email"
EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS = _smtp.hostname or "", _smtp.port or 587, True
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_smtp.username or ""), unquote(_smtp.password or "")
DEFAULT_FROM_EMAIL = os.environ.get("GRADPHOTO_MAIL_FROM", EMAIL_HOST_USER or "gradphoto@localhost")
SMS_CARRIER = os.environ.get("GRADPHOTO_SMS", "")
WEBHOOK_URL, WEBHOOK_SECRET = os.environ.get("GRADPHOTO_WEBHOOK", ""), os.environ.get("GRADPHOTO_WEBHOOK_SECRET", "")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [("bootstrap", Path(next(iter(bootstrap.__path__))))]
WHITENOISE_USE_FINDERS = True
SILENCED_SYSTEM_CHECKS = ["staticfiles.W004"]

_FOLDER_BROKER = DATA_DIR / "broker"
for _folder in (_FOLDER_BROKER, DATA_DIR / "broker-control"):
    _folder.mkdir(parents=True, exist_ok=True)  # kombu expects them to be there
CELERY_BROKER_URL = os.environ.get("GRADPHOTO_BROKER", "filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(_FOLDER_BROKER),
        "data_folder_out": str(_FOLDER_BROKER),
        "control_folder": str(DATA_DIR / "broker-control"),
    }
    if CELERY_BROKER_URL.startswith("filesystem")
    else {}
)
CELERY_TASK_ACKS_LATE = False  # the Job row and its sweeper give the guarantee, not the broker
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
GRADPHOTO_LEASE_SECONDS = float(os.environ.get("GRADPHOTO_LEASE_SECONDS", "30"))
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "core.sweep", "schedule": 15.0}}

LOG_FILE = os.environ.get("GRADPHOTO_LOG")
_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
    mask_id_numbers,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
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
            "class": "logging.FileHandler",
            "filename": LOG_FILE,
            "formatter": "json",
            "encoding": "utf-8",
        }
        if LOG_FILE
        else {"class": "logging.StreamHandler", "formatter": "json"}
    },
    "root": {"handlers": ["main"], "level": os.environ.get("GRADPHOTO_LOG_LEVEL", "WARNING")},
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
