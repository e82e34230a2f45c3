"""Django's settings, derived from the options. Nothing here is meant to be edited: edit ``tilth.toml``."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _

import tilth
from tilth.engine.home import home
from tilth.workbench.config import database, logs, options, secrets

OPTIONS = options.read()
HOME = home()
HERE = Path(__file__).parent.parent

SECRET_KEY, *SECRET_KEY_FALLBACKS = secrets.keys("signing")
DEBUG = False
_url = urlsplit(OPTIONS.server.url or f"http://{OPTIONS.server.host}:{OPTIONS.server.port}")
ALLOWED_HOSTS = sorted({"localhost", "127.0.0.1", "[::1]", _url.hostname or "localhost", *OPTIONS.server.names})
CSRF_TRUSTED_ORIGINS = [f"{_url.scheme}://{_url.netloc}"]
BASE_URL = WAGTAILADMIN_BASE_URL = f"{_url.scheme}://{_url.netloc}"

INSTALLED_APPS = [
    "tilth.workbench.tenancy",
    "tilth.workbench.shell",
    "tilth.workbench.jobs",
    "tilth.workbench.accounts",
    "tilth.workbench.notify",
    "tilth.workbench.data",
    "tilth.workbench.people",
    "tilth.workbench.measure",
    "tilth.workbench.config",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.dingtalk",
    "allauth.socialaccount.providers.feishu",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "tilth.workbench.config.logs.RequestMiddleware",
    "tilth.workbench.config.metrics.MetricsMiddleware",
    "tilth.workbench.api.problems.ProblemMiddleware",
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
    "tilth.workbench.shell.middleware.LanguageMiddleware",
    "tilth.workbench.accounts.middleware.SecondFactorMiddleware",
    "tilth.workbench.tenancy.middleware.WorkspaceMiddleware",
    "tilth.workbench.api.door.DoorMiddleware",
    "tilth.workbench.shell.middleware.AllowedMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "tilth.workbench.config.urls"
WORKSPACE_URLCONF = "tilth.workbench.config.workspace_urls"
WSGI_APPLICATION = "tilth.workbench.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tilth.workbench.shell.context.shell",
            ],
        },
    }
]

DATABASES = {"default": database.configured(OPTIONS.database.url, HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "tilth.workbench.accounts.backends.MemberBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
WAGTAILADMIN_LOGIN_URL = LOGIN_URL

# Sessions and cookies
SESSION_COOKIE_NAME = "tilth_session"
CSRF_COOKIE_NAME = "tilth_csrf"
SESSION_COOKIE_AGE = OPTIONS.sign_in.session_hours * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = OPTIONS.server.production
SECURE_SSL_REDIRECT = OPTIONS.server.production
SECURE_HSTS_SECONDS = 31_536_000 if OPTIONS.server.production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = OPTIONS.server.production
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
X_FRAME_OPTIONS = "DENY"  # Wagtail allows its own previews in frames one by one
if OPTIONS.server.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, UNSAFE_INLINE],  # charts place their labels by style attributes
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        # signing in by another service leads there from a form of ours
        "form-action": [SELF, *(f"https://*.{host}" for host in OPTIONS.sign_in.hosts())],
        "frame-ancestors": [SELF],
    }
}

# Uploads: files come in pieces through an action of their own; nothing else is large
DATA_UPLOAD_MAX_MEMORY_SIZE = (OPTIONS.limits.chunk_mb + 1) * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "tilth.workbench.shell.media.storage.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
MEDIA_ROOT = HOME / "media"
MEDIA_URL = "/media/"  # nothing is there: files are handed out inside their workspaces
STORAGES = {
    "default": {"BACKEND": "tilth.workbench.shell.media.storage.MemberStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [("tilth", Path(tilth.__file__).parent / "analysis" / "assets")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

# Language and time
LANGUAGE_CODE = OPTIONS.language
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [*sorted(HERE.glob("*/locale")), HERE / "locale_parts"]  # ours before what we add to the parts'
TIME_ZONE = OPTIONS.tz
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True

# Wagtail
WAGTAIL_SITE_NAME = "耕运 Tilth"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PAGE_MODEL = "shell.WorkspacePage"
WAGTAILIMAGES_IMAGE_MODEL = "shell.WorkspaceImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "tilth.workbench.shell.media.forms.ImageForm"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000  # a picture is drawn in memory: 4 bytes each
WAGTAILDOCS_DOCUMENT_MODEL = "shell.WorkspaceDocument"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "tilth.workbench.shell.media.forms.DocumentForm"
WAGTAILDOCS_MAX_UPLOAD_SIZE = 100 * 1024 * 1024
UPLOAD_MAX_BYTES = max(WAGTAILDOCS_MAX_UPLOAD_SIZE, OPTIONS.limits.chunk_mb * 1024 * 1024) + 1024 * 1024
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
TAGGIT_CASE_INSENSITIVE = True

# Sign-in
ACCOUNT_ADAPTER = "tilth.workbench.accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "tilth.workbench.accounts.adapters.SocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
# django-axes counts wrong passwords; this wider limit also counts wrong codes of the second factor
ACCOUNT_RATE_LIMITS = {"login_failed": f"{2 * OPTIONS.sign_in.failures}/{OPTIONS.sign_in.wait_minutes}m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if OPTIONS.server.behind_proxy else 0
MFA_ADAPTER = "tilth.workbench.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Tilth"
SECOND_FACTOR_REQUIRED = OPTIONS.sign_in.totp == "required"
SOCIALACCOUNT_PROVIDERS = {
    name: {"APPS": [{"client_id": client, "secret": secrets.password(name), "key": key}]}
    for name, client, key in (
        ("wecom", OPTIONS.sign_in.wecom_client, OPTIONS.sign_in.wecom_agent),
        ("feishu", OPTIONS.sign_in.feishu_client, ""),
        ("dingtalk", OPTIONS.sign_in.dingtalk_client, ""),
    )
    if client
}
AXES_FAILURE_LIMIT = OPTIONS.sign_in.failures
AXES_COOLOFF_TIME = OPTIONS.sign_in.wait_minutes / 60
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "tilth.workbench.accounts.throttle.account"
AXES_CLIENT_IP_CALLABLE = "tilth.workbench.accounts.throttle.address"
AXES_CLIENT_STR_CALLABLE = "tilth.workbench.accounts.throttle.unnamed"
AXES_LOCKOUT_CALLABLE = "tilth.workbench.accounts.throttle.locked"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# Mail
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if OPTIONS.mail.host else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER = OPTIONS.mail.host, OPTIONS.mail.port, OPTIONS.mail.user
EMAIL_HOST_PASSWORD = secrets.password("mail")
EMAIL_USE_TLS = OPTIONS.mail.tls
DEFAULT_FROM_EMAIL = SERVER_EMAIL = OPTIONS.mail.sender or f"tilth@{_url.hostname}"

# Jobs
TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend",
        "QUEUES": [],
    },  # Wagtail's own small tasks: they need the request's scope
    "jobs": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []},
}

LOGGING = logs.configured(OPTIONS.log.level, OPTIONS.log.json)
SILENCED_SYSTEM_CHECKS: list[str] = []
