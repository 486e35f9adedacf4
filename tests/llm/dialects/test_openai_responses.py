"""OpenAI Responses."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Context, Limits, Llm, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = "/v1/responses"
AGENT = context("/v1/agent", "api.perplexity.ai")


def event(type_: str, **more: object) -> dict[str, object]:
    return {"type": type_, "output_index": 0, "content_index": 0, **more}


def completed(*output: object, status: str = "completed", **more: object) -> dict[str, object]:
    return event(f"response.{status}", response={"id": "r", "status": status, "output": list(output), **more})


def message(text: str) -> dict[str, object]:
    return {"type": "message", "content": [{"type": "output_text", "text": text}]}


@pytest.mark.parametrize(
    ("type_", "more", "channels"),
    [
        ("response.output_text.delta", {"delta": "a"}, ("text",)),
        ("response.output_text.delta", {"delta": ""}, ()),
        ("response.refusal.delta", {"delta": "a"}, ("text",)),
        ("response.reasoning_text.delta", {"delta": "a"}, ("reasoning",)),
        ("response.reasoning_summary_text.delta", {"delta": "a"}, ("reasoning",)),
        ("response.function_call_arguments.delta", {"delta": "{"}, ("tool_calls",)),
        ("response.custom_tool_call_input.delta", {"delta": "a"}, ("tool_calls",)),
        ("response.mcp_call_arguments.delta", {"delta": "{"}, ("tool_calls",)),
        ("response.code_interpreter_call_code.delta", {"delta": "a"}, ("tool_calls",)),
        ("response.audio.transcript.delta", {"delta": "a"}, ("text",)),
        # what came in no delta is news at its done event
        ("response.output_text.done", {"text": "a"}, ("text",)),
        ("response.output_item.done", {"item": message("a")}, ("text",)),
        ("response.completed", {"response": {"output": [message("a")]}}, ("text",)),
        ("response.created", {"response": {"id": "r"}}, ()),
        ("response.in_progress", {}, ()),
        ("response.output_item.added", {"item": {"type": "function_call", "call_id": "c", "name": "f"}}, ()),
        ("response.output_item.added", {"item": {"type": "message", "content": []}}, ()),
        ("response.content_part.added", {"part": {"type": "output_text", "text": ""}}, ()),
        ("response.web_search_call.searching", {}, ()),
        ("response.output_text.annotation.added", {"annotation": {}}, ()),
        ("keepalive", {}, ()),
    ],
)
def test_channels(type_: str, more: dict[str, object], channels: tuple[str, ...]) -> None:
    listener = listened(WHERE, ("response.created", event("response.created")))
    reading = listener.read_event(frame(event(type_, **more), type_))
    assert (reading.channels, reading.type) == (channels, type_)


def test_a_call_whose_item_was_not_announced_lost_nothing() -> None:
    pieces = [event("response.function_call_arguments.delta", delta=piece) for piece in ('{"a":', "1}")]
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a":1}'}
    llm = streamed(WHERE, *pieces, completed(call))
    assert (llm.tool_calls, llm.notes) == ((ToolCall("c", "f", '{"a":1}'),), ())


def test_done_events_and_the_final_response_are_not_said_twice() -> None:
    stream = [
        event("response.output_text.delta", delta="a"),
        event("response.output_text.delta", delta="b"),
        event("response.output_text.done", text="ab"),
        event("response.output_item.done", item=message("ab")),
        completed(message("ab")),
    ]
    listener = listened(WHERE, *stream[:2])
    assert all(not listener.read_event(frame(one)).channels for one in stream[2:])
    llm = listener.result()
    assert llm
    assert (llm.text, llm.notes, llm.finish_reason) == ("ab", (), "completed")


def test_what_was_lost_on_the_way_is_reported_and_the_final_response_believed() -> None:
    llm = streamed(WHERE, event("response.output_text.delta", delta="a"), completed(message("abc")))
    assert llm.text == "abc"
    assert llm.notes == ("data loss: the text that came in deltas is not the final response's",)


def test_ids_that_change_from_event_to_event_are_no_loss() -> None:
    def search(id_: str, **more: object) -> dict[str, object]:
        return {"type": "web_search_call", "id": id_, **more}

    llm = streamed(
        WHERE,
        event("response.output_item.added", item=search("w1")),
        event("response.output_item.done", item=search("w2", action={"query": "tides"})),
        completed(search("w3", action={"query": "tides"})),
    )
    assert llm.notes == ()
    assert [call.arguments for call in llm.server_tool_calls] == ['{"query":"tides"}']


def test_the_name_of_an_event_may_stand_in_the_framing_alone() -> None:
    assert streamed(WHERE, ("response.output_text.delta", {"delta": "a"})).text == "a"


def test_deltas_that_count_themselves_as_parts_are_repeated_by_what_is_done() -> None:
    """vLLM's did, in its own and in others' names."""
    stream = [event("response.output_text.delta", delta=piece, content_index=n) for n, piece in enumerate("abc")]
    listener = listened(WHERE, *stream)
    done = event("response.output_text.done", text="abc", content_index=3)
    assert listener.read_event(frame(done)).channels == ()
    assert listener.read_event(frame(completed(message("abc")))).channels == ()
    llm = listener.result()
    assert llm
    assert (llm.text, llm.notes) == ("abc", ())


def test_a_part_of_which_no_delta_came_is_brought_when_it_is_done() -> None:
    first = event("response.output_text.delta", delta="ab", content_index=0)
    second = event("response.output_text.done", text="c", content_index=1)
    assert streamed(WHERE, first, second).text == "abc"


def test_of_an_answer_that_goes_on_where_it_was_left_nothing_was_lost() -> None:
    where = Context("GET", "llm.example", "/v1/responses/r", (("stream", "true"), ("starting_after", "7")), status=200)
    called = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "[1]"}
    llm = streamed(
        where,
        event("response.output_text.delta", delta="c"),
        {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": "]"},
        {"type": "response.output_item.done", "output_index": 1, "item": called},
        completed(message("abc"), called),
    )
    assert (llm.text, llm.tool_calls, llm.notes) == ("abc", (ToolCall("c", "f", "[1]"),), ())


def test_a_call_that_is_never_said_to_be_done_is_called_with_what_it_began_with() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "search_web", "arguments": '{"queries":["tides"]}'}
    found = {"type": "search_results", "results": [{"title": "Tides"}]}
    tools = {"tools": [{"type": "web_search"}]}
    begun, ended = event("response.created", response=tools), completed(found, message("High."), **tools)
    added, done = event("response.output_item.added", item=call), event("response.output_item.done", item=found)
    llm = streamed(WHERE, begun, added, done, ended)
    assert llm.server_tool_calls == (ToolCall("c", "search_web", '{"queries":["tides"]}'),)
    pieces = [event("response.function_call_arguments.delta", delta=piece) for piece in ('{"queries":', '["tides"]}')]
    assert streamed(WHERE, begun, added, *pieces, ended).server_tool_calls == llm.server_tool_calls


def test_a_call_that_is_done_is_the_last_word_on_what_its_deltas_said() -> None:
    """GitHub Copilot enciphers the deltas, and repeats nothing at the end."""
    item = {"type": "function_call", "call_id": "c", "name": "f"}
    delta = {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "XzY"}
    done = {"type": "response.output_item.done", "output_index": 0, "item": {**item, "arguments": "{}"}}
    end = {"type": "response.completed", "response": {"status": "completed", "output": []}}
    llm = streamed(WHERE, delta, done, end)
    assert llm.tool_calls == (ToolCall("c", "f", "{}"),)
    assert llm.notes == ("data loss: the arguments that came in deltas are not those of the call when it was done",)
    broken_off = {**done, "item": {**item, "arguments": "{", "status": "incomplete"}}
    assert streamed(WHERE, delta, broken_off, end).tool_calls == (ToolCall("c", "f", "XzY"),)
    assert streamed(WHERE, {**delta, "delta": "{}"}, done, end).notes == ()


@pytest.mark.parametrize("numbered", [True, False])
def test_calls_without_a_number_are_told_by_their_names(numbered: bool) -> None:
    """llama.cpp numbers no events; others number items and not what is said of them."""
    begun, done = [], []
    for n, (name, ids) in enumerate((("i", {"id": "i", "call_id": "c"}), ("d", {"call_id": "d"}))):
        item = {**ids, "type": "function_call", "name": "f"}
        begun.append({"type": "response.output_item.added", "item": item, **({"output_index": n} if numbered else {})})
        for piece in ("[", f"{n}]"):
            begun.append({"type": "response.function_call_arguments.delta", "item_id": name, "delta": piece})
        done.append({"type": "response.output_item.done", "item": {**item, "arguments": f"[{n}]"}})
    llm = streamed(WHERE, *begun, *done, {"type": "response.completed", "response": {"output": []}})
    assert llm.tool_calls == (ToolCall("c", "f", "[0]"), ToolCall("d", "f", "[1]"))
    assert llm.notes == ()
    nameless = [{"type": "response.function_call_arguments.delta", "delta": d} for d in "[]"]
    assert streamed(WHERE, *nameless).tool_calls == (ToolCall(None, None, "[]"),)


@pytest.mark.parametrize(
    ("stem", "item", "arguments"),
    [
        (
            "response.shell_call_command",
            {"type": "shell_call", "action": {"commands": ["ls"]}},
            '{"commands":["ls"]}',
        ),
        (
            "response.apply_patch_call_operation_diff",
            {"type": "apply_patch_call", "operation": {"type": "delete_file"}},
            '{"type":"delete_file"}',
        ),
    ],
)
def test_parts_of_an_object_are_content_and_the_item_that_is_done_has_all_of_it(
    stem: str, item: dict[str, object], arguments: str
) -> None:
    added = {"type": "response.output_item.added", "output_index": 1, "item": {"type": item["type"], "call_id": "c"}}
    done = {"type": "response.output_item.done", "output_index": 1, "item": {**item, "call_id": "c"}}
    whole = {"output_index": 1, "command": "ls", "diff": "ls"}
    parts = [{"type": f"{stem}.delta", "output_index": 1, "delta": piece} for piece in ("l", "s")]
    listener = listened(WHERE, added)
    events = [{"type": f"{stem}.added", **whole}, *parts, {"type": f"{stem}.done", **whole}, done]
    channels = [listener.read_event(frame(event)).channels for event in events]
    assert channels == [(), ("tool_calls",), ("tool_calls",), (), ()]
    llm = listener.result()
    assert llm
    assert llm.tool_calls == (ToolCall("c", str(item["type"]), arguments),)
    # where no part came, the item is news
    assert listened(WHERE, added).read_event(frame(done)).channels == ("tool_calls",)


def test_an_empty_final_response_takes_nothing_back() -> None:
    llm = streamed(WHERE, event("response.output_text.delta", delta="a"), completed())
    assert (llm.text, llm.notes) == ("a", ())


def test_sequence_numbers_tell_of_lost_events() -> None:
    numbers = (0, 1, 4, 5, 5, "x")
    llm = streamed(WHERE, *(event("response.output_text.delta", delta="a", sequence_number=n) for n in numbers))
    assert llm.notes == ("sequence_number jumps from 1 to 4: events were lost, or numbers skipped",)


def test_reasoning_is_shown_rather_than_its_summary() -> None:
    summary = {"type": "reasoning", "summary": [{"text": "s1"}, {"text": "s2"}]}
    both = {**summary, "content": [{"type": "reasoning_text", "text": "r"}]}
    assert whole(WHERE, {"object": "response", "output": [summary]}).reasoning == "s1s2"
    assert whole(WHERE, {"object": "response", "output": [both]}).reasoning == "r"
    assert whole(WHERE, {"object": "response", "output": [], "reasoning": "plain"}).reasoning == "plain"
    assert whole(WHERE, {"object": "response", "output": [], "reasoning": {"effort": "low"}}).reasoning is None


@pytest.mark.parametrize(
    ("item", "server", "call"),
    [
        ({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}, False, ToolCall("c", "f", "{}")),
        ({"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "x"}, False, ToolCall("c", "f", "x")),
        (
            {"type": "computer_call", "call_id": "c", "action": {"type": "click"}},
            False,
            ToolCall("c", "computer_call", '{"type":"click"}'),
        ),
        (
            {"type": "computer_call", "call_id": "c", "action": None, "actions": [{"type": "wait"}]},
            False,
            ToolCall("c", "computer_call", '[{"type":"wait"}]'),
        ),
        (
            {"type": "web_search_call", "id": "w", "action": {"query": "q"}},
            True,
            ToolCall("w", "web_search_call", '{"query":"q"}'),
        ),
        ({"type": "x_search_call", "id": "x", "arguments": "{}"}, True, ToolCall("x", "x_search_call", "{}")),
        ({"type": "browse_call", "id": "b", "action": {"url": "u"}}, True, ToolCall("b", "browse_call", '{"url":"u"}')),
        (
            {"type": "web_extractor_call", "id": "e", "urls": ["u"], "goal": "read", "output": "no word"},
            True,
            ToolCall("e", "web_extractor_call", '["u"]'),
        ),
        ({"type": "mcp_call", "id": "m", "name": "f", "arguments": "{}"}, True, ToolCall("m", "f", "{}")),
        ({"type": "mcp_approval_request", "id": "a", "name": "f", "arguments": "{}"}, True, ToolCall("a", "f", "{}")),
        ({"type": "code_interpreter_call", "id": "i", "code": "1"}, True, ToolCall("i", "code_interpreter_call", "1")),
        (
            {"type": "file_search_call", "id": "s", "queries": ["q"]},
            True,
            ToolCall("s", "file_search_call", '["q"]'),
        ),
        (
            {"type": "shell_call", "call_id": "c", "action": {}, "environment": {"type": "container_reference"}},
            True,
            ToolCall("c", "shell_call", "{}"),
        ),
        (
            {"type": "shell_call", "call_id": "c", "action": {}, "environment": {"type": "local"}},
            False,
            ToolCall("c", "shell_call", "{}"),
        ),
        (
            {"type": "tool_search_call", "id": "t", "call_id": None, "execution": "server", "arguments": {"a": 1}},
            True,
            ToolCall("t", "tool_search_call", '{"a":1}'),
        ),
        (
            {"type": "tool_search_call", "id": "t", "call_id": "c", "execution": "client", "arguments": {"a": 1}},
            False,
            ToolCall("c", "tool_search_call", '{"a":1}'),
        ),
        ({"type": "program", "id": "p", "call_id": "c", "code": "1"}, True, ToolCall("c", "program", "1")),
    ],
)
def test_calls_are_the_clients_or_the_providers(item: dict[str, object], server: bool, call: ToolCall) -> None:
    answers = [
        whole(WHERE, {"object": "response", "output": [item]}),
        streamed(WHERE, event("response.output_item.done", item=item)),
        streamed(WHERE, event("response.output_item.added", item={**item}), completed(item)),
    ]
    for llm in answers:
        assert (llm.server_tool_calls if server else llm.tool_calls) == (call,)
        assert (llm.tool_calls if server else llm.server_tool_calls) == ()


@pytest.mark.parametrize(
    ("tools", "server"),
    [
        ([{"type": "x_search"}], True),
        ([{"type": "custom", "name": "f"}], False),
        ([{"type": "namespace"}], False),
        ([], False),
    ],
)
def test_a_custom_tool_that_the_client_has_not_is_the_providers(tools: list[object], server: bool) -> None:
    item = {"type": "custom_tool_call", "id": "i", "call_id": "c", "name": "f"}
    begun = event("response.created", response={"status": "in_progress", "tools": tools})
    events = [
        event("response.output_item.added", item={**item, "input": ""}),
        event("response.custom_tool_call_input.delta", item_id="i", delta="{}"),
        event("response.custom_tool_call_input.done", item_id="i", input="{}"),
        event("response.output_item.done", item={**item, "input": "{}"}),
    ]
    final = completed({**item, "input": "{}"}, tools=tools)
    bare = completed({**item, "input": "{}"})
    for llm in (
        streamed(WHERE, begun, *events, final),
        streamed(WHERE, begun, *events, bare),
        streamed(WHERE, begun, *events),
        whole(WHERE, final["response"]),
    ):
        calls, none = (llm.server_tool_calls, llm.tool_calls) if server else (llm.tool_calls, llm.server_tool_calls)
        assert (calls, none, llm.notes) == ((ToolCall("c", "f", "{}"),), (), ())


@pytest.mark.parametrize(
    ("tools", "server"),
    [
        ([{"type": "web_search"}], True),
        ([{"type": "web_search"}, {"type": "function", "name": "f"}], False),
        ([], False),
    ],
)
def test_a_function_that_the_client_has_not_is_the_providers(tools: list[object], server: bool) -> None:
    """Perplexity's search begins as a call of a function and is done as what it found."""
    item = {"type": "function_call", "id": "i", "call_id": "c", "name": "f", "arguments": "{}"}
    found = {"type": "search_results", "results": []}
    llm = streamed(
        WHERE,
        event("response.created", response={"status": "in_progress", "tools": tools}),
        event("response.output_item.added", item=item),
        event("response.output_item.done", item=found),
        completed(found, message("a"), tools=tools),
    )
    assert (len(llm.server_tool_calls), len(llm.tool_calls), llm.text) == (server, not server, "a")


