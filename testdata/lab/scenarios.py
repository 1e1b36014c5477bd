"""The situations. Each is a function of a Lab; the decorator names it and says how the lab is built."""
import socket

ALL = {}


def situation(*labels, v6=(False,), **options):
    """Register a situation, once for every address family asked for; labels say what it holds."""
    def register(f):
        for six in v6 if isinstance(v6, tuple) else (v6,):
            def run(lab, f=f):
                extra = f(lab) or {}
                if not extra.get("skip"):
                    lab.finish(list(labels) + extra.get("labels", []), f.__doc__ or "", late=extra.get("late", True), cell=extra.get("cell"))
            ALL[f.__name__ + ("_v6" if six else "")] = (run, dict(options, v6=six))
        return f
    return register


BOTH = (False, True)
syn = lambda p: p.syn and not p.acks
synack = lambda p: p.synack
cfin = lambda p: p.from_client and p.fin
sfin = lambda p: p.from_server and p.fin
cack = lambda p: p.from_client and p.bare
sack = lambda p: p.from_server and p.bare


def client_closes(lab):
    lab.client.close()
    lab.rtt()
    lab.server.drain()
    lab.server.close()
    lab.rtt()


@situation("clean-close", "client-closed-first", v6=BOTH)
def plain(lab):
    lab.open().talk()
    client_closes(lab)


@situation("syn-lost", "syn-ack-lost")
def lost_syn_then_synack(lab):
    lab.wire.drop(syn, 1)
    lab.wire.drop(synack, 1)
    lab.open().talk()
    client_closes(lab)


@situation("syn-lost", v6=BOTH)
def lost_syn_twice(lab):
    lab.wire.drop(syn, 2)
    lab.open().talk()
    client_closes(lab)


@situation("syn-ack-lost")
def lost_synack_twice(lab):
    lab.wire.drop(synack, 2)
    lab.open().talk()
    client_closes(lab)


@situation("syn-ack-retransmitted", "third-ack-lost", v6=BOTH)
def lost_third_ack_and_data(lab):
    lab.wire.drop(lambda p: p.from_client and not p.syn, 2)
    lab.server.listen()
    lab.client.connect()
    lab.client.send(50)
    lab.server.accept()
    lab.server.recv()
    lab.server.send(90)
    lab.client.recv()
    lab.wait(0.1)
    client_closes(lab)


@situation("fin-lost", v6=BOTH)
def lost_fin_twice(lab):
    lab.open().talk()
    lab.wire.drop(cfin, 2)
    lab.client.close()
    lab.server.drain()
    lab.rtt()
    lab.server.close()
    lab.rtt()


@situation("fin-lost")
def lost_both_fins(lab):
    lab.open().talk()
    lab.wire.drop(cfin, 1)
    lab.wire.drop(sfin, 1)
    lab.client.close()
    lab.server.drain()
    lab.server.close()
    lab.wait(1)


@situation("final-ack-lost", v6=BOTH)
def lost_final_ack_twice(lab):
    lab.open().talk()
    lab.client.close()
    lab.server.drain()
    lab.rtt()
    lab.wire.drop(cack, 2)
    lab.server.close()
    lab.wait(1.5)


@situation("ack-of-fin-lost")
def lost_ack_of_fin_then_server_fin(lab):
    lab.open().talk()
    lab.wire.drop(sack, 1)
    lab.client.close()
    lab.server.drain()
    lab.wait(0.08)
    lab.server.close()
    lab.wait(0.6)


@situation("ack-of-fin-lost", "final-ack-lost")
def lost_all_acks_of_fins(lab):
    lab.open().talk()
    lab.wire.drop(sack, 1)
    lab.wire.drop(cack, 1)
    lab.client.close()
    lab.server.drain()
    lab.wait(0.01)
    lab.server.close()
    lab.wait(1.2)


@situation("simultaneous-close", "fin-lost", delay=0.03, v6=BOTH)
def simultaneous_close_one_fin_lost(lab):
    lab.open().talk()
    lab.wire.drop(cfin, 1)
    lab.client.close()
    lab.server.close()
    lab.wait(1.5)


@situation("simultaneous-close", "fin-lost", delay=0.03)
def simultaneous_close_both_fins_lost(lab):
    lab.open().talk()
    lab.wire.drop(cfin, 1)
    lab.wire.drop(sfin, 1)
    lab.client.close()
    lab.server.close()
    lab.wait(2)


@situation("simultaneous-close", "ack-of-fin-lost", delay=0.03)
def simultaneous_close_one_ack_lost(lab):
    lab.open().talk()
    lab.wire.drop(lambda p: cack(p), 1)
    lab.client.close()
    lab.server.close()
    lab.wait(1.5)


@situation("simultaneous-close", "ack-of-fin-lost", delay=0.03)
def simultaneous_close_both_acks_lost(lab):
    lab.open().talk()
    lab.wire.drop(cack, 1)
    lab.wire.drop(sack, 1)
    lab.client.close()
    lab.server.close()
    lab.wait(2)


@situation("simultaneous-close", delay=0.15)
def simultaneous_close_large_rtt_data(lab):
    """Both send data with their FIN, crossing."""
    lab.open().talk()
    lab.client.send(3000)
    lab.server.send(2000)
    lab.client.shutdown()
    lab.server.shutdown()
    lab.wait(0.8)
    lab.client.drain()
    lab.server.drain()
    lab.client.close()
    lab.server.close()
    lab.wait(0.5)


