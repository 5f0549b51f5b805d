"""Forms of campaigns and experiments; they clean into what the services take."""

from campaigns.forms.campaigns import (
    BulkForm,
    CampaignForm,
    CloneForm,
    CreativeForm,
    InitiativeForm,
    LineForm,
    MilestoneForm,
    MoveForm,
    OptimisationForm,
    possible_owners,
)
from campaigns.forms.experiments import (
    ArmForm,
    ExperimentForm,
    ExperimentSheet,
    MetricForm,
    ReadingsForm,
    StopForm,
)

__all__ = [
    "ArmForm",
    "BulkForm",
    "CampaignForm",
    "CloneForm",
    "CreativeForm",
    "ExperimentForm",
    "ExperimentSheet",
    "InitiativeForm",
    "LineForm",
    "MetricForm",
    "MilestoneForm",
    "MoveForm",
    "OptimisationForm",
    "ReadingsForm",
    "StopForm",
    "possible_owners",
]
