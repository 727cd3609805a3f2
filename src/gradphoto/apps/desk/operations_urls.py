"""Addresses of what runs behind the pages: jobs and the audit trail.

The pages stand at the desk, because ``core`` knows nothing of roles; the names keep the room they speak of.
"""

from django.urls import path

from gradphoto.apps.desk import operations, operator
from gradphoto.apps.desk.lists import AUDIT, JOBS

app_name = "core"
urlpatterns = [
    path("jobs/", operations.job_list, name="jobs"),
    path("jobs/export/", JOBS.export, name="jobs_export"),
    path("jobs/<uuid:pk>/", operations.job_detail, name="job"),
    path("jobs/<uuid:pk>/progress/", operations.job_progress, name="job_progress"),
    path("jobs/<uuid:pk>/cancel/", operations.cancel_job, name="job_cancel"),
    path("operations/", operator.operations, name="operations"),
    path("jobs/<uuid:pk>/retry/", operations.retry_job, name="job_retry"),
    path("audit/", operations.audit_list, name="audit"),
    path("audit/export/", AUDIT.export, name="audit_export"),
]
