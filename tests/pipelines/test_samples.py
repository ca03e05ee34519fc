"""The samples beside the repository: every cell, the text, whose report it is."""

from pathlib import Path

import pytest

from benchmarks import reading as gate
from benchmarks import samples as known
from pipelines.convert.sandbox import Cage
from pipelines.read import read_payload

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
FILES = [] if not SAMPLES.is_dir() else [entry for entry in known.files(SAMPLES) if entry[0] != "scan"]
pytestmark = [
    pytest.mark.samples,
    pytest.mark.journey,
    pytest.mark.skipif(not FILES, reason="the folder of samples is not beside this checkout"),
]


@pytest.mark.parametrize("entry", FILES, ids=[entry[1] for entry in FILES])
def test_every_sample_is_read_wholly_right(entry):
    _, _, payload, truth = entry
    score = gate.Score()
    assert gate.measure(score, payload, truth)[0] == []
    assert max(score.cer, default=0) == 0


def test_hostile_files_end_in_a_recorded_state():
    if not SAMPLES.is_dir():
        pytest.skip("the folder of samples is not beside this checkout")
    with Cage(1) as cage:
        states = {
            path.name: cage.read(path.read_bytes(), name=path.name).conversion.state
            for path in sorted((SAMPLES / "made" / "hostile").iterdir())
        }
    assert states["enc_user.pdf"] == "encrypted"
    assert states["laughs.docx"] == states["xxe.docx"] == states["loop.pdf"] == "refused"
    assert states["trunc_report.docx"] == states["trunc_report.pdf"] == "unreadable"


def test_accounts_are_no_report():
    if not SAMPLES.is_dir():
        pytest.skip("the folder of samples is not beside this checkout")
    reading = read_payload(next((SAMPLES / "real").glob("非年报*")).read_bytes())
    assert reading.kind != "disclosure"
