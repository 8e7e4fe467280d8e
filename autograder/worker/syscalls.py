"""Which calls to the kernel a submission may make: an allow-list, enforced by libseccomp.

What is not listed fails with "Operation not permitted": new processes and threads, programs,
sockets, signals to others, other users' identities, mounts, namespaces, io_uring, chmod. Landlock
decides which files the listed calls reach.
"""

from __future__ import annotations

import errno
import os
import socket

ALLOWED = """
    access brk capget chdir clock_getres clock_gettime clock_nanosleep close close_range
    copy_file_range dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2
    epoll_wait eventfd eventfd2 exit exit_group faccessat faccessat2 fadvise64 fchdir
    fdatasync flock fstat fstatfs fsync ftruncate futex getcpu getcwd getdents getdents64 getegid
    geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority
    getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid
    gettimeofday getuid link linkat lseek lstat madvise membarrier mincore mkdir mkdirat mmap
    mprotect mremap msync munmap nanosleep newfstatat pause pipe pipe2 poll ppoll pread64 preadv
    preadv2 pselect6 pwrite64 pwritev pwritev2 read readlink readlinkat readv recvfrom rename
    renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask
    rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_get_priority_max sched_get_priority_min
    sched_getaffinity sched_getparam sched_getscheduler sched_yield select sendfile set_robust_list
    set_tid_address setitimer shutdown sigaltstack stat statfs statx symlink symlinkat sysinfo time
    times umask uname unlink unlinkat wait4 waitid write writev alarm arch_prctl
    """.split()

# Of these calls only some uses: descriptors may not be given an owner who gets signals.
FCNTL = (
    "F_DUPFD",
    "F_DUPFD_CLOEXEC",
    "F_GETFD",
    "F_SETFD",
    "F_GETFL",
    "F_GETLK",
    "F_SETLK",
    "F_SETLKW",
    "F_GETPIPE_SZ",
)
FLAGS = ("O_APPEND", "O_ASYNC", "O_DIRECT", "O_NOATIME")  # F_SETFL may set none of them
IOCTL = ("FIOCLEX", "FIONBIO", "FIONCLEX", "FIONREAD", "TCGETS", "TIOCGWINSZ")


def make_filter():
    """Make the filter; `load_filter` puts it into force.

    Raises
    ------
    ImportError, RuntimeError
        pyseccomp or libseccomp is not installed.
    """
    import fcntl
    import termios

    import pyseccomp as seccomp

    made = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in ALLOWED:
        _allow(made, name)
    for name in FCNTL:
        _allow(made, "fcntl", seccomp.Arg(1, seccomp.EQ, getattr(fcntl, name)))
    _allow(
        made,
        "fcntl",
        seccomp.Arg(1, seccomp.EQ, fcntl.F_SETFL),
        seccomp.Arg(2, seccomp.MASKED_EQ, sum(getattr(os, flag) for flag in FLAGS), 0),
    )
    for name in IOCTL:
        _allow(made, "ioctl", seccomp.Arg(1, seccomp.EQ, getattr(termios, name)))
    _allow(made, "prlimit64", seccomp.Arg(2, seccomp.EQ, 0))  # read limits, set none
    _allow(made, "socketpair", seccomp.Arg(0, seccomp.EQ, socket.AF_UNIX))
    _allow(made, "sendto", seccomp.Arg(4, seccomp.EQ, 0))  # to the other end, to no address
    _allow_open(made, seccomp)
    return made


def load_filter(made):
    """Put the filter into force for this process, for good."""
    import pyseccomp as seccomp

    own = seccomp.Arg(0, seccomp.EQ, os.getpid())
    _allow(made, "kill", own)
    _allow(made, "tgkill", own)
    made.load()


def _allow_open(made, seccomp):
    """Allow open but for reading with O_TRUNC, which empties files on kernels before 6.2, and for
    files without a name, which nobody could count."""
    masked, nameless = seccomp.MASKED_EQ, os.O_TMPFILE & ~os.O_DIRECTORY
    for name, flags in (("open", 1), ("openat", 2)):
        _allow(made, name, seccomp.Arg(flags, masked, os.O_TRUNC | nameless, 0))
        for mode in (os.O_WRONLY, os.O_RDWR):
            _allow(made, name, seccomp.Arg(flags, masked, os.O_ACCMODE | nameless, mode))


def _allow(made, name, *arguments):
    import pyseccomp as seccomp

    number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
    if number >= 0:  # another architecture or an older libseccomp does not know every name
        made.add_rule(seccomp.ALLOW, number, *arguments)
