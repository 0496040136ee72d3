"""``python -m services.matching {serve,check,rebuild}``."""

from services.matching.app import SERVICE
from shared.runtime.main import main

if __name__ == "__main__":
    main(SERVICE)
