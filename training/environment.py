"""Re-runs the calling script inside a pinned virtual environment under target/, so that a fresh clone needs only python3."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "target" / "training"
REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"


def enter() -> None:
    """Continues if already inside the environment; otherwise builds it if needed and replaces this process."""
    python = HOME / "venv" / "bin" / "python"
    if Path(sys.prefix).resolve() == (HOME / "venv").resolve():
        return
    stamp = HOME / "venv" / "requirements.stamp"
    wanted = REQUIREMENTS.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(HOME / "venv")], check=True)
        install = ["-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)]
        subprocess.run([str(python), *install], check=True)
        stamp.write_text(wanted)
    os.execv(str(python), [str(python), *sys.argv])
