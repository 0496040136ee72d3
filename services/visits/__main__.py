"""``python -m services.visits {serve,check,rebuild}``."""

from shared.runtime.begin import begin

if __name__ == "__main__":
    begin("services.visits.app")
