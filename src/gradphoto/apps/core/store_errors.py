"""What a person is told when the store of files cannot do its work, whichever store it is: one kind of refusal.

A ``StoreRefusal`` means "not now": nothing was lost, and the same thing may be asked again. Background work waits and asks
again by itself (``core.jobs``).
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.storage import storages

from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.engine.wording import Wording

_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
_DENIED = {
    "AccessDenied", "AllAccessDisabled", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "403",
}  # fmt: skip


class StoreRefusal(Refusal):
    """The store cannot keep or give anything now. What was to be kept is still good: hand it in again later."""

    status = 507


class StoreAwayRefusal(StoreRefusal):
    """The store does not answer, or does not let us in."""

    status = 503


@contextmanager
def store_errors() -> Iterator[None]:
    """Whatever any back end raises becomes a ``StoreRefusal``; a file that is not there stays ``FileNotFoundError``."""
    try:
        yield
    except Refusal:
        raise
    except FileNotFoundError:
        _require_bucket()  # an object store says the same of a file and of a bucket that is not there
        raise
    except Exception as error:
        # An object store's time-out may be an OSError, too.
        refusal = _of_object_store(error) or (of_folder(error) if isinstance(error, OSError) else None)
        if refusal is None:
            raise
        raise refusal from error


def _require_bucket() -> None:
    """Raises ``store_wrong``, ``store_denied`` or ``store_away`` where it is the bucket that is missing."""
    storage: Any = storages["blobs"]
    if not hasattr(storage, "bucket_name"):
        return
    try:
        storage.connection.meta.client.head_bucket(Bucket=storage.bucket_name)
    except Exception as error:
        missing = getattr(error, "response", {}).get("Error", {}).get("Code") == "404"
        raise (store_wrong() if missing else _of_object_store(error) or store_away()) from error


def is_full(error: OSError) -> bool:
    """Whether there was no room to write."""
    return error.errno in _FULL


def of_folder(error: OSError) -> StoreRefusal:
    """What a folder's trouble means for a person."""
    if is_full(error):
        return StoreRefusal(
            "core.disk_full",
            Wording("磁盘空间已满，照片未能保存。", "The disk is full; the photograph could not be kept."),
            Wording(
                "请立即停止刷证，清理磁盘空间；照片仍在相机和接收文件夹中，腾出空间后会自动补收。",
                "Stop swiping and make room; the photograph is still in the camera and in its folder, and is taken in "
                "by itself once there is room.",
            ),
        )
    return StoreRefusal(
        "core.disk_failed",
        Wording("磁盘读写失败。", "The disk could not be read or written."),
        Wording("请检查磁盘连接和读写权限，然后重试。", "Check the disk and its permissions, then try again."),
    )


def _of_object_store(error: Exception) -> StoreRefusal | None:
    try:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    except ImportError:  # an installation without object storage
        return None
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in ("NoSuchBucket", "PermanentRedirect", "InvalidBucketName"):
            return store_wrong()
        return store_denied() if code in _DENIED else store_away()
    if isinstance(error, NoCredentialsError):
        return store_denied()
    return store_away() if isinstance(error, BotoCoreError | Boto3Error) else None


def store_away() -> StoreAwayRefusal:
    """No answer in time."""
    return StoreAwayRefusal(
        "core.store_away",
        Wording("文件存储没有响应。", "The store of files does not answer."),
        Wording(
            "系统会自动重试；若持续出现，请检查对象存储和网络（gradphoto doctor）。",
            "It is tried again by itself; if it lasts, check the object storage and the network (gradphoto doctor).",
        ),
    )


def store_denied() -> StoreAwayRefusal:
    """The credentials are not accepted."""
    return StoreAwayRefusal(
        "core.store_denied",
        Wording("文件存储拒绝了本系统的凭据。", "The store of files does not accept the credentials."),
        Wording(
            "请检查 AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY 及其对存储桶的读写权限，然后重试。",
            "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and their rights on the bucket, then try again.",
        ),
    )


def store_wrong() -> StoreAwayRefusal:
    """There is no such bucket."""
    return StoreAwayRefusal(
        "core.store_wrong",
        Wording("找不到文件存储桶。", "The bucket of the store of files does not exist."),
        Wording(
            "请检查 GRADPHOTO_S3_BUCKET 和 AWS_ENDPOINT_URL_S3，然后重试。",
            "Check GRADPHOTO_S3_BUCKET and AWS_ENDPOINT_URL_S3, then try again.",
        ),
    )


def damaged() -> Refusal:
    """What is there is not what was kept."""
    return refuse(
        "core.blob_damaged",
        "存储的文件缺失或已损坏。",
        "A stored file is missing or damaged.",
        "请从备份恢复数据目录，再重试。",
        "Restore the data directory from the backup and try again.",
    )


def removed() -> Refusal:
    """It was deleted as the rules of retention say."""
    return refuse(
        "core.blob_removed",
        "该文件已按保存期限删除。",
        "This file was deleted when its time of keeping was over.",
        "记录仍在，文件不能恢复；需要时请重新生成或重新上传。",
        "The record stays, the file does not come back; make it or upload it anew if it is needed.",
    )
