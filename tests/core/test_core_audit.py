"""The audit trail cannot be cut unnoticed: whatever is done to it is named by chain and entry (issue 11, 3)."""

import json
import shutil
import sys

import pytest
from django.db import connection
from django.urls import get_resolver
from django.utils import timezone

from gradphoto.apps.core import audit, audit_proof, checkpoints
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.audit_proof import FaultKind
from gradphoto.apps.core.encryption import keyring
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditCheckpoint, AuditEntry, AuditHead
from gradphoto.engine.keyring import KeyFile, Keyring, Purpose
from gradphoto.engine.signed_note import merkle_root, open_note, short_code, sign_note

pytestmark = pytest.mark.django_db
TESTER = Actor.system("test")
ONE, TWO = 7, 8


def _sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def _write(chain: int, count: int) -> None:
    for n in range(count):
        audit.record(TESTER, "test.step", None, {"n": n}, organisation_id=chain)


def _faults(folder=None) -> list[tuple[int, int, FaultKind]]:
    return [
        (fault.chain, fault.number, fault.kind)
        for report in audit_proof.verify(folder=folder)
        for fault in report.faults
    ]


@pytest.fixture
def trail(settings, tmp_path):
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    _write(ONE, 5)
    _write(TWO, 3)
    assert _faults() == []


def _head_as_at(number: int) -> None:
    """What somebody with the database, but without the key, can do: the old count and digest into the head."""
    digest = AuditEntry.objects.get(chain=ONE, number=number).digest
    _sql(f"UPDATE core_audithead SET count = {number}, digest = '{digest}' WHERE chain = {ONE}")


def _cut_and_rewrite_the_head() -> None:
    _head_as_at(3)
    _sql(f"DELETE FROM core_auditentry WHERE chain = {ONE} AND number > 3")


def _delete_the_chain_with_its_head() -> None:
    _sql(f"DELETE FROM core_auditentry WHERE chain = {ONE}")
    _sql(f"DELETE FROM core_audithead WHERE chain = {ONE}")


def _swap() -> None:
    _sql(f"UPDATE core_auditentry SET number = 999 WHERE chain = {ONE} AND number = 2")
    _sql(f"UPDATE core_auditentry SET number = 2 WHERE chain = {ONE} AND number = 3")
    _sql(f"UPDATE core_auditentry SET number = 3 WHERE chain = {ONE} AND number = 999")


def _insert() -> None:
    for number in (5, 4, 3):
        _sql(f"UPDATE core_auditentry SET number = {number + 1} WHERE chain = {ONE} AND number = {number}")
    second = AuditEntry.objects.get(chain=ONE, number=2)
    AuditEntry(
        chain=ONE, number=3, at=timezone.now(), action="test.forged", actor="x", actor_label="x", target_type="",
        target_key="", detail={}, correlation=second.correlation, previous=second.digest, digest="0" * 64,
    ).save()  # fmt: skip


def _append() -> None:
    last = AuditEntry.objects.get(chain=ONE, number=5)
    AuditEntry(
        chain=ONE, number=6, at=timezone.now(), action="test.forged", actor="x", actor_label="x", target_type="",
        target_key="", detail={}, correlation=last.correlation, previous=last.digest, digest="0" * 64,
    ).save()  # fmt: skip


def _put_an_earlier_head_back() -> None:
    """With its own genuine seal, as a backup of that table would."""
    head, third = AuditHead.objects.get(chain=ONE), AuditEntry.objects.get(chain=ONE, number=3)
    head.count, head.digest = 3, third.digest
    _sql(
        f"UPDATE core_audithead SET count = 3, digest = '{head.digest}', seal = '{audit.head_seal(head)}' WHERE chain = {ONE}"
    )


def _drop_the_middle() -> None:
    _sql(f"DELETE FROM core_auditentry WHERE chain = {ONE} AND number = 3")


def _drop_the_middle_and_close_up() -> None:
    _drop_the_middle()
    for number in (4, 5):
        _sql(f"UPDATE core_auditentry SET number = {number - 1} WHERE chain = {ONE} AND number = {number}")
    _head_as_at(4)


@pytest.mark.parametrize(
    ("tamper", "number", "kind"),
    [
        (lambda: _sql(f"UPDATE core_auditentry SET actor_label = 'x' WHERE chain = {ONE} AND number = 3"), 3, "altered"),
        (lambda: _sql(f"UPDATE core_auditentry SET detail = '{{\"n\": 9}}' WHERE chain = {ONE} AND number = 2"), 2, "altered"),
        (lambda: _sql(f"DELETE FROM core_auditentry WHERE chain = {ONE} AND number = 5"), 5, "cut"),
        (lambda: _sql(f"UPDATE core_audithead SET count = 4 WHERE chain = {ONE}"), 6, "head"),
        (lambda: _sql(f"DELETE FROM core_audithead WHERE chain = {ONE}"), 6, "head"),
        (lambda: _sql(f"DELETE FROM core_auditentry WHERE chain = {ONE}"), 1, "cut"),
        (_cut_and_rewrite_the_head, 4, "head"),
        (_delete_the_chain_with_its_head, 1, "chain_gone"),
        (_swap, 2, "moved"),
        (_insert, 3, "inserted"),
        (_append, 6, "inserted"),
        (_put_an_earlier_head_back, 4, "head"),
        (_drop_the_middle, 3, "missing"),
        (_drop_the_middle_and_close_up, 3, "moved"),
    ],
)  # fmt: skip
def test_whatever_is_done_to_a_chain_is_named_with_chain_and_entry(trail, tamper, number, kind):
    tamper()
    faults = _faults()
    assert faults[0] == (ONE, number, FaultKind(kind))
    assert {chain for chain, _, _ in faults} == {ONE}, "the other chains are whole"


