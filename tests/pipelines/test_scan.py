"""Scans: level pages, rules from pixels, ink against dirt, figures in doubt; what is said when nothing can be recognised."""

import io
import json
import random
import zlib
from pathlib import Path

import pytest

from archive.model import Conversion, Software
from pipelines.convert.interface import Context
from pipelines.convert.paged import ofd, pdf
from pipelines.convert.sandbox import Cage, Limits
from pipelines.convert.scans import recogniser, scan
from pipelines.read import read_payload

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")
Image = pytest.importorskip("PIL.Image")

from pipelines.convert.scans import pictures, raster, scanned_page  # noqa: E402  they need the extra
from pipelines.convert.scans.recogniser import Sign  # noqa: E402

FIXTURES = Path(__file__).parents[1] / "fixtures" / "scans"
SCALE = 2.0
EXTRA = pytest.mark.skipif(not recogniser.available(), reason="the extra ocr is not installed")


def white(width=1200, height=1600):
    return np.full((height, width), 255, np.uint8)


def ruled(image, xs, ys, thick=2, grey=40):
    for x in xs:
        cv2.line(image, (x, ys[0]), (x, ys[-1]), grey, thick)
    for y in ys:
        cv2.line(image, (xs[0], y), (xs[-1], y), grey, thick)
    return image


def written(image, words, x, y, size=0.8):
    cv2.putText(image, words, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, 20, 2, cv2.LINE_AA)
    return image


def turned(image, angle):
    height, width = image.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return cv2.warpAffine(image, matrix, (width, height), borderValue=255)


def levels(rules):
    return sorted(round(r.y0 * SCALE) for r in rules if abs(r.y0 - r.y1) < 0.1)


def uprights(rules):
    return sorted(round(r.x0 * SCALE) for r in rules if abs(r.x0 - r.x1) < 0.1)


def png(image, kind="PNG", **options):
    out = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(out, kind, **options)
    return out.getvalue()


# ---------------------------------------------------------------- pixels


@pytest.mark.parametrize("angle", [-3.0, -0.7, 0.0, 0.33, 2.4])
def test_a_page_is_made_level(angle):
    image = white()
    for y in range(100, 1500, 40):
        written(image, "2023 10 15 77 lines of text", 100, y)
    found = raster.skew_of(raster.ink_of(turned(image, angle)))
    assert found == pytest.approx(angle, abs=0.1)


def test_an_empty_page_is_level():
    assert raster.skew_of(raster.ink_of(white(300, 300))) == 0


@pytest.mark.parametrize(("thick", "grey"), [(1, 60), (2, 40), (2, 175), (5, 0)])
def test_rules_are_found_where_they_are_drawn(thick, grey):
    xs, ys = [100, 300, 700, 1100], [200, 240, 300, 420]
    rules, mask = raster.rules_of(ruled(white(), xs, ys, thick, grey), SCALE)
    assert levels(rules) == pytest.approx(ys, abs=2)
    assert uprights(rules) == pytest.approx(xs, abs=2)
    assert mask[200, 500] == 255
    assert mask[1000, 500] == 0


def test_digits_above_each_other_are_no_rule():
    image = ruled(white(), [100, 600, 1100], [200, 226, 252, 278, 304], 1)
    for y in (222, 248, 274, 300):
        written(image, "1", 340, y, 0.75)
        written(image, "0", 840, y, 0.75)
    rules, _ = raster.rules_of(image, SCALE)
    assert uprights(rules) == pytest.approx([100, 600, 1100], abs=2)


def test_a_rule_broken_here_and_there_is_one():
    image = ruled(white(), [100, 600, 1100], [200, 300, 400], 2)
    image[:, 400:403] = 255
    image[245:247, :] = 255
    rules, _ = raster.rules_of(image, SCALE)
    assert len(levels(rules)) == 3
    assert uprights(rules) == pytest.approx([100, 600, 1100], abs=2)


def test_specks_go_and_full_stops_stay():
    image = white(300, 300)
    image[50, 50] = image[100:102, 100:102] = 0
    image[150:153, 150:153] = 0
    found = raster.without_specks(raster.ink_of(image), SCALE)
    assert (found[50, 50], found[100, 100], found[151, 151]) == (0, 0, 255)


