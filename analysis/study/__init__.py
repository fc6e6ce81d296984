"""Running the study: parameters, notebooks, run folder, record, command line."""
