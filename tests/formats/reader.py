"""Reads kms:: and kmsfile:: references. `decrypt(key_arn, ciphertext, context)` asks KMS; files are below `root`."""

import hmac
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import unquote

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def read(reference, decrypt, root):
    body, _, query = reference.partition("#")[0].partition("?")
    scheme, key_arn, payload = map(unquote, body.split("::", 2))
    options = dict(map(unquote, pair.split("=", 1)) for pair in query.split("&") if pair)
    context = {option[8:]: value for option, value in options.items() if option.startswith("context.")}
    require("serverless-secrets" not in context)

    def unwrap(ciphertext):  # a raw ciphertext, or the data key of a file of version 2
        require("name" not in context)
        name = {option: value for option, value in options.items() if option == "name"}
        return decrypt(key_arn, b64decode(ciphertext, validate=True), context | name)

    def unseal(wrapped, sealed, path, form):
        data_key = decrypt(key_arn, decode(wrapped), context | {"serverless-secrets": form})
        require(len(data_key) == 32 and len(sealed) >= 81 and sealed[0] == 1)
        derived = HKDF(SHA256(), 76, sealed[1:33], b"serverless-secrets/1").derive(data_key)
        require(hmac.compare_digest(sealed[33:65], derived[44:]))  # before anything is decrypted
        pairs = sorted((name.encode(), value.encode()) for name, value in context.items())
        head = [b"1", scheme.encode(), key_arn.encode(), wrapped.encode(), str(len(pairs)).encode()]
        fields = [*head, *(field for pair in pairs for field in pair), options.get("name", "").encode(), path.encode()]
        bound = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
        return AESGCM(derived[:32]).decrypt(derived[32:44], sealed[65:], bound)

    if scheme == "kms":
        wrapped, is_envelope, sealed = payload.partition(".")
        return unseal(wrapped, decode(sealed), "", "envelope/1") if is_envelope else unwrap(payload)
    wrapped, path = payload.split("::", 1)
    require(not {"", ".", ".."} & set(unquote(path).split("/")))  # docs/formats.md has all the rules of paths
    contents = Path(root, path).read_bytes()
    if wrapped.startswith("1."):
        return unseal(wrapped[2:], contents, path, "kmsfile/1")
    data_key = unwrap(wrapped)
    require(len(data_key) == 32)  # there is no other check
    return Cipher(algorithms.AES256(data_key), modes.CTR((1).to_bytes(16, "big"))).decryptor().update(contents)


def decode(text):
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(urlsafe_b64encode(data).rstrip(b"=") == text.encode())  # one spelling only
    return data


def require(holds):
    if not holds:
        raise ValueError("refused")
