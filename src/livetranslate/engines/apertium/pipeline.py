"""Apertium's translation modes as child processes that stay open: text in, translation out, a null byte after each.

A mode is a shell pipeline of a dozen small programs. They are separate programs under the GPL; nothing of them is loaded here.
"""

import asyncio
import os
import re
import shlex
import shutil
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from livetranslate.errors import EngineError, EngineTimeout

_BLANK = "[][\n]"
"""What the programs' own deformatter writes after a text: a sentence ends here, whatever its last mark."""
_END = b"\0"
_LONGEST = 1 << 20
_STARTING = 60.0
"""Seconds for the first answer, which waits for the dictionaries to be read."""

UNKNOWN = re.compile(r"[*#@]")
"""The marks before a word that a dictionary lacked; they never occur in what we send."""


def command(mode_file: str) -> str:
    """The mode's pipeline with every program told to flush at a null byte and to end with its parent."""
    leash = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    stages = []
    # $1 is how the generator shows unknown words (-g: with marks), $2 the tagger's debug option.
    for stage in mode_file.strip().replace("$1", "-g").replace("$2", "").split("|"):
        program, *arguments = shlex.split(stage)
        stages.append(shlex.join([*leash, program, "-z", *arguments]))
    return " | ".join(stages)


class Pipeline:
    """One open mode. It starts when it is first needed, ends when idle, and starts again when needed again."""

    def __init__(self, mode_file: Path, within: float, idle: float) -> None:
        self._mode_file = mode_file
        self.mode = mode_file.stem
        self._within = within
        self._idle = idle
        self._process: asyncio.subprocess.Process | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def ask(self, text: str) -> str:
        """The translation, with marks before unknown words; one call at a time.

        A pipeline that does not answer in time is killed (`EngineTimeout`); one that has died is started once more.
        """
        if self._timer is not None:
            self._timer.cancel()
        if self._ending is not None:
            await self._ending
        try:
            started = not self.running
            try:
                return await self._exchange(text)
            except EngineTimeout:
                raise
            except EngineError:
                if started:
                    raise
                return await self._exchange(text)
        finally:
            if self.running:
                self._timer = asyncio.get_running_loop().call_later(self._idle, self._drop)

    async def _exchange(self, text: str) -> str:
        within = self._within if self.running else _STARTING
        try:
            async with asyncio.timeout(within):
                answer = await self._send((await self._start() if not self.running else self._process), text)
        except TimeoutError:
            await self.kill()
            raise EngineTimeout from None
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, UnicodeDecodeError):
            await self.kill()
            raise EngineError from None
        except BaseException:
            await self.kill()
            raise
        return answer

    async def _send(self, process: asyncio.subprocess.Process | None, text: str) -> str:
        if process is None or process.stdin is None or process.stdout is None:
            raise EngineError
        process.stdin.write(f"{text}{_BLANK}".encode() + _END)
        await process.stdin.drain()
        answer = (await process.stdout.readuntil(_END)).removesuffix(_END)
        return " ".join(answer.decode().replace(_BLANK, "").split())

    async def _start(self) -> asyncio.subprocess.Process:
        line = await asyncio.to_thread(lambda: command(self._mode_file.read_text("utf-8")))
        self._process = await asyncio.create_subprocess_exec(
            "sh", "-c", line,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
            start_new_session=True, limit=_LONGEST,
        )  # fmt: skip
        return self._process

    def _drop(self) -> None:
        self._ending = asyncio.get_running_loop().create_task(self.kill())

    async def aclose(self) -> None:
        """Ends the pipeline, for good."""
        if self._ending is not None:
            await self._ending
        await self.kill()

    async def kill(self) -> None:
        """Ends all programs of the pipeline at once and waits for the shell that holds them."""
        if self._timer is not None:
            self._timer.cancel()
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


class Pipelines:
    """Up to `copies` pipelines of each mode, each lent to one caller at a time, first come first served."""

    def __init__(self, folder: Path, *, copies: int, within: float, idle: float) -> None:
        self._folder = folder
        self._copies = copies
        self._within = within
        self._idle = idle
        self._free: dict[str, asyncio.Queue[Pipeline]] = {}
        self._all: list[Pipeline] = []
        self._asking: set[asyncio.Task[str]] = set()

    def _queue(self, mode: str) -> asyncio.Queue[Pipeline]:
        if mode not in self._free:
            # Last in, first out: a second copy is started only when the first is busy.
            queue: asyncio.Queue[Pipeline] = asyncio.LifoQueue()
            for _ in range(self._copies):
                pipeline = Pipeline(self._folder / f"{mode}.mode", self._within, self._idle)
                self._all.append(pipeline)
                queue.put_nowait(pipeline)
            self._free[mode] = queue
        return self._free[mode]

    async def ask(self, mode: str, text: str) -> str:
        """What the mode makes of the text. A caller who leaves never leaves a half-read answer behind."""
        queue = self._queue(mode)
        pipeline = await queue.get()
        asking = asyncio.create_task(pipeline.ask(text))
        self._asking.add(asking)

        def settle(task: asyncio.Task[str]) -> None:
            self._asking.discard(task)
            queue.put_nowait(pipeline)
            if not task.cancelled():
                task.exception()  # the caller who would have seen it may be gone

        asking.add_done_callback(settle)
        return await asyncio.shield(asking)

    async def chain(self, modes: tuple[str, ...], text: str) -> tuple[str, int]:
        """The text through several modes, free of marks, and how many words some dictionary lacked."""
        unknown = 0
        for mode in modes:
            text = await self.ask(mode, text)
            unknown += len(UNKNOWN.findall(text))
            text = UNKNOWN.sub("", text)
        return text, unknown

    async def warm(self, modes: Iterable[str]) -> None:
        """Starts those of the modes that do not run, all at once: the first to answer need not wait for the last to load."""
        await asyncio.gather(*(self.ask(mode, "1") for mode in modes if mode not in self.running))

    @property
    def running(self) -> frozenset[str]:
        """The modes that are open."""
        return frozenset(pipeline.mode for pipeline in self._all if pipeline.running)

    async def aclose(self) -> None:
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        await asyncio.gather(*(pipeline.aclose() for pipeline in self._all))
        self._free.clear()
        self._all.clear()