def test_reasoning_that_is_done_at_another_index_is_not_said_twice() -> None:
    """As Qwen's is, whose tools count anew from there."""
    thought = {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "a"}]}
    llm = streamed(
        WHERE,
        event("response.reasoning_summary_text.delta", item_id="r", output_index=0, delta="a"),
        event("response.output_item.done", item=thought, output_index=1),
        completed(thought),
    )
    assert (llm.reasoning, llm.notes) == ("a", ())


def test_reasoning_that_is_called_its_summary_when_it_is_done_is_no_news_at_the_end() -> None:
    thought = {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "a"}]}
    listener = listened(WHERE)
    told = [
        event("response.reasoning_text.delta", item_id="r", output_index=0, delta="a"),
        event("response.output_item.done", item=thought, output_index=1),
        completed(thought),
    ]
    assert [listener.read_event(frame(payload)).channels for payload in told] == [("reasoning",), (), ()]
    llm = listener.result()
    assert llm
    assert (llm.reasoning, llm.notes) == ("a", ())


def test_a_search_for_tools_has_another_id_when_it_is_done() -> None:
    first, last = ({"type": "tool_search_call", "id": "t", "call_id": c, "execution": "client"} for c in "cd")
    events = [event("response.output_item.added", item=first), event("response.output_item.done", item=last)]
    llm = streamed(WHERE, *events, completed(last))
    assert (llm.tool_calls, llm.notes) == ((ToolCall("d", "tool_search_call", ""),), ())


