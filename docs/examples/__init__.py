"""Worked examples of the pages in docs/extending/; the tests run them (tests/project/test_examples.py)."""
