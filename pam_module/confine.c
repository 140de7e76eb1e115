/* SPDX-License-Identifier: ISC */
/* What a refusal does to sshd. sshd goes on after a refused session: it serves a connection without a command
 * (ssh -N), and changes an expired password before it looks at the session. So the process that was refused
 * may execute nothing and put no file in another's place, and ends. */
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

/* sshd changes an expired password before it looks at the session: by running passwd (OpenSSH 10.0), or
 * itself for root (9.2), where pam_unix renames a new file over /etc/shadow. */
static const unsigned forbidden[] = {
    SYS_execve,   SYS_execveat, SYS_renameat2, SYS_linkat,
#ifdef SYS_rename
    SYS_rename,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_link
    SYS_link,
#endif
};

/* Forbids these calls (EPERM) to this process and its children, for ever. Another architecture's calls have
 * other numbers, so they are refused altogether. seccomp(2), and BPF as in
 * Documentation/userspace-api/seccomp_filter.rst. */
static int forbid_calls(void)
{
    enum { N = BG_COUNT(forbidden), CHECKS = 4 };
    struct sock_filter filter[CHECKS + N + 2] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, N + 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, N + 1, 0),
        [CHECKS + N] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        [CHECKS + N + 1] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    struct sock_fprog program = {.len = BG_COUNT(filter), .filter = filter};

    for (size_t i = 0; i < N; i++)
        filter[CHECKS + i] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, forbidden[i], (unsigned char)(N - i), 0);
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
    int r = forbid_calls();
    if (r < 0)
        gate_log(g, LOG_CRIT, "sshd cannot be kept from running programs after a refusal: %s",
                 strerrordesc_np(-r));
    r = end_soon();
    if (r < 0)
        gate_log(g, LOG_CRIT, "no timer ends the refused connection: %s", strerrordesc_np(-r));
}
