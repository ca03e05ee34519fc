"""The text recogniser: pictures of one line of text → characters with places and confidences.

The network and its alphabet are PP-OCRv6's small recogniser (Apache-2.0), a file inside the package ``rapidocr``;
onnxruntime runs it on two threads, so the same picture gives the same answer and a machine is not flooded.  Nothing
is downloaded.  Everything here loads when it is used: without the extra ``ocr`` only :func:`available` answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MODEL = "PP-OCRv6_rec_small.onnx"
HEIGHT = 48
"""Pixels the network wants a line to be high."""
STRIDE = 8
"""Pixels of width for each of the network's steps."""
WIDTHS = (48, 64, 96, 144, 208, 304, 448, 640, 896, 1200, 1600, 2080)
"""Lines are padded to one of these, so that lines of like width go through together."""
STEPS_CAP = 640
"""Steps of one batch, which bounds its memory: a step is one row of probabilities over the alphabet."""
THREADS = 2
LIBRARIES = ("rapidocr", "onnxruntime", "cv2", "numpy", "PIL")
LOOKALIKES = {
    "0": "0OoQD〇○о〇◯",
    "1": "1lI|丨i!｜",
    "-": "-一—－–_ー﹣",
    ".": ".．·",
    ",": ",，",
    "%": "%％",
    "+": "+＋十",
    "/": "/／",
}
"""What a value column prints and the characters that look the same: there they can only be meant as the former."""
VALUE_SIGNS = "0123456789-.,%+/"


@dataclass(frozen=True, slots=True)
class Sign:
    """One recognised character, where its middle lies (share of the picture's width), its confidence (0 to 1)."""

    text: str
    at: float
    confidence: float


def available() -> bool:
    """Whether the extra ``ocr`` is installed; nothing is loaded."""
    try:
        return all(find_spec(name) is not None for name in LIBRARIES)
    except (ImportError, ValueError):
        return False


def parameters() -> tuple[tuple[str, str], ...]:
    """What a conversion by recognition is signed with: versions of the libraries, the model, the threads."""
    found = []
    for name in ("rapidocr", "onnxruntime", "opencv-python-headless"):
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, "absent"))
    return (*found, ("model", MODEL), ("threads", str(THREADS)))


class Recogniser:
    """The network, loaded; :meth:`read` turns pictures of lines into signs."""

    def __init__(self) -> None:
        import onnxruntime  # noqa: PLC0415  an extra, and a quarter of a second

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])
        listed = self._session.get_modelmeta().custom_metadata_map["character"].split("\n")
        self._alphabet = ["", *listed, " "]
        self._name = self._session.get_inputs()[0].name
        index = {character: i for i, character in reversed(list(enumerate(self._alphabet)))}
        self._values = {
            sign: [index[c] for c in dict.fromkeys(LOOKALIKES.get(sign, sign)) if c in index] for sign in VALUE_SIGNS
        }

    def read(self, lines: Sequence[Any], *, values: bool = False) -> list[tuple[Sign, ...]]:
        """The signs of every line (grey pictures, rows by columns of bytes), in the order given.

        ``values`` reads them as what a value column prints: digits and their signs only, a letter that looks like
        a digit counting for the digit; the confidence is the probability the network gave that digit and its likes.
        """
        pictures = [_normal(line) for line in lines]
        found: list[tuple[Sign, ...]] = [()] * len(pictures)
        for batch in _batches([picture.shape[2] for picture in pictures]):
            output = self._run([pictures[i] for i in batch])
            for i, probabilities in zip(batch, output, strict=True):
                width = pictures[i].shape[2]
                found[i] = self._values_of(probabilities, width) if values else self._text_of(probabilities, width)
        return found

    def _run(self, pictures: Sequence[Any]) -> Any:
        import numpy as np  # noqa: PLC0415  an extra

        width = _padded(max(picture.shape[2] for picture in pictures))
        batch = np.zeros((len(pictures), 3, HEIGHT, width), np.float32)
        for row, picture in zip(batch, pictures, strict=True):
            row[:, :, : picture.shape[2]] = picture
        return self._session.run(None, {self._name: batch})[0]

    def _text_of(self, probabilities: Any, width: int) -> tuple[Sign, ...]:
        best = probabilities.argmax(axis=1)
        top = probabilities.max(axis=1)
        return _collapsed([(int(i), float(p)) for i, p in zip(best, top, strict=True)], self._alphabet, width)

    def _values_of(self, probabilities: Any, width: int) -> tuple[Sign, ...]:
        import numpy as np  # noqa: PLC0415  an extra

        columns = [probabilities[:, 0], *(probabilities[:, ids].sum(axis=1) for ids in self._values.values())]
        restricted = np.stack(columns, axis=1)
        best = restricted.argmax(axis=1)
        pairs = [(int(i), float(restricted[step, i])) for step, i in enumerate(best)]
        return _collapsed(pairs, ["", *self._values], width)


@cache
def shared() -> Recogniser:
    """The one recogniser of this process."""
    return Recogniser()


def model_path() -> Path:
    """Where the model lies.  Raises FileNotFoundError when the package has another one."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("rapidocr")
    path = Path(spec.origin).parent / "models" / MODEL
    if not path.is_file():
        raise FileNotFoundError(str(path))
    return path


def _normal(line: Any) -> Any:
    """A line as the network wants it: its height, three equal channels, from -1 to 1."""
    import cv2  # noqa: PLC0415  an extra
    import numpy as np  # noqa: PLC0415

    height, width = line.shape[:2]
    wanted = max(STRIDE, min(round(width * HEIGHT / max(height, 1)), WIDTHS[-1]))
    grey = cv2.resize(line, (wanted, HEIGHT), interpolation=cv2.INTER_CUBIC if height < HEIGHT else cv2.INTER_AREA)
    return np.repeat((grey.astype(np.float32) / 127.5 - 1.0)[None], 3, axis=0)


def _padded(width: int) -> int:
    return next((wanted for wanted in WIDTHS if wanted >= width), WIDTHS[-1])


def _batches(widths: Sequence[int]) -> Iterable[list[int]]:
    """Indices of pictures that go through the network together: of like width, not too many."""
    order = sorted(range(len(widths)), key=lambda i: (_padded(widths[i]), i))
    batch: list[int] = []
    for i in order:
        size = _padded(widths[i])
        if batch and (size != _padded(widths[batch[0]]) or (len(batch) + 1) * size // STRIDE > STEPS_CAP):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _collapsed(steps: Sequence[tuple[int, float]], alphabet: Sequence[str], width: int) -> tuple[Sign, ...]:
    """Steps (symbol, probability) → signs: repeats are one, symbol 0 is none (connectionist temporal classification)."""
    signs: list[Sign] = []
    start = 0
    for i in range(1, len(steps) + 1):
        if i < len(steps) and steps[i][0] == steps[start][0]:
            continue
        symbol = steps[start][0]
        if symbol and symbol < len(alphabet):
            confidence = max(p for _, p in steps[start:i])
            at = min(1.0, (start + i) / 2 * STRIDE / max(width, 1))
            signs.append(Sign(alphabet[symbol], at, round(min(confidence, 1.0), 4)))
        start = i
    return tuple(signs)
