"""Speech, transcripts and pictures: framed, sized, dated, not kept."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import Reader
from streamwatchlib.model import Limits, Usage

from ..replies import context, frame, listened, streamed, whole

USAGE = {"input_tokens": 3, "output_tokens": 5}


@pytest.mark.parametrize(
    ("where", "part", "end", "api"),
    [
        (
            "/v1/audio/speech",
            {"type": "speech.audio.delta", "audio": "UklGRg=="},
            {"type": "speech.audio.done", "usage": USAGE},
            "audio.speech",
        ),
        (
            "/v1/audio/speech",
            {"type": "speech.audio.delta", "audio_data": "UklGRg=="},  # Mistral's
            {"type": "speech.audio.done", "usage": USAGE},
            "audio.speech",
        ),
        (
            "/v1/images/generations",
            {"type": "image_generation.partial_image", "b64_json": "iVBO", "partial_image_index": 0},
            {"type": "image_generation.completed", "b64_json": "iVBO", "usage": USAGE},
            "images",
        ),
    ],
)
def test_sound_and_pictures(where: str, part: dict[str, object], end: dict[str, object], api: str) -> None:
    listener = listened(where)
    piece, last = listener.read_event(frame(part)), listener.read_event(frame(end))
    assert (piece.channels, piece.kept) == (("events",), False)
    assert (last.end, last.kept) == (end["type"], "b64_json" not in end)
    llm = listener.result()
    assert llm
    assert (llm.api, llm.text, llm.usage) == (api, None, Usage(3, 5))
    assert listener.terminator_due


def test_zhipus_speech_comes_in_a_chats_chunks() -> None:
    listener = listened("/api/paas/v4/audio/speech")
    piece = {"id": "i", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "UklG"}}]}
    reading = listener.read_event(frame(piece))
    assert (reading.channels, reading.kept) == (("events",), False)
    last = listener.read_event(frame({"id": "i", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
    assert (last.kept, last.end) == (True, "finish_reason")
    assert listener.read_event(frame("[DONE]")).end == "[DONE]"
    llm = listener.result()
    assert llm
    assert (llm.api, llm.text) == ("audio.speech", None)


@pytest.mark.parametrize(
    ("where", "pieces", "last", "end"),
    [
        (
            "/v1/t2a_v2",
            [{"data": {"audio": "fffb", "status": 1}, "base_resp": {"status_code": 0, "status_msg": ""}}],
            {"data": {"audio": "", "status": 2}, "base_resp": {"status_code": 0, "status_msg": "success"}},
            "status",
        ),
        (
            "/api/v3/tts/unidirectional",
            [{"code": 0, "message": "", "data": "SUQz"}],
            {"code": 20000000, "message": "ok", "data": None},
            "code",
        ),
        (
            "/tts/sse",
            [{"type": "chunk", "data": "UklG", "done": False, "status_code": 206}],
            {"type": "done", "done": True, "status_code": 200},
            "done",
        ),
    ],
)
def test_speech_of_others(where: str, pieces: list[object], last: object, end: str) -> None:
    listener = listened(where)
    readings = [listener.read_event(frame(piece)) for piece in pieces]
    assert [(reading.channels, reading.kept, reading.end) for reading in readings] == [(("events",), False, None)]
    assert (listener.read_event(frame(last)).channels, listener.read_event(frame(last)).end) == ((), end)
    llm = listener.result()
    assert llm
    assert (llm.api, llm.text, llm.error) == ("audio.speech", None, None)


def test_speech_in_lines_ends_with_its_last() -> None:
    listener = listened("/v1/text-to-speech/v/stream/with-timestamps")
    reading = listener.read_event(frame({"audio_base64": "SUQz", "alignment": None}))
    assert (reading.channels, reading.kept, listener.terminator_due) == (("events",), False, False)


@pytest.mark.parametrize(
    ("where", "refusal", "code"),
    [
        ("/v1/t2a_v2", {"base_resp": {"status_code": 1004, "status_msg": "no"}}, 1004),
        ("/api/v3/tts/unidirectional/sse", {"code": 45000000, "message": "no"}, 45000000),
    ],
)
def test_speech_that_others_refuse(where: str, refusal: dict[str, object], code: int) -> None:
    for llm in (streamed(where, refusal), whole(where, refusal)):
        assert llm.error == {"code": code, "message": "no"}


def test_pictures_that_are_to_be_fetched_are_content() -> None:
    listener = listened("/api/v3/images/generations")
    made = {"type": "image_generation.partial_succeeded", "image_index": 0, "url": "https://h/1.jpeg", "size": "2x2"}
    missed = {"type": "image_generation.partial_failed", "image_index": 1, "error": {"code": "c", "message": "m"}}
    assert [listener.read_event(frame(payload)).channels for payload in (made, missed)] == [("events",), ()]
    done = {"type": "image_generation.completed", "usage": {"generated_images": 1, "output_tokens": 4096}}
    assert listener.read_event(frame(done)).end == "image_generation.completed"
    llm = listener.result()
    assert llm
    assert (llm.api, llm.usage, llm.error) == ("images", Usage(None, 4096), {"code": "c", "message": "m"})


def test_pictures_that_come_whole_are_counted() -> None:
    where = context("/v1/images/generations", body={"model": "m"})
    llm = whole(where, {"created": 1, "data": [{"b64_json": "iVBO"}], "usage": USAGE})
    assert (llm.api, llm.model, llm.text, llm.usage) == ("images", "m", None, Usage(3, 5))


@pytest.mark.parametrize(
    ("path", "status", "api"),
    [
        ("/v1/audio/speech", 200, "audio.speech"),
        ("/v1/audio/speech", 502, None),
        ("/v1/text-to-speech/voice", 200, "audio.speech"),
        ("/v1/speak", 200, None),
        ("/v1/chat/completions", 200, None),
        ("/v1/audio/transcriptions", 200, None),
        ("/photo", 200, None),
    ],
)
def test_sound_that_comes_whole_is_speech_where_that_was_asked_for(path: str, status: int, api: str | None) -> None:
    listener = Reader(context(path, body={"model": "m"}, status=status), Limits())
    listener.read_whole(None)
    listener.read_binary()
    llm = listener.result()
    assert (llm and llm.api) == api
    assert llm is None or (llm.model, llm.text) == ("m", None)
    assert not listener.terminator_due


@pytest.mark.parametrize(
    ("path", "member"),
    [("/v1/audio/speech", "audio_data"), ("/v1/text-to-speech/voice/with-timestamps", "audio_base64")],
)
def test_speech_may_come_whole_in_a_document(path: str, member: str) -> None:
    llm = whole(context(path, body={"model": "m"}), {member: "UklGRg=="})
    assert (llm.api, llm.model, llm.text) == ("audio.speech", "m", None)


@pytest.mark.parametrize(("path", "host"), [("/v1/speak", "api.deepgram.com"), ("/tts/bytes", "api.cartesia.ai")])
def test_speech_of_hosts_whose_paths_tell_nothing(path: str, host: str) -> None:
    listener = Reader(context(path, host), Limits())
    listener.read_whole(None)
    listener.read_binary()
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api) == (host.split(".")[1], "audio.speech")


@pytest.mark.parametrize(
    ("path", "host", "value"),
    [
        (
            "/v1/listen",
            "api.deepgram.com",
            {"metadata": {}, "results": {"channels": [{"alternatives": [{"transcript": "ab", "words": []}]}]}},
        ),
        ("/v2/transcript/t", "api.assemblyai.com", {"id": "t", "status": "completed", "text": "ab"}),
    ],
)
def test_transcripts_of_hosts_with_paths_of_their_own(path: str, host: str, value: object) -> None:
    llm = whole(context(path, host), value)
    assert (llm.provider, llm.api, llm.text) == (host.split(".")[1], "audio.transcriptions", "ab")
    queued = Reader(context(path, host), Limits())
    queued.read_whole({"id": "t", "status": "queued", "text": None})
    assert queued.result() is None


def test_imagens_pictures_come_whole() -> None:
    where = context("/v1beta/models/imagen-4.0-generate-001:predict", body={"instances": [{"prompt": "a"}]})
    llm = whole(where, {"predictions": [{"mimeType": "image/png", "bytesBase64Encoded": "iVBO"}]})
    assert (llm.provider, llm.api, llm.model) == ("gemini-compatible", "images", "imagen-4.0-generate-001")
    template = context("/v1beta/projects/p/templates/t:templatePredict", "firebasevertexai.googleapis.com")
    assert whole(template, {"predictions": [{"bytesBase64Encoded": "iVBO"}]}).api == "images"
    assert listened("/v1/models/half:predict", {"predictions": [1]}).result() is None


def _chunk(delta: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": delta}]}


def _part(part: object) -> dict[str, object]:
    return {"candidates": [{"content": {"parts": [part]}}]}


_PICTURE = {"type": "image_generation_call", "id": "i", "result": "iVBO"}


@pytest.mark.parametrize(
    ("media", "words"),
    [
        (_chunk({"audio": {"data": "UklGRg=="}}), _chunk({"audio": {"transcript": "hi"}})),
        (_chunk({"images": [{"image_url": {"url": "data:image/png;base64,iVBO"}}]}), _chunk({"content": "hi"})),
        ([_chunk({"audio": {"data": "UklGRg=="}})], [_chunk({"content": "hi"})]),
        (_part({"inlineData": {"mimeType": "image/png", "data": "iVBO"}}), _part({"text": "hi"})),
        (
            {"type": "response.image_generation_call.partial_image", "partial_image_b64": "iVBO"},
            {"type": "response.output_text.delta", "delta": "hi"},
        ),
        (
            {"type": "response.audio.delta", "delta": "UklGRg=="},
            {"type": "response.output_item.added", "item": {**_PICTURE, "result": None}},
        ),
        (
            {"type": "response.output_item.done", "item": _PICTURE},
            {"type": "response.completed", "response": {"output": [{**_PICTURE, "result": None}]}},
        ),
        (
            {"type": "response.completed", "response": {"output": [_PICTURE]}},
            {"type": "response.output_item.done", "item": {"type": "message"}},
        ),
        (
            {"contentBlockDelta": {"delta": {"image": {"source": {"bytes": "iVBO"}}}}},
            {"contentBlockDelta": {"delta": {"text": "hi"}}},
        ),
        (
            {"event_type": "content.delta", "delta": {"type": "audio", "data": "UklGRg=="}},
            {"event_type": "content.delta", "delta": {"type": "text", "text": "hi"}},
        ),
        (
            {"output": {"audio": {"data": "UklGRg=="}, "finish_reason": "null"}, "request_id": "r"},
            {"output": {"audio": {"url": "https://h/x.wav"}, "finish_reason": "stop"}, "request_id": "r"},
        ),
    ],
)
def test_media_amid_words_is_not_kept_and_the_words_are(media: object, words: object) -> None:
    listener = listened("/elsewhere", words)
    assert [listener.read_event(frame(payload)).kept for payload in (media, words)] == [False, True]


@pytest.mark.parametrize(("stem", "key"), [("transcript", "delta"), ("transcription", "text")])
def test_a_transcript(stem: str, key: str) -> None:
    where, end = "/v1/audio/transcriptions", "transcript.text.done" if key == "delta" else "transcription.done"
    deltas = [{"type": f"{stem}.text.delta", key: piece} for piece in ("a", "b")]
    segment = {"type": f"{stem}.segment", "text": "ab", "start": 0, "end": 1}
    done = {"type": end, "text": "ab", "usage": USAGE}
    listener = listened(where, {"type": f"{stem}.language", "audio_language": "en"})
    heard = [listener.read_event(frame(event)) for event in (*deltas, segment, done)]
    assert [(reading.channels, reading.end) for reading in heard] == [
        (("text",), None),
        (("text",), None),
        ((), None),
        ((), end),
    ]
    llm = listener.result()
    assert llm == whole(where, {"text": "ab", "usage": USAGE})
    assert llm
    assert llm.text == "ab"
    assert streamed(where, done).text == "ab"


def test_a_transcript_may_be_plain_text_where_any_other_answer_may_not() -> None:
    for where, said in (("/v1/audio/transcriptions", "WEBVTT\n\na\n"), ("/v1/chat/completions", None)):
        reader = Reader(context(where), Limits())
        reader.read_whole(None)
        reader.read_plain_text("WEBVTT\n\na\n")
        llm = reader.result()
        assert (llm and llm.text) == said
        assert llm is None or llm.api == "audio.transcriptions"
        assert not reader.terminator_due  # a text ends where it ends


def test_a_transcript_of_elevenlabs() -> None:
    told = {"language_code": "en", "text": "ab", "words": [{"text": "ab", "start": 0, "end": 1, "type": "word"}]}
    llm = whole(context("/v1/speech-to-text", host="api.elevenlabs.io", body={"model_id": "m"}), told)
    assert (llm.provider, llm.api, llm.model, llm.text) == ("elevenlabs", "audio.transcriptions", "m", "ab")


def test_a_text_elsewhere_is_no_transcript() -> None:
    assert listened("/x", {"text": "a"}).result() is None


def test_mistral_recognises_over_a_websocket() -> None:
    llm = streamed(
        "/v1/audio/transcriptions/realtime",
        {"type": "session.created", "session": {"request_id": "s", "model": "voxtral"}},
        {"type": "transcription.language", "audio_language": "en"},
        {"type": "transcription.text.delta", "text": "Hello "},
        {"type": "transcription.text.delta", "text": "you"},
        {"type": "transcription.done", "model": "voxtral", "text": "Hello you", "usage": USAGE},
    )
    assert (llm.api, llm.model, llm.text, llm.usage) == ("audio.transcriptions", "voxtral", "Hello you", Usage(3, 5))
