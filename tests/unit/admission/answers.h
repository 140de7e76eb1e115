/* The three that say whether a person gets in now, each asked as it is asked in earnest: the module by PAM,
 * the broker over its socket, `breakglass why` by its words. */
#pragma once

#include "policy/base/name.h"
#include "tests/kit/scene.h"
#include "tests/kit/scratch.h"

#define TOLD_NAME 32
#define TOLD_NOT INT64_MIN /* an end that is not told */

struct told {
    bool open;
    char state[TOLD_NAME], why[TOLD_NAME]; /* "" where it does not tell */
    char id[BG_ID_SIZE];                   /* "": no grant */
    int64_t ends;                          /* 0: none yet */
    char sentence[BG_SENTENCE_SIZE];       /* "" where it does not tell */
};

struct asked {
    const struct scratch *host;
    const char *person, *account;
    int64_t now;
};

/* Each fails the case where it contradicts itself. */
void told_by_gate(struct told *told, struct case_file *c, const struct asked *asked);
void told_by_broker(struct told *told, struct case_file *c, const struct asked *asked);
void told_by_verb(struct told *told, struct case_file *c, const struct asked *asked);

/* From here on one broker answers for that host; and no longer (nothing where there is none). */
void broker_keep(const struct scratch *host);
void broker_drop(struct case_file *c);

/* The key that opens the gate's sshd to a person, whatever the case says of those that sign. */
char *gate_key_text(const char *person);

/* --- the host that they look at --- */

/* The scene as files, below a new folder. edits: lines "without PATH", "folder PATH", "file PATH TEXT" and
 * "unstored N" (request N is not there, only what was said of it). */
void disk_make(struct scratch *host, const struct scene *scene, const struct bg_list *edits);
/* One such edit more. */
void disk_edit(const struct scratch *host, const char *line);
/* The clocks of this process and of all that it starts stand there. */
void disk_set_clocks(const struct bg_clock *clock);
