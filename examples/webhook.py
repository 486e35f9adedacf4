"""Tell a webhook of every pseudo-stream: mitmdump -s addons/streamwatch.py -s examples/webhook.py"""

import asyncio
import json
import os
import urllib.request


def streamwatch_record(record):
    if record.verdict.label == "pseudo-streaming":
        text = f"{record.request.url}: {record.verdict.summary}"
        asyncio.get_running_loop().run_in_executor(None, post, text)  # a thread: traffic goes on


def post(text):
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request(os.environ["WEBHOOK_URL"], body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()
