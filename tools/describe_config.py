"""Write config/README.md from the schema of the config."""

from pathlib import Path

from interexter.core.files import write_text
from interexter.study.config_page import described

if __name__ == "__main__":
    write_text(Path(__file__).resolve().parents[1] / "config" / "README.md", described())
