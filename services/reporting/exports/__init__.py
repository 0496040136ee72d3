"""Writers that turn one report into HTML, CSV, XLSX and PDF."""
