"""Minimum-risk voting: several answers to a passage, of which the one that agrees best with the others is taken."""

from __future__ import annotations

from text2mdt.voting.minimum_risk import Vote, similarity, vote
from text2mdt.voting.predictor import VotingPredictor
from text2mdt.voting.settings import VotingSettings

__all__ = ["Vote", "VotingPredictor", "VotingSettings", "similarity", "vote"]
