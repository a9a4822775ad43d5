"""configs/ashlar.yaml shows every default of the kernel and of every plugin, as ashlard itself prints it; and every
example configuration is one that ashlard takes.

usage: default_config.py ASHLARD PLUGIN_DIRECTORY CONFIG_DIRECTORY [--update]

--update writes configs/ashlar.yaml anew: run it after changing a setting (ninja -C build update-config).
"""
import difflib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ashlard, built, configs = (pathlib.Path(argument) for argument in sys.argv[1:4])
environment = {name: text for name, text in os.environ.items() if not name.startswith("ASHLAR")}


def run(*arguments):
    done = subprocess.run([ashlard, *arguments], capture_output=True, text=True, env=environment)
    return done.returncode, done.stdout, done.stderr


with tempfile.TemporaryDirectory(prefix="ashlar-plugins.") as plugins:
    # A copy that nobody else may write to, whatever the umask of the build was.
    for module in built.glob("*.so"):
        shutil.copyfile(module, os.path.join(plugins, module.name))
        os.chmod(os.path.join(plugins, module.name), 0o755)
    code, printed, problems = run("--plugins", plugins, "--print-default-config")
    annotated = configs / "ashlar.yaml"
    if "--update" in sys.argv:
        annotated.write_text(printed)
        sys.exit(code)
    failures = 0
    kept = annotated.read_text()
    if code != 0 or printed != kept:
        difference = difflib.unified_diff(kept.splitlines(), printed.splitlines(), "configs/ashlar.yaml", "ashlard", lineterm="")
        print("\n".join(difference), problems, "to renew it: ninja -C BUILD update-config", sep="\n")
        failures += 1
    for example in sorted(configs.glob("*.yaml")):
        code, said, problems = run("--plugins", plugins, "--check-config", str(example))
        if (code, said) != (0, "ok\n"):
            print(f"{example.name}: exit {code}\n{said}{problems}")
            failures += 1
    with open(os.path.join(plugins, "bad.yaml"), "w") as bad:
        bad.write("node:\n  name: x\nsync:\n  mode: sometimes\n")
    code, said, problems = run("--plugins", plugins, "--check-config", bad.name)
    if code != 2 or problems != f"{bad.name}:4: sync.mode: 'sometimes' is not one of always, interval, never\n":
        print(f"a bad file: exit {code}\n{said}{problems}")
        failures += 1
    # Without its plugins ashlard still judges what is its own, and does not hold theirs against the file.
    with open(os.path.join(plugins, "bad.yaml"), "w") as bad:
        bad.write("node:\n  data_directory: here\nstorage_engine:\n  lsm:\n    what: 1\nlimits:\n  request_timeout: 50 s\n"
                  "  request_timeout_max: 40 s\n")
    code, said, problems = run("--plugins", "/nowhere/plugins", "--check-config", bad.name)
    wanted = [f"{bad.name}:2: node.data_directory: must be an absolute path",
              f"{bad.name}:7: limits.request_timeout: is above limits.request_timeout_max",
              "command line: plugins.directory: /nowhere/plugins"]
    lines = problems.splitlines()
    if code != 2 or len(lines) != 3 or not all(line.startswith(start) for line, start in zip(lines, wanted)):
        print(f"a bad file and no plugins: exit {code}\n{said}{problems}")
        failures += 1
    for setting in kept.splitlines():
        if "\t" in setting or len(setting) > 125:
            print("too long or with tabs:", setting)
            failures += 1
    code, manual, problems = run("--plugins", plugins, "--explain")
    wanted = [line.split(":")[0].strip() for line in kept.splitlines() if line.strip() and not line.strip().startswith("#")]
    for name in wanted:
        if name not in manual:
            print(f"--explain does not speak of {name}")
            failures += 1
sys.exit(1 if failures else 0)
