"""The build of a copy of the tree that is compiled anew only where the copy differs: an object that this tree has built from the
same files by the same command is taken from there. It is what ccache does, for machines that have none."""

import json
import math
import os
import re
import shutil
import subprocess
from pathlib import Path

# Stands before each compiler command: gives the object that is there for it, or calls the compiler.
LAUNCHER = """#!/bin/sh
taken={taken}
before=
for word in "$@"; do
  case $before in -o) object=$word ;; -MF) list=$word ;; esac
  before=$word
done
if [ -n "$object" ] && [ -n "$list" ] && [ -e "$taken/$object" ]; then
  cp "$taken/$object" "$object" && cp "$taken/$object.d" "$list"
else
  exec "$@"
fi
"""
LISTED = re.compile(r"^(\S.*): #deps \d+, deps mtime \d+ \(VALID\)\n((?:    .*\n)+)", re.M)


class Taking:
    """`root` and `copy` are the sources' folders; each is built in build/wheel."""

    def __init__(self, root, copy):
        self.root, self.copy = Path(root), Path(copy)
        self.built, self.objects = self.root / "build/wheel", self.copy / "build/taken"
        self.taken, self.ages = [], {}
        self.objects.mkdir(parents=True)
        if (self.built / ".ninja_deps").exists():
            for name, files in sorted(self.listed(), key=lambda one: not one[0].endswith(".gch")):
                self.offer(name, files)

    def listed(self):
        """[(object, the files of this tree that it was made from)], without those of tests."""
        ninja = shutil.which("ninja", path=f"{self.root}/.venv/bin{os.pathsep}{os.environ['PATH']}")
        deps = [ninja, "-C", self.built, "-t", "deps"]
        said = subprocess.run(deps, capture_output=True, text=True, check=True).stdout
        for name, files in LISTED.findall(said):
            if not name.startswith(("tests/", "bench/")):
                yield name, [line.strip() for line in files.splitlines() if self.is_own(line.strip())]

    def is_own(self, path):
        """Not the system's, which are one for both, nor of the packages, which are hard links."""
        inside = path.removeprefix(f"{self.root}/").removeprefix("../../")
        return not inside.startswith(("/", ".venv/"))

    def offer(self, name, files):
        """Copies an object, and the list of its files, if they are the same in the copy and it is younger than they."""
        built = self.built / name
        ahead = Path(*Path(name).parts[: Path(name).parts.index("CMakeFiles") + 2]) / "cmake_pch.hxx.gch"
        compiled_ahead = str(ahead) == name or not (self.built / ahead).exists() or str(ahead) in self.taken
        if not built.exists() or not compiled_ahead:
            return
        if any(self.age(path) > built.stat().st_mtime_ns for path in files):
            return
        target = self.objects / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(built, target)
        spelled = [self.moved(path).replace(" ", "\\ ") for path in files]
        Path(f"{target}.d").write_text(f"{name}: " + " \\\n  ".join(spelled) + "\n")
        self.taken.append(name)

    def age(self, path):
        """When the file was written, in nanoseconds; without end where the copy has another."""
        if path not in self.ages:
            mine = Path(os.path.normpath(self.built / path))
            other = Path(self.moved(str(mine)))
            same = mine.is_relative_to(self.built) or (other.exists() and other.read_bytes() == mine.read_bytes())
            self.ages[path] = mine.stat().st_mtime_ns if mine.exists() and same else math.inf
        return self.ages[path]

    def moved(self, text):
        return text.replace(str(self.root), str(self.copy))

    def environment(self):
        """With which CMake configures the copy."""
        launcher = self.copy / "build/compile"
        launcher.write_text(LAUNCHER.replace("{taken}", f"'{self.objects}'"))
        launcher.chmod(0o755)
        return {**os.environ, "CMAKE_CXX_COMPILER_LAUNCHER": str(launcher)}

    def by_other_commands(self):
        """The objects taken that the copy would have compiled by another command."""
        of = [self.commands(folder) for folder in (self.root, self.copy)]
        return [name for name in self.taken if name in of[1] and of[1][name] != self.moved(of[0].get(name, ""))]

    @staticmethod
    def commands(folder):
        built = folder / "build/wheel"
        listed = json.loads((built / "compile_commands.json").read_text())
        return {os.path.relpath(entry["output"], built): entry["command"] for entry in listed}
