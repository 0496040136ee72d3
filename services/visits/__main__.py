"""``python -m services.visits {serve,check,rebuild}``."""

from services.visits.app import SERVICE
from shared.runtime.main import main

if __name__ == "__main__":
    main(SERVICE)
