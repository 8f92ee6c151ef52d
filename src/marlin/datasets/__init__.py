"""Datasets: from accepted ratings to frozen, versioned exports that load with no glue."""
