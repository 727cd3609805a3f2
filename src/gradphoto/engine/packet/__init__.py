"""The delivery: photos, summary table and provenance in one signed zip that anyone can check."""

from gradphoto.engine.packet.keys import key_id, load_or_create_key
from gradphoto.engine.packet.manifest import Manifest, PackageMeta
from gradphoto.engine.packet.package import PackageError, PackageItem, write_package
from gradphoto.engine.packet.summary import SummaryRow, read_summary, write_summary
from gradphoto.engine.packet.verify import Problem, VerificationReport, verify_package

__all__ = [
    "Manifest", "PackageError", "PackageItem", "PackageMeta", "Problem", "SummaryRow", "VerificationReport", "key_id",
    "load_or_create_key", "read_summary", "verify_package", "write_package", "write_summary",
]  # fmt: skip
