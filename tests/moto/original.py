"""The original credstash, asked over standard input: a JSON object a line, answered by one. It ends when its input does."""

import contextlib
import io
import json
import sys

import credstash


def put(name, secret, autoversion=False, **options):
    (credstash.putSecretAutoversion if autoversion else credstash.putSecret)(name, secret, **options)


calls = {"put": put, "get": credstash.getSecret, "setup": credstash.createDdbTable}

for line in sys.stdin:
    request = json.loads(line)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what it has done
            value = calls[request["call"]](**request["arguments"])
        answer = {"value": value}
    except Exception as error:  # whatever it is, it is the answer
        answer = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(answer), flush=True)
