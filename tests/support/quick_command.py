"""The command, served by a process that has loaded it: a page of sixty commands takes half a minute less.

Each use of it is a process of its own all the same, forked from the server, with the caller's folder, environment and streams. Run as
`quick_command.py serve SOCKET` and `quick_command.py SOCKET ARGUMENTS...`; the caller imports next to nothing.
"""

import os
import socket
import sys


def call(path: str, arguments: list[str]) -> int:
    """Have the server run the command, and return its exit code."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        told = [os.getcwd(), str(len(arguments)), *arguments, *(f"{n}={v}" for n, v in os.environ.items())]  # noqa: PTH109
        data = b"\0".join(map(os.fsencode, told))
        socket.send_fds(server, [len(data).to_bytes(4, "big")], [0, 1, 2])
        server.sendall(data)
        return server.recv(1)[0]


def serve(path: str) -> None:
    """Load the command, then run it in a process of its own for each caller."""
    import pkgutil  # noqa: PLC0415 (a caller must not load it)
    from importlib import import_module  # noqa: PLC0415

    import aeo_ledger  # noqa: PLC0415

    for room in ("cli", "office", "registers", "gateway.client", "network.found", "chain"):
        found = import_module(f"aeo_ledger.{room}")
        for module in pkgutil.iter_modules(getattr(found, "__path__", [])):
            if not module.name.startswith("main"):
                import_module(f"aeo_ledger.{room}.{module.name}")
    assert aeo_ledger
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{path}.new")
        listener.listen()
        os.rename(f"{path}.new", path)  # noqa: PTH104 (whoever sees it may call)
        while True:
            caller, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                os._exit(answer(caller))
            caller.close()
            while True:  # take leave of those that ended
                try:
                    if os.waitpid(-1, os.WNOHANG) == (0, 0):
                        break
                except ChildProcessError:
                    break


def answer(caller: socket.socket) -> int:
    """Run the command for one caller, in a child whose exit code is sent back."""
    length, streams, _, _ = socket.recv_fds(caller, 4, 3)
    data, needed = b"", int.from_bytes(length, "big")
    while len(data) < needed:
        data += caller.recv(needed - len(data))
    folder, count, *rest = map(os.fsdecode, data.split(b"\0"))
    child = os.fork()
    if child == 0:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin, sys.stdout, sys.stderr = (open(number, "rww"[number], closefd=False) for number in range(3))  # noqa: SIM115
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(dict(one.split("=", 1) for one in rest[int(count) :]))
        sys.argv = ["aeo-ledger", *rest[: int(count)]]
        os._exit(run())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    caller.sendall(bytes((code & 0xFF,)))
    return 0


def run() -> int:
    from aeo_ledger.cli.main import main  # noqa: PLC0415

    code: object = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return code if isinstance(code, int) else 0 if code is None else 1


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(call(sys.argv[1], sys.argv[2:]))
