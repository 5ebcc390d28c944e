"""moto_server on a free port of the loopback. It ends when its standard input does: with its parent, however that ends."""

import os
import sys
import threading

from moto.server import main


def end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
main(["--port", "0"])
