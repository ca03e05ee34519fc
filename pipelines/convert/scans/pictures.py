"""Image files → pixels of pages, with caps checked before anything is decoded.

Needs Pillow and numpy (the extra ``ocr``).  A file's declared size is read first: a picture of more than
:data:`pipelines.convert.scans.scan.PIXEL_CAP` pixels and a TIFF of more than ``PAGE_CAP`` pages are refused unseen.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from pipelines.convert.scans.scan import LONG_SIDE, PAGE_CAP, PIXEL_CAP, RESOLUTION, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF")
SIDE_CAP = 30_000
SMALLEST = 40
"""Pixels: an icon or a spacer, on which no report stands."""
BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    ZeroDivisionError,
    Image.DecompressionBombError,
    Warning,
)
"""What Pillow raises for damaged files, besides its own."""


class PictureError(Exception):
    """A picture cannot or must not be decoded; the message says why."""

    def __init__(self, message: str, *, too_large: bool = False) -> None:
        super().__init__(message)
        self.too_large = too_large


def sheets_of(payload: bytes) -> list[Sheet]:
    """An image's pages, each taken for a sheet of A4's length.  Raises PictureError."""
    with _opened(payload) as image:
        sizes: list[tuple[int, int]] = []
        for index in range(PAGE_CAP + 1):
            try:
                image.seek(index)
            except EOFError:
                break
            except BROKEN as error:
                if not sizes:
                    raise PictureError(f"图像已损坏 · The picture is damaged: {error}"[:300]) from error
                break
            sizes.append(_checked(image))
            if image.format == "GIF":
                break
        if len(sizes) > PAGE_CAP:
            raise PictureError(f"图像超过 {PAGE_CAP} 页 · The picture has more than {PAGE_CAP} pages", too_large=True)
    return list(_sheets(payload, sizes))


def _sheets(payload: bytes, sizes: Sequence[tuple[int, int]]) -> Iterator[Sheet]:
    for index, (width, height) in enumerate(sizes):
        scale = max(width, height) / LONG_SIDE
        yield Sheet(index + 1, width / scale, height / scale, lambda index=index: decoded(payload, index))  # type: ignore[misc]


def decoded(payload: bytes, index: int = 0) -> Any:
    """The pixels of a picture's page: rows by columns, of bytes or of red, green and blue.  Raises PictureError."""
    with _opened(payload) as image:
        try:
            image.seek(index)
            _checked(image)
            upright = ImageOps.exif_transpose(image)
            if upright.mode in {"1", "L"}:
                return np.asarray(upright.convert("L"))
            if upright.mode.startswith("I"):
                return (np.asarray(upright, dtype=np.float32) / 257).clip(0, 255).astype(np.uint8)
            if upright.mode in {"RGBA", "LA", "PA", "P"}:
                upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
            return np.asarray(upright.convert("RGB"))
        except PictureError:
            raise
        except BROKEN as error:
            raise PictureError(f"图像已损坏 · The picture is damaged: {error}"[:300]) from error


def _opened(payload: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Image.open(io.BytesIO(payload), formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise PictureError(_too_large(0, 0), too_large=True) from error
        except UnidentifiedImageError as error:
            raise PictureError("不是完整的图像 · Not a whole picture") from error
        except BROKEN as error:
            raise PictureError(f"图像已损坏 · The picture is damaged: {error}"[:300]) from error


def _checked(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    if width * height > PIXEL_CAP or max(width, height) > SIDE_CAP:
        raise PictureError(_too_large(width, height), too_large=True)
    if min(width, height) < SMALLEST:
        raise PictureError(f"图像过小（{width}×{height}） · The picture is too small ({width}×{height})")
    return width, height


def _too_large(width: int, height: int) -> str:
    size = f"（{width}×{height}）" if width else ""
    return f"图像像素过多{size} · The picture has too many pixels {size}".strip()


def composed(parts: Sequence[tuple[bytes, tuple[float, float, float, float]]], size: tuple[float, float]) -> Any:
    """A page of ``size`` points from pictures with their boxes, in the resolution of the finest.  Raises PictureError.

    A picture that cannot be decoded is left out as long as another can.
    """
    images = []
    trouble: PictureError | None = None
    for payload, (left, top, right, bottom) in parts:
        try:
            images.append((Image.fromarray(decoded(payload)), (left, top, max(right, left + 1), max(bottom, top + 1))))
        except PictureError as error:
            trouble = error
    if not images:
        raise trouble or PictureError("页面没有图像 · The page holds no picture")
    finest = max(image.width / (box[2] - box[0]) for image, box in images)
    scale = page_scale(finest, size)
    page = Image.new("RGB", (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))), "white")
    for image, box in images:
        left, top, right, bottom = (round(min(max(value, -size[1]), 3 * size[1]) * scale) for value in box)
        wide, high = max(1, min(right - left, SIDE_CAP)), max(1, min(bottom - top, SIDE_CAP))
        if wide * high <= PIXEL_CAP:
            page.paste(image.convert("RGB").resize((wide, high), Image.Resampling.BICUBIC), (left, top))
    return np.asarray(page)


def page_scale(finest: float, size: tuple[float, float]) -> float:
    """Pixels a point for a page: its picture's own within :data:`RESOLUTION`, and within the cap on pixels."""
    scale = min(max(finest, RESOLUTION[0] / 72), RESOLUTION[1] / 72)
    return float(min(scale, (PIXEL_CAP / max(size[0] * size[1], 1)) ** 0.5))