def test_a_chain_that_the_house_does_not_know_is_named(trail):
    _sql(f"UPDATE core_auditentry SET chain = 99 WHERE chain = {TWO}")
    kinds = set(_faults())
    assert (99, 1, FaultKind.CHAIN_UNKNOWN) in kinds
    assert (TWO, 1, FaultKind.CUT) in kinds


def test_work_goes_on_over_a_broken_head_and_the_break_stays_on_record(trail):
    _cut_and_rewrite_the_head()
    _write(ONE, 2)
    assert (ONE, 4, FaultKind.BROKEN_BEFORE) in _faults(), "a new seal over the cut does not hide it"
    audit_proof.acknowledge(TESTER, ONE, 4, "恢复自备份")
    reports = {report.chain: report for report in audit_proof.verify()}
    assert reports[ONE].whole
    assert reports[ONE].faults[0].acknowledged == "恢复自备份"


def test_nobody_writes_over_a_broken_house_chain_until_the_reason_is_on_record(trail):
    _sql("UPDATE core_audithead SET count = 1 WHERE chain = 0")
    with pytest.raises(Refusal) as caught:
        audit.record(TESTER, "test.step")
    assert caught.value.code == "core.audit_head_altered"
    audit.reseal_house(TESTER, "值班员误改")
    audit.record(TESTER, "test.step")
    assert FaultKind.BROKEN_BEFORE in {kind for _, _, kind in _faults()}


def test_a_server_with_other_keys_writes_into_no_chain(trail, settings, tmp_path):
    settings.KEYRING = Keyring(KeyFile(tmp_path / "other.json", create=True))
    for chain in (ONE, None, 55):
        with pytest.raises(Refusal, match=r"."):
            audit.record(TESTER, "test.step", organisation_id=chain)


def _checkpoint(reason: str = "test", *, django_capture) -> AuditCheckpoint:
    with django_capture(execute=True):
        return checkpoints.write(reason)


@pytest.fixture
def outside(trail, tmp_path, django_capture_on_commit_callbacks):
    """Yesterday's database, today's work, today's checkpoint in a folder elsewhere; then the database is put back."""
    kept = _checkpoint(django_capture=django_capture_on_commit_callbacks)
    _write(ONE, 4)
    _write(9, 2)
    today = _checkpoint("fees.close_day", django_capture=django_capture_on_commit_callbacks)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "checkpoints", elsewhere)
    assert _faults(elsewhere) == []
    return kept, today, elsewhere


def test_yesterdays_database_is_named_by_todays_checkpoint(outside):
    _, today, elsewhere = outside
    # As a restore does it: with the heads and their seals of that moment, which are valid.
    old = {}
    for chain, count in ((ONE, 5), (0, 3)):
        head = AuditHead(chain=chain, count=count, digest=AuditEntry.objects.get(chain=chain, number=count).digest)
        old[chain] = (count, head.digest, audit.head_seal(head))
    for chain, (count, digest, seal) in old.items():
        _sql(f"DELETE FROM core_auditentry WHERE chain = {chain} AND number > {count}")
        _sql(f"UPDATE core_audithead SET count={count}, digest='{digest}', seal='{seal}' WHERE chain = {chain}")
    _sql("DELETE FROM core_auditentry WHERE chain = 9")
    _sql("DELETE FROM core_audithead WHERE chain = 9")
    _sql(f"DELETE FROM core_auditcheckpoint WHERE number = {today.number}")
    inside = [fault for fault in _faults() if fault[2] is not FaultKind.CHECKPOINT]
    assert inside == [], "inside the database nothing shows it"
    found = set(_faults(elsewhere))
    assert {(ONE, 6, FaultKind.CUT), (9, 1, FaultKind.CHAIN_GONE)} <= found
    sentence = next(f.sentence.en for r in audit_proof.verify(folder=elsewhere) for f in r.faults if f.chain == ONE)
    assert today.code in sentence
    assert audit_proof.find_checkpoint(today.code, elsewhere)
    assert audit_proof.find_checkpoint("AAAA-BBBB-CCCC", elsewhere) is None


