"""The measure of innocence: a mitmproxy script that streams everything and does nothing else."""


def requestheaders(flow):
    if "transfer-encoding" in flow.request.headers:
        flow.request.stream = True


def responseheaders(flow):
    flow.response.stream = True
