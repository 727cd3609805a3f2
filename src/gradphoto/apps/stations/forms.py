"""The forms of stations: making and revoking a kit, taking packets in, deciding conflicts; on a laptop: handing over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import blobs, jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi, listed, say
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import RecordField, RecordsField, RefusedValue, TextField, Upload, UploadField, wrong
from gradphoto.apps.pages.forms import ActionForm, Form
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.stations.conflicts import choices_of
from gradphoto.apps.stations.handover import plan_packet
from gradphoto.apps.stations.intake import MOST_PART_BYTES
from gradphoto.apps.stations.kits import MadeKit, make_kit
from gradphoto.apps.stations.models import Conflict, StationKit
from gradphoto.apps.stations.receipts import safety
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.packet.box import load_laptop_public
from gradphoto.engine.packet.envelope import Receiver
from gradphoto.engine.packet.station_packet import MANIFEST, PART_SUFFIX
from gradphoto.engine.wording import Wording

_OCTETS = "application/octet-stream"
_MOST_PARTS = 2_000
_MOST_PACKET_BYTES = 8 << 30
_MOST_NUMBERS = 50_000
_REASON = bi("原因", "Reason")


class _SessionsField(RecordsField):
    """Sessions with their campaign in front."""

    def label_from_instance(self, obj: CaptureSession) -> str:
        return f"{obj.campaign.title} · {obj}"


class _PersonField(forms.ModelChoiceField):
    """People with the roles they hold."""

    def label_from_instance(self, obj: User) -> str:
        roles = listed([str(held.get_role_display()) for held in obj.held])
        return format_html('{} <span class="small">{}</span>', obj, roles)


class _CampaignField(RecordField):
    def label_from_instance(self, obj: Campaign) -> str:
        return f"{obj.title} · {obj.school.name}"


def _campaigns(actor: Actor, target: Any) -> Any:
    return changeable(actor, Campaign, "stations.manage").select_related("school").order_by("-pk")


def _sessions(actor: Actor, target: Any) -> Any:
    found = changeable(actor, CaptureSession, "stations.manage").exclude(status=SessionStatus.CLOSED)
    return found.select_related("campaign").order_by("date", "place")


class MakeKit(ActionForm):
    action = "stations.make_kit"
    button = Wording("制作", "Make")
    said = Wording("采集箱已制作。", "The kit is made.")
    campaign = _CampaignField(_campaigns, label=bi("采集批次", "Campaign"), empty_label=None, css="col-md-6")
    station = TextField(label=bi("站点代号", "Station"), max_length=8, css="col-md-3", example=Wording("A1", "A1"))
    numbers = forms.IntegerField(
        label=bi("序号个数（可不填）", "Numbers (optional)"), min_value=1, max_value=_MOST_NUMBERS, required=False
    )
    numbers.css = "col-md-3"  # type: ignore[attr-defined]
    chairs = TextField(
        label=bi("座位（可不填，如 1,2）", "Chairs (optional, such as 1,2)"),
        max_length=40,
        required=False,
        css="col-md-6",
    )
    sessions = _SessionsField(
        _sessions, label=bi("场次（不选即全部未结束的）", "Sessions (none chosen: all not closed)"), required=False
    )
    passphrase = forms.CharField(
        label=bi("口令（至少 12 个字符）", "Passphrase (12 characters or more)"),
        help_text=bi("口令与 U 盘分开送达；系统不保存口令。", "Send it apart from the stick; it is kept nowhere."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        strip=False,
        required=False,
    )
    passphrase.css = "col-md-6"  # type: ignore[attr-defined]
    public_key = UploadField(
        Kind.TABLE, limit_mb=1, accept=".pem", required=False, css="col-md-6",
        label=bi("或采集站的公钥（.pub.pem）", "Or the station's public key (.pub.pem)"),
    )  # fmt: skip

    def clean_chairs(self) -> list[int]:
        """The chairs of its rooms that the station works; none named: all."""
        words = self.cleaned_data["chairs"].replace("，", ",").replace("、", ",").replace(" ", ",").split(",")
        named = [word for word in words if word]
        if not all(word.isascii() and word.isdigit() and len(word) < 4 for word in named):
            raise wrong(
                "capture.no_such_chair",
                "座位应为数字，用逗号分开，例如 1,2。",
                "Chairs are numbers with commas between, for example 1,2.",
            )
        return [int(word) for word in named]

    def clean_public_key(self) -> Any:
        """The two public keys that the laptop has made: to seal the kit to, and to know its packets by."""
        upload: Upload | None = self.cleaned_data["public_key"]
        try:
            return load_laptop_public(upload.data) if upload else None
        except GradPhotoError as error:
            raise RefusedValue(error) from error

    def perform(self) -> MadeKit:
        given = self.cleaned_data
        receivers = [Receiver(passphrase=given["passphrase"])] if given["passphrase"] else []
        box, signing = given["public_key"] or (None, None)
        if box is not None:
            receivers.append(Receiver(public_key=box))
        return make_kit(
            self.actor, given["campaign"], station=given["station"], receivers=receivers,
            sessions=list(given["sessions"]), numbers=given["numbers"], chairs=given["chairs"], signing_public=signing,
        )  # fmt: skip


class RevokeKit(ActionForm):
    action = "stations.revoke_kit"
    button = Wording("确认作废", "Revoke")
    said = Wording("已作废。", "Revoked.")
    reason = TextField(label=_REASON, max_length=200)

    @classmethod
    def is_offered(cls, actor: Actor, target: StationKit) -> bool:
        return target.revoked_at is None and super().is_offered(actor, target)


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _PacketFiles(forms.FileField):
    """The files of a packet's folder; others that were chosen with them are left out."""

    widget = _SeveralFiles({"accept": f"{PART_SUFFIX},.json"})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = [one for one in (data or []) if isinstance(one, UploadedFile)]
        if not given:
            super().clean(None, initial)
        files = [one for one in given if one.name == MANIFEST or (one.name or "").endswith(PART_SUFFIX)]
        if not files:
            raise wrong(
                "packet.no_files",
                "没有选择采集包文件。请选择 .gpp 和 packet.json 文件。",
                "No packet file was chosen. Choose the .gpp files and packet.json.",
            )
        _require_size(files)
        return files


