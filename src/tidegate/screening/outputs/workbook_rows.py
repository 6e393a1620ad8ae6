"""The rows of accounts in a sheet as text: one of a million is put together from what its accounts share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice

from tidegate.screening.outputs.safe_cells import safe

# the formats of the cells of accounts, by their place in the workbook
PLAIN, WRAP, SCORE = 1, 2, 3
CELL_CHARS_MAX = 32_767
ROWS_MAX = 1_048_575  # of a sheet, below its heading
# the height of a row is written, as spreadsheets would measure every cell of a long list
LINE_POINTS, LINES_MAX = 15, 20
LETTERS_PER_WIDTH = 1.1  # widths are in digits, and most letters are narrower
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROW = "\0"  # stands for the number of the row
_AT_ONCE = 1000
# what XML 1.0 cannot hold
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PLAIN = re.compile(r"\w[\w .,:;/()-]*")  # neither run nor escaped
Account = tuple[str, str, int]  # number in E.164, remark, which pattern


class SharedTexts:
    """The texts that cells of many rows have, each once: the workbook's own table of them, from number `first` on."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._places)

    def place(self, text: str) -> int:
        """Return the number of a text."""
        return self._first + self._places.setdefault(text, len(self._places))

    def pieces(self) -> Iterator[bytes]:
        """Yield the entries of the table."""
        texts = iter(self._places)
        while held := list(islice(texts, _AT_ONCE)):
            yield "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in held).encode()


class SheetRows:
    """Makes rows below a heading. `widths` are those of the columns whose text goes on in further lines, None of the others.

    `patterns` are the cells behind number and remark that accounts share, None or "" where one is empty.
    """

    def __init__(
        self,
        widths: Sequence[int | None],
        formats: Sequence[int],
        patterns: Sequence[Sequence[object]],
        shared: SharedTexts,
    ) -> None:
        self._letters = [None if width is None else int(LETTERS_PER_WIDTH * width) for width in widths]
        self._formats = formats
        self._patterns = patterns
        self._shared = shared
        self._ends: dict[int, tuple[str, int]] = {}

    def of(self, accounts: Iterable[Account]) -> Iterator[bytes]:
        """Yield the rows of accounts, from the second row of the sheet on."""
        number_cell = f'<c r="A{_ROW}" s="{self._formats[0]}" t="inlineStr"><is><t xml:space="preserve">'
        remark_cell = f'<c r="B{_ROW}" s="{self._formats[1]}" t="inlineStr"><is><t xml:space="preserve">'
        numbered = enumerate(accounts, 2)
        while held := list(islice(numbered, _AT_ONCE)):
            rows = []
            for row, (number, remark, which) in held:
                end, lines = self._ends.get(which) or self._end(which)
                begin = f"{number_cell}{number}</t></is></c>"
                if remark:
                    begin = f"{begin}{remark_cell}{_text(remark)}</t></is></c>"
                    lines = max(lines, self._lines(1, remark))
                height = f' ht="{LINE_POINTS * min(lines, LINES_MAX)}" customHeight="1"' if lines > 1 else ""
                rows.append(f'<row r="{_ROW}"{height}>{begin}{end}</row>'.replace(_ROW, str(row)))
            yield "".join(rows).encode()

    def _end(self, which: int) -> tuple[str, int]:
        """Return the shared cells of a row, and how many lines the longest takes."""
        cells, lines = [], 1
        for column, cell in enumerate(self._patterns[which], 2):
            if cell in ("", None):
                continue
            place = f'<c r="{LETTERS[column]}{_ROW}" s="{self._formats[column]}"'
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                cells.append(f"{place}><v>{cell!r}</v></c>")
            else:
                cells.append(f'{place} t="s"><v>{self._shared.place(_text(cell))}</v></c>')
                lines = max(lines, self._lines(column, str(cell)))
        self._ends[which] = found = ("".join(cells), lines)
        return found

    def _lines(self, column: int, text: str) -> int:
        letters = self._letters[column]
        return 1 if letters is None else -(-len(text) // letters)


def _text(cell: object) -> str:
    """Return the text of a cell as XML; nothing in it is ever run."""
    if isinstance(cell, str) and len(cell) <= CELL_CHARS_MAX and _PLAIN.fullmatch(cell):
        return cell
    return escape(_UNWRITABLE.sub("", safe(cell)[:CELL_CHARS_MAX]), quote=False)