def open_both(lab):
    lab.client.connecting()
    lab.server.connecting()
    lab.client.connected()
    lab.server.connected()
    lab.rtt()


@situation("simultaneous-open", delay=0.05, v6=BOTH)
def simultaneous_open(lab):
    open_both(lab)
    lab.talk()
    client_closes(lab)


@situation("simultaneous-open", delay=0.05)
def simultaneous_open_synack_lost(lab):
    lab.wire.drop(lambda p: p.synack and p.from_client, 1)
    open_both(lab)
    lab.talk()
    client_closes(lab)


@situation("simultaneous-open", delay=0.05)
def simultaneous_open_both_synacks_lost(lab):
    lab.wire.drop(lambda p: p.synack and p.from_client, 1)
    lab.wire.drop(lambda p: p.synack and p.from_server, 1)
    open_both(lab)
    lab.talk()
    client_closes(lab)


@situation("simultaneous-open", "syn-lost", delay=0.05)
def simultaneous_open_one_syn_lost(lab):
    lab.wire.drop(lambda p: syn(p) and p.from_client, 1)
    open_both(lab)
    lab.talk()
    client_closes(lab)


@situation("three-segment-close", "final-ack-lost")
def three_segment_close_ack_lost(lab):
    lab.open().talk()
    lab.wire.drop(lambda p: p.from_client and p.bare, 1)
    lab.client.shutdown()
    lab.server.drain()
    lab.server.close()
    lab.wait(0.8)
    lab.client.drain()
    lab.client.close()
    lab.rtt()


@situation("three-segment-close", "fin-lost")
def three_segment_close_finack_lost(lab):
    lab.open().talk()
    lab.wire.drop(lambda p: p.from_server and (p.fin or p.bare), 2)
    lab.client.shutdown()
    lab.server.drain()
    lab.server.close()
    lab.wait(1.0)
    lab.client.drain()
    lab.client.close()
    lab.rtt()


@situation("fin-lost", "fin-with-data", v6=BOTH)
def fin_with_data_lost(lab):
    lab.open().talk()
    lab.wire.drop(cfin, 1)
    lab.client.send(500, socket.MSG_MORE)
    lab.client.close()
    lab.server.drain()
    lab.server.close()
    lab.rtt()


@situation("retransmission", "fin-with-data")
def data_before_fin_lost(lab):
    lab.open().talk()
    lab.wire.drop(lambda p: p.from_client and p.len > 0, 1)
    lab.client.send(500)
    lab.client.close()
    lab.server.drain()
    lab.server.close()
    lab.rtt()


