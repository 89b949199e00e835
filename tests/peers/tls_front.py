"""TLS in front of a service on loopback, as a platform has it: boto3 sends bearer tokens over nothing else."""

import contextlib
import datetime
import ipaddress
import os
import socket
import socketserver
import ssl
import tempfile
import threading
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@contextlib.contextmanager
def before(url):
    """Its https URL, and the file of the certificate to trust."""
    upstream = urllib.parse.urlsplit(url)
    with tempfile.TemporaryDirectory() as folder:
        certificate = os.path.join(folder, "front.pem")
        with open(certificate, "wb") as file:
            file.write(self_signed())
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with (
                    context.wrap_socket(self.request, server_side=True) as outside,
                    socket.create_connection((upstream.hostname, upstream.port)) as inside,
                ):
                    up = threading.Thread(target=relay, args=(outside, inside), daemon=True)
                    up.start()
                    relay(inside, outside)
                    up.join()

        with Server(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"https://127.0.0.1:{server.server_address[1]}", certificate
            server.shutdown()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def relay(source, sink):
    """What comes, as it comes, until one side has gone."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in [source, sink]:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def self_signed():
    """A certificate for loopback, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "peers")])
    now = datetime.datetime.now(datetime.timezone.utc)
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.add_extension(loopback, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private + certificate.public_bytes(serialization.Encoding.PEM)
