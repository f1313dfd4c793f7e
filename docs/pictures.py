"""Draw the pictures of the README: the report of the example ledgers as a terminal shows it, as SVG.

Usage:  python docs/pictures.py

Rich draws the terminal. It gives Chinese text half of its width, so every run of text is put to its place again here;
and the fonts are those of the reader's machine, none is fetched.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from datetime import date
from html import escape, unescape
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from engine.check import Request, check
from engine.formats import terminal

HERE = Path(__file__).parent
COMMAND = "fundcheck check examples --as-of 2021-12-31"
REQUEST = Request(as_of=date(2021, 12, 31), paths=("examples",))
WIDTH, LINES = 100, 60
ASPECT = 0.54  # width of a cell by height: between a Chinese font (0.5) and a Latin one (0.6)
CELL = 20 * ASPECT  # rich draws characters 20 high
FONTS = "'Sarasa Mono SC', 'Noto Sans Mono CJK SC', Menlo, Consolas, 'PingFang SC', 'Microsoft YaHei', monospace"
MORE = {"zh": "…… 以下还有 {} 行", "en": "… {} more lines"}
TEMPLATE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px FONTS; }}
.{unique_id}-title {{ font: bold 18px FONTS; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
""".replace("FONTS", FONTS)
_POLICY = re.compile(r"  [A-Z][0-9]{2} ")  # the line with which the findings of a policy begin
_TEXT = re.compile(r'<text class="([^"]+)" x="([^"]+)" y="([^"]+)" textLength="[^"]+" clip-path="([^"]+)">(.*?)</text>')
_RUN = re.compile(r"[^ ]+(?: [^ ]+)*")  # words with single spaces; wider gaps are left out


def main() -> None:
    """Draw the picture in both languages."""
    os.chdir(HERE.parent)  # paths stand in the report as they are given
    (HERE / "pictures").mkdir(exist_ok=True)
    for lang in ("zh", "en"):
        path = HERE / "pictures" / f"check-{lang}.svg"
        path.write_text(draw(lang), encoding="utf-8", newline="\n")


def draw(lang: str) -> str:
    """Draw the first lines of the report."""
    console = Console(file=io.StringIO(), width=WIDTH, record=True, legacy_windows=False)
    console.print(first_lines(lang), no_wrap=True, overflow="crop", end="")
    title = COMMAND + (" --lang en" if lang == "en" else "")
    svg = console.export_svg(title=title, code_format=TEMPLATE, font_aspect_ratio=ASPECT, unique_id=f"check-{lang}")
    return _TEXT.sub(_place, svg)


def first_lines(lang: str) -> Text:
    """Check the examples and give the first lines of the report in colour, up to the end of a policy's findings."""
    shown = io.StringIO()
    terminal._write(check(REQUEST._replace(lang=lang)), colour_console(shown))
    lines = Text.from_ansi(shown.getvalue()).split("\n")
    end = max(number for number, line in enumerate(lines[: LINES + 1]) if _POLICY.match(line.plain))
    return Text("\n").join([*lines[:end], Text(MORE[lang].format(len(lines) - end))])


def colour_console(out: io.StringIO) -> Console:
    """Give a console that writes colours to a text, whatever the terminal and the environment are."""
    return Console(
        file=out, width=WIDTH, force_terminal=True, color_system="standard", highlight=False, legacy_windows=False, _environ={}
    )


def _place(match: re.Match[str]) -> str:
    """Put each run of one width to its own place: `x` in cells, `textLength` over the cells that it takes."""
    style, x, y, clip, inside = match.groups()
    text = unescape(inside).replace("\xa0", " ")
    return "".join(
        f'<text class="{style}" x="{float(x) + start * CELL:g}" y="{y}" textLength="{cell_len(run) * CELL:g}"'
        f' lengthAdjust="spacingAndGlyphs" clip-path="{clip}">{escape(run)}</text>\n'
        for start, run in split_runs(text)
    )


def split_runs(text: str) -> Iterator[tuple[int, str]]:
    """Split a line into runs of wide and of narrow characters, each with the cell in which it starts.

    >>> list(split_runs(" A01 依档    41"))
    [(1, 'A01'), (5, '依档'), (13, '41')]
    """
    for found in _RUN.finditer(text):
        start = cell_len(text[: found.start()])
        for _, characters in groupby(found[0], key=cell_len):
            run = "".join(characters)
            blank = len(run) - len(run.lstrip())
            if run.strip():
                yield start + blank, run.strip()
            start += cell_len(run)


if __name__ == "__main__":
    main()
