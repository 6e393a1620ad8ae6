"""What a source of honest events looks like."""

from collections.abc import Callable

from tidegate.demo.day import Day
from tidegate.demo.strand import Strand

Source = Callable[[Day], list[Strand]]
