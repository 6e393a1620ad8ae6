cdef enum:
    MAX_LANES = 21  # as LANE_BITS of rings.py
    NOT_STORED = -2  # in place of lane bits
    LAST_LANES = 31  # of a word's third byte, the bits that are lanes

cdef enum:  # columns of `emit`, a row per output
    _TO = 0  # column of the chunk
    _LANE = 1  # from MAX_LANES on: a sum
    _BYTE = 2  # place of the lane in `counted`
    _BEFORE = 3  # place in a row of what it counts before the window; see SlotRings.place
    _ALL = 4  # place in a row of what it counts in all
