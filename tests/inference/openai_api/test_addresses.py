"""Where requests may go: never into a private network unless allowed, not through a redirect, not without trusted TLS."""

import asyncio
import datetime
import ipaddress
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from experiments.domain.errors import InvalidInput, TransientInferenceError
from experiments.inference.base import NeedsAttention, backends
from experiments.inference.openai_api.network import is_public, proxy_for
from tests.servers.misbehaving import Misbehaving, status, stream

from .asking import a_request, ask, endpoint


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),  # where clouds keep their machines' credentials
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("100.64.0.1", False),  # carrier-grade NAT
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::ffff:10.0.0.1", False),  # IPv4 inside IPv6, in its four costumes
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
        ("2002:808:808::", True),
    ],
)
def test_public_addresses_are_told_from_private_ones(address, public):
    assert is_public(address) is public


async def test_a_private_address_is_not_connected_to_without_consent():
    async with Misbehaving([stream("Seven.")]) as server:
        port = server.base_url.rsplit(":", 1)[1]
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"):
            # https, since plain http is refused before anything is asked.
            error, ledger = await ask(server, base_url=f"https://{host}:{port}")
            assert isinstance(error, NeedsAttention), host
            assert "an address inside a private network. An administrator can allow this address" in str(error)
            assert ledger.cost == 0
        assert not server.requests


async def test_a_name_is_checked_at_every_connection_and_the_checked_address_is_the_one_connected_to(monkeypatch):
    """DNS rebinding: the name is public when the endpoint is checked and private a moment later."""
    answers = ["93.184.216.34", "127.0.0.1"]
    looked_up, connected_to = [], []

    async def look_up(self, host, port, **_):
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[len(looked_up) - 1], port))]

    async def connect(host, port):
        connected_to.append(host)
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    monkeypatch.setattr(asyncio, "open_connection", connect)
    options = {"base_url": "https://rebinding.example", "model": "m", "max_attempts": 1}
    client = await backends.build("openai_api", options).connect()
    with pytest.raises(TransientInferenceError, match="it cannot be reached"):
        await client.generate(a_request())
    with pytest.raises(NeedsAttention, match="leads to 127"):
        await client.generate(a_request())
    await client.aclose()
    assert looked_up == ["rebinding.example"] * 2
    assert connected_to == ["93.184.216.34"]


async def test_a_redirect_is_not_followed_wherever_it_leads():
    async with Misbehaving([stream("stolen")]) as inside:
        async with Misbehaving([status(308, location=f"{inside.base_url}/chat/completions")]) as server:
            error, _ = await ask(server)
            assert len(server.requests) == 1
        assert not inside.requests
    assert "it redirects (308), which is not followed" in str(error)


async def test_an_untrusted_certificate_ends_it_before_the_key_is_sent(tmp_path):
    async with Misbehaving([stream("Seven.")], tls=_self_signed(tmp_path)) as server:
        error, ledger = await ask(server)
        assert not server.requests
    assert isinstance(error, NeedsAttention)
    assert "its certificate cannot be trusted (self-signed certificate)" in str(error)
    assert ledger.n_sent == 1


async def test_a_trusted_certificate_is_accepted(tmp_path, monkeypatch):
    tls = _self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "both.pem"))
    async with Misbehaving([stream("Seven.")], tls=tls) as server:
        client = await endpoint(server).connect()
        assert [(await client.generate(a_request(seed=seed))).text for seed in range(3)] == ["Seven."] * 3
        assert server.n_connections == 1
        await client.aclose()


def test_plain_http_is_only_for_private_addresses():
    backend = backends.build("openai_api", {"base_url": "http://api.example.com/v1", "model": "m"})
    with pytest.raises(InvalidInput, match="without encryption"):
        backend.check()


def test_the_environments_proxy_is_used_but_never_for_this_machine(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "internal.example")
    assert proxy_for("https://api.example.com/v1") == "http://proxy.example:3128"
    assert proxy_for("https://internal.example/v1") is None
    assert proxy_for("https://localhost:8000/v1") is None
    assert proxy_for("https://127.0.0.1/v1") is None
    assert proxy_for("http://api.example.com/v1") is None


async def test_through_a_proxy_private_targets_are_refused_all_the_same(monkeypatch):
    async with Misbehaving([status(200)]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.base_url.removesuffix("/v1"))
        error, _ = await ask(proxy, base_url="https://10.1.2.3/v1")
        assert isinstance(error, NeedsAttention)
        assert "“10.1.2.3” leads to 10.1.2.3, an address inside a private network" in str(error)
        assert not proxy.requests


def _self_signed(folder) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "both.pem").write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context
