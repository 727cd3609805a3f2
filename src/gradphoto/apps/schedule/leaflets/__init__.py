"""Papers for everybody: the graduate's leaflet, the flow chart of the day, the duty list, the readiness list."""
