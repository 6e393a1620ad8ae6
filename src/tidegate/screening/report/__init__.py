"""The report of a screening, a PDF that a manager reads."""

from tidegate.screening.report.report_file import REPORT, write_report

__all__ = ["REPORT", "write_report"]
