"""How event types are wired to a WindowCounter: flags, amounts, starts and outputs flattened into arrays."""

import numpy as np

from tidegate.windows.route import ALWAYS, NO_COLUMN, flag_code

MAX_LANES = 21  # as LANE_BITS of rings.py


class CounterRoutes:
    """Columns to read and write per event type.

    key_col, key_many, update, set_bits : [type]; key_col -1 = not routed, set_bits = lanes that are always set
    amount_col, start_col : [type, sum], [type, start], -1 = none
    flag_at  : [type + 1]; flags flag_at[type] .. flag_at[type + 1] - 1 are columns flag_col and the lanes they set: all of
               flag_true where true, all of flag_unknown where not known
    emit_at  : [type, window + 1]; outputs emit_at[type, window] .. emit_at[type, window + 1] - 1 of `emitted`
    emitted  : (window, lane, column) of every output; a lane from MAX_LANES on is a sum
    reads    : [type, window]; whether the type has outputs of the window
    """

    def __init__(self, n_types, n_windows, lanes, sums, starts):
        self.n_windows = n_windows
        self.lanes = [*range(lanes), *range(MAX_LANES, MAX_LANES + sums)]
        self.lists = {}  # type -> its flags, its outputs per window
        self.key_col = np.full(n_types, NO_COLUMN, np.int32)
        self.key_many = np.zeros(n_types, np.uint8)
        self.update = np.zeros(n_types, np.uint8)
        self.set_bits = np.zeros(n_types, np.int32)
        self.amount_col = np.full((n_types, sums), NO_COLUMN, np.int32)
        self.start_col = np.full((n_types, starts), NO_COLUMN, np.int32)
        self.flatten()

    def add(self, type_code, key, key_many, update, flags, amounts, start_cols, outs):
        """Wire one event type, or wire it anew."""
        table = np.asarray(outs, np.int32).reshape(self.n_windows, len(self.lanes)).tolist()
        coded = [(1 << lane, *flag_code(flag)) for lane, flag in enumerate(flags)]
        self.lists[type_code] = (
            _by_column([flag for flag in coded if flag[1] >= 0]),
            [[(lane, col) for lane, col in zip(self.lanes, line, strict=True) if col >= 0] for line in table],
        )
        self.key_col[type_code] = key
        self.key_many[type_code] = key_many
        self.update[type_code] = update
        self.set_bits[type_code] = sum(bit for bit, code, _ in coded if code == ALWAYS)
        for wired, cols in ((self.amount_col, amounts), (self.start_col, start_cols)):
            wired[type_code] = NO_COLUMN
            wired[type_code, : len(cols)] = cols
        self.flatten()

    def flatten(self):
        """Lay the lists of all types out in arrays; one unused entry keeps them from being empty."""
        flags, flag_at, emit_at = [], [0], []
        self.emitted = []
        nothing = [], [[]] * self.n_windows
        for type_code in range(len(self.key_col)):
            of_type, per_window = self.lists.get(type_code, nothing)
            flags += of_type
            flag_at.append(len(flags))
            ends = [len(self.emitted)]
            for window, outputs in enumerate(per_window):
                self.emitted += [(window, lane, column) for lane, column in outputs]
                ends.append(len(self.emitted))
            emit_at.append(ends)
        of_flags = np.array([*flags, (0, 0, 0)], np.int32)
        self.flag_at = np.array(flag_at, np.int32)
        self.flag_col, self.flag_true, self.flag_unknown = (column.copy() for column in of_flags.T)
        self.emit_at = np.array(emit_at, np.int32)
        self.reads = (np.diff(self.emit_at, axis=1) > 0).astype(np.uint8)

    def lanes_read(self):
        """The lanes that some type reads, per window."""
        lanes = [set() for _ in range(self.n_windows)]
        for window, lane, _ in self.emitted:
            lanes[window] |= {lane} - set(range(MAX_LANES, MAX_LANES + len(self.lanes)))
        return lanes


def _by_column(flags):
    """Flags as (column, lanes set where it is true, lanes set where it is not known), each column once."""
    found = {}
    for bit, column, when_unknown in flags:
        true, unknown = found.get(column, (0, 0))
        found[column] = true | bit, unknown | bit * bool(when_unknown)
    return [(column, *lanes) for column, lanes in found.items()]
