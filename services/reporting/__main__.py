"""``python -m services.reporting {serve,check,rebuild}``."""

from services.reporting.app import SERVICE
from shared.runtime.main import main

if __name__ == "__main__":
    main(SERVICE)
