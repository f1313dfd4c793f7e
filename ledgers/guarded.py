"""Have workbooks and databases read in child processes, within limits: a file that crashes its reader is one unreadable file.

Who reads what stands in `opened`; what is done with it is unknown here. A child answers one question after the other. The
pipe is private and the child is our own program, so answers are pickled.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event, Timer
from typing import IO, Any, NamedTuple, cast

from ledgers.limits import Limits, Unreadable

PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from ledgers.opened import main; main(sys.argv[2:])"
MOST_CHILDREN = 4
AHEAD = 2  # files read before they are asked for, beside those that are being read
GIVES_WAY = 10  # the niceness of work that can wait
WORN_OUT = 4 << 20  # bytes of a file after which a child is replaced: it keeps the memory


class Question(NamedTuple):
    """Ask for the sheets of a workbook, the tables of a database, or one of its tables as Parquet."""

    path: str
    form: str
    table: str = ""
    out: str = ""  # where the table is written to
    encoding: str = ""  # of a web page, where the user said it


class _Child(NamedTuple):
    process: subprocess.Popen[bytes]
    questions: IO[bytes]
    answers: IO[bytes]


class Readers:
    """Keep a few child processes, started when first needed, and read ahead while the last answer is worked on."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._most = min(os.cpu_count() or 1, MOST_CHILDREN)
        self._threads = ThreadPoolExecutor(self._most)
        self._children: list[_Child] = []
        self._idle: list[_Child] = []
        self._upcoming: list[Question] = []
        self._asked: dict[Question, Future[Any]] = {}

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every child, whatever it reads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for child in [*self._children]:
            _end(child)
        self._threads.shutdown()
        for child in self._children:  # one may have been started meanwhile
            _end(child)

    def announce(self, questions: Iterable[Question]) -> None:
        """Name the questions that will be asked, in their order; children begin with the first ones, and others are asked no more."""
        named = list(questions)
        for question in self._asked.keys() - set(named):
            self._asked.pop(question).cancel()
        self._upcoming = [question for question in reversed(named) if question not in self._asked]
        self._read_ahead()

    def has_begun(self) -> bool:
        """Say whether children read something now."""
        return bool(self._asked)

    def meanwhile(self, work: Callable[[], object]) -> None:
        """Do some work while children read, which have more to do: it gives way to them where a thread has a priority of its own (Linux)."""
        if not self.has_begun():
            work()
            return
        with ThreadPoolExecutor(
            1, initializer=_give_way
        ) as beside:  # what gave way once can never ask for more: this thread ends
            beside.submit(work).result()

    def ask(self, question: Question) -> Any:
        """Give the answer to a question.

        Raises:  Unreadable with the child's own words, or with how it ended.
        """
        if question not in self._asked:
            self._send(question)
        self._read_ahead()
        return self._asked.pop(question).result()

    def _read_ahead(self) -> None:
        while self._upcoming and len(self._asked) < self._most + AHEAD:
            self._send(self._upcoming.pop())

    def _send(self, question: Question) -> None:
        if question in self._upcoming:
            self._upcoming.remove(question)
        if question not in self._asked:
            self._asked[question] = self._threads.submit(self._answer, question)

    def _answer(self, question: Question) -> Any:
        child = self._idle.pop() if self._idle else self._start()
        late = Event()

        def end_it() -> None:
            late.set()
            child.process.kill()

        timer = Timer(self.limits.seconds, end_it)
        timer.daemon = True
        timer.start()
        try:
            pickle.dump(tuple(question), child.questions)
            child.questions.flush()
            refused, answer = pickle.load(child.answers)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise Unreadable(_obituary(_end(child, grace=2), late.is_set(), self.limits)) from error
        finally:
            timer.cancel()
            timer.join()
        if late.is_set() or Path(question.path).stat().st_size > WORN_OUT:
            _end(child)
        else:
            self._idle.append(child)
        if refused:
            raise Unreadable(refused)
        return answer

    def _start(self) -> _Child:
        # -P: a `ledgers` folder where the user stands must not be run.
        # -W: a warning that the user's environment makes an error must not end the child.
        home = str(Path(__file__).resolve().parent.parent)
        command = [sys.executable, "-P", "-W", "ignore", "-c", PROGRAM, home, *map(str, self.limits)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        child = _Child(process, cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout))
        self._children.append(child)
        return child


def _give_way() -> None:
    if sys.platform == "linux":
        with suppress(OSError):  # it was a favour
            os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0) + GIVES_WAY)


def _end(child: _Child, grace: float = 0) -> int:
    """End a child and give its exit code; one that ended by itself has so many seconds to have done so."""
    with suppress(OSError):  # what was still to be written has no reader any more
        child.questions.close()
    with suppress(subprocess.TimeoutExpired):
        child.process.wait(grace)
    child.process.kill()
    child.answers.close()
    return child.process.wait()


def _obituary(code: int, late: bool, limits: Limits) -> str:
    """Say how a child ended.

    >>> _obituary(-11, False, Limits())
    '读取时程序异常中止（SIGSEGV），文件可能已损坏。请用 WPS 或 Excel 打开后另存为 .xlsx。'
    """
    known = {number.value: number.name for number in signal.Signals}
    how = known.get(-code, str(code))
    if late or how == "SIGXCPU":
        return f"读取超过 {limits.seconds} 秒，已中止。请拆分文件，或在 fundcheck.yaml 的 limits 中调大 seconds。"
    if how in ("SIGKILL", "SIGABRT"):
        return f"读取所需内存超过 {limits.memory_mb} MB，已中止（{how}）。请拆分文件，或在 fundcheck.yaml 的 limits 中调大 memory_mb。"
    return f"读取时程序异常中止（{how}），文件可能已损坏。请用 WPS 或 Excel 打开后另存为 .xlsx。"
