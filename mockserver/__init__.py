"""A stand-in for the HTTP APIs that render media: jobs, clocks, faults and contracts."""
