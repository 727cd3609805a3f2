"""The lists of the desk: background jobs, the audit trail, the people behind a number, and what waits for the viewer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from gradphoto.apps.core.action_words import action_words, words_of
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import AuditEntry, Job, JobState
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.desk.entry_words import detail_of, target_of, target_words
from gradphoto.apps.desk.queries import SOURCES, jobs_of, line_of
from gradphoto.apps.desk.stages import Wanted
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import wrong
from gradphoto.apps.pages.filters import ListFilter, Ticked, choice, day, record, search
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.typed import named
from gradphoto.engine.wording import Wording


def _pair(pair: dict[str, str] | None) -> str:
    return say(Wording(pair.get("zh", ""), pair.get("en", ""))) if pair else ""


class JobFilter(ListFilter):
    """By title, by state and by whose it is."""

    q = search("任务名称", "Title", "find")
    state = choice(JobState, "状态", "State")
    mine = Ticked("own", "只看我发起的", "Started by me")

    def find(self, jobs: QuerySet[Job], name: str, words: str) -> QuerySet[Job]:
        return jobs.filter(Q(title__zh__icontains=words) | Q(title__en__icontains=words))

    def own(self, jobs: QuerySet[Job]) -> QuerySet[Job]:
        return jobs.filter(created_by=self.actor.key)


JOBS = Listing(
    name="desk.jobs",
    title=Wording("后台任务", "Jobs"),
    permission="desk.open",
    rows=jobs_of,
    filters=JobFilter,
    columns=(
        Column("title", Wording("任务", "Job"), lambda job, facts: _pair(job.title), template="desk/cells/job.html",
               fixed=True, width=40),
        Column("created", Wording("时间", "Time"), "created_at", css="figures text-nowrap", order=("created_at",)),
        Column("progress", Wording("进度", "Progress"), lambda job, facts: f"{job.done} / {job.total}",
               template="desk/cells/job_progress.html", css="text-nowrap"),
        Column("failed", Wording("失败", "Failed"), "failed", on_page=False),
        Column("state", Wording("状态", "State"), "state_label", template="desk/cells/job_state.html", order=("state",)),
        Column("action", Wording("操作", "Action"), template="desk/cells/job_action.html", in_file=False,
               hidden_title=True, css="text-end", fixed=True),
    ),
    order=("-created_at", "-pk"),
    file_name="jobs",
)  # fmt: skip


def audited(actor: Actor) -> QuerySet[Organisation]:
    """The organisations whose trail the viewer audits; those above are not among them."""
    return changeable(actor, Organisation, "desk.audit")


def _text(zh: str, en: str, field: str, lookup: str) -> django_filters.CharFilter:
    return django_filters.CharFilter(field_name=field, lookup_expr=lookup, label=bi(zh, en), max_length=80)


class AuditFilter(ListFilter):
    """By action, person, target, organisation and days."""

    action = search("动作", "Action", "of_action", example=("如：修改密码", "e.g. Password changed"))
    by = _text("人员", "By", "actor_label", "icontains")
    target = search("对象", "Target", "of_target", example=("如：交付包", "e.g. Package"))
    key = _text("对象编号", "Target's key", "target_key", "exact")
    organisation = record(audited, "单位", "Organisation", method="of_unit")
    since = day("从", "From", "at", "date__gte")
    until = day("到", "To", "at", "date__lte")

    def of_action(self, entries: QuerySet[AuditEntry], name: str, asked: str) -> QuerySet[AuditEntry]:
        """By the words that the list shows, in either language, or by how the action's code begins."""
        meant = [code for code, said in action_words().items() if asked in said.zh or asked.lower() in said.en.lower()]
        return entries.filter(Q(action__startswith=asked) | Q(action__in=meant))

    def of_target(self, entries: QuerySet[AuditEntry], name: str, asked: str) -> QuerySet[AuditEntry]:
        """By the kind of record in the words that the list shows, in either language, or by its code."""
        meant = [code for code, said in target_words().items() if asked in said.zh or asked.lower() in said.en.lower()]
        return entries.filter(Q(target_type__icontains=asked) | Q(target_type__in=meant))

    def of_unit(self, entries: QuerySet[AuditEntry], name: str, unit: Organisation) -> QuerySet[AuditEntry]:
        return entries.filter(chain=unit.pk)


def _names(actor: Actor, entries: Sequence[AuditEntry]) -> dict[int, str]:
    found = Organisation.objects.filter(pk__in={entry.chain for entry in entries})
    return dict(found.values_list("pk", "name"))


