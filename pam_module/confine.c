/* SPDX-License-Identifier: ISC */
/* What a refusal does to sshd. sshd goes on after a refused session: it serves a connection without a command
 * (ssh -N), and for an expired password it runs passwd before it looks at the session. So the process that
 * was refused may execute nothing any more, and ends. */
#include "pam_module/gate.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <time.h>

#define LEFT_SECONDS 2     /* time for sshd to say the sentence */
#define X32_BIT 0x40000000 /* system calls of x86_64's other ABI; no architecture has others so high */

#if defined __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#elif defined __i386__
#define ARCH AUDIT_ARCH_I386
#elif defined __aarch64__ && !defined __AARCH64EB__
#define ARCH AUDIT_ARCH_AARCH64
#elif defined __arm__ && !defined __ARMEB__
#define ARCH AUDIT_ARCH_ARM
#elif defined __riscv && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined __powerpc64__ && defined __LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_PPC64LE
#elif defined __s390x__
#define ARCH AUDIT_ARCH_S390X
#else
#error "which AUDIT_ARCH_ of linux/audit.h is this machine?"
#endif

/* Forbids execve and execveat (EPERM) to this process and its children, for ever. Another architecture's
 * calls have other numbers, so they are refused altogether. seccomp(2), and BPF as in
 * Documentation/userspace-api/seccomp_filter.rst. */
static int forbid_execution(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    struct sock_fprog program = {.len = BG_COUNT(filter), .filter = filter};

    /* Without CAP_SYS_ADMIN (a container's sshd) the kernel asks for this first. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
        return -errno;
    return 0;
}

/* SIGTERM to this process: sshd's monitor ends with its connection. A child of it has no such timer. */
static int end_soon(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM};
    const struct itimerspec when = {.it_value.tv_sec = LEFT_SECONDS};
    timer_t timer;

    if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0 || timer_settime(timer, 0, &when, NULL) < 0)
        return -errno;
    return 0;
}

void gate_confine(const struct gate *g)
{
    if (!g->opening || strcmp(g->service, "sshd") != 0)
        return;
    int r = forbid_execution();
    if (r < 0)
        gate_log(g, LOG_CRIT, "sshd could not be kept from running programs after a refusal: %s",
                 strerrordesc_np(-r));
    r = end_soon();
    if (r < 0)
        gate_log(g, LOG_CRIT, "no timer ends the refused connection: %s", strerrordesc_np(-r));
}
