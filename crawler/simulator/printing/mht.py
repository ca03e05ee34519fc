"""Word's "single file web page": a MIME message whose first part is the page, with its pictures and file list.

RFC 2557; the page in quoted-printable or base64, in GB2312, UTF-8 or UTF-16 as its part says.
"""

from __future__ import annotations

import base64
import html
import quopri
import random
from typing import TYPE_CHECKING

from crawler.simulator.printing.html import Writer
from crawler.simulator.printing.layout import laid_out

if TYPE_CHECKING:
    from crawler.simulator.sheet import Content

_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==")
_OFFICE = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40"'


def page(content: Content, rng: random.Random, charset: str) -> str:
    """The page as Word saves it, with conditional comments that hold no text of the report."""
    blocks = list(laid_out(content, rng).blocks)
    body = Writer(rng, "word").body(blocks)
    return (
        f'<html {_OFFICE}>\n<head>\n<meta http-equiv=Content-Type content="text/html; charset={charset}">\n'
        '<meta name=ProgId content=Word.Document>\n<meta name=Generator content="Microsoft Word 12">\n'
        f"<title>{html.escape(content.title)}</title>\n"
        "<!--[if gte mso 9]><xml><o:DocumentProperties><o:Author>办公室</o:Author><o:Pages>3</o:Pages></o:DocumentProperties>"
        "<w:WordDocument><w:View>Print</w:View></w:WordDocument></xml><![endif]-->\n"
        "<style><!-- p.MsoNormal {margin:0cm;font-size:10.5pt;font-family:宋体;} --></style>\n"
        "<!--[if gte mso 10]><style> table.MsoNormalTable {mso-style-name:普通表格;} </style><![endif]-->\n</head>\n"
        "<body lang=ZH-CN style='text-justify-trim:punctuation'>\n<div class=Section1 style='layout-grid:15.6pt'>\n"
        f"{body}\n</div>\n</body>\n</html>\n"
    )


def written(content: Content, seed: int) -> bytes:
    """The report as an ``.mht`` file."""
    rng = random.Random(f"mht:{seed}")
    charset = rng.choice(("gb2312", "gb2312", "utf-8"))
    text = page(content, rng, charset)
    coded = text.encode("gb18030" if charset == "gb2312" else charset)
    plain = rng.random() < 0.6
    body = (
        quopri.encodestring(coded).replace(b"\n", b"\r\n")
        if plain
        else base64.encodebytes(coded).replace(b"\n", b"\r\n")
    )
    edge = f"----=_NextPart_01DA{rng.randint(0x1000, 0xFFFF):04X}.{rng.randint(0x10000000, 0xFFFFFFFF):08X}"
    place = f"file:///C:/{rng.randint(10000000, 99999999):X}/nb"
    head = (
        f'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="{edge}"\r\n\r\n'
        "This document is a Single File Web Page, also known as a Web Archive file.\r\n\r\n"
        f"--{edge}\r\nContent-Location: {place}.htm\r\nContent-Transfer-Encoding: {'quoted-printable' if plain else 'base64'}\r\n"
        f'Content-Type: text/html; charset="{charset}"\r\n\r\n'
    )
    files = '<xml xmlns:o="urn:schemas-microsoft-com:office:office"><o:MainFile HRef="../nb.htm"/><o:File HRef="image001.gif"/></xml>'
    tail = (
        f"\r\n--{edge}\r\nContent-Location: {place}.files/image001.gif\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Type: image/gif\r\n\r\n{base64.encodebytes(_GIF).decode('ascii').strip()}\r\n\r\n--{edge}\r\n"
        f"Content-Location: {place}.files/filelist.xml\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        f'Content-Type: text/xml; charset="utf-8"\r\n\r\n{quopri.encodestring(files.encode()).decode("ascii")}\r\n--{edge}--\r\n'
    )
    return head.encode("ascii") + body + tail.encode("ascii")
