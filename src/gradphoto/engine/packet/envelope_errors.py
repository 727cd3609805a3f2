"""What can be wrong with an envelope, each with what to do about it."""

from __future__ import annotations

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


class EnvelopeError(GradPhotoError):
    """A kit or a packet part that cannot be used; ``code`` begins with ``packet.``."""


_COPY_AGAIN = Wording("请从原处重新拷贝该文件。", "Copy the file again from where it came.")

_SAID: dict[str, tuple[Wording, Wording]] = {
    "not_ours": (
        Wording("这不是采集箱或采集包文件。", "This is neither a kit nor a part of a packet."),
        Wording("请选择本系统导出的文件。", "Choose a file that this product wrote."),
    ),
    "truncated": (Wording("文件不完整，只拷贝了一部分。", "The file is cut off; only a part was copied."), _COPY_AGAIN),
    "altered": (
        Wording("文件内容被改动或已损坏。", "The file was altered or is damaged."),
        Wording("请重新拷贝；再次出现请更换 U 盘。", "Copy it again; if it happens once more, use another USB stick."),
    ),
    "too_new": (
        Wording("文件由更新版本的软件制作。", "A newer version of the software made this file."),
        Wording("请先升级本机软件。", "Update the software on this computer first."),
    ),
    "wrong_kind": (
        Wording("文件种类不对：采集箱与采集包不能互换。", "Wrong kind of file: a kit is not a packet."),
        Wording("开箱请选采集箱文件，导入请选采集包文件。", "Open a kit here, import packets at the centre."),
    ),
    "foreign_signer": (
        Wording("签名不是来自所信任的一方。", "The signature is not of the one that is trusted here."),
        Wording("请核对密钥指纹，并向采集中心确认来源。", "Compare the key's fingerprint and ask the centre."),
    ),
    "expired": (
        Wording("文件已过有效期。", "The file has expired."),
        Wording(
            "请核对本机日期；确已过期请向采集中心索取新的。",
            "Check this computer's date; if it is right, ask the centre for a new one.",
        ),
    ),
    "clock_behind": (
        Wording("本机时间早于文件制作时间。", "This computer's clock is behind the moment the file was made."),
        Wording("请先校准本机日期和时间。", "Set this computer's date and time first."),
    ),
    "wrong_key": (
        Wording("本机的密钥打不开这个文件。", "This computer's key does not open the file."),
        Wording(
            "请使用口令，或确认文件是给本站的。", "Use the passphrase, or check that the file is for this station."
        ),
    ),
    "not_a_receipt": (
        Wording("这不是回执文件。", "This is no receipt."),
        Wording(
            "请选择采集中心发回的 .gpreceipt 文件。", "Choose the .gpreceipt file that the collection centre sent back."
        ),
    ),
    "not_own_key": (
        Wording("这不是采集站自己的密钥文件。", "This is not the laptop's own key file."),
        Wording(
            "请选择 gradphoto station key 生成的 .pem 文件（不是 .pub.pem）。",
            "Choose the .pem file that gradphoto station key made, not the .pub.pem.",
        ),
    ),
    "not_laptop_public": (
        Wording("这不是采集站的公钥文件。", "This is not a station's public key."),
        Wording(
            "请在采集站上运行 gradphoto station key，发来生成的 .pub.pem 文件；.pem 文件不要离开本机。",
            "Run gradphoto station key at the station and send the .pub.pem file; the .pem stays on the laptop.",
        ),
    ),
    "not_centre_public": (
        Wording("这不是采集中心的签名公钥。", "This is not the centre's public signing key."),
        Wording(
            "请向采集中心索取其数据目录中的 signing-key.pub.pem；没有则去掉 --trust，电话核对指纹。",
            "Ask the centre for signing-key.pub.pem of its data directory; without it leave --trust out and compare the"
            " fingerprint by telephone.",
        ),
    ),
    "wrong_passphrase": (
        Wording("口令不对。", "The passphrase is wrong."),
        Wording("请核对口令后再试（注意中英文输入法）。", "Check the passphrase and the input method, then try again."),
    ),
}


def envelope_error(name: str) -> EnvelopeError:
    """The error ``packet.<name>``."""
    message, remedy = _SAID[name]
    return EnvelopeError(f"packet.{name}", message, remedy)
