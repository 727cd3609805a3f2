"""A real Redis and an S3 server (moto) for tests: what a province runs on."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator

import boto3
import pytest
from benchmarks.free_ports import free_port
from moto.server import ThreadedMotoServer

from patience import PROCESS_S, until

BUCKET = "gradphoto-test"


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), PROCESS_S):
        return True
    return False


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Its address; without a file, so that what waits in it dies with it. Skips where there is no Redis."""
    if not shutil.which("redis-server"):
        pytest.skip("no redis-server: scripts/need-redis")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    try:
        until(lambda: _answers(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()


@contextlib.contextmanager
def object_storage() -> Iterator[dict[str, str]]:
    """An S3 server with one bucket: the environment by which boto3 and the product find it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        given = {
            "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1", "GRADPHOTO_S3_BUCKET": BUCKET,
        }  # fmt: skip
        boto3.client(
            "s3", endpoint_url=given["AWS_ENDPOINT_URL_S3"], region_name="us-east-1", aws_access_key_id="test",
            aws_secret_access_key="test",
        ).create_bucket(Bucket=BUCKET)  # fmt: skip
        yield given
    finally:
        server.stop()