def _require_size(files: list[UploadedFile]) -> None:
    """A part holds 48 MB of frames; before anything is written."""
    sizes = [one.size or 0 for one in files]
    if len(files) > _MOST_PARTS or max(sizes) > MOST_PART_BYTES or sum(sizes) > _MOST_PACKET_BYTES:
        part, whole = MOST_PART_BYTES >> 20, _MOST_PACKET_BYTES >> 30
        raise wrong(
            "packet.upload_too_large",
            f"采集包文件过大：一次最多 {_MOST_PARTS} 个文件，每个不超过 {part} MB，合计不超过 {whole} GB。"
            "请分几次上传；部分文件可任意先后导入。",
            f"Too large: at most {_MOST_PARTS} files of {part} MB, {whole} GB together. "
            "Upload them in several goes; parts may come in any order.",
        )


class TakePacketsIn(ActionForm):
    """Not an action of its own: what each part says is taken in by actions of the job."""

    action = "stations.take_in_part"
    button = Wording("导入", "Import")
    said = Wording("已上传，正在导入。", "Uploaded; being taken in.")
    packets = _PacketFiles(label=bi("采集包文件", "Packet files"))

    @classmethod
    def which(cls) -> str:
        return "take_packets_in"

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "stations.manage")

    def perform(self) -> Job:
        """Into the store and not into a folder: the worker may be another machine."""
        files: list[UploadedFile] = self.cleaned_data["packets"]
        kept = [
            [MANIFEST if one.name == MANIFEST else f"part{PART_SUFFIX}", blobs.put_stream(one.chunks(), _OCTETS).pk]
            for one in files
        ]
        title = Wording(f"导入采集包（{len(files)} 个文件）", f"Take packets in ({len(files)} files)")
        assert self.actor.user is not None
        params = {"files": kept, "user": self.actor.user.pk}
        return jobs.enqueue("stations.take_in_packets", self.actor, title, params)


