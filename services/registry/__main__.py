"""``python -m services.registry {serve,check,rebuild}``."""

from services.registry.app import SERVICE
from shared.runtime.main import main

if __name__ == "__main__":
    main(SERVICE)
