"""Settings. Everything a deployment changes comes from the environment; README lists the variables."""

from pathlib import Path

import plotly
from csp.constants import NONE, SELF

from . import environment
from .databases import database, is_elsewhere

BASE_DIR = Path(__file__).resolve().parent.parent
ASSAY_DATA_DIR = environment.folder("ASSAY_DATA_DIR", BASE_DIR / "var")
# Money, in the currency of the language models' prices; empty is no cap. A user may have a cap of their own.
ASSAY_DAILY_SPENDING_CAP = environment.amount("ASSAY_DAILY_SPENDING_CAP")
ASSAY_DAILY_SPENDING_CAP_PER_USER = environment.amount("ASSAY_DAILY_SPENDING_CAP_PER_USER")
# How many attempts of one user's runs may be under way at once; empty is no limit. A user may have a share of their own.
ASSAY_ATTEMPTS_AT_ONCE_PER_USER = environment.count_or_none("ASSAY_ATTEMPTS_AT_ONCE_PER_USER")
ASSAY_REQUEST_LOG = environment.text("ASSAY_REQUEST_LOG")
# Empty: workers look for work in the database. A Redis or RabbitMQ address: Celery places it, and workers serve these queues.
ASSAY_BROKER_URL = environment.text("ASSAY_BROKER_URL")
ASSAY_QUEUES = environment.names("ASSAY_QUEUES") or ["*"]
ASSAY_LOG_FORMAT = environment.choice("ASSAY_LOG_FORMAT", "line", "json")
# Who sends it as a bearer token may read /metrics and what /readyz tells administrators; empty lets only those in.
ASSAY_METRICS_TOKEN = environment.text("ASSAY_METRICS_TOKEN")

DEBUG = environment.flag("ASSAY_DEBUG", False)
DATABASE_URL = environment.text("DATABASE_URL", f"sqlite:///{ASSAY_DATA_DIR / 'assay.sqlite3'}")
SECRET_KEY = environment.secret("ASSAY_SECRET_KEY", ASSAY_DATA_DIR / "secret_key", is_shared=is_elsewhere(DATABASE_URL))
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *environment.names("ASSAY_ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = environment.names("ASSAY_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "channels",
    "django_htmx",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "experiments",
]

MIDDLEWARE = [
    "experiments.web.request_context.RequestContext",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "experiments.web.sign_in_required.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "experiments.web.origin.tell_origin",
]

ROOT_URLCONF = "webapp.urls"
ASGI_APPLICATION = "webapp.asgi.application"

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
                "experiments.web.navigation.navigation",
            ],
        },
    }
]

DATABASES = {
    "default": database(
        DATABASE_URL,
        test_file=ASSAY_DATA_DIR / "test.sqlite3",
        most_connections=environment.count("ASSAY_DATABASE_CONNECTIONS", 16),
    )
}

AUTH_USER_MODEL = "experiments.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
TIME_ZONE = environment.text("ASSAY_TIME_ZONE", "UTC")
USE_I18N = False
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
STATIC_ROOT = ASSAY_DATA_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("plotly", Path(plotly.__file__).parent / "package_data"),
]
SERVESTATIC_USE_FINDERS = True

# Uploads above this many bytes go to a temporary file; problem files are read from there row by row.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000

# Plotly sets inline styles while it draws, so styles may be inline; scripts may not.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "assay_session"
CSRF_COOKIE_NAME = "assay_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.flag("ASSAY_HTTPS", False)
SESSION_COOKIE_AGE = 30 * 24 * 3600

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["experiments.api.permissions.ReadOrEdit"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "experiments.api.pagination.ByKey",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "experiments.api.errors.handle",
    # `?format=` belongs to exports.
    "URL_FORMAT_OVERRIDE": None,
    "PAGE_SIZE": 100,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Assay",
    "DESCRIPTION": "Experiments on prompts and test-time compute.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "RunState": "experiments.models.Run.State",
        "AttemptState": "experiments.models.Attempt.State",
        "RoleInLab": "experiments.models.User.Role",
        "RoleInTeam": "experiments.models.Membership.Role",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "webapp.logs.LineFormatter", "secrets": [SECRET_KEY]},
        "json": {"()": "webapp.logs.JsonFormatter", "secrets": [SECRET_KEY]},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": ASSAY_LOG_FORMAT}},
    # Everybody's lines look alike, also those of libraries and of the servers that run us.
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "experiments": {"level": environment.text("ASSAY_LOG_LEVEL", "INFO")},
        **{name: {"handlers": [], "propagate": True} for name in ("uvicorn", "uvicorn.error", "uvicorn.access")},
        # Django's own set-up would mail a page's traceback to somebody instead of logging it.
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
    },
}
