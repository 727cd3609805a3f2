"""The twelve steps of R163, in the words of the notice, as every page of the portal shows them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from gradphoto.engine.wording import Wording

STEPS: tuple[Wording, ...] = (
    Wording("打开网站", "Open the site"),
    Wording("选择图像校对系统", "Choose the verification system"),
    Wording(
        "录入图像信息卡下沿的信息（带 * 必填），登录",
        "Enter the data from the image card's lower edge (* required), log in",
    ),
    Wording("核对信息与图像", "Compare data and photograph"),
    Wording("全部正确：点“信息无误”", "All right: press “No error”"),
    Wording(
        "有错：点“信息有误”，在错误项前点选“○”并填正确内容",
        "Wrong: press “Error”, tick ○, enter the right value",
    ),
    Wording("提交校对结论", "Submit the conclusion"),
    Wording("再次校对；点“信息无误”后更正才有效", "Check again; without “No error” corrections have no effect"),
    Wording("“所有信息均确认无误！”，不能再次校对", "“All information confirmed!”, no second verification"),
    Wording("中心申请审核", "The centre applies for approval"),
    Wording("学校总部审核并上报", "The head office approves and reports"),
    Wording("国家中心审核，工作完成", "The national centre approves, done"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A step with its place on the line: done, now or to come."""

    number: int
    title: Wording
    state: str


def line(now: int) -> list[Step]:
    """The step line with step ``now`` (1-12) as the present one; 13 means that all are done."""
    return [
        Step(number, title, "done" if number < now else "now" if number == now else "ahead")
        for number, title in enumerate(STEPS, start=1)
    ]


def shown(now: int) -> SafeString:
    """The step line as it stands on a page, in the reader's language. Made once: it is the same for everybody."""
    return _shown(now, get_language() or "")


@functools.cache
def _shown(now: int, language: str) -> SafeString:
    return render_to_string("verification/step_line.html", {"steps": line(now)})
