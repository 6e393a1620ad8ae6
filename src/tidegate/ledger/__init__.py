"""What happened, in tables: a read model fed from decisions in the order of the journal, and the books of the operator."""
