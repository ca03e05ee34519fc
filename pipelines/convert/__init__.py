"""Payload → conversion: one module a kind, none of which understands what a report is."""
