"""Addresses of the interface for programs, version 1."""

from gradphoto.apps.api.endpoints import campaigns, candidates, results, rosters
from gradphoto.apps.api.service import interface

for _part in (campaigns, rosters, candidates, results):
    interface.add_router("", _part.router)
urlpatterns, _, app_name = interface.urls
