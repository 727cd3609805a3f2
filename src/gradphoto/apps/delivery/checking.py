"""Reads for the school's check of a delivery (R154, R155): by class, what is there, what is missing, what was reported."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Exists, QuerySet

from gradphoto.apps.capture.models import CheckIn, CheckInStatus
from gradphoto.apps.delivery.models import (
    CheckedClass,
    DeliveryReport,
    Package,
    PackageItem,
    PackageStatus,
    ReportStatus,
)
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.roster.persons import photographed_as
from gradphoto.apps.roster.status_marks import is_marked


@dataclass(frozen=True, slots=True)
class ClassOfPackage:
    """A class as the check goes through it."""

    department: Organisation
    name: str
    photos: int
    reports: int
    checked: bool
    marked: int = 0
    """Of how many photos the person has a change of status (R23)."""


def concerned(package: Package) -> QuerySet[Candidate]:
    """Everyone whose photo belongs into a package of this receiver and season, delivered or not."""
    people = Candidate.objects.filter(
        campaign=package.campaign_id, season=package.season, department__path__startswith=package.organisation.path
    ).exclude(status=CandidateStatus.REMOVED)
    if package.organisation.kind != OrganisationKind.LEARNING_CENTRE:
        people = people.exclude(department__kind=OrganisationKind.LEARNING_CENTRE)
    return people


def not_delivered(package: Package) -> QuerySet[Candidate]:
    """People of this receiver and season who were photographed and are in no delivered package."""
    delivered = PackageItem.objects.filter(package__status__in=[PackageStatus.DELIVERED, PackageStatus.CHECKED])
    shot = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)
    return (
        concerned(package)
        .filter(Exists(CheckIn.objects.filter(candidate=photographed_as(), status__in=shot)))
        .exclude(pk__in=delivered.values("portrait__candidate"))
        .select_related("department")
    )


def classes_of(package: Package) -> list[ClassOfPackage]:
    """The classes of a package in the order of the check; five queries, however many people."""
    counted = (
        package.items.order_by()
        .values_list("portrait__candidate__department", "portrait__candidate__class_name")
        .annotate(n=Count("pk"))
        .order_by("portrait__candidate__department__path", "portrait__candidate__class_name")
    )
    rows = list(counted)
    departments = Organisation.objects.in_bulk({department for department, _, _ in rows})
    checked = set(CheckedClass.objects.filter(package=package).values_list("department", "class_name"))
    reported = Counter(
        open_reports(package).values_list("candidate__department", "candidate__class_name"),
    )
    marked = Counter(
        package.items.filter(is_marked("portrait__check_in__candidate"))
        .order_by()
        .values_list("portrait__candidate__department", "portrait__candidate__class_name")
    )
    return [
        ClassOfPackage(
            departments[department],
            name,
            count,
            reported[(department, name)],
            (department, name) in checked,
            marked[(department, name)],
        )
        for department, name, count in rows
    ]


def items_of(package: Package, department: Organisation, class_name: str) -> QuerySet[PackageItem]:
    """The photos of one class, by student number."""
    mine = package.items.filter(portrait__candidate__department=department, portrait__candidate__class_name=class_name)
    return mine.select_related("portrait__candidate").order_by("portrait__candidate__student_no")


def marked_items(package: Package, department: Organisation, class_name: str) -> QuerySet[PackageItem]:
    """The photos of one class that need special attention: their people have a change of status (R23)."""
    mine = items_of(package, department, class_name)
    return mine.filter(is_marked("portrait__check_in__candidate"))


def open_reports(package: Package) -> QuerySet[DeliveryReport]:
    """What was reported and is not settled."""
    return package.reports.filter(status=ReportStatus.OPEN).order_by()