AUDIT = Listing(
    name="desk.audit",
    title=Wording("审计记录", "Audit trail"),
    permission="desk.audit",
    rows=lambda actor: AuditEntry.objects.filter(chain__in=list(audited(actor).values_list("pk", flat=True))),
    filters=AuditFilter,
    columns=(
        Column("at", Wording("时间", "Time"), "at", template="desk/cells/audit_at.html", css="figures text-nowrap", order=("at",), fixed=True),
        Column("by", Wording("人员", "By"), "actor_label", css="text-nowrap", order=("actor_label",)),
        Column("action", Wording("动作", "Action"), lambda one, names: say(words_of(one.action)),
               template="desk/cells/audit_action.html", order=("action",), width=24),
        Column("code", Wording("动作代码", "Action's code"), "action", on_page=False, width=28),
        Column("target", Wording("对象", "Target"), lambda one, names: target_of(one),
               template="desk/cells/audit_target.html", css="text-nowrap", width=22),
        Column("target_code", Wording("对象代码", "Target's code"), "target_type", on_page=False, width=24),
        Column("organisation", Wording("单位", "Organisation"), lambda one, names: names.get(one.chain, "—"),
               css="text-nowrap"),
        Column("number", Wording("序号", "No."), "number", css="figures"),
        Column("detail", Wording("详情", "Detail"), lambda one, names: detail_of(one), css="small text-break", width=50),
    ),
    lookups=_names,
    order=("-at", "-pk"),
    page_size=100,
    file_name="audit",
)  # fmt: skip


def _carried(name: str, zh: str, en: str) -> django_filters.CharFilter:
    """A part of the number that links bring along; ``Wanted`` reads it, and what it cannot read makes no list."""

    def means_something(value: str) -> None:
        if Wanted.unread({name: value}):
            raise wrong("pages.not_offered", "没有这个条件，请重新选择。", "There is no such condition: choose again.")

    return django_filters.CharFilter(
        method="leave", widget=forms.HiddenInput, max_length=60, label=bi(zh, en), validators=[means_something]
    )


class BehindFilter(ListFilter):
    """The people behind a number, searched by name; which number it is stands in the address."""

    q = search("查找", "Search", "find", example=("姓名或学号", "Name or student number"))
    campaign = _carried("campaign", "批次", "Campaign")
    department = _carried("department", "院系", "Department")
    season = _carried("season", "毕业季", "Season")
    stage = _carried("stage", "环节", "Stage")
    without = _carried("without", "未到的环节", "Stage not reached")
    day = _carried("day", "日期", "Day")
    hour = _carried("hour", "时段", "Hour")
    reason = _carried("reason", "原因", "Reason")

    @property
    def is_set(self) -> bool:
        return bool(self.data.get("q"))

    def leave(self, people: QuerySet[Candidate], name: str, value: str) -> QuerySet[Candidate]:
        return people

    def find(self, people: QuerySet[Candidate], name: str, words: str) -> QuerySet[Candidate]:
        return people.filter(named(words))


PEOPLE = Listing(
    name="desk.people",
    title=Wording("名单", "List"),
    permission="desk.overview",
    rows=lambda actor: Candidate.objects.none(),
    about=lambda actor, params: Wanted.read(params).listed(actor).select_related("department"),
    filters=BehindFilter,
    columns=(
        Column("season", Wording("毕业季", "Season"), "get_season_display", css="text-nowrap"),
        person_column("department", css="text-nowrap",
               order=("department__path", "class_name", "student_no")),
        person_column("class_name", css="text-nowrap", order=("class_name", "student_no")),
        person_column("student_no", css="figures", order=("student_no",), fixed=True),
        person_column("name", css="text-nowrap", order=("name",), fixed=True),
        Column("status", Wording("名册状态", "Roster"), "get_status_display", template="desk/cells/state.html",
               order=("status",)),
    ),
    order=("department__path", "class_name", "student_no"),
    order_title=Wording("按院系、班级", "By college and class"),
    file_name="people",
)  # fmt: skip
"""No ID number: those stand where they are needed."""


class TodoFilter(ListFilter):
    """Nothing to ask; which list it is stands in the address."""


def _waiting(actor: Actor, params: QueryDict) -> QuerySet[Any]:
    source = SOURCES.get(params.get("of", ""))
    if source is None or source.link or (actor.user is not None and not source.roles & actor.user.roles):
        return Job.objects.none()
    return source.rows(actor)


TODO = Listing(
    name="desk.todo",
    title=Wording("待办", "To do"),
    permission="desk.open",
    rows=lambda actor: Job.objects.none(),
    about=_waiting,
    filters=TodoFilter,
    columns=(
        Column("title", Wording("事项", "What"), lambda row, facts: line_of(row).title, template="desk/cells/line.html",
               fixed=True, width=30),
        Column("detail", Wording("说明", "Note"), lambda row, facts: line_of(row).detail, width=40),
    ),
    order=("pk",),
    order_title=Wording("最早在前", "Oldest first"),
    file_name="to-do",
)  # fmt: skip
