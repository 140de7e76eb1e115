/* What a process has used. */
#pragma once

#include <sys/types.h>

double process_cpu_ms(pid_t pid);
/* How often it has waited for something: each time it woke again. */
long process_waits(pid_t pid);
long process_peak_kib(pid_t pid);
