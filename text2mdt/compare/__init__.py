"""Comparison of fine-tuning methods: units that resume, gathered into one report.

    text2mdt compare configs/compare/tier1.yaml

`config` says what is compared; `units` are its steps; `unit_store` keeps what is finished; `run` runs the rest;
`gather` makes one table of it all; `report` shows it.
"""
