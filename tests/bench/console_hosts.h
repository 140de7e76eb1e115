/* What the console is measured against: hosts that are played (tests/screen), in a scratch folder. */
#pragma once

#include "tests/kit/scratch.h"

#include <sys/types.h>

#define HOSTS_MAX 64

struct hosts {
    struct scratch scratch;
    pid_t pids[HOSTS_MAX];
    size_t n;
};

void hosts_begin(struct hosts *h);
void hosts_end(struct hosts *h);
/* Plays the machine that `breakglass --root FOLDER` runs on. */
void hosts_play_local(struct hosts *h, const char *folder, const char *scenario);
/* Plays one that is reached by ssh. */
void hosts_play(struct hosts *h, const char *name, const char *scenario);
/* What ssh meets: tests/screen/ssh has the words. text NULL: no longer. */
void hosts_meet(const struct hosts *h, const char *name, const char *what, const char *text);
/* The environment of programs that reach them. */
const char *const *hosts_environment(const struct hosts *h);
