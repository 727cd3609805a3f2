"""A campaign goes one way: preparing, collecting, verifying, closed."""

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.models import CampaignStatus as S
from gradphoto.apps.core.lifecycle import Lifecycle

CAMPAIGN = Lifecycle(
    Campaign,
    {
        S.PREPARING: {"campaigns.start_collecting": S.COLLECTING},
        S.COLLECTING: {"campaigns.open_verification": S.VERIFYING},
        S.VERIFYING: {"campaigns.close_campaign": S.CLOSED},
    },
)
