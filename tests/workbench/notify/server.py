"""A mail server for tests: takes mails over real SMTP and keeps them."""

import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        said = self.server.said
        self.say("220 tests")
        for line in self.rfile:
            verb, _, rest = line.decode("ascii").strip().partition(" ")
            said.append(line)
            match verb.upper():
                case "EHLO":
                    self.say("250 tests")  # no 8BITMIME: seven bits only
                case "RCPT" if "refused@" in rest:
                    self.say("550 5.1.1 no such mailbox")
                case "DATA":
                    self.say("354 go on")
                    self.server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                    self.say("250 kept")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails, self.said = [], []

    @property
    def port(self):
        return self.server_address[1]

    def read(self):
        return [message_from_bytes(mail, policy=policy.default) for mail in self.mails]


@contextmanager
def running():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
