"""Write config/README.md from the schema of the config."""

from pathlib import Path

from interexter.settings import described
from interexter.tables import write_text

if __name__ == "__main__":
    write_text(Path(__file__).resolve().parents[2] / "config" / "README.md", described())
