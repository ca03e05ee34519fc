"""Formats that place characters and lines on pages: PDF and OFD."""
