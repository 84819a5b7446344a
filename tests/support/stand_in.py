"""An engine's part, played by one embedded ledger: a program that takes `besu`'s or `geth`'s arguments, and answers JSON-RPC with that ledger.

It is copied to a folder under an engine's name, and needs the ledger's URL in AEO_TEST_LEDGER.
"""

import os
import re
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Passes each request on."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        request = urllib.request.Request(os.environ["AEO_TEST_LEDGER"], body, {"content-type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 (loopback)
            found = answer.read()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        del format, args


def main(arguments: list[str]) -> None:
    words = " ".join(arguments)
    if "init" in arguments:
        data = Path(arguments[arguments.index("--datadir") + 1])
        (data / "geth" / "chaindata").mkdir(parents=True)
        return
    for option in ("--genesis-file=", "--node-private-key-file=", "--static-nodes-file="):
        if option in words:
            Path(words.partition(option)[2].split()[0]).read_bytes()
    found = re.search(r"--(?:rpc-http-port=|http\.port )(\d+)", words)
    assert found, words
    ThreadingHTTPServer(("127.0.0.1", int(found[1])), Handler).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
