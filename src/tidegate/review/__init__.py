"""What people may decide about measures, cases, appeals and figures; each decision becomes events for the journal."""
