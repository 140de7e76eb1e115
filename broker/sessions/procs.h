/* Processes of a session: found by what they carry, or as descendants; and where they sit. Reads /proc
 * only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct procs {
    pid_t *v;
    size_t n;
};

/* What the processes of a session carry wherever they go: the kernel's audit session, and logind's scope. */
struct marks {
    uint32_t audit; /* UINT32_MAX: none */
    char unit[128]; /* "session-N.scope"; "": none */
};
bool procs_has_marks(pid_t pid, const struct marks *marks);
/* All processes that carry one of the marks. Never pid 1 and never the caller, no zombies. */
int procs_of_marks(struct procs *procs, const struct marks *marks);
/* One more, unless it is among them already or may not be (as above). */
int procs_add(struct procs *procs, pid_t pid);
/* Adds everything below those that are in it. However many these are, /proc is read about twice. */
int procs_below(struct procs *procs);
/* Whether the process of that number and start time is there and no zombie; yes where that cannot be told. */
bool procs_lives(pid_t pid, uint64_t starttime);
void procs_free(struct procs *procs);

/* The unit "session-N.scope" that the process runs in: 0, or -ENOENT where it is in none, and
 * `unit` is "". */
int procs_scope(pid_t pid, char *unit, size_t size);
/* Takes the text of /proc/PID/cgroup; for procs_scope and tests. */
int procs_scope_parse(const char *text, char *unit, size_t size);
/* The controlling terminal's device number; 0 where there is none. */
int procs_tty(pid_t pid, dev_t *tty);
/* Field 7 of /proc/PID/stat, for procs_tty and tests. The command's name may hold anything, also ") ". */
int procs_tty_parse(const char *stat, dev_t *tty);
