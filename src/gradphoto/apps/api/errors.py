"""Why a program is not answered: no token, not this right, too often, too much."""

from __future__ import annotations

from gradphoto.apps.api.rights import RIGHTS
from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.engine.wording import Wording


class NotLetIn(Refusal):
    """No token, a wrong one, or one that opens nothing any more."""

    status = 401


class TooManyRequests(Refusal):
    """The token asked more often than it may; ``wait_s`` until the next minute begins."""

    status = 429

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(
            "api.too_many_requests",
            Wording("请求过多。", "Too many requests."),
            Wording("请在 {n} 秒后再试。", "Try again in {n} seconds.").format(n=wait_s),
        )


class TooLarge(Refusal):
    status = 413

    def __init__(self, zh: str = "64 MB", en: str = "64 MB") -> None:
        super().__init__(
            "api.body_too_large",
            Wording(f"请求内容过大，最多 {zh}。", f"The request is too large: at most {en}."),
            Wording("请分成几次提交。", "Send it in parts."),
        )


class RightMissing(PermissionRefusal):
    """The token was not given this right, or its role gives it no more."""

    def __init__(self, right: str) -> None:
        super().__init__(f"api:{right}")
        words = RIGHTS[right].words
        self.code = "api.right_missing"
        self.message = Wording(f"令牌没有“{words.zh}”的权限。", f"The token lacks the right {right}: {words.en}.")
        self.remedy = Wording("请管理员新建带有该权限的令牌。", "Ask the administrator for a token with this right.")
