"""A campaign goes forward by its steps and, as long as nothing hangs on it, back: preparing, collecting, verifying, closed."""

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.models import CampaignStatus as S
from gradphoto.apps.core.lifecycle import Lifecycle

CAMPAIGN = Lifecycle(
    Campaign,
    {
        S.PREPARING: {"campaigns.start_collecting": S.COLLECTING},
        S.COLLECTING: {"campaigns.open_verification": S.VERIFYING, "campaigns.back_to_preparing": S.PREPARING},
        S.VERIFYING: {"campaigns.close_campaign": S.CLOSED, "campaigns.back_to_collecting": S.COLLECTING},
        S.CLOSED: {"campaigns.reopen_campaign": S.VERIFYING},
    },
)
