"""SW3, the byte with which a SAM_V reader says how a command went, as sentences for the person at the desk."""

from __future__ import annotations

from enum import IntEnum

from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.wording import Wording


class Status(IntEnum):
    """Every SW3 value that the protocol names (facts 3.1)."""

    OK = 0x90
    CARD_FOUND = 0x9F
    ITEM_EMPTY = 0x91
    CHECKSUM_ERROR = 0x10
    LENGTH_ERROR = 0x11
    COMMAND_ERROR = 0x21
    NOT_PERMITTED = 0x23
    UNKNOWN_ERROR = 0x24
    CARD_REJECTS_READER = 0x31
    READER_REJECTS_CARD = 0x32
    VERIFICATION_ERROR = 0x33
    UNKNOWN_CARD_TYPE = 0x40
    READ_FAILED = 0x41
    RANDOM_NUMBER_FAILED = 0x47
    SELF_TEST_FAILED = 0x60
    NOT_AUTHORISED = 0x66
    NO_CARD = 0x80
    SELECT_FAILED = 0x81

    @property
    def sentence(self) -> Wording:
        """What the reader says, in both languages."""
        return _SENTENCES[self][0]

    @property
    def remedy(self) -> Wording:
        """What the person at the desk does next."""
        return _SENTENCES[self][1]


_NONE = Wording("无需处理。", "Nothing to do.")
_AGAIN = Wording(
    "请将证件平放在读卡区，保持不动再试；仍读不出请改用人工查找。",
    "Lay the card flat on the reader and keep it still; if that fails, look the person up by hand.",
)
_LIFT = Wording(
    "请拿起证件，再重新放上；仍读不出请改用人工查找。",
    "Lift the card and put it down again; if that fails, look the person up by hand.",
)
_REPLUG = Wording(
    "请拔下读卡器，重新插上后再试；其间可人工查找。",
    "Unplug the reader, plug it in again and retry; meanwhile look people up by hand.",
)
_BY_HAND = Wording("请改用人工查找登记。", "Look the person up by hand instead.")
_OTHER_READER = Wording("请换一台读卡器，并将此台送修。", "Use another reader and send this one for repair.")

_SENTENCES: dict[Status, tuple[Wording, Wording]] = {
    Status.OK: (Wording("操作成功。", "The command succeeded."), _NONE),
    Status.CARD_FOUND: (Wording("已找到证件。", "A card was found."), _NONE),
    Status.ITEM_EMPTY: (Wording("证件内没有此项内容。", "The card does not hold this item."), _NONE),
    Status.CHECKSUM_ERROR: (
        Wording("读卡器收到的数据校验错误。", "The reader received data with a wrong checksum."),
        _REPLUG,
    ),
    Status.LENGTH_ERROR: (
        Wording("读卡器收到的数据长度错误。", "The reader received data of a wrong length."),
        _REPLUG,
    ),
    Status.COMMAND_ERROR: (Wording("读卡器不认识此命令。", "The reader does not know this command."), _OTHER_READER),
    Status.NOT_PERMITTED: (Wording("读卡器不允许此操作。", "The reader does not permit this."), _OTHER_READER),
    Status.UNKNOWN_ERROR: (Wording("读卡器报告未知错误。", "The reader reports an unknown error."), _REPLUG),
    Status.CARD_REJECTS_READER: (
        Wording("证件不接受此读卡器。", "The card does not accept this reader."),
        _OTHER_READER,
    ),
    Status.READER_REJECTS_CARD: (
        Wording("读卡器不接受此证件，证件可能无效。", "The reader does not accept this card; it may be invalid."),
        _BY_HAND,
    ),
    Status.VERIFICATION_ERROR: (
        Wording("证件信息验证未通过。", "The information on the card failed its verification."),
        _BY_HAND,
    ),
    Status.UNKNOWN_CARD_TYPE: (
        Wording("无法识别的证件类型。", "This kind of card is not known to the reader."),
        _BY_HAND,
    ),
    Status.READ_FAILED: (Wording("读取证件失败。", "The card could not be read."), _AGAIN),
    Status.RANDOM_NUMBER_FAILED: (
        Wording("读卡器取随机数失败。", "The reader failed to draw a random number."),
        _REPLUG,
    ),
    Status.SELF_TEST_FAILED: (
        Wording("读卡器安全模块自检失败。", "The reader's security module failed its self-test."),
        _OTHER_READER,
    ),
    Status.NOT_AUTHORISED: (
        Wording("读卡器安全模块未经授权。", "The reader's security module is not authorised."),
        _OTHER_READER,
    ),
    Status.NO_CARD: (Wording("没有找到证件。", "No card was found."), _AGAIN),
    Status.SELECT_FAILED: (Wording("选取证件失败。", "The card could not be selected."), _LIFT),
}


def status_error(sw3: int) -> ReaderError:
    """The error for an unwelcome SW3, known to the protocol or not; ``code`` is ``reader.<status name>``."""
    try:
        status = Status(sw3)
    except ValueError:
        unheard_of = Wording("读卡器返回了未知状态 {sw3}。", "The reader answered with the unknown status {sw3}.")
        return ReaderError("reader.status_unknown", unheard_of.format(sw3=f"{sw3:02X}"), _REPLUG, sw3)
    return ReaderError(f"reader.{status.name.lower()}", status.sentence, status.remedy, sw3)