@pytest.mark.parametrize("role", ["user", "system", "developer"])
def test_what_was_asked_is_no_answer_in_a_compacted_conversation(role: str) -> None:
    asked = {"type": "message", "role": role, "content": [{"type": "input_text", "text": "a"}]}
    compact = {"type": "compaction", "id": "cmp", "encrypted_content": "x"}
    llm = whole(WHERE + "/compact", {"id": "r", "object": "response.compaction", "output": [asked, compact]})
    assert (llm.response_id, llm.text) == ("r", None)
    said = {"role": "assistant", **message("b")}
    assert whole(WHERE, {"object": "response", "output": [asked, said]}).text == "b"


def test_a_refusal_is_kept_apart() -> None:
    refused = {"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}
    assert whole(WHERE, {"object": "response", "output": [refused]}).refusal == "no"
    assert streamed(WHERE, event("response.refusal.delta", delta="no"), completed(refused)).refusal == "no"


def test_how_it_ended() -> None:
    cut = completed(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    llm = streamed(WHERE, event("response.created", response={"status": "in_progress"}), cut)
    assert (llm.finish_reason, llm.notes) == ("incomplete", ("incomplete: max_output_tokens",))
    done = event("response.done", response={"status": "completed", "output": [message("a")]})
    assert listened(WHERE, done).read_event(frame(done)).end == "response.done"
    assert (streamed(WHERE, done).text, streamed(WHERE, done).finish_reason) == ("a", "completed")
    nameless = {"type": "response.incomplete", "response": {"incomplete_details": {"reason": "content_filter"}}}
    assert streamed(WHERE, nameless).finish_reason == "incomplete"
    assert streamed(WHERE, {"type": "response.completed"}).finish_reason == "completed"
    assert streamed(WHERE, {"type": "response.done"}).finish_reason is None
    failed = completed(status="failed", error={"code": "server_error", "message": "x"})
    assert streamed(WHERE, failed).error == {"code": "server_error", "message": "x"}
    assert streamed(WHERE, event("response.created", response={"status": "in_progress"})).finish_reason is None
    plain = {"type": "error", "code": "c", "message": "m", "param": None, "sequence_number": 3}
    assert streamed(WHERE, event("response.created"), plain).error == {"type": "error", "code": "c", "message": "m"}


def test_the_final_response_is_the_last_word_on_the_model() -> None:
    """Perplexity's presets and routers begin with the alias that was asked for."""
    begun = event("response.created", response={"id": "r", "status": "in_progress", "model": "fast"})
    assert streamed(WHERE, begun, completed(message("a"), model="m")).model == "m"
    assert streamed(WHERE, begun, completed(message("a"))).model == "fast"


def test_the_final_response_may_be_the_event_itself() -> None:
    """Perplexity's agents end so."""
    said = {"type": "response.output_text.delta", "delta": "a"}
    about = {"id": "r", "model": "m", "usage": {"input_tokens": 3, "output_tokens": 5}}
    llm = streamed(
        AGENT, said, {"type": "response.completed", "status": "completed", "output": [message("a")], **about}
    )
    assert (llm.text, llm.finish_reason, llm.response_id, llm.usage) == ("a", "completed", "r", Usage(3, 5))
    assert (llm.model, llm.notes) == ("m", ())
    failed = whole(AGENT, {"error": {"message": "Invalid", "type": "invalid_api_key", "code": 401}})
    assert (failed.provider, failed.api, failed.error) == (
        "perplexity",
        "responses",
        {"type": "invalid_api_key", "code": 401, "message": "Invalid"},
    )


def test_a_response_in_the_making_has_not_finished() -> None:
    assert whole(WHERE, {"object": "response", "status": "queued", "output": []}).finish_reason is None


def test_what_is_remembered_of_a_stream_is_bounded() -> None:
    parts = [event("response.output_text.delta", output_index=n, delta="a") for n in range(3)]
    done = event("response.output_text.done", output_index=2, text="a")
    llm = listened(WHERE, *parts, done, limits=Limits(events=2)).result()
    assert llm
    assert llm.text == "aaaa"  # the third part was not remembered


@pytest.mark.parametrize("after", [(), (("starting_after", "3"),)], ids=["fetched", "resumed"])
def test_a_stream_of_a_stored_response_replays(after: tuple[tuple[str, str], ...]) -> None:
    stored = Context("GET", "h", "/v1/responses/r", (("stream", "true"), *after))
    assert listened(stored, event("response.output_text.delta", delta="a")).traits == {"replayed"}
    assert listened(context(WHERE), event("response.output_text.delta", delta="a")).traits == frozenset()


def test_an_empty_answer_is_empty() -> None:
    assert whole(WHERE, {"object": "response", "id": "r", "model": "m", "output": []}) == Llm(
        "openai-compatible", "responses", "m", "r"
    )


def test_a_whole_response_that_does_not_say_it_is_one_is_known_by_its_path() -> None:
    llm = whole(WHERE, {"id": "r", "status": "completed", "output": [message("a")]})
    assert (llm.api, llm.text) == ("responses", "a")


def test_what_agents_tell_one_another_is_no_answer() -> None:
    told = {"type": "agent_message", "id": "a", "author": "/lead/x", "content": [{"type": "text", "text": "psst"}]}
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]}
    events = [
        {"type": "response.output_item.done", "output_index": at, "item": item} for at, item in enumerate((told, said))
    ]
    final = {"id": "r", "status": "completed", "output": [told, said]}
    for llm in (streamed(WHERE, *events, {"type": "response.completed", "response": final}), whole(WHERE, final)):
        assert (llm.text, llm.notes) == ("Hello", ())