def test_what_is_left_of_rules_is_no_ink_of_a_cell():
    cell = white(200, 60)
    cell[0:3, :] = cell[:, 0:2] = cell[20:40, 197:200] = 0
    assert not raster.without_edges(raster.ink_of(cell), SCALE).any()
    written(cell, "0", 90, 40)
    assert raster.without_edges(raster.ink_of(cell), SCALE).any()


def test_a_seal_fades_and_the_text_under_it_stays():
    page = np.full((800, 800, 3), 255, np.uint8)
    cv2.circle(page, (400, 400), 120, (220, 40, 40), 8)
    page[395:405, 200:600] = 20
    grey = raster.grey_of(page, SCALE)
    assert grey[280, 400] > 200
    assert grey[400, 281] < 90


def test_uneven_paper_becomes_white():
    page = (white(400, 400).astype(float) * np.linspace(0.6, 1, 400)[None, :]).astype(np.uint8)
    assert raster.even(page).min() > 240


def test_lines_of_columns_beside_each_other_are_cut_apart():
    image = white(900, 300)
    for i, y in enumerate(range(60, 280, 40)):
        written(image, "abcdef", 40, y)
        written(image, "ghijkl", 560, y + 7 * (i % 3))
    found = raster.segments_of(raster.ink_of(image), 24)
    assert len(found) == 12
    assert all(right - left < 300 for left, _, right, _ in found)


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "TIFF"])
def test_every_kind_of_image_is_decoded(kind):
    sheets = pictures.sheets_of(png(white(200, 300), kind))
    assert [(sheet.page, round(sheet.width), round(sheet.height)) for sheet in sheets] == [(1, 561, 842)]
    assert sheets[0].load().shape[:2] == (300, 200)