def test_who_holds_the_keys_and_rewrites_history_is_named_by_the_checkpoint(outside):
    _, _, elsewhere = outside
    previous = AuditEntry.objects.get(chain=ONE, number=1).digest
    for entry in AuditEntry.objects.filter(chain=ONE, number__gte=2).order_by("number"):
        entry.actor_label, entry.previous = "somebody else", previous
        previous = audit.entry_digest(entry)
        AuditEntry.objects.filter(pk=entry.pk).update(
            actor_label=entry.actor_label, previous=entry.previous, digest=previous
        )
    head = AuditHead.objects.get(chain=ONE)
    head.digest = previous
    head.seal = audit.head_seal(head)
    head.save()
    assert (ONE, 5, FaultKind.CHECKPOINT) in _faults(elsewhere)


def test_a_checkpoint_that_was_altered_or_taken_away_is_named(outside):
    kept, today, elsewhere = outside
    file = next(elsewhere.glob(f"*{today.code}*"))
    file.write_text(file.read_text("utf-8").replace("chain 9 2", "chain 9 1"), "utf-8")
    assert FaultKind.CHECKPOINT in {kind for _, _, kind in _faults(elsewhere)}
    AuditCheckpoint.objects.filter(pk=kept.pk).delete()
    sentences = [fault.sentence.en for report in audit_proof.verify() for fault in report.faults]
    assert any(kept.code in one for one in sentences)


def test_the_note_has_the_form_of_a_transparency_log_and_only_our_key_writes_it(outside, tmp_path):
    _, today, _ = outside
    lines = today.note.splitlines()
    assert lines[0] == "gradphoto/audit"
    assert int(lines[1]) > 0
    assert lines[-1].startswith("— gradphoto ")
    assert f"previous {AuditCheckpoint.objects.get(number=today.number - 1).sha256}" in lines
    assert [line for line in lines if line.startswith("chain ")][1:] == [
        line for line in lines if line.startswith((f"chain {ONE} ", "chain 9 "))
    ], "between two daily ones only what has changed is named"
    stranger = Keyring(KeyFile(tmp_path / "other.json", create=True)).signing()
    text = open_note(today.note, "gradphoto", checkpoints.trusted_keys())
    for forged in (sign_note(text, "gradphoto", stranger), today.note.replace("chain 9 2", "chain 9 3"), "x", text):
        with pytest.raises(ValueError, match=r"."):
            open_note(forged, "gradphoto", checkpoints.trusted_keys())
    assert today.code == short_code(text)


def test_the_merkle_root_is_that_of_rfc_6962():
    # Test vectors of RFC 6962's reference implementation, for its first one, two, three and eight leaves.
    leaves = [bytes.fromhex(one) for one in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )]  # fmt: skip
    roots = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    assert {count: merkle_root(leaves[:count]).hex() for count in roots} == roots


def test_one_checkpoint_a_day_and_one_after_every_closing(trail, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert checkpoints.write_if_due()
        assert not checkpoints.write_if_due()
    newest = AuditCheckpoint.objects.get()
    AuditCheckpoint.objects.filter(pk=newest.pk).update(at=newest.at - checkpoints.DAILY)
    with django_capture_on_commit_callbacks(execute=True):
        assert checkpoints.write_if_due()
    files = sorted(path.name for path in checkpoints.folder().iterdir())
    assert len(files) == 2
    (checkpoints.folder() / files[0]).unlink()
    assert checkpoints.put_into_folder() == 1, "what a crash left out comes with the next one"
    assert get_resolver().url_patterns, "every room is imported"
    closing = {name for name, known in REGISTRY.items() if known.closing}
    assert closing >= {name for name in REGISTRY if ".close_" in name} | {"makeup.agree_closing"}


def test_an_earlier_audit_key_proves_what_it_wrote_and_writes_nothing_new(trail, settings, tmp_path):
    path = tmp_path / "keys.json"
    shutil.copy(keyring().source.path, path)
    settings.KEYRING = ring = Keyring(KeyFile(path, create=False))
    ring.add(Purpose.AUDIT)
    _write(ONE, 2)
    assert _faults() == []
    earlier = ring.every(Purpose.AUDIT)[1].secret
    forged = AuditEntry.objects.get(chain=ONE, number=7)
    forged.actor_label = "somebody else"
    AuditEntry.objects.filter(pk=forged.pk).update(
        actor_label=forged.actor_label, digest=audit.entry_digest(forged, earlier)
    )
    assert _faults()[0] == (ONE, 7, FaultKind.ALTERED)


def test_the_command_names_faults_and_ends_with_one(trail, monkeypatch):
    from click.testing import CliRunner

    from gradphoto.cli.audit import audit as command

    monkeypatch.setattr(sys.modules["gradphoto.cli.audit"], "open_installation", lambda: None)
    good = CliRunner().invoke(command, ["verify"])
    assert good.exit_code == 0, good.output
    assert json.loads(good.output.splitlines()[-1])["whole"] is True
    _cut_and_rewrite_the_head()
    bad = CliRunner().invoke(command, ["verify"])
    assert bad.exit_code == 1
    assert f"链 {ONE} 第 4 条" in bad.output
