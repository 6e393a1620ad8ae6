"""Lines of JSON to cells, without an object per event: the short way for lines that are written as most are.

reason for length: one scanner whose parts share the state of the line at hand.

A line is taken when every byte of it is understood and right: ASCII without escapes, fields that its type has, each
once, values of the kinds in the schema and within their bounds. Any other line is left to the caller, who reads it the
patient way; so what is taken here must be exactly what that way would take, and give the same values.

A cell is a word: a number as float64 (NaN missing, -inf null), a text or a list as a place: offset << 20 | length (-1
missing, -2 null), where offsets of texts count bytes of the input and those of lists count items. No lock is held.
"""

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.libc.string import memchr, memcmp
    from cython.cimports.tidegate.windows.timestamps import parse_bytes
else:
    from tidegate.windows.timestamps import parse_rfc3339

LENGTH_BITS = cython.declare(cython.int, 20)
LENGTH_MASK = cython.declare(cython.longlong, (1 << 20) - 1)
NULL_PLACE = cython.declare(cython.longlong, -2)
NULL_NUMBER = cython.declare(cython.double, float("-inf"))
TOKENS = cython.declare(cython.int, 64)  # fields of a line; more is for the patient
ITEMS_MAX = cython.declare(cython.longlong, 100_000)  # members of a list
WORD_MAX = cython.declare(cython.Py_ssize_t, 64)  # bytes of a name that is looked up
DIGITS_MAX = cython.declare(cython.int, 18)  # of a whole number: fits 64 bits
EXACT_DIGITS = cython.declare(
    cython.int, 15
)  # both parts of digits / 10**k are exact, so the quotient is rounded once
FNV_START = cython.declare(cython.ulonglong, 2166136261)  # FNV-1a, 32 bits
FNV_PRIME = cython.declare(cython.ulonglong, 16777619)
LOW32 = cython.declare(cython.ulonglong, 0xFFFFFFFF)
NEWLINE = cython.declare(cython.int, 10)

# what stands in a line
T_NULL = cython.declare(cython.int, 0)
T_FALSE = cython.declare(cython.int, 1)
T_TRUE = cython.declare(cython.int, 2)
T_WHOLE = cython.declare(cython.int, 3)
T_REAL = cython.declare(cython.int, 4)
T_TEXT = cython.declare(cython.int, 5)
T_NOTHING = cython.declare(cython.int, 6)  # an empty list
T_TEXTS = cython.declare(cython.int, 7)
T_NUMBERS = cython.declare(cython.int, 8)

# what a field takes; the numbers are part of the schema
K_OTHER = cython.declare(cython.int, 0)  # null only
K_FLAG = cython.declare(cython.int, 1)
K_WHOLE = cython.declare(cython.int, 2)
K_REAL = cython.declare(cython.int, 3)
K_TEXT = cython.declare(cython.int, 4)
K_CHOICE = cython.declare(cython.int, 5)
K_HEX16 = cython.declare(cython.int, 6)
K_MOMENT = cython.declare(cython.int, 7)  # whole units, or RFC 3339 where the unit is ms
K_TEXTS = cython.declare(cython.int, 8)
K_NUMBERS = cython.declare(cython.int, 9)


