"""The records of the roster: people, their signatures and corrections, the files they came in, the plan."""

from gradphoto.apps.roster.models.candidates import (
    Candidate,
    CandidateStatus,
    Origin,
    Sex,
    StatusChange,
    StatusChangeKind,
)
from gradphoto.apps.roster.models.cases import (
    CaseSource,
    CorrectionCase,
    CorrectionStatus,
    Proof,
    ProofKind,
    Route,
)
from gradphoto.apps.roster.models.imports import (
    ColumnMemory,
    DifferenceKind,
    DifferenceState,
    ImportDifference,
    ImportFix,
    ImportStatus,
    RosterFinding,
    RosterImport,
)
from gradphoto.apps.roster.models.lists import BulkOutcome, BulkStep, ColumnChoice, OutcomeState
from gradphoto.apps.roster.models.papers import (
    AdmissionsCheck,
    AdmissionsDifference,
    AdmissionsRoute,
    CohortRule,
    Document,
    PaperBundle,
    PaperKind,
    SignedPage,
)
from gradphoto.apps.roster.models.plan import ChannelConfirmation, Milestone, MilestoneKind, ProvinceApproval
from gradphoto.apps.roster.models.signing import (
    Signature,
    SignatureStep,
    SignatureWay,
    SignedTable,
    SigningCode,
    SigningSession,
)

__all__ = [
    "AdmissionsCheck", "AdmissionsDifference", "AdmissionsRoute", "BulkOutcome", "BulkStep",
    "Candidate", "CandidateStatus", "CaseSource", "ChannelConfirmation", "CohortRule", "ColumnChoice", "ColumnMemory",
    "CorrectionCase", "CorrectionStatus", "DifferenceKind", "DifferenceState", "Document", "ImportDifference",
    "ImportFix", "ImportStatus", "Milestone", "MilestoneKind", "Origin", "OutcomeState", "PaperBundle", "PaperKind",
    "Proof", "ProofKind", "ProvinceApproval", "RosterFinding", "RosterImport", "Route", "Sex", "Signature", "SignatureStep",
    "SignatureWay", "SignedPage", "SignedTable", "SigningCode", "SigningSession", "StatusChange", "StatusChangeKind",
]  # fmt: skip
