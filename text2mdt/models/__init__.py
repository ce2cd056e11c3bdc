"""Backbones: the embedded default, a local folder, or a hub id."""

from text2mdt.models.backbone import Backbone, load_backbone, model_shape
from text2mdt.models.embedded import EmbeddedState, cache_root, embedded_state, ensure_embedded
from text2mdt.models.shipped import shipped_adapters

__all__ = [
    "Backbone",
    "EmbeddedState",
    "cache_root",
    "embedded_state",
    "ensure_embedded",
    "load_backbone",
    "model_shape",
    "shipped_adapters",
]
