"""ID card readers that speak SAM_V over a serial line (GA 450, GA 467), in pure Python."""
