"""Tool calls as OpenAI's imitators send them: in fragments, whole, or after they were run.

In: entries of ``tool_calls`` and of what stands in their place.  Out: the calls, and channel bits.
"""

from __future__ import annotations

from .answer import TOOLS, Call, Calls
from .values import Object, dump, index, non_empty, obj, objects, text


def add_fragment(calls: Calls, fragment: Object) -> int:
    """Add one entry of ``tool_calls``; return the channel bits.

    Its index tells to which call it belongs.  Some servers leave the index out, or give every call the same index or
    the same ID: then a new ID beside a name begins a new call, and a fragment with nothing to tell it apart continues
    the last call, unless that is complete and the fragment is a call of its own.
    """
    position, id_ = fragment.get("index"), non_empty(fragment.get("id"))
    function = obj(fragment.get("function") or fragment.get("custom"))
    name = function.get("name")
    call = _call_of(calls, position, id_, name)
    if call is None and not (id_ or name or function.get("arguments")):
        return 0  # Gemini may send a signature alone
    if call is None or _is_another(call, id_, function):
        call = calls.begin(*[key for key in (position, id_) if isinstance(key, int | str)])
    call.set_identity(id_, None)
    return 0 if _tells_again(call, function) else add_function_fragment(call, function)


def _call_of(calls: Calls, position: object, id_: str | None, name: object) -> Call | None:
    """The call of a fragment with this index, ID and name; None if it is a new one."""
    call = calls.get(id_) if id_ else None
    if not isinstance(position, int):
        return call if id_ else calls.last()
    if call and call.position == position:
        return call
    call = calls.get(position)
    taken = call and id_ and name and call.id not in (None, id_)
    return None if taken else call


def _is_another(call: Call, id_: str | None, function: Object) -> bool:
    """The call is complete, and the fragment begins one of its own."""
    name = function.get("name")
    named = name and not (id_ and call.name == name)
    return bool(named and _opens(function) and call.arguments.ends_with("}"))


def _tells_again(call: Call, function: Object) -> bool:
    """The fragment repeats all arguments of a call that is complete."""
    piece, known = text(function.get("arguments")), call.arguments
    return len(piece) == len(known) and piece[:1] == "{" and piece[-1:] == "}" and piece == known.joined()


def whole_call(calls: Calls, entry: Object) -> int:
    """Add one entry of a whole message's ``tool_calls``: a call of its own, whatever its index and ID."""
    call = calls.begin()
    call.set_identity(non_empty(entry.get("id")), None)
    return add_function_fragment(call, obj(entry.get("function") or entry.get("custom")))


def add_executed_tools(calls: Calls, tools: object) -> int:
    """Add the tools that Groq runs itself: each is sent again with its result."""
    bits = 0
    for position, tool in enumerate(objects(tools)):
        call = calls.at(index(tool.get("index"), position))
        call.set_identity(tool.get("id"), tool.get("name") or tool.get("type"))
        if not call.arguments:
            bits |= TOOLS * call.arguments.add(dump(tool.get("arguments")))
    return bits


def add_server_tool(calls: Calls, entry: Object) -> int | None:
    """Add a tool that Zhipu runs itself, sent under its type, as is its result.  None if the entry is another."""
    type_ = text(entry.get("type"))
    tool = entry.get(type_)
    if type_ == "custom" or "function" in entry or not isinstance(tool, dict):
        return None
    call = calls.at(non_empty(entry.get("id")) or index(entry.get("index")))
    call.set_identity(entry.get("id"), call.name or tool.get("name") or type_)
    piece = tool.get("input") or tool.get("arguments")
    return TOOLS * call.arguments.add(dump(piece))


def add_snowflake_calls(calls: Calls, delta: Object) -> int:
    """Add Snowflake's calls: a delta begins one or brings its input; whole calls stand among the parts of a message."""
    bits = 0
    for use in (obj(part.get("tool_use")) for part in objects(delta.get("content_list"))):
        if use:
            calls.add(use.get("tool_use_id"), use.get("name"), dump(use.get("input")))
            bits = TOOLS
    if delta.get("type") != "tool_use":
        return bits
    id_ = non_empty(delta.get("tool_use_id"))
    call = calls.at(id_) if id_ else calls.last() or calls.begin()
    call.set_identity(id_, delta.get("name"))
    return TOOLS if call.arguments.add(dump(delta.get("input"))) or delta.get("name") else bits


def _opens(function: Object) -> bool:
    """The fragment's arguments begin as arguments do."""
    arguments = function.get("arguments")
    return isinstance(arguments, dict) or text(arguments).startswith("{")


def add_function_fragment(call: Call, function: Object) -> int:
    """Add a fragment's name and arguments to its call."""
    name, arguments = function.get("name"), function.get("arguments")
    if arguments is None:
        arguments = function.get("input")
    named = bool(name) and name != call.name  # some repeat it with every fragment
    call.set_identity(None, name)
    piece = arguments if isinstance(arguments, str) else dump(arguments)
    return TOOLS * (call.arguments.add(piece) or named)
