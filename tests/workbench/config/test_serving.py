"""Starting to serve."""

import socket

import pytest

from tilth.workbench.config.options import Server
from tilth.workbench.config.serving import PortTaken, require_port


def test_a_port_that_somebody_listens_on_is_refused_even_if_they_would_share_it():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as Granian does
        other.bind(("127.0.0.1", 0))
        other.listen()
        server = Server(port=other.getsockname()[1])
        with pytest.raises(PortTaken, match=str(server.port)):
            require_port(server)
    require_port(server)
