"""Settings, all from the environment, with defaults that suit one machine (see .env.example)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF

from config.database import database_settings
from config.places import PROJECT_ROOT, var_folder

env = environ.Env()
if (PROJECT_ROOT / ".env").exists():
    env.read_env(PROJECT_ROOT / ".env")

BASE_DIR = PROJECT_ROOT
VAR = var_folder(os.environ)
DEBUG = env.bool("DEBUG", default=False)


def _local_secret(name: str) -> str:
    """A secret from the environment, else one made once for this copy and kept readable by us only."""
    if given := os.environ.get(name, ""):
        return given
    file = VAR / "secrets" / name.lower()
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        _publish(draft, file)
    return file.read_text().strip()


def _publish(draft: Path, file: Path) -> None:
    """Let exactly one of several processes that start at once win."""
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


SECRET_KEY = _local_secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Signs the audit trail; kept apart from SECRET_KEY, which may be rotated.
AUDIT_KEY = _local_secret("AUDIT_KEY")
# Encrypts what must be read back, credentials of platforms above all; the first key seals.
SEALING_KEYS = [_local_secret("SEALING_KEY"), *env.list("SEALING_KEY_FALLBACKS", default=[])]
# Hash what says who a person is; oldest first, the last one is in use (core/personal.py).
PERSONAL_KEYS = [*env.list("PERSONAL_KEYS_FORMER", default=[]), _local_secret("PERSONAL_KEY")]
# Where the head of the sealed trail is kept every hour; put it on another machine's disk.
AUDIT_ANCHOR = env.str("AUDIT_ANCHOR", default=str(VAR / "audit-anchor.jsonl"))
# Who gets the head by mail every hour in which something happened, comma-separated.
AUDIT_ANCHOR_MAIL = env.list("AUDIT_ANCHOR_MAIL", default=[])

SITE_URL = env.str("SITE_URL", default=f"http://localhost:{env.str('PORT', default='8000')}")
LIVE_URL = env.str("LIVE_URL", default="/live")
IS_HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

LOCAL_APPS = [
    "core",
    "accounts",
    "approvals",
    "campaigns",
    "metrics",
    "budgets",
    "customers",
    "integrations",
    "insights",
    "automation",
    "reporting",
    "demo",
]
INSTALLED_APPS = [
    "accounts.apps.RoleAdminConfig",  # django.contrib.admin behind the roles
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    *LOCAL_APPS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.SlowStatements",
    "core.middleware.OrganisationOnce",
    "core.middleware.LocalTime",
    "core.middleware.PlainText",
    "core.middleware.ErrorPages",
    "accounts.views.guards.SessionLimits",
    "accounts.views.guards.SecondFactor",
    "core.sessions.SignInFingerprint",
    "accounts.views.saved_views.DefaultViews",
    "core.idempotency.IdempotencyKeys",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "core.shell.context",
            ]
        },
    }
]

DATABASES = {"default": database_settings(os.environ)}
# After so long a page's statement is ended; `config.wsgi` sets it, jobs and commands have none.
QUERY_SECONDS = env.int("QUERY_SECONDS", default=0)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.services.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# The key of failed sign-ins is the address together with where it is tried from, so
# that nobody locks somebody else out (see AccountAdapter).
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# A sign-in lasts as long as the session limits below say; there is nothing to remember.
ACCOUNT_SESSION_REMEMBER = True
# How many proxies of our own stand before the pages; they write X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
# An address is the one an administrator invited; a second factor needs no further proof of it.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "accounts.services.adapter.MfaAdapter"
MFA_TOTP_ISSUER = "Adroit"
# Executives, auditors and administrators need a second factor wherever people sign in
# over the network.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=IS_HTTPS)
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_AGE = env.int("SESSION_IDLE_MINUTES", default=120) * 60
# The prefix lets no neighbouring host set these cookies.
SESSION_COOKIE_NAME = "__Host-adroit" if IS_HTTPS else "adroit"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrftoken"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static" / "dist"]
UPLOADS = VAR / "uploads"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_MAX_BYTES = 50 * 1024 * 1024
# Every drop folder is a folder in here; mount what people drop files into.
DROP_FOLDERS = Path(env.str("DROP_FOLDERS", default=str(VAR / "drop")))
# The domain of the addresses that take files by mail; the mail server pipes to import_mail.
MAIL_IN_DOMAIN = env.str("MAIL_IN_DOMAIN", default="localhost")
# Networks that may be fetched from although they are private, such as 10.20.0.0/16; loopback is
# refused by the deployment check.
FETCH_PRIVATE_NETWORKS = env.list("FETCH_PRIVATE_NETWORKS", default=[])
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": UPLOADS},
    },
    "staticfiles": {"BACKEND": "config.static_files.StaticFiles"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

# Three slashes before the path's own one: with two the folder would be relative.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default=f"filemail:///{VAR / 'mail'}")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Adroit <adroit@localhost>")

SCHEDULES = "config.schedules.SCHEDULES"
# Sends every question for a platform to this address instead; for trying things out, and
# refused by the deployment check.
FAKE_PLATFORM_URL = env.str("FAKE_PLATFORM_URL", default="")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF] if LIVE_URL.startswith("/") else [SELF, LIVE_URL],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.ActPermission"],
    "DEFAULT_PAGINATION_CLASS": "core.api.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "core.parsers.TextOnly",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "EXCEPTION_HANDLER": "core.api.error_response",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Adroit",
    "DESCRIPTION": "Everything a page can read or do. Amounts are decimal text with their currency.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.described.with_errors",
    ],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    # One name for each set of choices, whatever the fields that hold it are called.
    "ENUM_NAME_OVERRIDES": {
        "AnomalyWay": ["drop", "rise"],
        "AnomalyState": ["running", "open", "over", "dismissed"],
        "AlertSeverity": "automation.models.Alert.Severity",
        "AlertState": "automation.models.Alert.State",
        "BillKind": "budgets.choices.BillKind",
        "BillState": "budgets.choices.BillState",
        "CampaignStatus": "campaigns.choices.Status",
        "ChangeKind": "campaigns.choices.ChangeKind",
        "CreativeState": "campaigns.models.Creative.State",
        "ExperimentDecision": "campaigns.choices.ExperimentDecision",
        "ExperimentFigure": "campaigns.choices.Counted",
        "ExperimentKind": "campaigns.choices.ExperimentKind",
        "ExperimentLooks": "campaigns.choices.LookPlan",
        "ExperimentMetricKind": "campaigns.choices.MetricKind",
        "ExperimentMetricRole": "campaigns.choices.MetricRole",
        "ExperimentSource": "campaigns.choices.ExperimentSource",
        "ExperimentState": "campaigns.choices.ExperimentState",
        "ExperimentWanted": "campaigns.choices.Wanted",
        "FindingKind": "insights.models.Finding.Kind",
        "ImportState": "integrations.choices.RunState",
        "ImportVerdict": "integrations.choices.Verdict",
        "CheckLevel": "budgets.choices.CheckLevel",
        "MonitorSeverity": "integrations.choices.Severity",
        "ModelKind": "insights.models.ModelVersion.Kind",
        "ModelState": "insights.models.ModelVersion.State",
        "ForecastLevel": "insights.models.Forecast.Level",
        "OrderKind": "budgets.choices.OrderKind",
        "OrderState": "budgets.choices.OrderState",
        "DecisionOutcome": "approvals.choices.Outcome",
        "Platform": "campaigns.choices.Platform",
        "PlatformOrderKind": "integrations.choices.OrderKind",
        "ProposalKind": "accounts.models.Proposal.Kind",
        "ProposalState": "accounts.models.Proposal.State",
        "RateKind": "budgets.models.FxRate.Kind",
        "SignoffKind": "budgets.choices.SignoffKind",
        "RecommendationState": "insights.models.Recommendation.State",
        "ResponseResult": ["revenue", "conversions", "order_value", "leads"],
        "Role": "accounts.choices.Role",
        "WorkState": "core.models.OutboxItem.State",
        "ReportKind": "reporting.models.Report.Kind",
        "ReportState": "reporting.models.Report.State",
        "RequestState": "approvals.choices.RequestState",
        "WayKind": "integrations.choices.WayKind",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
