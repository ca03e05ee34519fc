"""OFD (GB/T 33190-2016) as converters write it: a line or a glyph an object, scaled texts, boxes and strokes.

OFD.xml (7.4), Document.xml (7.5), page objects (7.7), templates (7.7), TextObject and TextCode with DeltaX
``g n v`` (11.3), PathObject and AbbreviatedData (9.1), CTM (8.5).  Units are millimetres.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from crawler.simulator.printing.package import package
from crawler.simulator.printing.paper import Habit, Page, Rule, Shade, Words, habit, pages

if TYPE_CHECKING:
    from crawler.simulator.sheet import Content

STYLES = ("lines", "glyphs")
_MM = 25.4 / 72
_SPACE = "http://www.ofdspec.org/2016"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def written(content: Content, style: str, seed: int) -> bytes:
    """The report as an ``.ofd`` in one of :data:`STYLES`."""
    rng = random.Random(f"ofd:{style}:{seed}")
    form = f"ofd-{style}"
    look = habit(random.Random(f"paper:{form}:{seed}"), content)
    writer = _Writer(
        look,
        rng,
        prefix="ofd:" if rng.random() < 0.6 else "",
        single=style == "glyphs",
        scaled=rng.random() < 0.3,
        boxed=rng.random() < 0.4,
        template=rng.random() < 0.5,
    )
    sheets = [writer.page(page) for page in pages(content, seed, form)]
    return package(writer.members(content, sheets))


@dataclass(slots=True)
class _Writer:
    """Prints pages as OFD; what it does by chance it draws from ``rng``."""

    look: Habit
    rng: random.Random
    prefix: str
    single: bool
    """Each glyph is an object of its own."""
    scaled: bool
    """Texts are measured in points, and a CTM makes millimetres of them."""
    boxed: bool
    """Rules are thin filled boxes."""
    template: bool
    """A template page lies under every page."""
    last: int = 100

    def element(self, name: str, attributes: str, inner: str = "") -> str:
        """An element under the prefix that the file uses."""
        start = f"{self.prefix}{name} {attributes}".rstrip()
        return f"<{start}>{inner}</{self.prefix}{name}>" if inner else f"<{start}/>"

    def root(self, name: str, attributes: str, inner: str) -> str:
        """A file: its root declares the namespace."""
        space = f'xmlns:ofd="{_SPACE}"' if self.prefix else f'xmlns="{_SPACE}"'
        return _XML + self.element(name, f"{space} {attributes}".strip(), inner)

    def id(self) -> int:
        """A new object's number."""
        self.last += 1
        return self.last

    def page(self, page: Page) -> str:
        """One page's file."""
        width, height = self.look.page[0] * _MM, self.look.page[1] * _MM
        under = [self._shade(item) for item in page if isinstance(item, Shade)]
        rules = [self._rule(item) for item in page if isinstance(item, Rule)]
        texts = [text for item in page if isinstance(item, Words) and item.text.strip() for text in self._words(item)]
        layer = self.element("Layer", f'ID="{self.id()}" Type="Body"', "".join([*under, *rules, *texts]))
        area = self.element("Area", "", self.element("PhysicalBox", "", f"0 0 {width:.2f} {height:.2f}"))
        below = self.element("Template", 'TemplateID="2" ZOrder="Background"') if self.template else ""
        return self.root("Page", "", area + below + self.element("Content", "", layer))

    def _shade(self, shade: Shade) -> str:
        return self._filled(shade.x0, shade.y0, shade.x1, shade.y1, round(shade.grey * 255))

    def _filled(self, x0: float, y0: float, x1: float, y1: float, grey: int) -> str:
        w, h = (x1 - x0) * _MM, (y1 - y0) * _MM
        colour = self.element("FillColor", f'Value="{grey} {grey} {grey}"')
        data = self.element("AbbreviatedData", "", f"M 0 0 L {w:.3f} 0 L {w:.3f} {h:.3f} L 0 {h:.3f} C")
        box = f"{x0 * _MM:.3f} {y0 * _MM:.3f} {w:.3f} {h:.3f}"
        return self.element(
            "PathObject", f'ID="{self.id()}" Boundary="{box}" Stroke="false" Fill="true"', colour + data
        )

    def _rule(self, rule: Rule) -> str:
        if self.boxed:
            level = rule.y0 == rule.y1
            x1, y1 = (rule.x1, rule.y0 + 0.5) if level else (rule.x0 + 0.5, rule.y1)
            return self._filled(rule.x0, rule.y0, x1, y1, 0)
        left, top = rule.x0 * _MM - 0.1, rule.y0 * _MM - 0.1
        w, h = (rule.x1 - rule.x0) * _MM, (rule.y1 - rule.y0) * _MM
        data = self.element("AbbreviatedData", "", f"M 0.1 0.1 L {w + 0.1:.3f} {h + 0.1:.3f}")
        box = f"{left:.3f} {top:.3f} {w + 0.2:.3f} {h + 0.2:.3f}"
        return self.element("PathObject", f'ID="{self.id()}" Boundary="{box}" LineWidth="0.176"', data)

    def _words(self, words: Words) -> list[str]:
        if not self.single:
            return [self._text(words.x, words, words.text, words.advances)]
        out, x = [], words.x
        for char, advance in zip(words.text, [*words.advances, 0.0], strict=True):
            if char.strip():
                out.append(self._text(x, words, char, ()))
            x += advance
        return out

    def _text(self, x: float, words: Words, text: str, advances: tuple[float, ...]) -> str:
        """A TextObject whose boundary begins at the text's left edge, one size above the baseline."""
        size = words.size * _MM
        last = size * (0.5 if text[-1] < "\x7f" else 1.0)
        box = f"{x * _MM:.3f} {words.y * _MM - size:.3f} {sum(advances) * _MM + last:.3f} {size * 1.25:.3f}"
        scale = _MM if self.scaled else 1.0
        matrix = f' CTM="{_MM:.4f} 0 0 {_MM:.4f} 0 0"' if self.scaled else ""
        deltas = self._deltas([advance * _MM / scale for advance in advances])
        code = self.element("TextCode", f'X="0" Y="{size / scale:.4f}"{deltas}', escape(text))
        colour = self.element("FillColor", 'Value="0 0 0"') if self.rng.random() < 0.2 else ""
        return self.element(
            "TextObject", f'ID="{self.id()}" Boundary="{box}" Font="3" Size="{size / scale:.4f}"{matrix}', colour + code
        )

    @staticmethod
    def _deltas(advances: list[float]) -> str:
        """``DeltaX``: runs of three and more equal advances are written ``g n v``."""
        out: list[str] = []
        index = 0
        while index < len(advances):
            value = f"{advances[index]:.4f}"
            count = 1
            while index + count < len(advances) and f"{advances[index + count]:.4f}" == value:
                count += 1
            out += ["g", str(count), value] if count > 2 else [value] * count
            index += count
        return f' DeltaX="{" ".join(out)}"' if out else ""

    def members(self, content: Content, sheets: list[str]) -> dict[str, str]:
        """The container's files."""
        width, height = self.look.page[0] * _MM, self.look.page[1] * _MM
        make = self.element
        info = make(
            "DocInfo",
            "",
            make("DocID", "", "0123456789abcdef0123456789abcdef")
            + make("Title", "", escape(content.title))
            + make("Creator", "", "WPS"),
        )
        body = make("DocBody", "", info + make("DocRoot", "", "Doc_0/Document.xml"))
        area = make("PageArea", "", make("PhysicalBox", "", f"0 0 {width:.2f} {height:.2f}"))
        template = make("TemplatePage", 'ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"') if self.template else ""
        common = make(
            "CommonData",
            "",
            make("MaxUnitID", "", str(self.last + 99)) + area + make("PublicRes", "", "PublicRes.xml") + template,
        )
        listed = make(
            "Pages",
            "",
            "".join(make("Page", f'ID="{10 + n}" BaseLoc="Pages/Page_{n}/Content.xml"') for n in range(len(sheets))),
        )
        fonts = make("Fonts", "", make("Font", 'ID="3" FontName="仿宋" FamilyName="仿宋"'))
        files = {
            "OFD.xml": self.root("OFD", 'Version="1.1" DocType="OFD"', body),
            "Doc_0/Document.xml": self.root("Document", "", common + listed),
            "Doc_0/PublicRes.xml": self.root("Res", 'BaseLoc="Res"', fonts),
        }
        if self.template:
            layer = make(
                "Layer",
                'ID="5" Type="Background"',
                make(
                    "PathObject",
                    'ID="6" Boundary="0 0 1 1" LineWidth="0.1"',
                    make("AbbreviatedData", "", "M 0 0 L 0 0"),
                ),
            )
            files["Doc_0/Tpls/Tpl_0/Content.xml"] = self.root(
                "Page", "", area.replace("PageArea", "Area") + make("Content", "", layer)
            )
        return files | {f"Doc_0/Pages/Page_{n}/Content.xml": text for n, text in enumerate(sheets)}
