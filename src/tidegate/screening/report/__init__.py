"""The report of a screening, a PDF that a manager reads."""

from tidegate.screening.report.report_file import REPORT, draw_report, write_report

__all__ = ["REPORT", "draw_report", "write_report"]