class DecideConflict(ActionForm):
    action = "stations.decide_conflict"
    said = Wording("已裁定。", "Decided.")
    reason = TextField(label=_REASON, max_length=200)
    choice = forms.ChoiceField(label=bi("裁定", "Decision"), widget=forms.HiddenInput())

    def __init__(self, actor: Actor, target: Conflict, *args: Any, **options: Any) -> None:
        super().__init__(actor, target, *args, **options)
        self.answers = choices_of(target)
        self.fields["choice"].choices = [(str(one), say(words)) for one, words in self.answers.items()]  # type: ignore[attr-defined]

    @classmethod
    def is_offered(cls, actor: Actor, target: Conflict) -> bool:
        return not target.choice and super().is_offered(actor, target)


class WritePacket(ActionForm):
    """On a laptop: the next packet onto a stick, in the background."""

    action = "stations.plan_packet"
    button = Wording("开始写入", "Write")
    said = Wording("正在写入。", "Being written.")
    folder = TextField(
        label=bi("U 盘路径", "Path of the stick"),
        max_length=300,
        example=Wording("E:\\  /media/usb", "E:\\  /media/usb"),
    )
    again = forms.BooleanField(
        label=bi("全部重写一份（之前的 U 盘丢失或损坏）", "Everything once more (an earlier stick was lost or broken)"),
        required=False,
    )

    despite = TextField(
        label=bi("不能处理的，写明原因后交中心处理", "Where that cannot be, tell why the centre is to settle it"),
        max_length=200, required=False,
    )  # fmt: skip

    def clean_folder(self) -> str:
        folder: str = self.cleaned_data["folder"]
        if not Path(folder).is_dir():
            raise wrong(
                "packet.stick_missing",
                "找不到这个文件夹。请插好 U 盘，填写其路径，例如 E:\\ 或 /media/usb。",
                "There is no such folder. Plug the stick in and give its path, for example E:\\ or /media/usb.",
            )
        return folder

    def perform(self) -> Job:
        packet = plan_packet(
            self.actor, self.target, again=self.cleaned_data["again"], despite=self.cleaned_data["despite"]
        )
        return jobs.enqueue(
            "stations.write_packet",
            self.actor,
            Wording(f"导出采集包 {packet.number}", f"Write packet {packet.number}"),
            {"packet": packet.pk, "folder": self.cleaned_data["folder"]},
            organisation_id=self.target.audit_organisation_id,
        )


class TakeReceipt(ActionForm):
    action = "stations.take_receipt"
    button = Wording("读入回执", "Read it in")
    said = Wording("回执已核对。", "The receipt is genuine and kept.")
    receipt = UploadField(Kind.TABLE, limit_mb=16, accept=".gpreceipt", label=bi("回执文件", "Receipt file"))

    def arguments(self) -> dict[str, Any]:
        return {"data": self.cleaned_data["receipt"].data}


class ClearFrames(ActionForm):
    """Remove from the laptop what the centre has signed for."""

    action = "stations.clear_frames"

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return bool(safety(target).clearable) and super().is_offered(actor, target)

    def arguments(self) -> Mapping[str, Any]:  # type: ignore[override]
        return {"without_receipt": ""}

    def done_message(self, result: int) -> Wording:
        return Wording(f"已从本机删除 {result} 张照片。", f"{result} frames removed from this computer.")


class ClearAllFrames(ClearFrames):
    """Remove all the rest as well, which only somebody with a reason does."""

    button = Wording("仍要删除", "Remove anyway")
    reason = TextField(label=_REASON, max_length=200)

    @classmethod
    def which(cls) -> str:
        return "clear_all_frames"

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return bool(safety(target).unsafe) and super(ClearFrames, cls).is_offered(actor, target)

    def arguments(self) -> Mapping[str, Any]:  # type: ignore[override]
        return {"without_receipt": self.cleaned_data["reason"]}


class StationSignIn(Form):
    """Who of the crew, and their PIN. Whatever is wrong gets one answer, as at every way in."""

    person = _PersonField(
        queryset=User.objects.filter(is_active=True).order_by("display_name", "username"),
        label=bi("您是", "You are"),
        empty_label=None,
        widget=forms.RadioSelect({"class": "btn-check"}),
    )
    pin = forms.CharField(
        label="PIN",
        max_length=12,
        widget=forms.PasswordInput(
            {"class": "form-control-lg figures", "inputmode": "numeric", "pattern": "[0-9]*", "autocomplete": "off"}
        ),
    )


HAND_OVER_FORMS = (WritePacket, TakeReceipt, ClearFrames, ClearAllFrames)
