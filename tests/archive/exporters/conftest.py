"""One archive for all exporters."""

from __future__ import annotations

import pytest

from tests.archive.exporters.making import filled


@pytest.fixture
def archive(store):
    """The file of an archive with two crawls."""
    return filled(store)
