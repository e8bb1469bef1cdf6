"""Tells from its provider and its address whether a model runs on the user's own machines, where calls cost nothing."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from feint.base.subjects import is_ours

LOCAL = frozenset(("llama-cpp-python", "ollama", "sglang", "vllm"))
"""Providers whose server is on the user's machine where no address is set."""
FORWARDING = frozenset(("litellm", "litellm-proxy"))
"""Providers whose server passes calls on to others, which may send a bill wherever the server runs."""
COMPATIBLE = frozenset(("openai-api", "openai-api-completions"))
"""Providers whose names go on with that of the service, as in openai-api/SERVICE/MODEL."""
OTHER_NAMES = {"grok": ("XAI", "GROK")}
PRIVATE = tuple(
    map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "0.0.0.0/32",
                     "::1/128", "fc00::/7", "fe80::/10"))
)  # fmt: skip
"""Loopback, private and link-local networks (RFC 1122, 1918, 3927, 4193, 4291)."""
HOME = (".local", ".localhost", ".internal", ".lan", ".home.arpa")
"""Ends of names that no public server has (RFC 6761, 6762, 8375)."""


FOR_ALL = "INSPECT_EVAL_MODEL_BASE_URL"
INSIDE = frozenset(("hf", "mockllm", "nnterp", "none", "transformer_lens", "transformers"))
"""Providers that run in this process, and have no address."""
_GIVEN: ContextVar[Mapping[str, str]] = ContextVar("feint_addresses", default={})  # noqa: B039  # never changed in place
"""Addresses that were given in this context, by model."""


@contextmanager
def own_addresses() -> Iterator[None]:
    """Forget, at the end of the block, all addresses that were given inside."""
    token = _GIVEN.set(dict(_GIVEN.get()))
    try:
        yield
    finally:
        _GIVEN.reset(token)


def set_address(model: str, address: str | None) -> None:
    """Note the address of a model's server that the user gave; None leaves it to the environment."""
    others = {name: there for name, there in _GIVEN.get().items() if name != model}
    _GIVEN.set(others | ({model: address} if address else {}))


def without_secrets(address: str) -> str:
    """Return an address without what may be secret in it: a name and password, a query.

    >>> without_secrets("http://me:hush@127.0.0.1:8000/v1?token=hush"), without_secrets("gpu-box:8000")
    ('http://127.0.0.1:8000/v1', 'gpu-box:8000')
    """
    if "@" not in address and "?" not in address and "#" not in address:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return address.rpartition("@")[2]
    if not parts.netloc:
        return address.rpartition("@")[2]
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def is_local(model: str) -> bool:
    """Tell if a model runs on the user's machines: by the address of its server, or by its provider without an address.

    >>> is_local("vllm/some/model"), is_local("openai/gpt-4o")
    (True, False)
    """
    provider, service, *_ = (*model.split("/"), "")
    if is_ours(model) or provider in INSIDE:
        return True
    if provider in FORWARDING or (provider in COMPATIBLE and service in FORWARDING):
        return False
    address = _GIVEN.get().get(model) or address_in_environment(model)
    return is_private(address) if address else provider.removesuffix("-completions") in LOCAL


def address_in_environment(model: str) -> str | None:
    """Return the address of a model's server that the environment sets, by the names that Inspect reads."""
    provider, service, *_ = (*model.split("/"), "")
    name = service if provider in COMPATIBLE else provider.removesuffix("-completions")
    names = OTHER_NAMES.get(name, (name.upper().replace("-", "_"),))
    return next(filter(None, map(os.environ.get, (*(f"{one}_BASE_URL" for one in names), FOR_ALL))), None)


def is_private(address: str) -> bool:
    """Tell if an address belongs to this machine or to a private network.

    >>> [is_private(one) for one in ("http://localhost:8000/v1", "https://[fd00::1]/v1", "gpu-box:8000")]
    [True, True, True]
    >>> [is_private(one) for one in ("https://api.openai.com/v1", "http://127.0.0.1.example.org", "http://8.8.8.8")]
    [False, False, False]
    """
    host, number = _host(address)
    if number is None:
        return host == "localhost" or host.endswith(HOME) or (bool(host) and "." not in host)
    return any(number in network for network in PRIVATE)


def is_own(address: str | None) -> bool:
    """Tell if an address is one of this machine.

    >>> is_own("http://127.0.0.1:8000/v1"), is_own("https://api.openai.com/v1"), is_own(None)
    (True, False, False)
    """
    host, number = _host(address or "")
    if number is None:
        return host in ("localhost", socket.gethostname().lower()) or host.endswith(".localhost")
    return number.is_loopback or number.is_unspecified


def _host(address: str) -> tuple[str, IPv4Address | IPv6Address | None]:
    """Return the host of an address in lower case, and its number; None if the host is a name."""
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return "", None
    host = host.rstrip(".").partition("%")[0]
    try:
        number: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        return host, None
    return host, getattr(number, "ipv4_mapped", None) or number
