"""Campaigns, what they are made of, and the experiments made on them."""

from campaigns.models.campaigns import (
    AdAccount,
    Audience,
    Campaign,
    CampaignLine,
    CampaignLineQuerySet,
    CampaignQuerySet,
    Channel,
    Creative,
    Initiative,
    InitiativeQuerySet,
    LinePart,
    Milestone,
    Optimisation,
    Transition,
)
from campaigns.models.experiments import (
    Arm,
    Experiment,
    ExperimentMetric,
    ExperimentQuerySet,
    ExperimentReading,
    ServedChoice,
)

__all__ = [
    "AdAccount",
    "Arm",
    "Audience",
    "Campaign",
    "CampaignLine",
    "CampaignLineQuerySet",
    "CampaignQuerySet",
    "Channel",
    "Creative",
    "Experiment",
    "ExperimentMetric",
    "ExperimentQuerySet",
    "ExperimentReading",
    "Initiative",
    "InitiativeQuerySet",
    "LinePart",
    "Milestone",
    "Optimisation",
    "ServedChoice",
    "Transition",
]
