"""The site's addresses and some views that fail in every way."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.urls import path

from gradphoto.apps.core.errors import Refusal
from gradphoto.engine.wording import Wording
from gradphoto.site.urls import *  # noqa: F403
from gradphoto.site.urls import urlpatterns as real


def fails(request, secret):
    raise ValueError(f"cannot read the row of 王小明, 110101199003077758, 13912345678, wang@example.edu, {secret}")


def database_away(request):
    raise OperationalError("connection refused")


def forbidden(request):
    raise PermissionDenied


def suspicious(request):
    raise SuspiciousOperation


def refused(request, status):
    class Here(Refusal):
        pass

    Here.status = status
    raise Here("test.refused", Wording("不能办理", "Not done"), Wording("先核准名册", "Accept the roster first"))


urlpatterns = [
    path("refused/<int:status>/", refused),
    path("fails/<slug:secret>/", fails),
    path("away/", database_away),
    path("forbidden/", forbidden),
    path("suspicious/", suspicious),
    *real,
]