def test_every_page_of_a_tiff():
    pages = [Image.fromarray(white(100 + i, 200)) for i in range(3)]
    sheets = pictures.sheets_of(png(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert [sheet.load().shape[1] for sheet in sheets] == [100, 101, 102]


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_mode_is_grey_or_colour(mode):
    image = (
        Image.fromarray(white(100, 90)).convert("RGBA").convert("L" if mode == "I;16" else mode)
        if mode != "LA"
        else Image.fromarray(white(100, 90)).convert("LA")
    )
    image = image.convert(mode)
    found = pictures.decoded(png(image, "TIFF" if mode in {"CMYK", "I;16"} else "PNG"))
    assert found.dtype == np.uint8
    assert found.shape[:2] == (90, 100)


def test_a_bomb_is_refused_unseen():
    head = bytearray(png(white(60, 60)))
    head[16:24] = (100_000).to_bytes(4, "big") * 2
    head[29:33] = zlib.crc32(bytes(head[12:29])).to_bytes(4, "big")
    with pytest.raises(pictures.PictureError) as raised:
        pictures.sheets_of(bytes(head))
    assert raised.value.too_large
    pages = [Image.new("1", (50, 50))] * (scan.PAGE_CAP + 2)
    with pytest.raises(pictures.PictureError) as raised:
        pictures.sheets_of(png(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert raised.value.too_large


def test_damage_never_raises():
    rng = random.Random(3)
    wholes = [png(white(120, 90), kind) for kind in ("PNG", "JPEG", "TIFF", "GIF", "BMP")]
    for number in range(100):
        whole = wholes[number % 5]
        damaged = bytearray(whole[: rng.randrange(8, len(whole))] if rng.random() < 0.5 else whole)
        for _ in range(rng.randrange(1, 6)):
            damaged[rng.randrange(4, len(damaged))] = rng.randrange(256)
        try:
            for sheet in pictures.sheets_of(bytes(damaged)):
                sheet.load()
        except pictures.PictureError as error:
            assert str(error)


def test_pictures_are_put_together_where_they_stand():
    black = png(np.zeros((100, 100), np.uint8))
    found = pictures.composed([(black, (0, 0, 50, 50)), (b"broken", (0, 0, 9, 9))], (100, 100))
    middle = found.shape[0] // 2
    assert found[middle // 2, middle // 2].max() == 0
    assert found[-5, -5].min() == 255
    with pytest.raises(pictures.PictureError):
        pictures.composed([(b"broken", (0, 0, 9, 9))], (100, 100))


# ---------------------------------------------------------------- figures


def line(text, confidence=0.9, cell=(0, 0)):
    signs = tuple(Sign(char, (i + 0.5) / max(len(text), 1), confidence) for i, char in enumerate(text))
    return scanned_page._Line((0, 0, 20 * max(len(text), 1), 20), cell, signs)


def test_looks_that_agree_are_as_sure_as_the_surest():
    found = scanned_page._decided(line("O", 0.6), [line("0", 0.99), line("0", 0.9)])
    assert (found.text, found.confidence) == ("0", 0.99)


def test_looks_that_differ_stay_in_doubt():
    found = scanned_page._decided(line("1", 0.97), [line("7", 0.99), line("1", 0.9)])
    assert found.confidence < scan.DOUBT


def test_only_what_looks_like_a_figure_is_looked_at_again():
    doubtful = scanned_page._is_doubtful
    assert doubtful(line("O"), scanned_page.LIKE_DIGITS)
    assert doubtful(line("一"), scanned_page.LIKE_VALUES)
    assert not doubtful(line("一"), scanned_page.LIKE_DIGITS)
    assert not doubtful(line("无", 0.95), scanned_page.LIKE_VALUES)
    assert not doubtful(line("12", 0.995), scanned_page.LIKE_VALUES)


def test_ink_that_cannot_be_read_is_no_blank():
    glyphs = list(scanned_page._glyphs(line(""), 1.0, 20.0, is_alone=True))
    assert [(glyph.text, glyph.confidence) for glyph in glyphs] == [(scan.UNREAD, 0.0)]


def test_steps_become_signs():
    steps = [(0, 0.9), (2, 0.8), (2, 0.95), (0, 1.0), (2, 0.7), (1, 0.6)]
    found = recogniser._collapsed(steps, ["", "a", "b"], 48)
    assert [(sign.text, sign.confidence) for sign in found] == [("b", 0.95), ("b", 0.7), ("a", 0.6)]
    assert [round(sign.at, 2) for sign in found] == [0.33, 0.75, 0.92]


def test_batches_hold_lines_of_like_width():
    widths = [48, 1200, 50, 48, 1150, *[48] * 200]
    batches = list(recogniser._batches(widths))
    assert sorted(i for batch in batches for i in batch) == list(range(len(widths)))
    for batch in batches:
        assert len({recogniser._padded(widths[i]) for i in batch}) == 1
        assert (
            len(batch) == 1
            or len(batch) * recogniser._padded(widths[batch[0]]) // recogniser.STRIDE <= recogniser.STEPS_CAP
        )


# ---------------------------------------------------------------- what is said


def test_without_the_extra_the_reader_says_what_to_install(monkeypatch):
    monkeypatch.setattr(recogniser, "find_spec", lambda _: None)
    assert not recogniser.available()
    found = scan.convert(png(white(100, 100)), Context(ocr=True))
    assert found.state == "needs"
    assert 'pip install "nianlun[ocr]"' in found.error
    assert scan.wanted(found) == 1


def test_switched_off_says_so():
    if recogniser.available():
        assert "switched off" in scan.convert(png(white(100, 100)), Context()).error


def test_the_core_imports_without_numpy(monkeypatch):
    import subprocess
    import sys

    code = "import sys; sys.modules.update(numpy=None, cv2=None, onnxruntime=None, PIL=None)\nimport pipelines.read as r; r.software(); print(r.read_payload(b'\\x89PNG\\r\\n\\x1a\\n', ocr=True).conversion.state)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "needs", done.stderr


def test_pages_that_wait_are_told():
    whole = Conversion(Software("a", "1"), "application/pdf", "ok")
    partly = scan.partly(whole, 3)
    assert partly.state == "ok"
    assert "3 pages" in partly.error
    assert scan.wanted(partly) == 3
    assert scan.wanted(whole) == 0


# ---------------------------------------------------------------- with the network


def figures_of(payload, name):
    reading = read_payload(payload, name=name, ocr=True)
    doubts = {tuple(int(n) for n in v.split(",")[:3]) for k, v in reading.conversion.meta if k == "ocr:doubt"}
    return reading, {
        o.indicator: o
        for o in reading.observations
        if o.status in {"ok", "blank"} and (o.where.table, o.where.row, o.where.column) not in doubts
    }


def truth_of(name):
    return json.loads((FIXTURES / name).read_text("utf-8"))["figures"]


def wrong(found, truth):
    return {
        code: (o.raw, truth[code])
        for code, o in found.items()
        if (None if o.status == "blank" else o.raw) != truth[code]
    }


@EXTRA
@pytest.mark.journey
def test_a_scanned_report_reads_to_the_last_cell():
    truth = truth_of("scan-22.json")
    reading, found = figures_of((FIXTURES / "scan-22.pdf").read_bytes(), "scan-22.pdf")
    assert (reading.conversion.state, reading.year, reading.form) == ("ok", 2020, "2019")
    assert wrong(found, truth) == {}
    assert len(found) >= len(truth) - 3
    assert sum(value is None for value in truth.values()) == 10
    assert dict(reading.conversion.meta)["ocr:pages"] == "1,2,3"


@EXTRA
@pytest.mark.journey
@pytest.mark.parametrize("turns", [1, 2])
def test_an_image_reads_however_it_lies(turns):
    image = Image.open(FIXTURES / "page-21.jpg").crop((0, 0, 1240, 800)).rotate(90 * turns, expand=True)
    conversion = scan.convert(png(image, "JPEG", quality=90), Context(ocr=True))
    cells = [cell.text for grid in conversion.grids for cell in grid.cells]
    assert conversion.state == "ok"
    assert max(len(grid.cells) for grid in conversion.grids) > 60
    assert any("查询事项" in text for text in cells)


@EXTRA
@pytest.mark.journey
def test_an_ofd_of_pictures_is_recognised():
    from tests.pipelines.test_ofd import package
    from tests.pipelines.test_ofd import page as ofd_page

    resources = '<Res BaseLoc="Res"><MultiMedia ID="5"><MediaFile>a.jpg</MediaFile></MultiMedia></Res>'
    payload = package(
        ofd_page('<ImageObject Boundary="0 0 210 297" ResourceID="5"/>'),
        common="<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>",
        extra={"Doc_0/PublicRes.xml": resources, "Doc_0/Res/a.jpg": (FIXTURES / "page-21.jpg").read_bytes()},
    )
    conversion = ofd.convert(payload, Context(ocr=True))
    assert (conversion.state, conversion.media_type) == ("ok", "application/ofd")
    assert max(len(grid.cells) for grid in conversion.grids) > 140


@EXTRA
@pytest.mark.journey
def test_a_picture_without_text_is_empty():
    noise = np.random.default_rng(1).integers(0, 255, (900, 700), np.uint8)
    for image in (white(700, 900), noise):
        assert scan.convert(png(image), Context(ocr=True)).state == "empty"


@EXTRA
@pytest.mark.journey
def test_the_cage_recognises_in_a_second_worker():
    payload = png(Image.open(FIXTURES / "page-21.jpg").crop((0, 0, 1240, 420)))
    with Cage(1) as cage:
        reading = cage.read(payload)
        assert reading.conversion.state == "ok"
        assert reading.conversion.converter.name == "nianlun.scan"
    with Cage(1, ocr=False) as cage:
        assert cage.read(payload).conversion.state == "needs"
    with Cage(1, recognition=Limits(memory=3072, seconds=0.05)) as cage:
        assert cage.read(payload).conversion.state == "refused"


@EXTRA
@pytest.mark.journey
def test_a_scanned_page_among_pages_of_text_keeps_its_place():
    import pypdfium2 as pdfium

    from tests.pipelines.building import Sheet
    from tests.pipelines.building import pdf as made

    words = "本报告由云川县林业局编制，所列数据的统计期限为一年"
    document = pdfium.PdfDocument(made([Sheet([(90, 100, words)], [], 12), Sheet([(90, 100, words[::-1])], [], 12)]))
    scanned = pdfium.PdfDocument((FIXTURES / "scan-22.pdf").read_bytes())
    document.import_pages(scanned, pages=[2], index=1)
    out = io.BytesIO()
    document.save(out)
    assert scan.wanted(pdf.convert(out.getvalue(), Context())) == 1
    found = pdf.convert(out.getvalue(), Context(ocr=True))
    pages = [block.place.page for block in found.blocks]
    assert pages == sorted(pages)
    assert {1, 2, 3} == set(pages)
    assert found.blocks[0].text == words
