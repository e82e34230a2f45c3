"""Starting to serve."""

import socket

import pytest

from tilth.workbench.config.options import Collector, Options, Server, collector_url
from tilth.workbench.config.serving import PortTaken, collector, require_ports


@pytest.mark.parametrize("who", ["server", "collector"])
def test_a_port_that_somebody_listens_on_is_refused_even_if_they_would_share_it(who):
    with socket.socket() as other, socket.socket() as free:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as Granian does
        for one in (other, free):
            one.bind(("127.0.0.1", 0))
        other.listen()
        taken, rest = other.getsockname()[1], free.getsockname()[1]
        free.close()
        ports = {"server": Server(port=rest), "collector": Collector(port=rest)} | {who: (Server if who == "server" else Collector)(port=taken)}
        options = Options(**ports)
        with pytest.raises(PortTaken, match=f"{taken}.*TILTH_{who.upper()}_PORT"):
            require_ports(options)
    require_ports(options)


def test_the_collector_listens_beside_the_workbench_unless_it_is_told_where():
    assert collector_url(Options(server=Server(port=8100))) == "http://127.0.0.1:8101"
    assert collector(Options(server=Server(port=8100), collector=Collector(port=9000))).port == 9000
    assert collector_url(Options(collector=Collector(url="https://collect.example.com/"))) == "https://collect.example.com"


def test_the_collectors_bounds_reach_its_processes_in_bytes():
    """`tilth.collector.app.served` reads them; a MB is 1,048,576 bytes."""
    told = dict(collector(Options(collector=Collector(behind_mb=3, hops=2))).environment)
    assert (told["TILTH_COLLECTOR_BEHIND"], told["TILTH_COLLECTOR_HOPS"], told["TILTH_COLLECTOR_PATIENCE"]) == ("3145728", "2", "10.0")