@situation("half-close", "retransmission")
def half_close_client_data_lost(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.server.drain()
    lab.wire.drop(lambda p: p.from_server and p.len > 0, 1)
    for _ in range(4):
        lab.server.send(1000)
        lab.wait(0.01)
    lab.wait(0.4)
    lab.server.close()
    lab.client.drain()
    lab.client.close()
    lab.rtt()


@situation("half-close", "reordering")
def half_close_reordered_fin(lab):
    """The last data of the half-open direction comes after its FIN."""
    lab.open().talk()
    lab.client.shutdown()
    lab.server.drain()
    lab.wire.rule(lambda p: p.from_server and p.len > 0, ("delay", 0.04))
    lab.server.send(900)
    lab.server.close()
    lab.wait(0.2)
    lab.client.drain()
    lab.client.close()
    lab.rtt()


@situation("half-close", "retransmission")
def half_close_server_data_both_lost(lab):
    lab.open().talk()
    lab.server.shutdown()
    lab.client.drain()
    lab.wire.drop(lambda p: p.from_client and p.len > 0, 1)
    lab.wire.drop(lambda p: p.from_server and p.bare, 1)
    for _ in range(3):
        lab.client.send(700)
        lab.wait(0.05)
    lab.wait(0.4)
    lab.client.close()
    lab.server.drain()
    lab.server.close()
    lab.rtt()


@situation("abortive-close", "rst-lost")
def rst_lost_after_tap(lab):
    lab.open().talk()
    lab.wire.drop(lambda p: p.rst, 1)
    lab.client.abort()
    lab.wait(0.3)
    lab.server.send(100)
    lab.wait(0.5)
    lab.server.recv()
    return {"labels": ["half-open"]}


@situation("abortive-close", "rst-lost")
def rst_lost_and_idle(lab):
    lab.open().talk()
    lab.wire.drop(lambda p: p.rst, 1)
    lab.client.abort()
    lab.wait(0.5)
    return {"late": False}


@situation("abort-in-syn-sent")
def abort_syn_sent(lab):
    """close() in SYN_SENT, the SYN,ACK comes afterwards."""
    lab.wire.delay = [0.2, 0.2]
    lab.server.listen()
    lab.client.connecting()
    lab.wait(0.1)
    lab.client.close()
    lab.wait(1)


@situation("abort-in-syn-rcvd", "simultaneous-open", delay=0.1)
def abort_syn_rcvd_linger(lab):
    lab.client.connecting()
    lab.server.connecting()
    lab.wait(0.15)
    lab.client.abort()
    lab.server.connected()
    lab.wait(0.5)


@situation("simultaneous-open", delay=0.1)
def close_syn_rcvd(lab):
    lab.client.connecting()
    lab.server.connecting()
    lab.wait(0.15)
    lab.client.close()
    lab.server.connected()
    lab.wait(0.5)
    lab.server.drain()
    lab.server.close()
    lab.wait(0.5)


@situation("abortive-close", "fin-lost")
def abort_fin_wait_1(lab):
    lab.open().talk()
    lab.wire.drop(cfin, 1)
    lab.client.shutdown()
    lab.wait(0.05)
    lab.client.abort()
    lab.wait(0.5)
    lab.server.recv()


@situation("abortive-close", "half-close", v6=BOTH)
def abort_fin_wait_2(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.server.drain()
    lab.rtt()
    lab.client.abort()
    lab.wait(0.3)
    lab.server.send(10)


@situation("abortive-close", v6=BOTH)
def abort_close_wait(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.rtt()
    lab.server.abort()
    lab.rtt()
    lab.client.recv()


@situation("rst-on-close-with-unread-data", "abortive-close")
def unread_close_wait(lab):
    lab.open().talk()
    lab.client.send(300)
    lab.client.shutdown()
    lab.rtt()
    lab.server.close()
    lab.rtt()
    lab.client.recv()


@situation("abortive-close", "simultaneous-close", delay=0.05)
def abort_closing(lab):
    lab.open().talk()
    lab.wire.drop(sack, 1)
    lab.client.shutdown()
    lab.server.shutdown()
    lab.wait(0.08)
    lab.client.abort()
    lab.wait(0.5)
    lab.server.recv()


@situation("abortive-close", "fin-lost")
def abort_last_ack(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.rtt()
    lab.server.drain()
    lab.wire.drop(sfin, 1)
    lab.server.shutdown()
    lab.wait(0.05)
    lab.server.abort()
    lab.wait(0.3)
    lab.client.recv()


@situation("rst-after-fin", "abortive-close")
def data_to_orphan_fin_wait_1(lab):
    """Data comes to a closed socket whose FIN is still unacknowledged."""
    lab.open().talk()
    lab.wire.drop(cfin, 1)
    lab.client.close()
    lab.wait(0.03)
    lab.server.send(400)
    lab.wait(0.5)
    lab.server.recv()


@situation("rst-after-fin", "abortive-close", v6=BOTH)
def data_to_orphan_fin_wait_2(lab):
    lab.open().talk()
    lab.client.close()
    lab.wait(0.2)
    lab.server.send(400)
    lab.wait(0.2)
    lab.server.send(400)


@situation("fin-wait-2-timeout", sysctl={"tcp_fin_timeout": 2})
def fin_wait_2_timeout_then_fin(lab):
    lab.open().talk()
    lab.client.close()
    lab.wait(5)
    lab.server.drain()
    lab.server.close()
    lab.wait(0.3)


@situation("fin-wait-2-timeout", sysctl={"tcp_fin_timeout": 2})
def fin_wait_2_timeout_then_data(lab):
    lab.open().talk()
    lab.client.close()
    lab.wait(5)
    lab.server.send(100)
    lab.wait(0.3)


@situation("last-ack-timeout", "final-ack-lost", "fin-retransmitted", sysctl={"tcp_orphan_retries": 3})
def last_ack_timeout(lab):
    lab.open().talk()
    lab.client.close()
    lab.server.drain()
    lab.rtt()
    lab.wire.drop(cack, 99)
    lab.server.close()
    lab.wait(6)


@situation("fin-wait-1-timeout", "peer-vanished", "fin-lost", sysctl={"tcp_orphan_retries": 3}, v6=BOTH)
def fin_wait_1_timeout(lab):
    lab.open().talk()
    lab.wire.drop(lambda p: True, 99)
    lab.client.close()
    lab.wait(6)


@situation("keepalive")
def keepalive_answered_then_close(lab):
    lab.open().talk()
    lab.client.keepalive(1, 1, 3)
    lab.wait(3.4)
    client_closes(lab)


@situation("keepalive", "keepalive-timeout", "peer-vanished")
def keepalive_unanswered(lab):
    lab.open().talk()
    lab.client.keepalive(1, 1, 2)
    lab.wire.drop(lambda p: p.from_server, 99)
    lab.wait(5)
    lab.client.recv()


@situation("keepalive", "keepalive-timeout", "peer-vanished", v6=BOTH)
def keepalive_unanswered_both_ways(lab):
    lab.open().talk()
    lab.server.keepalive(1, 1, 2)
    lab.wire.drop(lambda p: True, 99)
    lab.wait(5)
    lab.server.recv()


@situation("keepalive", "peer-rebooted", "half-open")
def keepalive_rebooted(lab):
    lab.open().talk()
    lab.wait(0.5)
    lab.server.crash()
    lab.client.keepalive(1, 1, 2)
    lab.wait(2)
    lab.client.recv()


@situation("retransmission-timeout", "peer-vanished")
def user_timeout(lab):
    lab.open().talk()
    lab.client.opt(socket.IPPROTO_TCP, 18, 2000)
    lab.wire.drop(lambda p: True, 99)
    lab.client.send(100)
    lab.wait(5)
    lab.client.recv()


@situation("zero-window", "abortive-close")
def zero_window_then_rst(lab):
    lab.server.listen()
    lab.server.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lab.open()
    lab.client.sock.setblocking(False)
    lab.client.send(200000)
    lab.wait(1.5)
    lab.server.close()
    lab.wait(0.5)
    lab.client.sock.settimeout(2)
    lab.client.recv()


@situation("zero-window")
def zero_window_then_fin(lab):
    """The server shuts its sending side down while its window is closed."""
    lab.server.listen()
    lab.server.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lab.open()
    lab.client.sock.setblocking(False)
    lab.client.send(20000)
    lab.wait(1.0)
    lab.server.shutdown()
    lab.wait(0.5)
    lab.client.shutdown()
    lab.wait(0.2)
    lab.server.drain()
    lab.wait(0.5)
    lab.client.sock.settimeout(2)
    lab.client.drain()
    lab.client.close()
    lab.server.close()
    lab.wait(0.3)


@situation("zero-window", "peer-vanished", "persist-timeout", sysctl={"tcp_retries2": 4})
def zero_window_vanishes(lab):
    lab.server.listen()
    lab.server.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lab.open()
    lab.client.sock.setblocking(False)
    lab.client.send(200000)
    lab.wait(1.0)
    lab.wire.drop(lambda p: True, 99)
    lab.wait(14)
    lab.client.sock.settimeout(2)
    lab.client.recv()


@situation("retransmission-timeout", "peer-vanished", sysctl={"tcp_retries2": 3}, v6=BOTH)
def data_unanswered(lab):
    lab.open().talk()
    lab.wire.drop(lambda p: True, 99)
    lab.client.send(100)
    lab.wait(7)
    lab.client.recv()


@situation("syn-blackhole", sysctl={"tcp_syn_retries": 2, "tcp_syn_linear_timeouts": 0})
def syn_unanswered(lab):
    lab.kinds["server"] = "none"
    lab.wire.drop(syn, 99)
    lab.client.connect(timeout=12)


@situation("connection-refused", v6=BOTH)
def refused(lab):
    lab.kinds["server"] = "none"
    lab.client.connect()
    lab.rtt()


@situation("connection-refused", "syn-lost")
def refused_after_lost_syn(lab):
    lab.kinds["server"] = "none"
    lab.wire.drop(syn, 1)
    lab.client.connect()
    lab.rtt()


@situation("connection-refused", "rst-lost")
def refused_rst_lost(lab):
    lab.kinds["server"] = "none"
    lab.wire.drop(lambda p: p.rst, 1)
    lab.client.connect()
    lab.rtt()


@situation("embryonic", sysctl={"tcp_synack_retries": 2})
def synack_unanswered(lab):
    """The client is gone after its SYN: every SYN,ACK is lost."""
    lab.wire.drop(synack, 99)
    lab.server.listen()
    lab.client.connecting()
    lab.wait(0.5)
    lab.client.crash()
    lab.wait(9)


@situation("embryonic", "third-ack-lost", "retransmission-timeout", "peer-vanished", sysctl={"tcp_synack_retries": 2, "tcp_retries2": 3})
def third_ack_lost_forever(lab):
    lab.wire.drop(lambda p: p.from_client and not p.syn, 99)
    lab.server.listen()
    lab.client.connect()
    lab.client.send(20)
    lab.wait(11)
    lab.client.recv()


# Forged segments, strays, ports used again.

@situation("forged-rst", v6=BOTH)
def forged_rst_exact_to_client(lab):
    lab.open().talk()
    lab.forge("client", "R")
    lab.wait(0.3)
    lab.client.recv()
    lab.server.send(50)
    lab.wait(0.5)
    lab.server.recv()


@situation("forged-rst")
def forged_rst_exact_to_server(lab):
    lab.open().talk()
    lab.forge("server", "RA")
    lab.wait(0.3)
    lab.client.send(50)
    lab.wait(0.5)
    lab.client.recv()


@situation("forged-rst", "rst-ignored", "challenge-ack")
def forged_rst_in_window_fin_wait_2(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.wait(0.2)
    lab.forge("client", "R", dseq=1000)
    lab.wait(0.2)
    lab.talk(0, 300)
    lab.server.drain()
    lab.server.close()
    lab.rtt()


@situation("forged-rst")
def forged_rst_exact_fin_wait_2(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.wait(0.2)
    lab.forge("client", "R")
    lab.wait(0.2)
    lab.server.send(300)
    lab.wait(0.5)
    lab.server.recv()
    lab.server.recv()


@situation("forged-rst", v6=BOTH)
def forged_rst_exact_close_wait(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.wait(0.2)
    lab.forge("server", "R")
    lab.wait(0.2)
    lab.server.send(300)
    lab.wait(0.5)
    lab.client.recv(timeout=1)


@situation("forged-rst")
def forged_rst_fin_number_close_wait(lab):
    """A reset with the FIN's own number, one below what is expected."""
    lab.open().talk()
    lab.client.shutdown()
    lab.wait(0.2)
    lab.forge("server", "R", dseq=-1)
    lab.wait(0.2)
    lab.server.send(300)
    lab.wait(0.5)
    lab.client.recv(timeout=1)


@situation("forged-rst", "rst-ignored")
def forged_rst_below_window(lab):
    lab.open().talk()
    lab.forge("server", "R", dseq=-50)
    lab.forge("client", "R", dseq=-150)
    lab.wait(0.2)
    lab.talk()
    client_closes(lab)


@situation("forged-rst", "rst-ignored", delay=0.1)
def forged_rst_wrong_ack_syn_sent(lab):
    lab.server.listen()
    lab.client.connecting()
    lab.wait(0.05)
    lab.forge("client", "RA", seq=0, dack=77)
    lab.client.connected()
    lab.server.accept()
    lab.rtt()
    lab.talk()
    client_closes(lab)


@situation("forged-rst", "rst-ignored", delay=0.1)
def forged_rst_no_ack_syn_sent(lab):
    lab.server.listen()
    lab.client.connecting()
    lab.wait(0.05)
    lab.forge("client", "R", seq=12345)
    lab.client.connected()
    lab.server.accept()
    lab.rtt()
    lab.talk()
    client_closes(lab)


@situation("forged-rst", "connection-refused", delay=0.1)
def forged_rst_right_ack_syn_sent(lab):
    """A middlebox refuses the SYN, which the server answers all the same."""
    lab.server.listen()
    lab.client.connecting()
    lab.wait(0.05)
    lab.forge("client", "RA", seq=0)
    lab.client.connected()
    lab.wait(1)


@situation("forged-rst", "rst-ignored", delay=0.1)
def forged_rst_wrong_seq_syn_rcvd(lab):
    lab.server.listen()
    lab.client.connecting()
    lab.wait(0.12)
    lab.forge("server", "R", dseq=999999)
    lab.client.connected()
    lab.server.accept()
    lab.rtt()
    lab.talk()
    client_closes(lab)


@situation("forged-rst", delay=0.1)
def forged_rst_exact_syn_rcvd(lab):
    lab.server.listen()
    lab.client.connecting()
    lab.wait(0.12)
    lab.forge("server", "R")
    lab.client.connected()
    lab.wait(0.3)
    lab.client.send(10)
    lab.wait(0.5)
    lab.client.recv()


@situation("forged-rst", "time-wait-assassination")
def forged_rst_time_wait(lab):
    lab.open().talk()
    client_closes(lab)
    lab.wait(0.2)
    lab.forge("client", "R")
    lab.wait(0.3)


@situation("duplicate-syn", "challenge-ack", v6=BOTH)
def forged_syn_established(lab):
    lab.open().talk()
    lab.forge("server", "S", dseq=5000)
    lab.wait(0.3)
    lab.talk()
    client_closes(lab)


@situation("duplicate-syn", "challenge-ack", "half-close")
def forged_syn_fin_wait_2_and_close_wait(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.wait(0.2)
    lab.forge("client", "S", dseq=5000)
    lab.wait(0.6)
    lab.forge("server", "S", dseq=7000)
    lab.wait(0.2)
    lab.talk(0, 100)
    lab.server.drain()
    lab.server.close()
    lab.rtt()


@situation("duplicate-syn", delay=0.1)
def forged_syn_other_isn_syn_rcvd(lab):
    lab.server.listen()
    lab.client.connecting()
    lab.wait(0.12)
    lab.forge("server", "S", dseq=900000, delay=0)
    lab.client.connected()
    lab.server.accept()
    lab.wait(0.3)
    lab.talk()
    client_closes(lab)


@situation("challenge-ack")
def forged_synack_established(lab):
    lab.open().talk()
    lab.forge("client", "SA")
    lab.wait(0.3)
    lab.talk()
    client_closes(lab)


@situation("forged-fin")
def forged_fin_to_client(lab):
    """A FIN that the server never sent; the client believes it."""
    lab.open().talk()
    lab.forge("client", "FA")
    lab.wait(0.3)
    lab.client.drain()
    lab.server.send(100)
    lab.wait(0.5)
    lab.client.close()
    lab.server.drain()
    lab.server.close()
    lab.wait(0.5)


@situation("forged-fin")
def forged_fin_out_of_window(lab):
    lab.open().talk()
    lab.forge("client", "FA", dseq=-500)
    lab.wait(0.3)
    lab.talk()
    client_closes(lab)


@situation("forged-data")
def forged_data_in_window(lab):
    """Injected data moves the receiver on: both ends lose their step."""
    lab.open().talk()
    lab.forge("server", "PA", payload=b"evil")
    lab.wait(0.3)
    lab.client.send(20)
    lab.wait(1)
    lab.client.abort()
    lab.wait(0.3)


@situation("stray-rst-after-close", "clean-close")
def stray_ack_after_close(lab):
    """A late bare ACK of the client finds no socket at the server."""
    lab.open().talk()
    client_closes(lab)
    lab.forge("server", "A")
    lab.wait(0.3)


@situation("stray-rst-after-close", "clean-close")
def stray_data_after_close(lab):
    lab.open().talk()
    client_closes(lab)
    lab.forge("server", "PA", dseq=-50, payload=b"y" * 20)
    lab.forge("client", "PA", dseq=-50, payload=b"y" * 20)
    lab.wait(0.3)


@situation("clean-close", "duplicated-packets")
def old_fin_duplicated_late(lab):
    """The server's FIN comes again to TIME_WAIT half a second later."""
    lab.open().talk()
    client_closes(lab)
    last = [p for p in lab.wire.seen if p.from_server and p.fin][-1]
    lab.wait(0.4)
    lab.wire.send(False, last.frame)
    lab.wait(0.3)
    return {"labels": ["stray-rst-after-close"]}


@situation("port-reused", "abortive-close")
def port_reused_after_rst(lab):
    lab.open().talk()
    lab.client.abort()
    lab.wait(0.3)
    lab.server.close()
    lab.again()
    lab.open().talk()
    client_closes(lab)


@situation("port-reused", "connection-refused")
def port_reused_refused_twice_then_open(lab):
    lab.client.connect()
    lab.client.close()
    lab.wait(0.1)
    lab.again()
    lab.client.connect()
    lab.client.close()
    lab.wait(0.1)
    lab.again()
    lab.open().talk()
    client_closes(lab)


@situation("port-reused", "time-wait-reuse")
def time_wait_syn_accepted(lab):
    """The server closed first; the client uses its port again."""
    lab.open().talk()
    lab.server.close()
    lab.rtt()
    lab.client.drain()
    lab.client.close()
    lab.wait(1.2)
    lab.again()
    lab.open().talk()
    client_closes(lab)


@situation("half-open", "client-rebooted", "port-reused", v6=BOTH)
def client_rebooted_same_port(lab):
    """The server still holds the old connection: challenge ACK, RST, SYN."""
    lab.open().talk()
    lab.wait(0.5)
    lab.client.crash()
    lab.wait(0.5)
    old = lab.server.sock
    lab.again()
    lab.client.connect()
    lab.server.accept()
    lab.rtt()
    lab.talk()
    client_closes(lab)


@situation("half-open", "client-rebooted", "port-reused", "challenge-ack")
def client_rebooted_rst_lost(lab):
    lab.open().talk()
    lab.wait(0.5)
    lab.client.crash()
    lab.wait(0.5)
    old = lab.server.sock
    lab.wire.drop(lambda p: p.rst, 1)
    lab.again()
    lab.client.connect()
    lab.server.accept()
    lab.rtt()
    lab.talk()
    client_closes(lab)


@situation("half-open", "peer-rebooted", "server-rebooted")
def server_rebooted_client_sends(lab):
    lab.open().talk()
    lab.wait(0.5)
    lab.server.crash()
    lab.wait(0.5)
    lab.client.send(40)
    lab.wait(0.2)
    lab.client.recv()


@situation("half-open", "peer-rebooted")
def server_rebooted_client_closes(lab):
    """The FIN meets no socket."""
    lab.open().talk()
    lab.wait(0.5)
    lab.server.crash()
    lab.wait(0.5)
    lab.client.close()
    lab.wait(0.3)


@situation("forged-rst", "middlebox-rst")
def middlebox_rst_client_only(lab):
    """The client is reset, the server never hears of it and keeps sending."""
    lab.open().talk()
    lab.wire.drop(lambda p: p.from_client and p.rst, 99)
    lab.forge("client", "R")
    lab.wait(0.2)
    lab.server.send(100)
    lab.wait(1.5)
    lab.client.recv()


# ICMP.

def icmp_answer(lab, code, times, kind=None):
    def answer(p):
        lab.icmp("client", code, kind, about=p)
        return "drop"
    return lab.wire.rule(lambda p: p.from_client, answer, times)


@situation("icmp-unreachable-to-syn", v6=BOTH)
def icmp_host_to_syn(lab):
    lab.kinds["server"] = "none"
    icmp_answer(lab, 3 if lab.v6 else 1, 9)
    lab.client.connect()
    lab.wait(0.3)


@situation("icmp-unreachable-to-syn", v6=BOTH)
def icmp_port_to_syn(lab):
    lab.kinds["server"] = "none"
    icmp_answer(lab, 4 if lab.v6 else 3, 9)
    lab.client.connect()
    lab.wait(0.3)


@situation("icmp-unreachable-to-syn", v6=BOTH)
def icmp_admin_to_syn(lab):
    lab.kinds["server"] = "none"
    icmp_answer(lab, 1 if lab.v6 else 13, 9)
    lab.client.connect()
    lab.wait(0.3)


def icmp_code(kind, code, v6):
    def f(lab):
        lab.kinds["server"] = "none"
        icmp_answer(lab, code, 9, kind)
        lab.client.connect()
        lab.wait(0.3)
    f.__name__ = "icmp_%d_%d_to_syn" % (kind, code)
    f.__doc__ = "connect() meets ICMP type %d, code %d" % (kind, code)
    situation("icmp-unreachable-to-syn", v6=(v6,))(f)


for _code in (0, 2, 5, 6, 7, 8, 9, 10, 11, 12):
    icmp_code(3, _code, False)
icmp_code(11, 0, False)
for _kind, _code in ((1, 0), (1, 1), (1, 2), (1, 5), (1, 6), (3, 0), (4, 1)):
    icmp_code(_kind, _code, True)


@situation("icmp-unreachable-to-syn", v6=BOTH)
def icmp_to_nonblocking_syn(lab):
    lab.kinds["server"] = "none"
    icmp_answer(lab, 0, 9)
    lab.client.connecting()
    lab.client.connected()
    lab.wait(0.3)


@situation("icmp-unreachable-to-syn")
def icmp_to_lost_synack(lab):
    """An ICMP error to the SYN that the server answers all the same."""
    lab.server.listen()

    def answer(p):
        lab.icmp("client", 1, about=p)
        return None
    lab.wire.rule(syn, answer, 1)
    lab.client.connecting()
    lab.client.connected()
    lab.wait(1.5)


@situation("icmp-unreachable-established", "icmp-soft-error", "retransmission", v6=BOTH)
def icmp_midstream_temporary(lab):
    lab.open().talk()
    icmp_answer(lab, 3 if lab.v6 else 1, 2)
    lab.client.send(100)
    lab.server.recv()
    lab.wait(0.3)
    lab.talk()
    client_closes(lab)


@situation("icmp-unreachable-established", "icmp-soft-error", "retransmission-timeout", "peer-vanished", sysctl={"tcp_retries2": 3})
def icmp_midstream_until_timeout(lab):
    lab.open().talk()
    icmp_answer(lab, 0, 99)
    lab.client.send(100)
    lab.wait(6)
    lab.client.recv()


@situation("icmp-soft-error", "fin-wait-1-timeout", "icmp-unreachable-established", sysctl={"tcp_orphan_retries": 3})
def icmp_to_fin(lab):
    lab.open().talk()
    icmp_answer(lab, 1, 99)
    lab.client.close()
    lab.wait(6)


# Fast Open.

TFO = {"tcp_fastopen": 0x3}


@situation("tcp-fast-open", "fast-open-cookie-request", sysctl=TFO)
def fast_open_cookie_request(lab):
    lab.server.listen(fastopen=8)
    lab.client.fast(100)
    lab.server.accept()
    lab.server.recv()
    lab.rtt()
    lab.talk()
    client_closes(lab)


def with_cookie(lab):
    """A first connection fetches the cookie."""
    lab.server.listen(fastopen=8)
    lab.client.fast(10)
    lab.server.accept()
    lab.server.recv()
    lab.rtt()
    lab.server.close()
    lab.rtt()
    lab.client.drain()
    lab.client.close()
    lab.wait(0.2)
    lab.pairs[0] = (lab.local("client"), lab.local("server"))
    lab.port["client"] += 1


def fast_open_case(name, labels, play, **options):
    def f(lab):
        with_cookie(lab)
        port = lab.port["client"]
        play(lab)
        return {}
    f.__name__, f.__doc__ = name, play.__doc__
    situation("tcp-fast-open", *labels, sysctl=TFO, **options)(f)


def _accepted(lab):
    lab.again()
    lab.client.fast(300)
    lab.server.accept()
    lab.server.recv()
    lab.rtt()
    lab.talk()
    client_closes(lab)


def _server_first(lab):
    """The server answers the data before the handshake's ACK, and closes."""
    lab.again()
    lab.wire.delay = [0.08, 0.08]
    lab.client.fast(300)
    lab.server.accept()
    lab.server.recv()
    lab.server.send(700)
    lab.server.close()
    lab.wait(0.5)
    lab.client.drain()
    lab.client.close()
    lab.wait(0.4)


def _syn_lost(lab):
    lab.again()
    lab.wire.drop(syn, 1)
    lab.client.fast(300)
    lab.server.accept()
    lab.server.recv()
    lab.rtt()
    lab.talk()
    client_closes(lab)


def _refused(lab):
    """The server has forgotten its key: the data in the SYN is not taken."""
    lab.again()
    lab.server.stop_listening()
    lab.server.listen()
    sysctl_off(lab)
    lab.client.fast(300)
    lab.server.accept()
    lab.server.recv()
    lab.rtt()
    lab.talk()
    client_closes(lab)


def _third_ack_lost(lab):
    lab.again()
    lab.wire.drop(lambda p: p.from_client and not p.syn, 1)
    lab.client.fast(300)
    lab.server.accept()
    lab.server.recv()
    lab.server.send(100)
    lab.wait(0.5)
    lab.client.recv()
    client_closes(lab)


def _rst(lab):
    lab.again()
    lab.server.stop_listening()
    lab.client.fast(300)
    lab.wait(0.2)
    lab.client.recv()


def sysctl_off(lab):
    import netns
    netns.sysctl(lab.ns["server"], tcp_fastopen=0)


for _name, _labels, _play in (("fast_open_accepted", [], _accepted), ("fast_open_server_first", [], _server_first),
                              ("fast_open_syn_lost", ["syn-lost"], _syn_lost), ("fast_open_data_not_taken", [], _refused),
                              ("fast_open_third_ack_lost", ["third-ack-lost"], _third_ack_lost), ("fast_open_refused", ["connection-refused"], _rst)):
    fast_open_case(_name, _labels, _play)


# Timing, loss, reordering.

@situation("asymmetric-delay", delay=(0.01, 0.15))
def asymmetric(lab):
    lab.open().talk(2000, 3000)
    client_closes(lab)


@situation("clean-close", "server-closed-first", delay=0.15, v6=BOTH)
def large_rtt_crossing_data(lab):
    lab.open()
    lab.client.send(500)
    lab.server.send(700)
    lab.wait(0.1)
    lab.client.send(300)
    lab.server.send(900)
    lab.server.shutdown()
    lab.wait(0.8)
    lab.client.drain()
    lab.client.close()
    lab.server.drain()
    lab.server.close()
    lab.wait(0.5)


@situation("clean-close", "data-after-fin-of-peer", delay=0.15)
def large_rtt_fin_crosses_data(lab):
    """The client's data crosses the server's FIN."""
    lab.open()
    lab.talk()
    lab.server.shutdown()
    lab.client.send(400)
    lab.wait(0.4)
    lab.client.send(100)
    lab.client.close()
    lab.server.drain()
    lab.server.close()
    lab.wait(0.5)


@situation("rst-after-fin", "abortive-close", delay=0.15)
def large_rtt_rst_crosses_data(lab):
    """Data in flight while the peer aborts: more of it is captured after the RST."""
    lab.open()
    lab.talk()
    lab.server.close()
    for _ in range(6):
        lab.client.send(400)
        lab.wait(0.05)
    lab.wait(0.6)


def noisy(seed, loss=0.0, dup=0.0, reorder=0.0):
    def f(lab):
        import random
        rng = random.Random(seed)

        def fate(p):
            x = rng.random()
            if x < loss:
                return "drop"
            if x < loss + dup:
                return "dup"
            if x < loss + dup + reorder:
                return ("delay", rng.uniform(0.002, 0.02))
            return None
        lab.wire.rule(lambda p: True, fate, 10**6)
        lab.server.listen()
        lab.client.connect(timeout=20)
        if lab.client.calls[-1]["errno"]:
            return
        lab.server.accept()
        for _ in range(rng.randrange(1, 4)):
            up, down = rng.randrange(1, 4000), rng.randrange(1, 6000)
            lab.client.send(up)
            lab.wait(rng.uniform(0, 0.05))
            lab.server.read(up)
            lab.server.send(down)
            lab.wait(rng.uniform(0, 0.05))
            lab.client.read(down)
        first, second = (lab.client, lab.server) if rng.random() < 0.6 else (lab.server, lab.client)
        how = rng.random()
        if how < 0.25:
            first.shutdown()
            second.send(1500)
            second.close() if rng.random() < 0.5 else second.shutdown()
        elif how < 0.5:
            first.shutdown()
            second.shutdown()
        else:
            first.shutdown()
            second.drain(timeout=3)
            second.shutdown()
        lab.wait(4)
        first.drain(timeout=0.5)
        if second.sock:
            second.drain(timeout=0.5)
            second.close()
        first.close()
        lab.wait(1)
    return f


for _kind, _args in (("loss", {"loss": 0.25}), ("mixed", {"loss": 0.1, "dup": 0.1, "reorder": 0.25}), ("disorder", {"dup": 0.15, "reorder": 0.4})):
    for _seed in range(24):
        _f = noisy(_seed * 7 + len(_kind), **_args)
        _f.__name__ = "random_%s_%02d" % (_kind, _seed)
        situation("random-loss", "many-connections", delay=0.01)(_f)


# What Linux does besides.

@situation("rst-after-fin", "abortive-close")
def linger2_negative(lab):
    """TCP_LINGER2 below zero: the ACK of the FIN is answered by a reset."""
    lab.open().talk()
    lab.client.opt(socket.IPPROTO_TCP, 8, -1)
    lab.client.close()
    lab.wait(0.3)


@situation("forged-rst", "time-wait-rst-ignored", "rst-ignored", sysctl={"tcp_rfc1337": 1})
def time_wait_rst_rfc1337(lab):
    lab.open().talk()
    client_closes(lab)
    lab.wait(0.2)
    lab.forge("client", "R")
    lab.wait(0.3)


@situation("forged-rst", "rst-ignored")
def forged_rst_wrong_checksum(lab):
    lab.open().talk()
    frame = bytearray(lab.forge("client", "R", dseq=1 << 24))
    p = lab.from_("server")
    frame[38:42] = p.end.to_bytes(4, "big")  # the right number, under the checksum of another
    lab.wire.send(False, bytes(frame))
    lab.wait(0.2)
    lab.talk()
    client_closes(lab)


@situation("icmp-unreachable-established")
def icmp_quotes_old_number(lab):
    """An ICMP error about bytes long acknowledged counts for nothing."""
    lab.open().talk()
    old = [p for p in lab.wire.seen if p.from_client and p.len][0]
    lab.icmp("client", 1, about=old)
    lab.wait(0.2)
    lab.talk()
    client_closes(lab)


@situation("accept-queue-overflow", "half-open", sysctl={"tcp_abort_on_overflow": 1})
def abort_on_overflow(lab):
    """The queue fills up between SYN and ACK: the ACK is answered by a reset."""
    lab.server.listen(backlog=0)
    other = lab.client.socket()
    lab.wire.rule(lambda p: p.from_client and p.bare and p.sport == lab.port["client"], ("delay", 0.2))
    lab.client.connect()
    other.connect(lab.remote("client"))
    lab.wait(0.5)
    lab.client.recv(timeout=1)
    other.close()


@situation("keepalive", "keepalive-timeout", "icmp-unreachable-established", "peer-vanished")
def keepalive_host_unreachable(lab):
    lab.open().talk()
    lab.client.keepalive(1, 1, 2)
    icmp_answer(lab, 1, 99)
    lab.wait(5)
    lab.client.recv()


@situation("data-in-syn")
def syn_with_data_not_taken(lab):
    """A SYN with data and no Fast Open: only the SYN is acknowledged."""
    lab.server.listen()
    lab.kinds["client"] = "none"
    lab.forge("server", "S", seq=1000, payload=b"hello", tapped=True)
    lab.wait(0.3)
