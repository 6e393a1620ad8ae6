"""Where the rows of slots lie in a table that holds rows in pages of 64, for slots of which most have a row.

A page is there as long as one of its slots has something; the others' rows are as those of page 0, which belongs to nobody.
`Places` is for slots of which few have a row at a time.
"""

import cython
import numpy as np

from tidegate.windows.growth import enlarged, zeros

PAGE_BITS = cython.declare(cython.int, 6)
IN_PAGE = cython.declare(cython.longlong, 63)
ROWS = 64  # of a page


@cython.cclass
class Pages:
    """Slots (ints from 0 on) to rows of `64 * n_pages`. Fields are declared in pages.pxd; the rows are the user's."""

    def __init__(self):
        self.page = zeros(1, np.int32)
        self.owner = zeros(1, np.int32)
        self.n_pages = 1
        self.bound = 0

    def find(self, slot):
        """The row of a slot: one of the first 64 where it has none."""
        if slot >= self.bound:
            return slot & IN_PAGE
        return cython.cast(cython.longlong, self.page[slot >> PAGE_BITS]) << PAGE_BITS | (slot & IN_PAGE)

    def open(self, slot):
        """The row of a slot, which may be in a new page; that is the last one, and to be filled."""
        at: cython.longlong = slot >> PAGE_BITS
        if slot >= self.bound or self.page[at] == 0:
            if at >= self.page.shape[0]:
                self.page = enlarged(self.page, self.bound >> PAGE_BITS, at + 1)
            if slot >= self.bound:
                self.bound = (at + 1) << PAGE_BITS
            if self.n_pages >= self.owner.shape[0]:
                self.owner = enlarged(self.owner, self.n_pages, self.n_pages + 1)
            self.owner[self.n_pages] = cython.cast(cython.int, at)
            self.page[at] = cython.cast(cython.int, self.n_pages)
            self.n_pages += 1
        return cython.cast(cython.longlong, self.page[at]) << PAGE_BITS | (slot & IN_PAGE)

    def drop(self, slot):
        """Take away the page of a slot, which has one; the user moves the last page, now number `n_pages`, to the one given."""
        at: cython.longlong = slot >> PAGE_BITS
        page: cython.longlong = self.page[at]
        self.n_pages -= 1
        if page != self.n_pages:
            self.owner[page] = self.owner[self.n_pages]
            self.page[self.owner[page]] = cython.cast(cython.int, page)
        self.page[at] = 0
        while self.bound > 0 and self.page[(self.bound >> PAGE_BITS) - 1] == 0:
            self.bound -= ROWS
        return page

    def rows(self):
        """The row of each slot below `bound`, as int64."""
        page = np.asarray(self.page)[: self.bound >> PAGE_BITS].astype(np.int64)
        return (page[:, np.newaxis] * ROWS + np.arange(ROWS)).reshape(-1)

    def state(self):
        """Everything, as arrays; `restore` of a fresh object takes it."""
        return {
            "pages": np.array(self.page)[: self.bound >> PAGE_BITS],
            "page_owners": np.array(self.owner)[: self.n_pages],
        }

    def restore(self, state):
        """Become the object whose `state` this is."""
        self.page = enlarged(memoryview(state["pages"]), len(state["pages"]), 1)
        self.owner = enlarged(memoryview(state["page_owners"]), len(state["page_owners"]), 1)
        self.n_pages = len(state["page_owners"])
        self.bound = ROWS * len(state["pages"])

    def nbytes(self):
        """Bytes in use, but for the rows."""
        return (self.bound >> 4) + 4 * self.n_pages
