"""Walls around a process that reads hostile bytes: resource limits, and a filter that leaves it the system calls it needs.

Behind them it can read its one input and write its one output; it cannot open, connect, start or signal anything.
"""

import ctypes
import errno
import platform
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2

# Classic BPF, as the kernel's seccomp filter takes it (linux/filter.h, linux/seccomp.h).
_LOAD, _JUMP_EQUAL, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000 | errno.EPERM
_AT_NUMBER, _AT_ARCHITECTURE, _AT_ARGUMENT_0, _AT_ARGUMENT_2 = 0, 4, 16, 32
_PROT_EXEC = 4

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Memory, reading and writing what is open, time, own signals, own limits, ending: their numbers on x86_64 and on aarch64.
_CALLS = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62), "mmap": (9, 222),
    "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "pread64": (17, 67), "writev": (20, 66), "sched_yield": (24, 124), "mremap": (25, 216),
    "madvise": (28, 233), "nanosleep": (35, 101), "getpid": (39, 172), "exit": (60, 93), "gettimeofday": (96, 169),
    "getrusage": (98, 165), "sigaltstack": (131, 132), "gettid": (186, 178), "futex": (202, 98),
    "sched_getaffinity": (204, 123), "restart_syscall": (219, 128), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115), "exit_group": (231, 94), "ppoll": (271, 73), "set_robust_list": (273, 99),
    "prlimit64": (302, 261), "getcpu": (309, 168), "getrandom": (318, 278), "membarrier": (324, 283), "rseq": (334, 293),
}  # fmt: skip


def _program() -> bytes | None:
    """The filter: what is named above is let through, but nothing executable is mapped and no other process limited."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES or sys.byteorder != "little" or sys.maxsize < 1 << 32:
        return None
    call = {name: numbers[list(_ARCHITECTURES).index(machine)] for name, numbers in _CALLS.items()}
    lines: list[tuple[int, int, int | str, int | str]] = [
        (_LOAD, _AT_ARCHITECTURE, 0, 0),
        (_JUMP_EQUAL, _ARCHITECTURES[machine], 0, "fail"),
        (_LOAD, _AT_NUMBER, 0, 0),
    ]
    for name in ("mmap", "mprotect"):
        lines += [(_JUMP_EQUAL, call.pop(name), 0, 2), (_LOAD, _AT_ARGUMENT_2, 0, 0), (_JUMP_BITS, _PROT_EXEC, "fail", "allow")]
    lines += [(_JUMP_EQUAL, call.pop("prlimit64"), 0, 2), (_LOAD, _AT_ARGUMENT_0, 0, 0), (_JUMP_EQUAL, 0, "allow", "fail")]
    lines += [(_JUMP_EQUAL, number, "allow", 0) for number in call.values()]
    ends = {"fail": len(lines), "allow": len(lines) + 1}
    code = b""
    for at, (operation, value, *jumps) in enumerate(lines):
        code += struct.pack("<HBBI", operation, *(ends[to] - at - 1 if isinstance(to, str) else to for to in jumps), value)
    return code + struct.pack("<HBBI", _RETURN, 0, 0, _FAIL) + struct.pack("<HBBI", _RETURN, 0, 0, _ALLOW)


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


class Sandbox:
    """Made once, before the processes that enter it are forked: inside, nothing can be loaded any more."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._program = _program()

    def _control(self, option: int, *arguments: object) -> bool:
        return bool(self._libc.prctl(option, *arguments, *(0,) * (4 - len(arguments))) == 0)

    def die_with_parent(self) -> None:
        """The kernel kills this process when its parent dies."""
        self._control(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def enter(self, memory_bytes: int, cpu_seconds: int, most_cpu_seconds: int, *, seccomp: bool) -> bool:
        """Closes the doors behind this process, for good; False if `seccomp` was asked for and is not to be had."""
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, most_cpu_seconds))
        for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
            resource.setrlimit(limit, (0, 0))
        self._control(_PR_SET_DUMPABLE, 0)
        closed = self._control(_PR_SET_NO_NEW_PRIVS, 1)
        if not seccomp:
            return True
        if not closed or self._program is None:
            return False
        filter_ = _Filter(len(self._program) // 8, self._program)
        return self._control(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filter_))

    @staticmethod
    def allow_cpu(seconds: int) -> None:
        """Moves the limit of CPU time within what was set on entering."""
        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (seconds if most == resource.RLIM_INFINITY else min(seconds, most), most))
