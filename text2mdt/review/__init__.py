"""A clinician's review of an extraction: verdicts, edits with undo, differences, and corpus records made from it."""
