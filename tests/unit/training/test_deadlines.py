"""What never ends is ended, in whichever thread it runs, and nothing else is."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import pytest

from marlin.training import encoding
from marlin.training.dataset import Pair
from marlin.training.deadlines import EndlessError, limited
from marlin.training.encoding import encode
from marlin.training.errors import UnknownTemplateError


def _endless() -> None:
    while True:
        pass


def _ended(raised: list[str]) -> None:
    try:
        with limited(0.1):
            try:
                _endless()
            except Exception:  # as a template engine wraps what a template raises
                raised.append("taken for the template's own")
    except EndlessError:
        raised.append("ended")


def test_it_ends_in_the_main_thread_in_another_and_in_a_forked_process() -> None:
    raised: list[str] = []
    _ended(raised)
    thread = threading.Thread(target=_ended, args=(raised,))
    thread.start()
    thread.join()
    assert raised == ["ended", "ended"]
    child = os.fork()
    if child == 0:
        _ended(raised)
        os._exit(len(raised))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


def test_time_in_which_a_thread_waits_or_others_work_does_not_count() -> None:
    stop = threading.Event()
    busy = threading.Thread(target=lambda: [None for _ in iter(stop.is_set, True)])
    busy.start()
    with limited(0.4):
        time.sleep(1.2)
    stop.set()
    busy.join()
    with limited(10), limited(5):
        pass


class EndlessTokenizer:
    """Renders short conversations, and longer ones for ever."""

    chat_template = "{% for … %}"
    pad_token_id = 0

    def apply_chat_template(self, conversation: Any, **options: Any) -> Any:
        while len(conversation) > 1:
            pass
        return {"input_ids": [1], "assistant_masks": [0]}

    def decode(self, token_ids: Any) -> str:
        return ""


def test_a_template_that_is_endless_for_some_rows_alone_is_told_with_the_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MOST_SECONDS", 0.1)
    said = [{"role": "assistant", "content": "done"}]
    pair = Pair("train-7", [{"role": "user", "content": "fix it"}], said, said, [])
    found: list[BaseException] = []

    def work() -> None:
        try:
            encode(EndlessTokenizer(), pair)
        except UnknownTemplateError as error:
            found.append(error)

    thread = threading.Thread(target=work)  # signals would not reach it
    thread.start()
    thread.join()
    assert "0.1 seconds of the processor for row train-7" in str(found[0])