@cython.final
@cython.cclass
class JsonLines:
    """A reader for one schema, given as arrays; see `events.line_schema`, which makes them."""

    # words: names of fields, event types, choices
    words: cython.uchar[::1]
    word_at: cython.int[::1]
    word_length: cython.int[::1]
    table: cython.int[::1]  # hash -> word + 1
    mask: cython.ulonglong
    type_word: cython.int  # the name `type`
    code_of: cython.int[::1]  # [word] -> event type, -1
    slot_of: cython.int[:, ::1]  # [type, word] -> place of the field among the cells of the type, -1
    # fields, by type and slot
    n_fields: cython.int[::1]
    kind: cython.int[:, ::1]
    least: cython.longlong[:, ::1]
    most: cython.longlong[:, ::1]
    low: cython.double[:, ::1]
    high: cython.double[:, ::1]
    option_at: cython.int[:, ::1]
    option_count: cython.int[:, ::1]
    options: cython.int[::1]
    blank: cython.longlong[:, ::1]
    power: cython.double[::1]
    plain: cython.uchar[::1]  # bytes that stand for themselves in a text
    # the line at hand
    raw: cython.p_const_uchar
    size: cython.Py_ssize_t
    after: cython.int[::1]  # [word]: which name came after it last time
    last_type: cython.int
    stamp: cython.longlong[::1]  # [slot]: serial number of the line that wrote it
    serial: cython.longlong
    token_word: cython.int[::1]
    token: cython.int[::1]
    whole: cython.longlong[::1]  # [token]: number or place
    real: cython.double[::1]
    # what is written
    codes: cython.int[::1]
    ts: cython.longlong[::1]
    lines: cython.longlong[::1]
    spans: cython.longlong[:, ::1]
    base: cython.longlong[::1]
    cells: cython.longlong[::1]
    numbers: cython.double[::1]  # the same memory as `cells`
    items: cython.longlong[::1]
    item_numbers: cython.double[::1]  # the same memory as `items`
    used: cython.longlong
    n_items: cython.longlong
    rows: cython.Py_ssize_t
    read: cython.longlong
    at: cython.Py_ssize_t

    def __init__(self, schema: dict):
        for name, value in schema.items():
            self._take(name, value)
        plain = np.zeros(256, np.uint8)
        plain[0x20:0x80] = 1
        plain[[ord('"'), ord("\\")]] = 0
        self.plain = memoryview(plain)
        self.power = memoryview(10.0 ** np.arange(EXACT_DIGITS + 1))
        self.after = memoryview(np.zeros(len(schema["word_at"]) + 1, np.int32))
        self.stamp = memoryview(np.zeros(schema["kind"].shape[1], np.int64))
        self.serial = 0
        self.last_type = 0
        self.token_word = memoryview(np.zeros(TOKENS, np.int32))
        self.token = memoryview(np.zeros(TOKENS, np.int32))
        self.whole = memoryview(np.zeros(TOKENS, np.int64))
        self.real = memoryview(np.zeros(TOKENS))

    @cython.cfunc
    def _take(self, name: str, value: object):
        """Keep one part of the schema."""
        if name == "type_word":
            self.type_word = value
            return
        view = memoryview(value)
        if name == "words":
            self.words = view
        elif name == "word_at":
            self.word_at = view
        elif name == "word_length":
            self.word_length = view
        elif name == "table":
            self.table = view
            self.mask = len(value) - 1
        elif name == "code_of":
            self.code_of = view
        elif name == "slot_of":
            self.slot_of = view
        elif name == "n_fields":
            self.n_fields = view
        elif name == "kind":
            self.kind = view
        elif name == "least":
            self.least = view
        elif name == "most":
            self.most = view
        elif name == "low":
            self.low = view
        elif name == "high":
            self.high = view
        elif name == "option_at":
            self.option_at = view
        elif name == "option_count":
            self.option_count = view
        elif name == "options":
            self.options = view
        else:
            assert name == "blank", name
            self.blank = view

    def parse(self, text: bytes, start: int, rows: int, out: dict) -> tuple:
        """Read up to `rows` lines of `text` from `start` on; the text ends with a line feed.

        Write to `out` per line that is not blank: `codes` (-1: left to the caller), `ts`, `lines` (counted from 0),
        `spans` (start and end in the text), `base` (its first cell); then `cells` and `items`. Give how many lines were
        written, where the next one starts, how many lines were passed, and how many cells and items were used.
        """
        assert text[len(text) - 1] == NEWLINE, "the scanners stop at a line feed"
        self.codes = memoryview(out["codes"])
        self.ts = memoryview(out["ts"])
        self.lines = memoryview(out["lines"])
        self.spans = memoryview(out["spans"])
        self.base = memoryview(out["base"])
        self.cells = memoryview(out["cells"])
        self.numbers = memoryview(out["cells"].view(np.float64))
        self.items = memoryview(out["items"])
        self.item_numbers = memoryview(out["items"].view(np.float64))
        assert len(self.base) >= rows, "there is room for every row"
        assert len(self.cells) >= rows * self.blank.shape[1], "there is room for every field"
        assert 2 * len(self.items) >= len(text) - start, "there is room for every item"
        self.raw = text
        self.size = len(text)
        self.at = start
        limit: cython.Py_ssize_t = rows
        with cython.nogil:
            self._read(limit)
        return self.rows, self.at, self.read, self.used, self.n_items

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _read(self, rows: cython.Py_ssize_t) -> cython.void:
        at: cython.Py_ssize_t
        end: cython.Py_ssize_t
        kept: cython.longlong
        self.rows = 0
        self.read = 0
        self.used = 0
        self.n_items = 0
        while self.rows < rows and self.at < self.size:
            end = self._line_end(self.at)
            at = self._space(self.at)
            if at < end:
                self.lines[self.rows] = self.read
                self.spans[self.rows, 0] = self.at
                self.spans[self.rows, 1] = end
                self.base[self.rows] = self.used
                kept = self.n_items
                if end - self.at > LENGTH_MASK or not self._line(at):
                    self.n_items = kept
                    self.codes[self.rows] = -1
                    self.ts[self.rows] = 0
                self.rows += 1
            self.read += 1
            self.at = end + 1

    @cython.cfunc
    @cython.nogil
    @cython.inline
    @cython.exceptval(check=False)
    def _line_end(self, at: cython.Py_ssize_t) -> cython.Py_ssize_t:
        if not cython.compiled:
            return self.raw.index(b"\n", at)
        found: cython.p_const_uchar = cython.cast(
            cython.p_const_uchar, memchr(self.raw + at, NEWLINE, self.size - at)
        )
        return cython.cast(cython.Py_ssize_t, found - self.raw)

    @cython.cfunc
    @cython.nogil
    @cython.inline
    @cython.exceptval(check=False)
    def _space(self, at: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """The first place from `at` on that is no space, tab or carriage return."""
        while self.raw[at] == 32 or self.raw[at] == 9 or self.raw[at] == 13:
            at += 1
        return at

    # ---- one line

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _line(self, at: cython.Py_ssize_t) -> cython.bint:
        """Read the object at `at`; False where it is not one that is understood here."""
        n: cython.int = 0
        before: cython.int = len(self.after) - 1
        word: cython.int
        if self.raw[at] != 123:  # {
            return False
        while True:
            at = self._space(at + 1)
            if n == TOKENS or self.raw[at] != 34:  # "
                return False
            word = self.after[before]
            if not self._is_word(at + 1, word):
                word = self._word_before_quote(at + 1)
                if word < 0:
                    return False
                self.after[before] = word
            at = self._space(at + self.word_length[word] + 2)
            if self.raw[at] != 58:  # :
                return False
            self.token_word[n] = word
            at = self._value(self._space(at + 1), n)
            if at < 0:
                return False
            at = self._space(at)
            n += 1
            before = word
            if self.raw[at] != 44:  # ,
                break
        return self.raw[at] == 125 and self.raw[self._space(at + 1)] == NEWLINE and self._fill(n)  # }

    @cython.cfunc
    @cython.nogil
    @cython.inline
    @cython.exceptval(check=False)
    def _is_word(self, at: cython.Py_ssize_t, word: cython.int) -> cython.bint:
        """Whether this word and a quote stand at `at`."""
        n: cython.Py_ssize_t = self.word_length[word]
        if at + n >= self.size or self.raw[at + n] != 34:
            return False
        return self._same(at, word, n)

    @cython.cfunc
    @cython.nogil
    @cython.inline
    @cython.exceptval(check=False)
    def _same(self, at: cython.Py_ssize_t, word: cython.int, n: cython.Py_ssize_t) -> cython.bint:
        i: cython.int = self.word_at[word]
        if not cython.compiled:
            return self.raw[at : at + n] == bytes(self.words[i : i + n])
        return memcmp(self.raw + at, cython.address(self.words[i]), n) == 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _word_before_quote(self, at: cython.Py_ssize_t) -> cython.int:
        end: cython.Py_ssize_t = at
        while self.plain[self.raw[end]]:
            end += 1
        return self._word(at, end - at) if self.raw[end] == 34 else -1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _word(self, at: cython.Py_ssize_t, n: cython.Py_ssize_t) -> cython.int:
        """The word of `n` bytes at `at`; -1 where there is none."""
        h: cython.ulonglong = FNV_START
        i: cython.Py_ssize_t
        word: cython.int
        if n > WORD_MAX:
            return -1
        for i in range(at, at + n):
            h = ((h ^ self.raw[i]) * FNV_PRIME) & LOW32
        h ^= h >> 15
        while self.table[h & self.mask] != 0:
            word = self.table[h & self.mask] - 1
            if self.word_length[word] == n and self._same(at, word, n):
                return word
            h += 1
        return -1

    # ---- one value

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _value(self, at: cython.Py_ssize_t, n: cython.int) -> cython.Py_ssize_t:
        """Read the value at `at` into token `n`; give the place behind it, -1 where it is not understood."""
        c: cython.int = self.raw[at]
        if c == 34:
            return self._text(at, n)
        if c == 116:  # true
            self.token[n] = T_TRUE
            return self._letters(at, 114, 117, 101)
        if c == 102:  # false
            self.token[n] = T_FALSE
            return self._letters(at + 1, 108, 115, 101) if self.raw[at + 1] == 97 else -1
        if c == 110:  # null
            self.token[n] = T_NULL
            return self._letters(at, 117, 108, 108)
        if c == 91:
            return self._list(at, n)
        return self._number(at, n)

    @cython.cfunc
    @cython.nogil
    @cython.inline
    @cython.exceptval(check=False)
    def _letters(
        self, at: cython.Py_ssize_t, first: cython.int, second: cython.int, third: cython.int
    ) -> cython.Py_ssize_t:
        """The place behind three letters that follow `at`, -1 where others do. A line feed ends the comparison."""
        if self.raw[at + 1] == first and self.raw[at + 2] == second and self.raw[at + 3] == third:
            return at + 4
        return -1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _text(self, at: cython.Py_ssize_t, n: cython.int) -> cython.Py_ssize_t:
        end: cython.Py_ssize_t = at + 1
        while self.plain[self.raw[end]]:
            end += 1
        if self.raw[end] != 34:
            return -1
        self.token[n] = T_TEXT
        self.whole[n] = cython.cast(cython.longlong, at + 1) << LENGTH_BITS | (end - at - 1)
        return end + 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _number(self, at: cython.Py_ssize_t, n: cython.int) -> cython.Py_ssize_t:
        negative: cython.bint = self.raw[at] == 45
        value: cython.longlong = 0
        digits: cython.int = 0
        fraction: cython.int = 0
        at += negative
        if self.raw[at] == 48 and 48 <= self.raw[at + 1] <= 57:  # a zero leads
            return -1
        while 48 <= self.raw[at] <= 57 and digits <= DIGITS_MAX:
            value = 10 * value + (self.raw[at] - 48)
            digits += 1
            at += 1
        if digits == 0 or digits > DIGITS_MAX or (negative and value == 0 and self.raw[at] != 46):
            return -1
        if self.raw[at] == 46:
            at += 1
            while 48 <= self.raw[at] <= 57 and digits <= EXACT_DIGITS:
                value = 10 * value + (self.raw[at] - 48)
                digits += 1
                fraction += 1
                at += 1
            if fraction == 0 or digits > EXACT_DIGITS:
                return -1
            self.token[n] = T_REAL
            self.real[n] = value / self.power[fraction]
            if negative:
                self.real[n] = -self.real[n]
        else:
            self.token[n] = T_WHOLE
            self.whole[n] = -value if negative else value
        return -1 if self.raw[at] == 101 or self.raw[at] == 69 else at  # e, E

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _list(self, at: cython.Py_ssize_t, n: cython.int) -> cython.Py_ssize_t:
        """Read a list of texts, or of numbers; its members become items."""
        first: cython.longlong = self.n_items
        found: cython.int = T_NOTHING
        at = self._space(at + 1)
        while self.raw[at] != 93:
            if self.n_items > first:
                if self.raw[at] != 44:
                    return -1
                at = self._space(at + 1)
            at = self._text(at, n) if self.raw[at] == 34 else self._number(at, n)
            if at < 0 or self.n_items - first == ITEMS_MAX:
                return -1
            at = self._space(at)
            if self.token[n] == T_TEXT:
                if found == T_NUMBERS:
                    return -1
                found = T_TEXTS
                self.items[self.n_items] = self.whole[n]
            else:
                if found == T_TEXTS:
                    return -1
                found = T_NUMBERS
                if self.token[n] == T_WHOLE:
                    self.real[n] = cython.cast(cython.double, self.whole[n])
                self.item_numbers[self.n_items] = self.real[n]
            self.n_items += 1
        self.token[n] = found
        self.whole[n] = first << LENGTH_BITS | (self.n_items - first)
        return at + 1

    # ---- the cells of a line

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _fill(self, n: cython.int) -> cython.bint:
        """Write the tokens of a line to its cells; False where a field or a value is not right."""
        code: cython.int = self._type(n)
        slot: cython.int
        i: cython.int
        if code < 0:
            return False
        for i in range(self.n_fields[code]):
            self.cells[self.used + i] = self.blank[code, i]
        self.serial += 1
        for i in range(n):
            if self.token_word[i] == self.type_word:
                continue
            slot = self.slot_of[code, self.token_word[i]]
            if slot < 0 or self.stamp[slot] == self.serial:  # unknown, or given twice
                return False
            self.stamp[slot] = self.serial
            if not self._cell(code, slot, i):
                return False
        if self.stamp[0] != self.serial or self.stamp[1] != self.serial:  # event_id, ts
            return False
        if self.cells[self.used] < 0 or not self.numbers[self.used + 1] >= 0:
            return False
        self.codes[self.rows] = code
        self.ts[self.rows] = cython.cast(cython.longlong, self.numbers[self.used + 1])
        self.used += self.n_fields[code]
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _type(self, n: cython.int) -> cython.int:
        """The event type that the line names, -1 where it names none or names one twice."""
        found: cython.int = -1
        word: cython.int
        i: cython.int
        for i in range(n):
            if self.token_word[i] != self.type_word:
                continue
            if found >= 0 or self.token[i] != T_TEXT:
                return -1
            word = self.last_type
            if not self._is_word(self.whole[i] >> LENGTH_BITS, word) or (
                self.word_length[word] != (self.whole[i] & LENGTH_MASK)
            ):
                word = self._word(self.whole[i] >> LENGTH_BITS, self.whole[i] & LENGTH_MASK)
                if word < 0:
                    return -1
                self.last_type = word
            found = self.code_of[word]
            if found < 0:
                return -1
        return found

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _cell(self, code: cython.int, slot: cython.int, i: cython.int) -> cython.bint:
        """Write token `i` to its cell; False where its value is not one the field takes."""
        at: cython.longlong = self.used + slot
        kind: cython.int = self.kind[code, slot]
        token: cython.int = self.token[i]
        if token == T_NULL:
            if kind in (K_FLAG, K_WHOLE, K_REAL, K_MOMENT):
                self.numbers[at] = NULL_NUMBER
            else:
                self.cells[at] = NULL_PLACE
            return True
        if kind == K_TEXT:
            self.cells[at] = self.whole[i]
            return token == T_TEXT and self._fits(code, slot, self.whole[i])
        if kind == K_FLAG:
            self.numbers[at] = 1.0 if token == T_TRUE else 0.0
            return token in (T_TRUE, T_FALSE)
        if kind == K_REAL:
            if token == T_WHOLE:
                self.real[i] = cython.cast(cython.double, self.whole[i])
            self.numbers[at] = self.real[i]
            if token != T_WHOLE and token != T_REAL:
                return False
            return self.low[code, slot] <= self.real[i] <= self.high[code, slot]
        if kind in (K_WHOLE, K_MOMENT):
            if kind == K_MOMENT and token == T_TEXT and self.high[code, slot] == 3:
                self.whole[i] = self._moment(self.whole[i] >> LENGTH_BITS, self.whole[i] & LENGTH_MASK)
                token = T_WHOLE
            self.numbers[at] = cython.cast(cython.double, self.whole[i])
            return token == T_WHOLE and self.least[code, slot] <= self.whole[i] <= self.most[code, slot]
        self.cells[at] = self.whole[i]
        return self._rare(code, slot, i)

    @cython.cfunc
    @cython.nogil
    @cython.inline
    @cython.exceptval(check=False)
    def _moment(self, at: cython.Py_ssize_t, n: cython.Py_ssize_t) -> cython.longlong:
        """Milliseconds of the moment written at `at`, -1 where it is none."""
        if not cython.compiled:
            return parse_rfc3339(self.raw[at : at + n].decode())
        return parse_bytes(self.raw, at, n)

    @cython.cfunc
    @cython.nogil
    @cython.inline
    @cython.exceptval(check=False)
    def _fits(self, code: cython.int, slot: cython.int, place: cython.longlong) -> cython.bint:
        """Whether a text is as long as the field wants it; every byte is a character."""
        return self.least[code, slot] <= (place & LENGTH_MASK) <= self.most[code, slot]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _rare(self, code: cython.int, slot: cython.int, i: cython.int) -> cython.bint:
        """Whether a token is one of the choices, a fingerprint, or a list of what the field wants."""
        kind: cython.int = self.kind[code, slot]
        at: cython.Py_ssize_t = self.whole[i] >> LENGTH_BITS
        n: cython.Py_ssize_t = self.whole[i] & LENGTH_MASK
        j: cython.Py_ssize_t
        word: cython.int
        if kind == K_CHOICE and self.token[i] == T_TEXT:
            word = self._word(at, n)
            for j in range(self.option_count[code, slot]):
                if self.options[self.option_at[code, slot] + j] == word:
                    return True
            return False
        if kind == K_HEX16 and self.token[i] == T_TEXT:
            for j in range(at, at + n):
                word = self.raw[j]
                if not (48 <= word <= 57 or 65 <= word <= 70 or 97 <= word <= 102):
                    return False
            return n == 16
        if kind == K_TEXTS and (self.token[i] == T_TEXTS or self.token[i] == T_NOTHING):
            for j in range(at, at + n):  # noqa: SIM110  a generator is an object
                if not self._fits(code, slot, self.items[j]):
                    return False
            return True
        if kind == K_NUMBERS and (self.token[i] == T_NUMBERS or self.token[i] == T_NOTHING):
            for j in range(at, at + n):
                if not (self.low[code, slot] <= self.item_numbers[j] <= self.high[code, slot]):
                    return False
            return self.least[code, slot] <= n <= self.most[code, slot]
        return False
