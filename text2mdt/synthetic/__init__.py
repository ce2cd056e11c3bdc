"""Synthetic training data: passages with gold trees, made by a grammar out of lists of clinical facts."""

from text2mdt.synthetic.generate import synthesise

__all__ = ["synthesise"]
