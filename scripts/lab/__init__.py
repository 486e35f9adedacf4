"""The lab: real proxies and frameworks around a scripted model, and streamwatch's verdict on each.

    uv run scripts/lab [--quick] [--path WORD] [--pattern WORD] [--no-install]

runs every pattern (8 to 3000 tokens a second, thinking, pings, tool calls, short answers) over every path (nginx,
HAProxy, Apache, Caddy, Express, Starlette, Flask under gunicorn, in the settings people have) through a real mitmdump
and prints verdict and suspect against the truth.  Programs that are missing are installed from Debian's, npm's and
Python's registries; what cannot be had is skipped with its reason.

``patterns`` say when a model writes what, ``origins`` are servers that do so, ``hops`` the programs put in front of
them, ``paths`` the table of both with the truth about each, ``run`` drives and compares.
"""
