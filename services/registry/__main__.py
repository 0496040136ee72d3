"""``python -m services.registry {serve,check,rebuild}``."""

from shared.runtime.begin import begin

if __name__ == "__main__":
    begin("services.registry.app")
