"""Whole folders: runs that survive whatever ends them, with a record of what was done."""
